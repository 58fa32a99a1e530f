"""Frames: the start and end pictures of a clip."""

from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenes.models import GENERATE_FRAME
from videogen import provenance
from videogen.models.constraints import media_constraints
from videogen.models.generation import LIVE, Status, lock_block
from videogen.models.media import MediaGeneration, MediaQuerySet
from videogen.specs import FrameSpec


class FrameQuerySet(MediaQuerySet):
    def of_role(self, role: str) -> Self:
        """Filter by role, newest first."""
        return self.filter(role=role).order_by("-created_at")

    def chosen(self, role: str) -> Self:
        """Filter to the one picture used as this role, if any."""
        return self.filter(role=role, is_chosen=True)


class Frame(MediaGeneration):
    """One picture of a block, in one role. At most one of a role is chosen; the others stay as candidates."""

    KIND = "frame"
    QUEUE = "frames"
    RIGHT = GENERATE_FRAME
    PLACE = ("block_id", "role")
    IN_USE = "is_chosen"
    FILES = ("file", "poster", "layers")

    class Role(models.TextChoices):
        START = "start", _("Start frame")
        END = "end", _("End frame")

    class Source(models.TextChoices):
        GENERATED = "generated", _("Generated")
        UPLOADED = "uploaded", _("Uploaded")
        CLIP = "clip", _("From a clip")

    role = models.CharField(max_length=5, choices=Role.choices)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.GENERATED)
    is_chosen = models.BooleanField(default=False)
    layers = models.FileField(blank=True)  # the picture in layers (scenes.layers), where its pipeline makes any
    candidate = models.PositiveSmallIntegerField(default=1)  # which of the spec's candidates it is
    # Of an end frame: the start frame it waits for, where that was queued with it.
    awaits = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    notes = models.JSONField(default=list, blank=True)  # sentences about it for people: what it could not show

    objects = FrameQuerySet.as_manager()

    class Meta(MediaGeneration.Meta):
        constraints = [
            *media_constraints("frame"),
            models.CheckConstraint(name="frame_role_valid", condition=Q(role__in=["start", "end"])),
            # Double clicks and two tabs: one live generation per block and role.
            models.UniqueConstraint(fields=["block", "role"], name="frame_one_live", condition=Q(status__in=LIVE)),
            # "Use this" twice at once: one chosen picture per block and role.
            models.UniqueConstraint(fields=["block", "role"], name="frame_one_chosen", condition=Q(is_chosen=True)),
            models.CheckConstraint(
                name="frame_chosen_is_finished", condition=Q(is_chosen=False) | Q(status=Status.SUCCEEDED)
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at"]),  # the queue, and the reconciler's sweep
            models.Index(fields=["model", "-finished_at"]),  # the runs an estimate is learned from
            models.Index(fields=["requested_by", "-started_at"]),  # whose turn it is: when a person was served last
            models.Index(fields=["requested_by", "status"]),  # the same: what of theirs runs
        ]

    def read_spec(self) -> FrameSpec:
        """Return the settings this frame is made with; only generated frames have them."""
        return FrameSpec.from_json(self.spec)

    @property
    def prompt(self) -> str:
        """The prompt it was made from, or nothing for an upload."""
        return str(self.spec.get("prompt", ""))

    @property
    def digital_source(self) -> str:
        """How it came to be, a term of videogen.provenance; empty of one that was brought, or is of a clip."""
        if self.source != self.Source.GENERATED:
            return ""
        if self.checkpoint:
            return provenance.GENERATED
        pictures = [sha256 for part, sha256 in self.made_from.items() if "Picture" in part]
        is_drawn = self.made_from and not any(pictures)  # not put together from the pictures of the library
        return provenance.made_by("", () if is_drawn else [""])

    def choose(self) -> bool:
        """Make this the picture of its role. False if it is not finished."""
        with transaction.atomic():
            lock_block(self.block_id)  # two at once would both find nothing chosen, and the second would be refused
            same = Frame.objects.filter(block_id=self.block_id, role=self.role)
            same.filter(is_chosen=True).exclude(pk=self.pk).update(is_chosen=False)
            self.is_chosen = bool(same.filter(pk=self.pk, status=Status.SUCCEEDED).update(is_chosen=True))
            if not self.is_chosen:
                transaction.set_rollback(True)
        return self.is_chosen
