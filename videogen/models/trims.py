"""Trims: how much of a block's shot the cut uses, as an edited timeline said; and such timelines."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from scenes.models import Block, Film, Scene
from videogen.models.videos import Video


class Trim(models.Model):
    """The part of a block's take, or the time of its still, that a brought timeline gave it.

    take: whose frames these are, none for a still; another current take is not trimmed. Frames are of frame_rate.
    """

    block = models.OneToOneField(Block, models.CASCADE, primary_key=True, related_name="trim")
    take = models.ForeignKey(Video, models.CASCADE, null=True, blank=True, related_name="+")
    first = models.PositiveIntegerField(default=0)  # the first frame that is used, counted from 0
    frames = models.PositiveIntegerField()
    frame_rate = models.PositiveIntegerField()

    class Meta:
        constraints = [
            # A shot of no length would vanish from the cut, a rate of nothing cannot be counted in.
            models.CheckConstraint(name="trim_has_length", condition=Q(frames__gt=0, frame_rate__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.frames} frames of {self.block_id}"


class BroughtTimeline(models.Model):
    """A timeline that came back and was applied, then perhaps undone.

    scene: none for one of the whole film. before, after: what it changed, as videogen.exports.applied.State reads it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(Film, models.CASCADE, related_name="timelines")
    scene = models.ForeignKey(Scene, models.CASCADE, null=True, blank=True, related_name="timelines")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=255)
    applied_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["-applied_at"]
        indexes = [
            models.Index(fields=["applied_at"]),  # the sweep of old ones
        ]

    def __str__(self) -> str:
        return self.file_name
