"""Batches: what was started in one press, for a scene or a film. What becomes of it is read from its rows."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenes.models import Film, Scene


class Batch(models.Model):
    """Frames and clips that were queued together. Its rows are jobs like any other; the batch holds no state of them.

    size: how many jobs it began with; some may have been deleted since. finished_at: when the last of them was found
    to have ended, which is told once.
    """

    KIND = "batch"  # as the idempotency keys name it

    class What(models.TextChoices):
        FRAMES = "frames", _("Frames")
        VIDEOS = "videos", _("Clips")
        BOTH = "both", _("Frames and clips")

    class Only(models.TextChoices):
        MISSING = "missing", _("Missing")
        FAILED = "failed", _("Failed")
        OUTDATED = "outdated", _("Out of date")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(Film, models.CASCADE, related_name="batches")
    scene = models.ForeignKey(Scene, models.CASCADE, null=True, blank=True, related_name="batches")
    what = models.CharField(max_length=10, choices=What)
    only = models.CharField(max_length=10, choices=Only)
    end_frames = models.BooleanField(default=False)  # with the frames also end frames
    size = models.PositiveIntegerField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="batches"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(name="batch_what_valid", condition=Q(what__in=["frames", "videos", "both"])),
            models.CheckConstraint(name="batch_only_valid", condition=Q(only__in=["missing", "failed", "outdated"])),
        ]
        indexes = [
            # The sweep of those whose last job has ended, every few seconds.
            models.Index(fields=["created_at"], name="batch_open", condition=Q(finished_at=None)),
            models.Index(fields=["requested_by", "-created_at"]),  # somebody's latest, on the page of a scene or film
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} of {self.scene or self.film}"

    @property
    def place(self) -> Film | Scene:
        """What it was started for."""
        return self.scene or self.film
