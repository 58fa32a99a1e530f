"""manage.py backup FOLDER: the database and the media, consistent, while everything runs."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from config.backup import database, manifest, media
from config.backup.errors import BackupError

SECRET = "secret_key"  # noqa: S105  the file's name


class Command(BaseCommand):
    """Make a backup. Programs go on working; jobs that run are in it as they are."""

    help = "Back up the database, the media and the key of VAR_DIR into a new folder, while everything runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument(
            "folder", type=Path, help="a folder that does not exist yet; on the disk of VAR_DIR it costs no space"
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Fill a folder beside the one that was named and rename it at the end: half a backup never looks like one."""
        if folder.exists():
            raise CommandError(f"{folder} is there already. Name a folder that does not exist yet.")
        part = folder.with_name(f"{folder.name}.part")
        try:
            part.mkdir(mode=0o700, parents=True)
            found = _fill(part)
            part.rename(folder)
        except FileExistsError:
            raise CommandError(
                f"{part} is there: another backup runs, or one was cut short. Remove it first."
            ) from None
        except (BackupError, OSError) as error:
            shutil.rmtree(part, ignore_errors=True)
            raise CommandError(f"There is no backup: {error}") from error
        size = filesizeformat(found.bytes).replace("\xa0", " ")
        self.stdout.write(f"{folder} has the database and {len(found.media)} files, {size} in all.")


def _fill(folder: Path) -> manifest.Manifest:
    """Save the media, the database, then what came meanwhile: every row's file was there before the row said so."""
    media.save_new(folder / "media")
    database.dump(folder / database.dump_name())
    media.save_new(folder / "media")
    kept = settings.VAR_DIR / SECRET
    if kept.exists() and kept.read_text() == settings.SECRET_KEY:
        shutil.copy2(kept, folder / SECRET)
    found = manifest.describe(folder)
    manifest.write(folder, found)
    return found
