"""Videos: the takes of a block's clip."""

import uuid
from datetime import datetime
from pathlib import PurePath
from typing import Any, Self, cast

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scenes.models import GENERATE_VIDEO, Block
from videogen import provenance
from videogen.models.constraints import media_constraints
from videogen.models.deliveries import Delivery
from videogen.models.frames import Frame
from videogen.models.generation import LIVE, GenerationQuerySet, Status, lock_block
from videogen.models.media import MediaGeneration, MediaQuerySet
from videogen.specs import SEED_RANGE, VideoSpec


class Review(models.TextChoices):
    """What somebody said of a take."""

    NONE = "none", _("Not reviewed")
    FOR_REVIEW = "for_review", _("For review")
    RETAKE = "retake", _("Retake")
    APPROVED = "approved", _("Approved")


class VideoQuerySet(MediaQuerySet):
    def takes(self) -> Self:
        """Filter to finished clips, newest first."""
        return self.filter(status=Status.SUCCEEDED).order_by("-created_at")

    def unused(self, before: datetime) -> Self:
        """Filter to takes finished before then that nobody wants: no block's clip, not locked, without a star."""
        wanted = Q(is_current=True) | Q(locked=True) | Q(starred=True)
        return self.filter(status=Status.SUCCEEDED, finished_at__lt=before).exclude(wanted)

    def current(self) -> Self:
        """Filter to the one take that is the block's clip, if any."""
        return self.filter(is_current=True)


_VideoManager = models.Manager.from_queryset(VideoQuerySet)


class TakesInPlace(_VideoManager["Video"]):
    """The videos that nobody deleted. Those that can be brought back are found by `everything` alone."""

    def get_queryset(self) -> VideoQuerySet:
        """Leave out what was removed."""
        return cast("VideoQuerySet", super().get_queryset().filter(removed_at=None))


