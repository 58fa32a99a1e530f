"""Repairs what a lost worker, message or disk left behind. Running it twice changes nothing."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.files import ImageFieldFile
from django.utils import timezone

from scenes import history, speakers, thumbnails
from scenes.models import Block, Character, Film, Location, Removable, Scene, lock_blocks
from videogen import removal
from videogen.exports import applied
from videogen.media import storage, trash, unfinished
from videogen.models import QUEUES, Export, Frame, Installation, Video, is_waiting, stalled
from videogen.wake import wake_workers
from videogen.worker.clock import Clock

_clock = Clock()
logger = logging.getLogger(__name__)

MOST_STRAYS = 20  # files that one sweep may remove of however few
MOST_SHARE = 0.1  # of all files, that one sweep may remove

_has_looked = False  # for media without a mark

KEEPERS = (Frame, Video, Export)  # the kinds that end in a file
FOLDERS = (*(kind.QUEUE for kind in KEEPERS), "locations", "characters", thumbnails.FOLDER)


class SweepRefusedError(Exception):
    """A sweep would remove what is probably somebody's. The message is for operators."""


def reconcile() -> int:
    """Release rows whose lease ran out, and wake workers for rows without a message. Returns how many were released."""
    # A clock that was set makes leases look old, or endless. Workers renew them before the next look.
    forsaken = [] if _clock.was_set() else list(stalled())
    released = sum(row.release("its lease ran out", lost=True) for row in forsaken)
    for queue in QUEUES:
        if is_waiting(queue):
            wake_workers(queue)
    return released


def sweep_files(*, adopt: bool = False, any_share: bool = False) -> int:
    """Move files older than an hour that no row names to the trash, and thumbnails of such. Returns how many went.

    adopt: the files belong to this installation, whatever their mark says. any_share: however many they are.
    Raises SweepRefusedError where the files are another installation's, or where suspiciously many have no row.
    """
    gone = storage.sweep_parts() + unfinished.sweep()  # this machine's own, whosever the others are
    owner = None if adopt else trash.owner()
    if owner not in (None, Installation.current()):
        raise SweepRefusedError(
            f"The stored files belong to the installation {owner}, and this database is {Installation.current()}. "
            "Is it the right database? If the files are its own, run “manage.py reconcile --adopt” once."
        )
    there = [name for folder in FOLDERS for name in storage.files_below(folder)]
    kept = _named()  # asked for after the files were listed: whatever was there by then and has a row is in it
    strays = [name for name in there if name not in kept and storage.is_old(name)]
    if not any_share:
        _check_share(len(strays), len(there), marked=owner is not None or adopt)
    if owner is None:
        trash.mark()
    for name in strays:
        trash.discard(name)
    if strays:
        logger.info("Moved %d files without a row to the trash, for %d days.", len(strays), trash.KEPT.days)
    return len(strays) + gone + trash.empty()


def sweep_removed() -> int:
    """Delete for good what was removed from its place longer ago than it is kept. Returns how many rows went.

    What a revised screenplay left out stays as long as there are frames or clips of it.
    """
    past = timezone.now() - Removable.KEPT_FOR
    films = Film.everything.filter(removed_at__lt=past)
    in_scene = _made(Frame, block__scene=OuterRef("pk")) | _made(Video, block__scene=OuterRef("pk"))
    of_block = _made(Frame, block=OuterRef("pk")) | _made(Video, block=OuterRef("pk"))
    scenes = Scene.everything.filter(removed_at__lt=past).exclude(Q(shelved=True) & in_scene)
    blocks = Block.everything.filter(removed_at__lt=past).exclude(Q(shelved=True) & of_block)
    gone = sum(
        [
            *(_delete(film, Block.everything.filter(scene__film=film)) for film in films),
            *(_delete(scene, Block.everything.filter(scene=scene)) for scene in scenes),
            *(_delete(block, Block.everything.filter(pk=block.pk)) for block in blocks),
        ]
    )
    takes = removal.sweep(past)
    history.forget(past)
    applied.forget(past)
    speakers.forget(speakers.left())
    if gone or takes:
        what = "Deleted %d films, scenes and blocks, and %d takes, that were removed %d days ago."
        logger.info(what, gone, takes, Removable.KEPT_FOR.days)
    return gone + takes


def sweep_exports() -> int:
    """Delete the exports that ended longer ago than they are kept, with their files. Returns how many went."""
    past = timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    gone = [row.delete() for row in Export.objects.filter(finished_at__lt=past)]
    return len(gone)


def _made(kind: type[Frame] | type[Video], **where: OuterRef) -> Exists:
    return Exists(kind.objects.filter(**where))


def _delete(row: Film | Scene | Block, blocks: QuerySet[Block]) -> bool:
    """Delete a row that is still removed, and its blocks, which are locked first; videogen.deletion does the rest."""
    with transaction.atomic():
        lock_blocks(blocks.values_list("pk", flat=True))
        there = type(row).everything.filter(pk=row.pk, removed_at=row.removed_at).first()
        if there is not None:
            there.delete()
    return there is not None


def mark_new_media() -> None:
    """Mark stored files that have no mark, where each of them has a row. Looks once in the life of a process.

    Those of a new installation are so from its first minute on; what an older one has is judged by the hourly sweep.
    """
    global _has_looked
    if _has_looked:
        return
    there = (name for folder in FOLDERS for name in storage.files_below(folder))
    if trash.owner() is None and _named().issuperset(there):
        trash.mark()
    _has_looked = True


def _check_share(strays: int, files: int, *, marked: bool) -> None:
    """Raise SweepRefusedError where the database is more likely wrong than the files.

    marked: the files are known to be of this installation. Then a few may go, however few there are.
    """
    if strays > max(MOST_STRAYS if marked else 0, files * MOST_SHARE):
        raise SweepRefusedError(
            f"{strays} of {files} stored files have no row in this database, so none was removed. "
            "Is it the right database? If so, run “manage.py reconcile --any-share” once."
        )


def _named() -> set[str]:
    """Return the names of all files that have an owner."""
    made = (kind.rows().exclude(file="").values_list(*kind.FILES) for kind in KEEPERS)
    names = {name for rows in made for row in rows for name in row}
    names.update(Location.objects.exclude(layers="").values_list("layers", flat=True))
    for picture in _pictures():
        names.update([picture.name or "", *thumbnails.names(picture)])
    return names


def _pictures() -> Iterator[ImageFieldFile]:
    for location in Location.objects.exclude(image="").only("image"):
        yield location.image
    for character in Character.objects.exclude(portrait="").only("portrait"):
        yield character.portrait
