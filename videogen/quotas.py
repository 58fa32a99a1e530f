"""Limits on what one person may queue, counted in the transaction that queues. A limit of 0 means none."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from scenes.models import Block
from videogen.errors import ActionError
from videogen.models import KINDS, LIVE, Event, Frame, Status, Work

DAY = timedelta(days=1)
OLDEST = timedelta(days=7)  # a job that waited longer than this before it ran is not counted
SOON = 15  # seconds after which a full queue is worth another try
LATER = 3600  # seconds after which somebody may have deleted something

Span = tuple[datetime, datetime]


class QuotaError(ActionError):
    """A limit is reached. `retry_after`: seconds after which a try may succeed."""

    def __init__(self, code: str, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


def lock_user(by: User) -> None:
    """Lock the person's row until the transaction ends. To be called before anything else is locked."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)


def check(row: Work) -> None:
    """Check a row just inserted while its person is locked. Raises QuotaError, which undoes the transaction."""
    by = row.requested_by
    if by is None:
        return
    _check_queue()
    _check_person(by)
    _check_device(by)


def check_plan(by: User, jobs: int) -> None:
    """Check, while the person is locked, whether so many jobs more may wait. Raises QuotaError."""
    waiting = _waiting(Q())
    if settings.QUEUE_LIMIT and waiting + jobs > settings.QUEUE_LIMIT:
        raise QuotaError("queue_full", _no_room(jobs, settings.QUEUE_LIMIT - waiting, "the queue has room for"), SOON)
    mine = _waiting(Q(requested_by=by))
    if settings.QUOTA_QUEUED and mine + jobs > settings.QUOTA_QUEUED:
        raise QuotaError("queue_full", _no_room(jobs, settings.QUOTA_QUEUED - mine, "you may have waiting"), SOON)
    live = mine + sum(kind.objects.filter(requested_by=by, status=Status.RUNNING).count() for kind in KINDS.values())
    if settings.QUOTA_LIVE and live + jobs > settings.QUOTA_LIVE:
        room = settings.QUOTA_LIVE - live
        raise QuotaError("quota_live", _no_room(jobs, room, "you may have waiting or running"), SOON)
    _check_device(by)


def _waiting(whose: Q) -> int:
    return sum(kind.objects.filter(whose, status=Status.QUEUED).count() for kind in KINDS.values())


def _no_room(jobs: int, room: int, where: str) -> str:
    return (
        f"These are {jobs} jobs, and {where} {max(0, room)} more. Nothing was started: "
        "choose fewer blocks, or wait for those before them."
    )


def _check_queue() -> None:
    limit = settings.QUEUE_LIMIT
    if limit and sum(model.objects.filter(status=Status.QUEUED).count() for model in KINDS.values()) > limit:
        raise QuotaError("queue_full", f"The queue is full: {limit} jobs wait already. Try again in a while.", SOON)


def _check_person(by: User) -> None:
    queued = live = 0
    for model in KINDS.values():
        numbers = model.objects.filter(requested_by=by, status__in=LIVE).aggregate(
            live=Count("pk"), queued=Count("pk", filter=Q(status=Status.QUEUED))
        )
        live, queued = live + numbers["live"], queued + numbers["queued"]
    if settings.QUOTA_QUEUED and queued > settings.QUOTA_QUEUED:
        message = f"You have {settings.QUOTA_QUEUED} jobs waiting already. Wait for some of them, or stop some."
        raise QuotaError("queue_full", message, SOON)
    if settings.QUOTA_LIVE and live > settings.QUOTA_LIVE:
        message = f"You have {settings.QUOTA_LIVE} jobs waiting or running. Wait for some of them, or stop some."
        raise QuotaError("quota_live", message, SOON)


def _check_device(by: User) -> None:
    limit = settings.QUOTA_DEVICE_SECONDS
    if not limit:
        return
    now = timezone.now()
    spans = spans_of(by, now)
    used = sum((end - start).total_seconds() for start, end in spans)
    if used >= limit:
        message = (
            f"You have used {used:.0f} s of the devices within a day; {limit} s are allowed. "
            "The time becomes free again a day after it was used."
        )
        raise QuotaError("quota_device_seconds", message, seconds_until_free(spans, used - limit, now))


def check_uploads(by: User, block: Block, role: str, *, coming: int = 0) -> None:
    """Check what a person keeps of their own pictures, and what a step has. Raises QuotaError.

    coming: pictures that have no row yet. In the transaction that makes the row, the person is locked and none comes.
    """
    from_outside = [Frame.Source.UPLOADED, Frame.Source.CLIP]
    kept = Frame.objects.filter(requested_by=by, source__in=from_outside).aggregate(
        count=Count("pk"), size=Coalesce(Sum("size"), 0)
    )
    if settings.QUOTA_UPLOADS and kept["count"] + coming > settings.QUOTA_UPLOADS:
        message = f"You keep {settings.QUOTA_UPLOADS} pictures of your own already. Delete some, then try again."
        raise QuotaError("quota_uploads", message, LATER)
    if settings.QUOTA_UPLOAD_BYTES and kept["size"] > settings.QUOTA_UPLOAD_BYTES:
        megabytes = settings.QUOTA_UPLOAD_BYTES // 2**20
        message = f"Your own pictures would take more than {megabytes} MB. Delete some, then try again."
        raise QuotaError("quota_upload_bytes", message, LATER)
    limit = settings.CANDIDATES_MAX
    finished = Frame.objects.filter(block=block, role=role, status=Status.SUCCEEDED)
    if limit and finished.count() + coming > limit:
        message = f"This step has {limit} pictures already. Delete some, then try again."
        raise QuotaError("candidates_full", message, LATER)


def spans_of(by: User, now: datetime) -> list[Span]:
    """Return when devices worked for this person within the last day, from the history: deletions give nothing back."""
    since = now - DAY
    asked = Event.objects.filter(actor=by, from_status="", at__gte=now - OLDEST).values("generation_id")
    after = Event.objects.filter(generation_id=OuterRef("generation_id"), id__gt=OuterRef("id")).order_by("id")
    runs = (
        Event.objects.filter(generation_id__in=asked, to_status=Status.RUNNING)
        .annotate(ended_at=Subquery(after.values("at")[:1]))
        .values_list("at", "ended_at")
    )
    return [(max(start, since), end or now) for start, end in runs if (end or now) > since]


def seconds_until_free(spans: Iterable[Span], excess: float, now: datetime) -> int:
    """Return after how many seconds more than `excess` seconds of the spans are older than a day."""
    for start, end in sorted(spans):
        length = (end - start).total_seconds()
        if length > excess:
            free_at = start + timedelta(seconds=excess) + DAY
            return max(1, round((free_at - now).total_seconds()) + 1)
        excess -= length
    return int(DAY.total_seconds())
