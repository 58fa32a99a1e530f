"""The media of a backup: every file of the storage, by hard link where the disk allows it, else by copy."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from videogen.media import storage, trash

# Folders at the top that are no part of a backup: what running processes have begun, and what a sweep threw away.
LEFT_OUT = ("parts", trash.FOLDER)


def names() -> Iterator[str]:
    """Yield the names of all finished files in the storage."""
    try:
        folders, files = default_storage.listdir("")
    except FileNotFoundError:
        return
    yield from files
    for folder in folders:
        if folder not in LEFT_OUT:
            yield from storage.files_below(folder)


def save_new(target: Path) -> None:
    """Add to `target` the files it does not have yet. A file that goes meanwhile is not missed here."""
    for name in names():
        copy = target / name
        if copy.exists():
            continue
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _save(name, copy)
        except FileNotFoundError:
            copy.unlink(missing_ok=True)


def put_back(source: Path, name: str) -> None:
    """Put one file of a backup into the storage, under its own name."""
    if settings.S3_BUCKET:
        with (source / name).open("rb") as file:
            default_storage.save(name, File(file))
    else:
        target = Path(default_storage.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        _link_or_copy(source / name, target)


def _save(name: str, copy: Path) -> None:
    if settings.S3_BUCKET:
        with default_storage.open(name) as file, copy.open("xb") as written:
            shutil.copyfileobj(file, written, 2**20)
    else:
        _link_or_copy(Path(default_storage.path(name)), copy)


def _link_or_copy(source: Path, target: Path) -> None:
    """Link, which takes neither time nor space: a finished file is never written again, only removed."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or one without hard links
        shutil.copy2(source, target)
