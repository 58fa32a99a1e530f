"""Files of finished work: named, stored beside their final place and renamed, removed when their row has gone."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from videogen.models import MediaGeneration


class _LocalFile(File):  # type: ignore[type-arg]
    """A finished local file. FileSystemStorage renames it into place; other storages upload its bytes."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def parts_folder() -> Path:
    """Where unfinished files are, on the disk of the finished ones so that a rename suffices."""
    path = Path(settings.MEDIA_ROOT) / "parts"
    path.mkdir(parents=True, exist_ok=True)
    return path


def final_name(generation: MediaGeneration, suffix: str) -> str:
    """The storage name of a result. It carries the attempt, so a worker that lost its lease meets only its own."""
    return f"{generation.QUEUE}/{generation.pk.hex[:2]}/{generation.pk}-{generation.attempt}{suffix}"


def store(path: Path, name: str) -> str:
    """Move a finished local file to `name` in the storage; returns the name it really got."""
    with _LocalFile(path) as file:
        return default_storage.save(name, file)


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(names: Iterable[str]) -> None:
    """Remove files by their storage names; one that is not there is not missed."""
    for name in names:
        if name:
            default_storage.delete(name)


def remove_on_commit(*generations: MediaGeneration) -> None:
    """Remove the files of rows being deleted, once their deletion can no longer be undone."""
    names = [name for generation in generations for name in (generation.file.name, generation.poster.name) if name]
    transaction.on_commit(lambda: remove(names), robust=True)
