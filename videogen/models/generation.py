"""The life of a row that is a job: queued, running, then succeeded, failed or cancelled.

Every change of status is one conditional UPDATE that reports whether it happened; whoever is told "no" does
nothing. `attempt` rises with each claim and is the fencing token: a worker that lost its lease holds an old
number, and none of its updates match. Times are the database's, so clocks of workers do not matter.
"""

import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery, Window
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce, Now, RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scenes.models import Block
from videogen.errors import sentence
from videogen.models.events import Event
from videogen.models.workers import Worker
from videogen.phase import Phase
from videogen.pipelines.registry import MODELS, PipelineInfo


def lock_block(block_id: uuid.UUID) -> None:
    """Lock the block's row until the transaction ends.

    To be called before anything else of the block is locked or written, so that no two transactions wait for one
    another. SQLite has one writer at a time anyway.
    """
    list(Block.everything.select_for_update(no_key=True).filter(pk=block_id).order_by().values_list("pk"))


class Status(models.TextChoices):
    """Where a generation stands."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LIVE = (Status.QUEUED, Status.RUNNING)
PLANNED_STOP = "its worker is shutting down"  # the one reason to put a job back that is no loss
FINAL = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)


# In the same round: who had the round before, in the order they had it; then who was never served, in theirs.
QUEUE_ORDER: tuple[str | OrderBy, ...] = (
    *("round", "-running_of_person", F("served_at").asc(nulls_first=True), "first_of_person", "created_at", "pk"),
)


class GenerationQuerySet(models.QuerySet[Any]):
    """Queries in the words of the product. Everything that moves a status returns whether it happened."""

    def live(self) -> Self:
        """Filter to queued and running rows."""
        return self.filter(status__in=LIVE)

    def standing(self) -> Self:
        """Filter to the rows that say how a block stands: live, in use, or the newest of their place."""
        place = {name: OuterRef(name) for name in self.model.PLACE}
        newer = self.model._default_manager.filter(created_at__gt=OuterRef("created_at"), **place)
        return self.filter(Q(status__in=LIVE) | Q(**{self.model.IN_USE: True}) | ~Exists(newer))

    def queued(self) -> Self:
        """Filter to the rows that a worker may claim."""
        return self.filter(status=Status.QUEUED, cancel_requested_at=None)

    def claimable_since(self, moment: Any) -> Self:
        """Filter queued rows to those that waited for nothing but a worker since then. moment: a time, or a query's."""
        return self

    def queued_in_order(self) -> Self:
        """Order the queue as it will be served: people in turn, of each the oldest first (docs/decisions/0056).

        In a round everybody gets one job. What runs counts as a round that its person has had already.
        """
        of_person = self.model._default_manager.filter(requested_by=OuterRef("requested_by"))
        running = of_person.filter(status=Status.RUNNING).order_by().values("requested_by").annotate(count=Count("pk"))
        served = of_person.filter(attempt__gt=0, started_at__isnull=False).order_by("-started_at").values("started_at")
        place = Window(RowNumber(), partition_by="requested_by", order_by=["created_at", "pk"])
        first = Window(Min("created_at"), partition_by="requested_by")
        return (
            self.queued()
            .annotate(running_of_person=Coalesce(Subquery(running.values("count")), 0), served_at=Subquery(served[:1]))
            .annotate(round=F("running_of_person") + place, first_of_person=first)
            .order_by(*QUEUE_ORDER)
        )

    def of_queue(self, queue: str) -> Self:
        """Filter to the rows that the workers of `queue` make: all of them, where a kind has one queue."""
        return self.all() if queue == self.model.QUEUE else self.none()

    def stalled(self) -> Self:
        """Filter to running rows whose lease has run out.

        A heartbeat of the future is of a clock that was set back since; its lease would last as long as that.
        """
        ahead = Now() + timedelta(seconds=settings.LEASE_SECONDS)
        return self.filter(Q(lease_until__lt=Now()) | Q(heartbeat_at__gt=ahead), status=Status.RUNNING)

    def move(
        self, to: Status, *, from_status: Status, note: str = "", actor: User | None = None, **changes: Any
    ) -> bool:
        """Move the one row of this queryset from `from_status` to `to`, with an event. Returns whether it happened."""
        with transaction.atomic():
            row = self.filter(status=from_status).values("pk", "attempt").first()
            if row is None:
                return False
            fenced = self.model._default_manager.filter(pk=row["pk"], status=from_status, attempt=row["attempt"])
            if fenced.update(status=to, **changes) == 0:
                return False
            attempt = row["attempt"] + (to == Status.RUNNING)
            Event.objects.create(
                generation_id=row["pk"],
                kind=self.model.KIND,
                attempt=attempt,
                from_status=from_status,
                to_status=to,
                note=note,
                actor=actor,
            )
            self.model.tell(row["pk"], to)
        return True


