"""Takes that were deleted and can be brought back for 30 days, with their files (docs/decisions/0086)."""

import uuid
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from scenes.removal import Removable
from videogen import review
from videogen.models import Status, Video, lock_block
from videogen.models.videos import VideoQuerySet

KEPT_FOR = Removable.KEPT_FOR


def remove(take: Video, by: User) -> bool:
    """Take a finished take out of its block. False if it is none, or away already. Raises LockedError."""
    with transaction.atomic():
        lock_block(take.block_id)
        review.check_unlocked(take)
        there = Video.objects.filter(pk=take.pk, status=Status.SUCCEEDED)
        return bool(there.update(removed_at=timezone.now(), removed_by=by, is_current=False))


def removed(block_id: uuid.UUID) -> VideoQuerySet:
    """Return the takes of a block that can be brought back, those that were deleted last first."""
    since = timezone.now() - KEPT_FOR
    return Video.everything.filter(block_id=block_id, removed_at__gt=since).order_by("-removed_at")


def restore(take: Video) -> bool:
    """Bring a take back; it is the clip where the block has none. False if it is not away, or for too long."""
    with transaction.atomic():
        lock_block(take.block_id)
        back = bool(removed(take.block_id).filter(pk=take.pk).update(removed_at=None, removed_by=None))
        if back and not Video.objects.current().filter(block_id=take.block_id).exists():
            take.make_current()
    return back


def sweep(past: datetime) -> int:
    """Delete for good, files included, the takes that were removed before then. Returns how many went."""
    gone = 0
    for take in list(Video.everything.filter(removed_at__lt=past).only("pk", "block_id", "removed_at")):
        with transaction.atomic():
            lock_block(take.block_id)
            there = Video.everything.filter(pk=take.pk, removed_at=take.removed_at).first()
            if there is not None:
                there.delete()
                gone += 1
    return gone
