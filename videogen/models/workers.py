"""The workers that have been heard of, for the operator's console and /healthz."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> "WorkerQuerySet":
        """Filter to workers heard of within Worker.SILENCE."""
        return self.filter(seen_at__gte=Now() - Worker.SILENCE)


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
    offers = models.JSONField(default=list)  # names of the models it has the device and the weights for
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
