"""Files of generations: made in a workspace, named, moved into the storage, removed with their row."""

import contextlib
import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from videogen.media.disk import sync
from videogen.models import Export, MediaGeneration

if TYPE_CHECKING:
    from videogen.media.bucket import Bucket

logger = logging.getLogger(__name__)

STRAY_AFTER = timedelta(hours=1)  # how long a file may lie without an owner before a sweep removes it
LOCK = "in-use"  # the file in a workspace that its process holds a lock on


class _LocalFile(File[bytes]):
    """A finished local file. FileSystemStorage renames it into place; other storages upload its bytes."""

    def __init__(self, path: Path, on_read: Callable[[], None]) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path
        self._on_read = on_read

    def temporary_file_path(self) -> str:
        return str(self._path)

    def read(self, size: int = -1) -> bytes:
        """Read the next bytes for an upload, and report it."""
        self._on_read()
        return cast("IO[bytes]", self.file).read(size)


def parts_folder() -> Path:
    """Where unfinished files are, on the disk of the finished ones so that a rename suffices."""
    path = Path(settings.MEDIA_ROOT) / "parts"
    path.mkdir(parents=True, exist_ok=True)
    return path


def trouble() -> str:
    """Say to operators why finished files cannot be kept on this machine now; nothing where they can."""
    try:
        folder = parts_folder()
        free = shutil.disk_usage(folder).free
        if free <= settings.DISK_RESERVE_BYTES:
            reserve = settings.DISK_RESERVE_BYTES // 2**20
            return f"The disk is almost full: {free // 2**20} MB are free, {reserve} MB are to be kept in reserve."
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
            probe.flush()
        closed = [path.name for path in folder.parent.iterdir() if path.is_dir() and not os.access(path, os.W_OK)]
    except OSError as error:
        return f"Files cannot be written: {error.strerror}."
    return f"Files cannot be written to {closed[0]}." if closed else ""


@contextlib.contextmanager
def workspace() -> Iterator[Path]:
    """A new folder for unfinished files. It goes at the end, or by `sweep_parts` if its process does not live so long.

    The lock goes with the process, however that ends. Where the disk knows no locks, no sweep can tell and none does.
    """
    sweep_parts()
    with tempfile.TemporaryDirectory(dir=parts_folder()) as name:
        folder = Path(name)
        with (folder / LOCK).open("w") as lock:
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder


def sweep_parts() -> int:
    """Remove the old workspaces whose process is gone, on the disk of this machine. Returns how many went.

    They are no files of the storage, which may be a bucket: every machine that makes files sweeps its own disk.
    """
    removed = sum(_remove_forsaken(folder) for folder in parts_folder().iterdir() if folder.is_dir())
    if removed:
        logger.info("Unfinished files of processes that died were removed: %d folders.", removed)
    return removed


def _remove_forsaken(folder: Path) -> bool:
    try:
        if folder.stat().st_mtime > time.time() - STRAY_AFTER.total_seconds():
            return False
        with (folder / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The lock is let go first: on a network disk an open file would keep its folder from being removed.
        shutil.rmtree(folder)
    except BlockingIOError:  # its process lives
        return False
    except FileNotFoundError:  # another process sweeps at the same moment
        return False
    except OSError as error:
        logger.warning("The unfinished files in %s could not be removed: %s", folder.name, error)
        return False
    return True


def final_name(generation: MediaGeneration | Export, suffix: str) -> str:
    """The storage name of a result. It carries the attempt, so a worker that lost its lease meets only its own."""
    return f"{generation.QUEUE}/{generation.pk.hex[:2]}/{generation.pk}-{generation.attempt}{suffix}"


def store(path: Path, name: str, on_read: Callable[[], None] = lambda: None) -> str:
    """Move a finished local file to `name` in the storage; returns the name it really got.

    On a disk the file and its folders are synced: a row that names it may outlive a power cut.
    on_read: called for each part of an upload; what it raises ends the upload. Raises StorageAwayError for a bucket
    that does not answer.
    """
    sync(path)
    with _LocalFile(path, on_read) as file:
        name = default_storage.save(name, file)
    if isinstance(storages["default"], FileSystemStorage):
        stored = Path(default_storage.path(name))
        for folder in (stored.parent, stored.parent.parent):  # the first may be new
            sync(folder)
    return name


def signed_url(field: FieldFile, *, method: str, content_type: str, disposition: str) -> str:
    """Sign an address at which the bucket itself sends the file, for a minute. Empty: this program has to send it."""
    bucket = _bucket(field)
    if bucket is None or settings.S3_PASS_THROUGH:
        return ""
    return bucket.signed_url(field.name or "", method=method, content_type=content_type, disposition=disposition)


def open_part(field: FieldFile, first: int, length: int) -> IO[bytes]:
    """Open a file at byte `first`, to read `length` bytes of it and to close it. Raises OSError if it is gone."""
    name = field.name or ""
    if bucket := _bucket(field):
        return bucket.open_part(name, first, length)
    file = field.storage.open(name, "rb")
    file.seek(first)
    return cast("IO[bytes]", file)


def signed_origin() -> str:
    """Name the scheme and host of signed addresses; empty where there are none."""
    return cast("Bucket", default_storage).origin if settings.S3_BUCKET and not settings.S3_PASS_THROUGH else ""


def _bucket(field: FieldFile) -> "Bucket | None":
    return cast("Bucket", field.storage) if settings.S3_BUCKET else None


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(folder: str) -> Iterator[str]:
    """Yield the names of all stored files below a folder."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}"
    for child in folders:
        yield from files_below(f"{folder}/{child}")


def is_old(name: str) -> bool:
    """Whether a stored file is older than one may lie without an owner."""
    try:
        return default_storage.get_modified_time(name) < timezone.now() - STRAY_AFTER
    except FileNotFoundError:  # removed at this moment
        return False


def remove(names: Iterable[str]) -> None:
    """Delete files by their storage names. Empty names and missing files are ignored."""
    for name in names:
        if name:
            default_storage.delete(name)


def remove_on_commit(*generations: MediaGeneration | Export) -> None:
    """Remove the files of rows being deleted, once their deletion can no longer be undone."""
    names = [name for generation in generations for name in generation.file_names]
    transaction.on_commit(lambda: remove(names), robust=True)
