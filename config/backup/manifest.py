"""The manifest of a backup: what is in it, each file with its size and hash, and which release can read it."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from config.backup.errors import BackupError
from config.release import unknown_of
from videogen.media.storage import sha256_of

FILE = "manifest.json"
SHOWN = 3  # faults named in an error


@dataclass
class Manifest:
    """What `manifest.json` says. `files` maps a path in the backup to its size in bytes and SHA-256."""

    made_at: str
    database: str
    secret_key: str
    migrations: list[list[str]]
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def media(self) -> list[str]:
        """The storage names of the media."""
        return [name.removeprefix("media/") for name in self.files if name.startswith("media/")]

    @property
    def bytes(self) -> int:
        """How much there is."""
        return sum(size for size, _ in self.files.values())


def fingerprint(secret: str) -> str:
    """Tell one SECRET_KEY from another without telling it."""
    return hashlib.sha256(b"storyreel backup " + secret.encode()).hexdigest()[:16]


def describe(folder: Path) -> Manifest:
    """Describe the files in `folder`, which was made from the running installation."""
    applied = MigrationLoader(connection).applied_migrations
    manifest = Manifest(
        made_at=timezone.now().isoformat(timespec="seconds"),
        database=connection.vendor,
        secret_key=fingerprint(settings.SECRET_KEY),
        migrations=sorted([app, name] for app, name in applied),
    )
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        manifest.files[path.relative_to(folder).as_posix()] = (path.stat().st_size, sha256_of(path))
    return manifest


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into the backup."""
    (folder / FILE).write_text(json.dumps(asdict(manifest), indent=1) + "\n")


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup. Raises BackupError."""
    try:
        return Manifest(**json.loads((folder / FILE).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{folder} is no backup: {FILE} cannot be read ({error}).") from error


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file of a backup with its manifest. Raises BackupError naming the first ones that differ."""
    faults = []
    for name, (size, sha256) in manifest.files.items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif path.stat().st_size != size or sha256_of(path) != sha256:
            faults.append(f"{name} was changed")
    if faults:
        more = f" and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise BackupError(f"The backup is damaged: {'; '.join(faults[:SHOWN])}{more}. Nothing was restored.")


def refuse_newer(manifest: Manifest) -> None:
    """Raises BackupError where the backup has a table layout that this release does not know, libraries' included."""
    if unknown := unknown_of((app, name) for app, name in manifest.migrations):
        raise BackupError(
            f"The backup was made by a newer release: this one does not know {unknown}. "
            "Restore it with that release or a later one."
        )
