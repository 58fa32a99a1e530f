"""What is to be told to the webhook of the installation: an outbox, written in the transaction of what happened."""

import json
import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        """Filter to what was neither taken by the receiver nor given up."""
        return self.filter(delivered_at=None, given_up_at=None)

    def due(self) -> Self:
        """Filter to what is to be sent now, the oldest first."""
        return self.waiting().filter(due_at__lte=Now()).order_by("due_at", "created_at")

    def again(self) -> int:
        """Have these sent once more, with all their attempts before them. Returns how many."""
        return self.update(attempts=0, due_at=Now(), delivered_at=None, given_up_at=None)


class Delivery(models.Model):
    """One message to the webhook. Sent until the receiver takes it; its id stays, so that twice is seen as twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.CharField(max_length=40)
    body = models.TextField()  # the very bytes that are signed and sent
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)  # of the last attempt, in a sentence for operators

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "deliveries"
        indexes = [
            # What is due, asked by every sweep.
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(delivered_at=None, given_up_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"

    @classmethod
    def note(cls, event: str, at: str, data: dict[str, Any]) -> None:
        """Have something told to the webhook, once the transaction commits; nothing where there is none.

        at: the moment, ISO 8601.
        """
        if settings.WEBHOOK_URL:
            body = json.dumps({"type": event, "timestamp": at, "data": data}, separators=(",", ":"))
            cls.objects.create(event=event, body=body)

    def claim(self, lease: timedelta) -> bool:
        """Take this message for one attempt. False where another process has it; it is due again after `lease`."""
        mine = Delivery.objects.due().filter(pk=self.pk, attempts=self.attempts)
        taken = mine.order_by().update(attempts=self.attempts + 1, due_at=Now() + lease)
        self.attempts += taken
        return bool(taken)
