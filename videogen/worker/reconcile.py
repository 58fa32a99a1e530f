"""Repairs what a lost worker, message or disk left behind. Running it twice changes nothing."""

import logging
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db.models.fields.files import ImageFieldFile
from django.utils import timezone

from scenes import thumbnails
from scenes.models import Character, Location
from videogen.media import storage
from videogen.models import QUEUES, Frame, Video, is_waiting, stalled
from videogen.wake import wake_workers
from videogen.worker.clock import Clock

_clock = Clock()
logger = logging.getLogger(__name__)

KEEPERS = (Frame, Video)  # the kinds that end in a file
FOLDERS = (*(kind.QUEUE for kind in KEEPERS), "locations", "characters", thumbnails.FOLDER)


def reconcile() -> int:
    """Release rows whose lease ran out, and wake workers for rows without a message. Returns how many were released."""
    # A clock that was set makes leases look old, or endless. Workers renew them before the next look.
    forsaken = [] if _clock.was_set() else list(stalled())
    released = sum(row.release("its lease ran out", lost=True) for row in forsaken)
    for queue in QUEUES:
        if is_waiting(queue):
            wake_workers(queue)
    return released


def sweep_files() -> int:
    """Remove files older than an hour that no row names, and thumbnails of such. Returns how many went."""
    there = [name for folder in FOLDERS for name in _files_below(folder)]
    kept = _named()  # asked for after the files were listed: whatever was there by then and has a row is in it
    strays = [name for name in there if name not in kept and _is_old(name)]
    for name in strays:
        default_storage.delete(name)
    if strays:
        logger.info("Removed %d files without a row.", len(strays))
    return len(strays) + storage.sweep_parts()


def _named() -> set[str]:
    """Return the names of all files that have an owner."""
    made = (kind.objects.exclude(file="").values_list("file", "poster") for kind in KEEPERS)
    names = {name for rows in made for row in rows for name in row}
    for picture in _pictures():
        names.update([picture.name or "", *thumbnails.names(picture)])
    return names


def _pictures() -> Iterator[ImageFieldFile]:
    for location in Location.objects.exclude(image="").only("image"):
        yield location.image
    for character in Character.objects.exclude(portrait="").only("portrait"):
        yield character.portrait


def _files_below(folder: str) -> Iterator[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}"
    for child in folders:
        yield from _files_below(f"{folder}/{child}")


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - storage.STRAY_AFTER
    except FileNotFoundError:
        return False
