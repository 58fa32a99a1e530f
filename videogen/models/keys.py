"""Idempotency keys: a call sent again with the same key returns what the first one made."""

from datetime import timedelta

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """The first call a person made with a key, and what it made. The row outlives the generation it tells of."""

    LIFE = timedelta(hours=24)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # sha256 of address and body
    kind = models.CharField(max_length=10)
    generation_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)  # the sweep of old keys

    class Meta:
        constraints = [
            # The same call twice at once: one row, whoever comes first.
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
