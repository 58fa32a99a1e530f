"""What a person says of a take: star, review, lock, and which one is the clip (docs/decisions/0086).

The one place that knows what a lock refuses; dialog, API and console all come through here.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from videogen.errors import ActionError
from videogen.models import Review, ReviewEvent, Video, lock_block
from videogen.models.videos import VideoQuerySet

MOST_TOLD = 500  # changes that one page tells of


class LockedError(ActionError):
    """A locked take is in the way; `take` is it."""

    code = "locked"

    def __init__(self, take: Video) -> None:
        super().__init__(why_locked(take))
        self.take = take


class NotFinishedError(ActionError):
    """Only a finished take can be used or reviewed."""

    code = "not_finished"

    def __init__(self) -> None:
        super().__init__("This take is not finished yet.")


@dataclass(frozen=True, slots=True)
class Change:
    """What is asked for of a take; None leaves a thing as it is. current: to make it the block's clip."""

    current: bool = False
    review: Review | None = None
    locked: bool | None = None
    starred: bool | None = None


def why_locked(take: Video) -> str:
    """Return the sentence that says who approved or locked a locked take, and what opens it."""
    who = take.reviewed_by if take.review == Review.APPROVED else take.locked_by
    name = f" by {who.get_username()}" if who else ""
    if take.review == Review.APPROVED:
        return f"Take {take.number} was approved{name} and is locked. Take the approval back first."
    return f"Take {take.number} was locked{name}. Unlock it first."


def history(block_id: uuid.UUID) -> QuerySet[ReviewEvent]:
    """Return who said what of the takes of a block, those that are gone included, the latest first."""
    return ReviewEvent.objects.filter(block_id=block_id).order_by("-id")


def histories(takes: Collection[Video]) -> Mapping[uuid.UUID, list[ReviewEvent]]:
    """Return who said what of takes, by the take's id, the latest first: the latest 500 in all. One query."""
    found: dict[uuid.UUID, list[ReviewEvent]] = {take.pk: [] for take in takes}
    blocks = {take.block_id for take in takes}
    for event in ReviewEvent.objects.filter(block_id__in=blocks, take_id__in=found).order_by("-id")[:MOST_TOLD]:
        found[event.take_id].append(event)
    return found


def _told() -> VideoQuerySet:
    """Takes with those whom the sentence about a lock names."""
    return Video.objects.select_related("reviewed_by", "locked_by")


def check_unlocked(take: Video) -> None:
    """Raise LockedError where the take, read anew, is locked. The caller holds the block's lock."""
    found = _told().filter(pk=take.pk, locked=True).first()
    if found is not None:
        raise LockedError(found)


def change(take: Video, asked: Change, by: User) -> Video:
    """Change a take all or nothing, and return it as it is then. Raises LockedError or NotFinishedError.

    Approving makes it the block's clip and locks it; taking an approval back unlocks it.
    """
    with transaction.atomic():
        lock_block(take.block_id)
        row: Video | None = _told().takes().filter(pk=take.pk).first()
        if row is None:
            raise NotFinishedError
        was = (row.review, row.locked)
        if asked.current or asked.review == Review.APPROVED:
            _use(row)
        _judge(row, asked, by)
        if asked.starred is not None:
            row.starred = asked.starred
        row.save(update_fields=["review", "reviewed_by", "reviewed_at", "locked", "locked_by", "starred"])
        if (row.review, row.locked) != was:
            _record(row, was[0], by)
    return row


def _judge(row: Video, asked: Change, by: User) -> None:
    """Set review and lock, which go together: what is approved is locked."""
    locked = asked.locked
    if asked.review is not None and asked.review != row.review:
        if locked is None and Review.APPROVED in (row.review, asked.review):
            locked = asked.review == Review.APPROVED
        row.review, row.reviewed_by, row.reviewed_at = asked.review, by, timezone.now()
    if locked is False and row.review == Review.APPROVED:
        raise LockedError(row)
    if locked is not None and locked != row.locked:
        row.locked, row.locked_by = locked, by if locked else None


def _use(row: Video) -> None:
    if not row.make_current():
        raise LockedError(_told().current().get(block_id=row.block_id))


def _record(row: Video, was: str, by: User) -> None:
    ReviewEvent.objects.create(
        take_id=row.pk,
        block_id=row.block_id,
        number=row.number or 0,
        was=was,
        review=row.review,
        locked=row.locked,
        actor=by,
        actor_name=by.get_username(),
    )
