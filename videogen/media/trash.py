"""Whose the stored files are, and where those go that a sweep finds without an owner (docs/decisions/0036)."""

import logging
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from videogen.media import storage
from videogen.models import Installation

if TYPE_CHECKING:
    from videogen.media.bucket import Bucket

logger = logging.getLogger(__name__)

MARK = "storyreel-installation"  # the file at the top of the storage that says whose all others are
FOLDER = "trash"
KEPT = timedelta(days=7)


def owner() -> str | None:
    """Return the installation that the stored files belong to, None where no mark is there yet."""
    try:
        with default_storage.open(MARK) as file:
            return bytes(file.read(200)).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None


def mark() -> None:
    """Say that the stored files belong to this installation, whatever was said before."""
    default_storage.delete(MARK)
    name = default_storage.save(MARK, ContentFile(Installation.current().encode()))
    if name != MARK:  # another process did so at the same moment
        default_storage.delete(name)


def discard(name: str) -> None:
    """Move a stored file into the trash of today; a file that is gone is not missed."""
    place = f"{FOLDER}/{timezone.now().date().isoformat()}/{name}"
    try:
        if settings.S3_BUCKET:
            cast("Bucket", default_storage).move(name, place)
        else:
            _move(name, place)
    except FileNotFoundError:
        logger.info("%s was gone before it could be moved to the trash.", name)


def _move(name: str, place: str) -> None:
    try:
        source, target = Path(default_storage.path(name)), Path(default_storage.path(place))
    except NotImplementedError:  # a storage that is no folder
        with default_storage.open(name) as file:
            default_storage.save(place, file)
        default_storage.delete(name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def empty() -> int:
    """Remove what has been in the trash for longer than KEPT. Returns how many files went."""
    removed = 0
    for day in _old_days():
        for name in list(storage.files_below(f"{FOLDER}/{day}")):
            default_storage.delete(name)
            removed += 1
        _remove_folders(f"{FOLDER}/{day}")
    return removed


def _remove_folders(folder: str) -> None:
    try:
        shutil.rmtree(default_storage.path(folder), ignore_errors=True)
    except NotImplementedError:  # a storage that is no folder
        return


def _old_days() -> list[str]:
    """Name the days of the trash that are over; a folder that is no day is somebody's own."""
    try:
        days, _ = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return []
    return [day for day in days if _is_old(day)]


def _is_old(day: str) -> bool:
    try:
        return date.fromisoformat(day) < (timezone.now() - KEPT).date()
    except ValueError:
        return False
