"""Generations that end with a picture or a clip in a file."""

from typing import ClassVar

from django.db import models

from videogen.models.generation import Generation


class MediaGeneration(Generation):
    """A generation that ends with a picture or a clip in a file."""

    IN_USE: ClassVar[str]  # the field that says that this result is the one its block uses

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

    class Meta(Generation.Meta):
        abstract = True

    @property
    def file_names(self) -> list[str]:
        """The storage names of its files."""
        return [name for name in (self.file.name, self.poster.name) if name]
