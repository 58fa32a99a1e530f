"""Trims: how much of a block's shot the cut uses, as an edited timeline said."""

from django.db import models
from django.db.models import Q

from scenes.models import Block
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
