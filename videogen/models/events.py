"""The append-only history of every generation, which a checker can replay."""

from django.conf import settings
from django.db import models


class Event(models.Model):
    """One status change. Rows outlive the generation they tell of, so they name it without a foreign key."""

    generation_id = models.UUIDField()
    kind = models.CharField(max_length=10)
    attempt = models.PositiveIntegerField()
    from_status = models.CharField(max_length=10, blank=True)  # empty for the first event
    to_status = models.CharField(max_length=10)
    note = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["generation_id", "id"]),  # the history of one generation, in order
            models.Index(fields=["actor", "at"]),  # what a person asked for lately: the quota of device seconds
            models.Index(fields=["to_status", "note"]),  # failures by code, lost attempts by reason, for /metrics
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.generation_id}: {self.from_status or 'new'} to {self.to_status}"
