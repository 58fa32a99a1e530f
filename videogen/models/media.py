"""Generations that end with a picture or a clip in a file."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from videogen.models.generation import LIVE, Generation, GenerationQuerySet


class MediaQuerySet(GenerationQuerySet):
    """Rows that may wait for a frame that is made before them (`awaits`)."""

    def queued(self) -> Self:
        """Filter to the rows that a worker may claim: those whose frame is still being made are not yet."""
        return super().queued().exclude(awaits__status__in=LIVE)

    def claimable_since(self, moment: Any) -> Self:
        """Filter queued rows to those that waited for nothing but a worker since then."""
        return self.filter(Q(awaits=None) | Q(awaits__finished_at__lt=moment))


class MediaGeneration(Generation):
    """A generation that ends with a picture or a clip in a file."""

    IN_USE: ClassVar[str]  # the field that says that this result is the one its block uses
    FILES: ClassVar[tuple[str, ...]] = ("file", "poster")  # the fields that name what is stored of a result

    spec = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True, blank=True)  # the one really used
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(blank=True)
    poster = models.FileField(blank=True)  # a small picture of it, for cards and thumbnails
    size = models.BigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)
    # The weights that made it, repository@commit or a folder: what another take needs beside the spec and the seed.
    checkpoint = models.CharField(max_length=500, blank=True)
    # What Optimize Prompt had to do with the prompt: both texts, optimizer, version, and which text was used.
    rewrite = models.JSONField(default=dict, blank=True)
    # What it was started with in one press; empty where it was started alone.
    batch = models.ForeignKey("videogen.Batch", models.SET_NULL, null=True, blank=True, related_name="%(class)ss")
    # What the script said when it was queued, and a short hash of each part: videogen.outdated writes and compares
    # them. Empty for rows that are older, and for pictures that were brought: then nothing is said of their words.
    made_from = models.JSONField(default=dict, blank=True)
    made_digests = models.JSONField(default=dict, blank=True)

    class Meta(Generation.Meta):
        abstract = True

    @property
    def file_names(self) -> list[str]:
        """The storage names of its files."""
        return [name for field in self.FILES if (name := getattr(self, field).name)]