class Work(models.Model):
    """A job and its result, whatever it is made for. Subclasses name their KIND and the QUEUE they wait in."""

    KIND: ClassVar[str]
    QUEUE: ClassVar[str]
    PLACE: ClassVar[tuple[str, ...]]  # at most one live row has the same of these

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.WAITING)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    lost_attempts = models.PositiveIntegerField(default=0)  # attempts that ended with a lost worker or a passing fault
    worker = models.CharField(max_length=200, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_details = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="%(class)ss"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    model = models.CharField(max_length=60, blank=True)  # empty where nothing made it: an upload
    # The size of the job that estimates are learned from, see PipelineInfo.pixel_steps.
    pixel_steps = models.BigIntegerField(default=0)

    deleted_by: User | None = None  # set by whoever deletes this instance and knows, for the last event

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.KIND} {self.pk} ({self.status})"

    @property
    def queue(self) -> str:
        """The queue whose workers make this row."""
        return self.QUEUE

    @property
    def pipeline(self) -> PipelineInfo | None:
        """What makes this row; None where its pipeline is no longer installed."""
        return MODELS.get(self.KIND, {}).get(self.model)

    @property
    def made_by(self) -> str:
        """The name people know the pipeline by; one that is no longer installed keeps its bare name."""
        return self.pipeline.label if self.pipeline else self.model

    @property
    def is_live(self) -> bool:
        """Queued or running."""
        return self.status in LIVE

    @property
    def is_stopping(self) -> bool:
        """Live, but asked to stop."""
        return self.is_live and self.cancel_requested_at is not None

    @property
    def error(self) -> str:
        """The sentence a person reads about a failure, or nothing."""
        return sentence(self.error_code, self.error_details) if self.error_code else ""

    @property
    def seconds(self) -> float | None:
        """How long the run took, or has taken so far."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @classmethod
    def rows(cls) -> GenerationQuerySet:
        """Return all rows of this kind."""
        return cast("GenerationQuerySet", cls._default_manager.all())

    @classmethod
    def tell(cls, pk: uuid.UUID, status: Status) -> None:
        """Tell the webhook that a row has just got this status, in the same transaction; for most kinds nothing."""

    @property
    def mine(self) -> GenerationQuerySet:
        """This row while it is still at the attempt this instance was read with."""
        return self.rows().filter(pk=self.pk, attempt=self.attempt)

    @property
    def rivals(self) -> GenerationQuerySet:
        """The live rows in the place of this one."""
        place = {name: getattr(self, name) for name in self.PLACE}
        return self.rows().live().filter(**place).exclude(pk=self.pk)

    def lock_place(self) -> None:
        """Lock what this row is made for until the transaction ends, before the row itself. Here: nothing."""

    def record_creation(self) -> None:
        """Write the first event of the history."""
        Event.objects.create(
            generation_id=self.pk,
            kind=self.KIND,
            attempt=self.attempt,
            to_status=self.status,
            actor=self.requested_by,
        )

    def record_deletion(self, actor: User | None) -> None:
        """Write the last event of the history, before the row is deleted."""
        Event.objects.create(
            generation_id=self.pk,
            kind=self.KIND,
            attempt=self.attempt,
            from_status=self.status,
            to_status="deleted",
            actor=actor,
        )

    def claim(self, worker: str) -> bool:
        """Move queued -> running under `worker`. The lease and a new attempt number begin."""
        claimed = self.mine.filter(cancel_requested_at=None).move(
            Status.RUNNING,
            from_status=Status.QUEUED,
            note=worker[:200],
            attempt=F("attempt") + 1,
            worker=worker,
            phase=Phase.LOADING,
            step=0,
            steps=0,
            heartbeat_at=Now(),
            lease_until=Now() + timedelta(seconds=settings.LEASE_SECONDS),
            started_at=Now(),
        )
        if claimed:
            self.refresh_from_db()
        return claimed

    def beat(self, phase: str, step: int, steps: int, lease: timedelta) -> bool:
        """Record progress and renew the lease. False once the row was asked to stop or is at another attempt."""
        return bool(
            self.mine.filter(status=Status.RUNNING, cancel_requested_at=None).update(
                phase=phase, step=step, steps=steps, heartbeat_at=Now(), lease_until=Now() + lease
            )
        )

    def finish(self, **result: Any) -> bool:
        """Move running -> succeeded with its result."""
        return self.mine.move(
            Status.SUCCEEDED, from_status=Status.RUNNING, finished_at=Now(), lease_until=None, **result
        )

    def fail(self, code: str, details: dict[str, Any] | None = None) -> bool:
        """Move running -> failed with the code of a sentence."""
        return self.mine.move(
            Status.FAILED,
            from_status=Status.RUNNING,
            note=code,
            finished_at=Now(),
            lease_until=None,
            error_code=code,
            error_details=details or {},
        )

    def release(self, note: str, *, lost: bool, code: str = "crash_loop") -> bool:
        """Move running -> queued again; or cancelled, if that was asked; or failed, after too many lost attempts.

        lost: the worker died or met a passing fault, which counts. A planned shutdown does not. code: of the sentence
        that a person reads after the last attempt.
        """
        if lost and self.lost_attempts + 1 >= settings.MAX_ATTEMPTS:
            details = {"attempts": self.lost_attempts + 1, "phase": self._phase_in_words()}
            return self._obey_cancel() or self.fail(code, details)
        return self._obey_cancel() or self.mine.filter(cancel_requested_at=None).move(
            Status.QUEUED,
            from_status=Status.RUNNING,
            note=note,
            phase=Phase.WAITING,
            step=0,
            steps=0,
            worker="",
            lease_until=None,
            started_at=None,
            lost_attempts=F("lost_attempts") + int(lost),
        )

    def release_stalled(self) -> bool:
        """Release a row whose process lives and makes no progress; a loss, told to people as what it is."""
        return self.release(f"it stalled while {self._phase_in_words()}", lost=True, code="stalled")

    def _phase_in_words(self) -> str:
        phase = self.rows().filter(pk=self.pk).values_list("phase", flat=True).first() or self.phase
        return str(Phase(phase).label).lower()

    def _obey_cancel(self, actor: User | None = None) -> bool:
        return self.mine.filter(cancel_requested_at__isnull=False).move(
            Status.CANCELLED, from_status=Status.RUNNING, actor=actor, finished_at=Now(), lease_until=None
        )

    def _is_forsaken(self) -> bool:
        """Whether nobody works on this running row any more. Wrong at times, and harmless then: see `attempt`."""
        if self.mine.stalled().exists():
            return True
        name, _slash, pid = self.worker.rpartition("/")
        known = Worker.objects.filter(name=name)
        return known.exists() and not known.alive().filter(pid=int(pid) if pid.isdecimal() else 0).exists()

    def cancelled(self) -> bool:
        """Move running -> cancelled: the worker obeyed."""
        return self.mine.move(Status.CANCELLED, from_status=Status.RUNNING, finished_at=Now(), lease_until=None)

    def cancel(self, actor: User | None) -> bool:
        """Cancel a queued row at once, and one whose worker is gone; ask a running one to stop at its next step.

        False if it is final already.
        """
        row = self.rows().filter(pk=self.pk)
        for _look in range(2):  # between the two changes a running row may have been put back in the queue
            if row.move(Status.CANCELLED, from_status=Status.QUEUED, actor=actor, finished_at=Now()):
                return True
            asked = Coalesce(F("cancel_requested_at"), Now())
            if row.filter(status=Status.RUNNING).update(cancel_requested_at=asked):
                running = row.filter(status=Status.RUNNING).first()
                if running is not None and running._is_forsaken():
                    running._obey_cancel(actor)
                return True
        return False


class Generation(Work):
    """A job for a block. Subclasses name the RIGHT on the block that whoever asks for it needs."""

    RIGHT: ClassVar[str]
    PLACE: ClassVar[tuple[str, ...]] = ("block_id",)

    block = models.ForeignKey(Block, models.CASCADE, related_name="%(class)ss")

    class Meta(Work.Meta):
        abstract = True

    @property
    def right(self) -> str:
        """The right whoever queued this row must still hold when a worker begins."""
        return self.RIGHT

    def lock_place(self) -> None:
        """Lock the block, as whoever publishes a result does."""
        lock_block(self.block_id)
