"""What is being done with the files of a checkpoint: downloaded or verified. The row is the job, as everywhere.

One row for each checkpoint, so that nothing is fetched twice at once. Every change is one conditional UPDATE.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CheckpointQuerySet(models.QuerySet["CheckpointJob"]):
    def live(self) -> "CheckpointQuerySet":
        """Filter to the jobs that wait or run."""
        return self.filter(status__in=CheckpointJob.LIVE)

    def forsaken(self) -> "CheckpointQuerySet":
        """Filter to running jobs whose worker was not heard of for a lease."""
        return self.filter(status=CheckpointJob.Status.RUNNING, heartbeat_at__lt=Now() - CheckpointJob.LEASE)


class CheckpointJob(models.Model):
    """The newest job with one checkpoint, and when its files were verified last."""

    class Action(models.TextChoices):
        DOWNLOAD = "download", _("Download")
        VERIFY = "verify", _("Verify")

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        SUCCEEDED = "succeeded", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Stop(models.TextChoices):
        NO = "", ""
        PAUSE = "pause", _("Pausing")
        CANCEL = "cancel", _("Stopping")

    LIVE = (Status.QUEUED, Status.RUNNING)
    LEASE = timedelta(seconds=settings.LEASE_SECONDS)

    field = models.CharField(max_length=40, primary_key=True)  # of ModelSettings
    source = models.CharField(max_length=400, blank=True)  # what the setting named when the job was asked for
    action = models.CharField(max_length=10, choices=Action)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    stop = models.CharField(max_length=10, choices=Stop, default=Stop.NO, blank=True)
    attempt = models.PositiveIntegerField(
        default=0
    )  # rises with each claim: whoever holds an old number changes nothing
    done = models.BigIntegerField(default=0)  # bytes
    total = models.BigIntegerField(default=0)
    words = models.CharField(max_length=200, blank=True)  # how far it is
    error = models.TextField(blank=True)
    broken = models.JSONField(default=list, blank=True)  # files that the last verification found fault with
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        permissions = [("manage_models", "Can download and verify models")]

    def __str__(self) -> str:
        return f"{self.action} {self.source} ({self.status})"

    @property
    def is_live(self) -> bool:
        """Waiting or running."""
        return self.status in self.LIVE

    @property
    def share(self) -> int:
        """How much of it is done, in percent."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    @classmethod
    def ask(cls, field: str, action: str, source: str, by: Any) -> bool:
        """Queue a job with a checkpoint. False where one waits or runs already."""
        cls.objects.get_or_create(field=field, defaults={"action": action, "status": cls.Status.CANCELLED})
        begun = {"done": 0, "total": 0, "words": "", "error": "", "stop": cls.Stop.NO, "finished_at": None}
        return bool(
            cls.objects.filter(field=field)
            .exclude(status__in=cls.LIVE)
            .update(action=action, source=source, status=cls.Status.QUEUED, created_at=Now(), requested_by=by, **begun)
        )

    @classmethod
    def ask_to_stop(cls, field: str, how: str) -> bool:
        """Pause or cancel. False where there is nothing to stop.

        To cancel is a worker's work too, whatever the job does now: what was fetched has to go.
        """
        rows, status = cls.objects.filter(field=field), cls.Status
        if how == cls.Stop.PAUSE:
            waiting = rows.filter(status=status.QUEUED, stop=cls.Stop.NO).update(status=status.PAUSED)
            return bool(waiting or rows.filter(status=status.RUNNING, stop=cls.Stop.NO).update(stop=how))
        idle = rows.filter(status__in=[status.QUEUED, status.PAUSED, status.FAILED])
        return bool(idle.update(status=status.QUEUED, stop=how) or rows.filter(status=status.RUNNING).update(stop=how))

    def claim(self) -> bool:
        """Move queued -> running, as a new attempt."""
        claimed = self._mine.filter(status=self.Status.QUEUED).update(
            status=self.Status.RUNNING, attempt=F("attempt") + 1, heartbeat_at=Now()
        )
        if claimed:
            self.refresh_from_db()
        return bool(claimed)

    def beat(self, done: int, total: int, words: str) -> str | None:
        """Record progress; return what it is asked to stop for, None once the row is somebody else's."""
        mine = self._mine.filter(status=self.Status.RUNNING)
        if not mine.update(done=done, total=total, words=words[:200], heartbeat_at=Now()):
            return None
        return mine.values_list("stop", flat=True).first()

    def end(self, status: str, **changes: Any) -> bool:
        """Move running -> `status`."""
        return bool(
            self._mine.filter(status=self.Status.RUNNING).update(
                status=status, stop=self.Stop.NO, finished_at=Now(), **changes
            )
        )

    def release(self) -> bool:
        """Move running -> queued: its worker is gone; or what it was asked to become."""
        if self.stop:
            ended = self.Status.PAUSED if self.stop == self.Stop.PAUSE else self.Status.CANCELLED
            return self.end(ended)
        return bool(self._mine.filter(status=self.Status.RUNNING).update(status=self.Status.QUEUED))

    @property
    def _mine(self) -> CheckpointQuerySet:
        return CheckpointJob.objects.filter(pk=self.pk, attempt=self.attempt)
