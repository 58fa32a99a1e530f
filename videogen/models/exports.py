"""Exports: a film or scene as a file to take home."""

import re
from datetime import timedelta
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenes.models import Film, Scene
from videogen.models.constraints import file_constraint, generation_constraints
from videogen.models.generation import LIVE, GenerationQuerySet, Work

# What no file system takes everywhere, control characters, and marks that turn the direction of what follows.
_NO_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+')
MOST_NAME_BYTES = 180  # of 255 that a file system takes: browsers number a name that is there already


class Export(Work):
    """One file of a film, or of one of its scenes. `cut` is what was there when it was asked for, and never changes.

    Its `model`, by which durations are learned, is the format.
    """

    KIND = "export"
    QUEUE = "exports"
    FILES = ("file",)
    PLACE = ("film_id", "scene_id", "requested_by_id", "model", "fingerprint")

    class Format(models.TextChoices):
        MP4 = "mp4", _("Film")
        ZIP = "zip", _("Clips")
        OTIOZ = "otioz", _("Timeline with media")
        FCPXML = "fcpxml", _("Timeline for Premiere")
        SRT = "srt", _("Subtitles, SRT")
        VTT = "vtt", _("Subtitles, WebVTT")
        PDF = "pdf", _("Storyboard")
        CSV = "csv", _("Shot list")

    film = models.ForeignKey(Film, models.CASCADE, related_name="exports")
    scene = models.ForeignKey(Scene, models.CASCADE, null=True, blank=True, related_name="exports")  # none: all of it
    title = models.CharField(max_length=420)  # the file's name for people, without its ending
    spec = models.JSONField(default=dict)  # videogen.exports.spec.ExportSpec
    cut = models.JSONField(default=dict)  # videogen.exports.cut.Cut
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)  # of spec and cut: the same give one file
    scene_ids = models.JSONField(default=list)  # the scenes that it holds something of
    file = models.FileField(blank=True)
    size = models.BigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)
    voice_note = models.TextField(blank=True)  # which lines are silent or cut in it, and why

    objects = GenerationQuerySet.as_manager()

    class Meta(Work.Meta):
        constraints = [
            *generation_constraints("export"),
            file_constraint("export"),
            # Double clicks and two tabs: one live export with the same settings of the same cut for each person.
            models.UniqueConstraint(
                fields=["film", "requested_by", "model", "fingerprint"],
                name="export_one_live_of_film",
                condition=Q(status__in=LIVE, scene=None),
            ),
            models.UniqueConstraint(
                fields=["scene", "requested_by", "model", "fingerprint"],
                name="export_one_live_of_scene",
                condition=Q(status__in=LIVE, scene__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at"]),  # the queue, and the reconciler's sweep
            models.Index(fields=["model", "-finished_at"]),  # the runs an estimate is learned from
            models.Index(fields=["requested_by", "-started_at"]),  # whose turn it is: when a person was served last
            models.Index(fields=["requested_by", "status"]),  # the same: what of theirs runs
            models.Index(fields=["film", "-created_at"]),  # the list on its page
        ]

    @property
    def format(self) -> str:
        """What kind of file it is, a value of Format."""
        return self.model

    @property
    def made_by(self) -> str:
        """The format, in words."""
        return str(self.Format(self.model).label) if self.model in self.Format.values else self.model

    @property
    def file_names(self) -> list[str]:
        """The storage names of its files."""
        return [self.file.name] if self.file.name else []

    @property
    def download_name(self) -> str:
        """The name it is saved under: the title without what leads to another folder or deceives who reads it."""
        own = " - Premiere" if self.model == self.Format.FCPXML else ""  # its clips are a .zip as well
        name = _NO_NAME.sub("-", self.title).encode()[:MOST_NAME_BYTES].decode(errors="ignore").strip(" .")
        return f"{name or self.model}{own}{PurePath(self.file.name or '').suffix}"

    @property
    def kept_until(self) -> object:
        """When the sweep removes it; None while it is live."""
        return self.finished_at + timedelta(days=settings.EXPORT_DAYS) if self.finished_at else None