class Video(MediaGeneration):
    """One take. It records the frames it was made from by hash, so that it can be told whether they changed."""

    KIND = "video"
    QUEUE = "videos"
    RIGHT = GENERATE_VIDEO
    IN_USE = "is_current"

    # "Take 3", given when it is finished. It never changes, and is not given again where the take is deleted.
    number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    is_current = models.BooleanField(_("current"), default=False)
    # Of several takes that were asked for at one press: the id of their first, and which of spec.takes this one is.
    series = models.UUIDField(null=True, blank=True, editable=False)
    nth = models.PositiveSmallIntegerField(default=1, editable=False)
    duration = models.PositiveIntegerField()  # seconds
    frame_rate = models.PositiveIntegerField()  # frames a second
    has_audio = models.BooleanField(default=False)
    # What made it faster and not exact, in words (pipelines.shortcuts); empty for a take made as ever.
    shortcuts = models.CharField(max_length=200, blank=True)
    # How long the line in it takes, spoken whole; and what is not as asked of its voice, or why it is silent, in words.
    line_seconds = models.FloatField(null=True, blank=True)
    line_note = models.CharField(max_length=300, blank=True)
    notes = models.JSONField(default=list, blank=True)  # sentences: what its pipeline did otherwise than expected
    preview = models.FileField(blank=True)  # while it runs: a small picture of it, as far as it is
    start_frame = models.ForeignKey(Frame, models.SET_NULL, null=True, blank=True, related_name="+")
    end_frame = models.ForeignKey(Frame, models.SET_NULL, null=True, blank=True, related_name="+")
    start_sha256 = models.CharField(max_length=64, blank=True)
    end_sha256 = models.CharField(max_length=64, blank=True)
    # The frame it waits for, where that was queued with it. Its start frame is empty until a worker begins, and its end
    # frame too where it waits for that.
    awaits = models.ForeignKey(Frame, models.SET_NULL, null=True, blank=True, related_name="awaited_by")

    review = models.CharField(max_length=10, choices=Review, default=Review.NONE)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    locked = models.BooleanField(default=False)  # stays where it is: videogen.review refuses what would change that
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    starred = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)  # videogen.removal brings it back
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = TakesInPlace()
    everything = VideoQuerySet.as_manager()

    class Meta(MediaGeneration.Meta):
        constraints = [
            *media_constraints("video"),
            # Double clicks and two tabs: one live generation per block.
            models.UniqueConstraint(fields=["block"], name="video_one_live", condition=Q(status__in=LIVE)),
            # Two workers finishing at once: one current take per block.
            models.UniqueConstraint(fields=["block"], name="video_one_current", condition=Q(is_current=True)),
            # Two workers finishing at once: one take of each number per block.
            models.UniqueConstraint(fields=["block", "number"], name="video_number_once"),
            # One of a press that is queued twice: each take of a press once.
            models.UniqueConstraint(fields=["series", "nth"], name="video_nth_once"),
            # What is finished is a take, and only a take has a number.
            models.CheckConstraint(
                name="video_succeeded_has_number",
                condition=(Q(status=Status.SUCCEEDED) & Q(number__isnull=False))
                | (~Q(status=Status.SUCCEEDED) & Q(number__isnull=True)),
            ),
            models.CheckConstraint(
                name="video_current_is_finished", condition=Q(is_current=False) | Q(status=Status.SUCCEEDED)
            ),
            # What was approved is what the film shows, until the approval is taken back.
            models.CheckConstraint(
                name="video_approved_is_locked",
                condition=~Q(review=Review.APPROVED) | Q(locked=True, is_current=True),
            ),
            # What was removed is no clip, and can be watched again where it is brought back.
            models.CheckConstraint(
                name="video_removed_is_no_clip",
                condition=Q(removed_at=None) | Q(status=Status.SUCCEEDED, is_current=False, locked=False),
            ),
            # Only what can be watched is reviewed or kept.
            models.CheckConstraint(
                name="video_reviewed_is_finished",
                condition=Q(status=Status.SUCCEEDED) | Q(review=Review.NONE, locked=False),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at"]),  # the queue, and the reconciler's sweep
            models.Index(fields=["model", "-finished_at"]),  # the runs an estimate is learned from
            models.Index(fields=["requested_by", "-started_at"]),  # whose turn it is: when a person was served last
            models.Index(fields=["requested_by", "status"]),  # the same: what of theirs runs
            # the page of takes that wait for a review
            models.Index(fields=["reviewed_at"], name="video_for_review", condition=Q(review=Review.FOR_REVIEW)),
            # what is swept for good
            models.Index(fields=["removed_at"], name="video_removed", condition=Q(removed_at__isnull=False)),
        ]

    @classmethod
    def rows(cls) -> GenerationQuerySet:
        """Return all rows, the removed included."""
        return cls.everything.all()

    def read_spec(self) -> VideoSpec:
        """Return the settings this video is made with."""
        return VideoSpec.from_json(self.spec)

    @property
    def file_names(self) -> list[str]:
        """The storage names of its files, that of its preview included."""
        return [*super().file_names, *([self.preview.name] if self.preview.name else [])]

    @property
    def preview_key(self) -> str:
        """What tells its preview from the one before; empty where it has none. One that does not run has none."""
        return PurePath(self.preview.name or "").stem if self.status == Status.RUNNING else ""

    @property
    def frames(self) -> int:
        """How many frames the clip has."""
        return self.duration * self.frame_rate

    @property
    def prompt(self) -> str:
        """The prompt it was made from."""
        return str(self.spec.get("prompt", ""))

    def setting(self, name: str) -> Any:
        """What it was made with, by the name of a field of VideoSpec. A take older than the setting has its default."""
        return self.spec.get(name, VideoSpec.model_fields[name].default)

    @property
    def strengths(self) -> list[tuple[str, float]]:
        """How closely it keeps to the frames it has, where its pipeline asks that: (title, strength)."""
        names = ["start_strength", *(["end_strength"] if self.end_sha256 else [])]
        return [(VideoSpec.model_fields[name].title or "", self.setting(name)) for name in names if self.uses(name)]

    @property
    def uses_sound(self) -> bool:
        """Whether its pipeline can make sound."""
        return self.uses("sound")

    def uses(self, name: str) -> bool:
        """Whether its pipeline looked at a setting."""
        return self.pipeline is not None and self.pipeline.uses(name)

    def is_stale(self, start: Frame | None, end: Frame | None) -> bool:
        """Whether the block's chosen frames are no longer the ones this take was made from."""
        return (self.start_sha256, self.end_sha256) != (
            start.sha256 if start else "",
            end.sha256 if end else "",
        )

    def ignores_seed(self, start: Frame | None, end: Frame | None) -> bool:
        """Whether its settings with another seed would give this take again, to the byte, from the chosen frames."""
        return (
            self.pipeline is not None and not self.pipeline.seed_matters(self.prompt) and not self.is_stale(start, end)
        )

    def twin(self) -> "Video | None":
        """Find a take of the block that this one would make again, or one of those after it at the same press."""
        asked = self.spec["seed"]
        if asked is None:
            return None
        made_from = {name: getattr(self, name) for name in ("block_id", "model", "start_sha256", "end_sha256")}
        seeds = {(asked + further) % SEED_RANGE.stop for further in range(self.spec["takes"])}
        found = Video.objects.takes().filter(seed__in=seeds, **made_from)
        return next((take for take in found if take._settled == self._settled), None)

    @property
    def _settled(self) -> dict[str, Any]:
        return {name: value for name, value in self.spec.items() if name not in ("seed", "takes")}

    def take_frames(self) -> bool:
        """Record the block's frames as those of this take, where it was queued before they were there.

        False where the block has no start frame. Once recorded they stay, however often the take is begun.
        """
        if self.start_sha256:
            return True
        chosen = {frame.role: frame for frame in Frame.objects.filter(block_id=self.block_id, is_chosen=True)}
        start, end = chosen.get(Frame.Role.START), chosen.get(Frame.Role.END)
        if start is None:
            return False
        found: dict[str, Any] = {"start_frame": start, "start_sha256": start.sha256}
        if end is not None and self.awaits is not None and self.awaits.role == Frame.Role.END:
            found |= {"end_frame": end, "end_sha256": end.sha256}
        for name, value in found.items():
            setattr(self, name, value)
        return bool(self.mine.update(**found))

    def source_of(self, checkpoint: str) -> str:
        """How it came to be, made with this checkpoint and its frames: a term of videogen.provenance."""
        frames = [(self.start_frame, self.start_sha256), (self.end_frame, self.end_sha256)]
        return provenance.made_by(checkpoint, [row.digital_source if row else "" for row, sha256 in frames if sha256])

    @classmethod
    def tell(cls, pk: uuid.UUID, status: Status) -> None:
        """Tell the webhook of a clip that was made, or could not be."""
        if status not in (Status.SUCCEEDED, Status.FAILED) or not settings.WEBHOOK_URL:
            return
        facts = ("block_id", "block__scene_id", "block__scene__film_id", "batch_id", "number", "error_code")
        block, scene, film, batch, number, code = cls.objects.filter(pk=pk).values_list(*facts).get()
        ids = {"id": pk, "blockId": block, "sceneId": scene, "filmId": film, "batchId": batch}
        told = {name: str(found) if found else None for name, found in ids.items()}
        data = {**told, "take": number, "error": code or None}
        Delivery.note(f"video.{status}", timezone.now().isoformat(), data)

    def finish(self, **result: Any) -> bool:
        """Move running -> succeeded with its result and the next number of its block."""
        with transaction.atomic():
            lock_block(self.block_id)
            done = super().finish(**result, number=TakeCount.next_of(self.block_id))
            if not done:
                transaction.set_rollback(True)  # the number was not used
        return done

    def make_current(self) -> bool:
        """Make this take the block's clip. False if it is not finished, or another is that and locked."""
        with transaction.atomic():
            lock_block(self.block_id)  # two at once would both find no current take, and the second would be refused
            takes = Video.objects.filter(block_id=self.block_id)
            takes.filter(is_current=True, locked=False).exclude(pk=self.pk).update(is_current=False)
            if takes.filter(is_current=True).exclude(pk=self.pk).exists():
                self.is_current = False
                return False
            self.is_current = bool(takes.filter(pk=self.pk, status=Status.SUCCEEDED).update(is_current=True))
            if not self.is_current:
                transaction.set_rollback(True)
        return self.is_current


class TakeCount(models.Model):
    """How many takes of a block have been finished so far, those that were deleted since included."""

    block = models.OneToOneField(Block, models.CASCADE, primary_key=True, related_name="+")
    given = models.PositiveIntegerField(default=0)  # the highest number a take of the block ever had

    def __str__(self) -> str:
        return f"{self.given} takes of {self.block_id}"

    @classmethod
    def next_of(cls, block_id: uuid.UUID) -> int:
        """Take the next number of a block. The caller holds the block's lock."""
        count, _created = cls.objects.get_or_create(block_id=block_id)
        count.given += 1
        count.save(update_fields=["given"])
        return count.given
