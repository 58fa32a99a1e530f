"""The workers that have been heard of, and what runs by itself, for the operator's console and /healthz."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> "WorkerQuerySet":
        """Filter to workers heard of within Worker.SILENCE."""
        # A time in the future is of a clock that was set back since: nobody alive writes that.
        return self.filter(seen_at__range=(Now() - Worker.SILENCE, Now() + Worker.SILENCE))


class Worker(models.Model):
    """One Celery worker process, by its node name."""

    SILENCE = timedelta(seconds=30)

    name = models.CharField(max_length=200, primary_key=True)
    queues = models.JSONField(default=list)
    pid = models.PositiveIntegerField(default=0)
    device = models.CharField(max_length=200, blank=True)
    loaded = models.CharField(max_length=200, blank=True)  # the pipeline whose model is in memory, if any
    dropped_messages = models.PositiveIntegerField(default=0)  # since its start; see videogen.worker.transport
    trouble = models.CharField(max_length=300, blank=True)  # why it takes no jobs at the moment, in a sentence
    fault = models.CharField(max_length=300, blank=True)  # why it holds off, since it failed to keep a file
    memory_free = models.BigIntegerField(null=True)  # bytes: of its GPU or, without one, of its machine
    offers = models.JSONField(default=list)  # names of the models it has the device and the weights for
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def hindrance(self) -> str:
        """Why it takes no jobs at the moment, in a sentence for operators; nothing where it does."""
        return self.trouble or self.fault


class PeriodicRunQuerySet(models.QuerySet["PeriodicRun"]):
    def note(self, name: str, count: int | None = None) -> None:
        """Record that this work has just been done, and how much of it there was."""
        self.update_or_create(name=name, defaults={"at": Now(), "count": count})

    def since(self, name: str, silence: timedelta) -> bool:
        """Whether this work was done within `silence`."""
        return self.filter(name=name, at__range=(Now() - silence, Now() + silence)).exists()


class PeriodicRun(models.Model):
    """When work that beat asks for was done last: the sign that beat and the worker of the queue sweep live."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    count = models.PositiveIntegerField(null=True)  # of what was found, where that is counted

    objects = PeriodicRunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
