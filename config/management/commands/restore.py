"""manage.py restore FOLDER: a backup into an empty installation."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.backup import database, manifest, media
from config.backup.errors import BackupError
from config.management.commands.backup import SECRET


class Command(BaseCommand):
    """Verify a backup, fill an empty database and an empty media folder from it, and bring the tables up to date."""

    help = "Restore a backup into an empty installation. Stop its programs first; every file is verified before."
    requires_system_checks: list[str] = []  # the tables are not there yet

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="what `manage.py backup` made")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Refuse before anything is written: a damaged backup, a newer one, another kind of database, a full place."""
        try:
            found = manifest.read(folder)
            _refuse(found)
            manifest.verify(folder, found)
            for name in found.media:
                media.put_back(folder / "media", name)
            # The rows come last: a restore that was cut short leaves an empty database, not one without its files.
            database.load(folder / database.dump_name())
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"Restored the database and {len(found.media)} files of {found.made_at}.")
        self._settle_key(folder, found)

    def _settle_key(self, folder: Path, found: manifest.Manifest) -> None:
        """Put the key back that sessions and sign-in links are signed with, or say that another one is in use."""
        if (folder / SECRET).exists() and (settings.VAR_DIR / SECRET).exists():
            shutil.copy2(folder / SECRET, settings.VAR_DIR / SECRET)
        elif found.secret_key != manifest.fingerprint(settings.SECRET_KEY):
            self.stderr.write("SECRET_KEY is not the one of the backup: people have to sign in again. Tokens go on.")


def _refuse(found: manifest.Manifest) -> None:
    """Raises BackupError where this installation cannot take the backup, or would lose something by it."""
    manifest.refuse_newer(found)
    if found.database != connection.vendor:
        raise BackupError(f"The backup is of {found.database}, and DATABASE_URL names {connection.vendor}.")
    if tables := connection.introspection.table_names():
        raise BackupError(f"The database has {len(tables)} tables. Restore into an empty one: name it in DATABASE_URL.")
    if there := next(media.names(), None):
        raise BackupError(f"There are media already ({there}). Restore into an empty VAR_DIR or bucket.")
