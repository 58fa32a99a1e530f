"""Where a block stands: what was made of it, what is being made, what went wrong, in one word and its icon."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scenes.models import Block
from videogen.models import Frame, Status, Video

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the states. key is for scripts and styles; icon + words for people."""

    key: str
    icon: str
    words: Words
    tone: str = ""


NONE = Kind("none", "image", _("No frame yet"))
FRAME = Kind("frame", "image", _("Frame ready"), "accent")
CLIP = Kind("clip", "play", _("Clip ready"), "success")
STALE = Kind("stale", "refresh", _("Out of date"), "warning")
FAILED = Kind("failed", "error", _("Failed"), "error")
QUEUED = Kind("queued", "clock", _("Waiting"), "accent")
RUNNING = Kind("running", "spinner", _("Running"), "accent")


@dataclass(frozen=True, slots=True)
class BlockState:
    """One block's summary. Reads `block.frames` and `block.videos`, two queries unless they were prefetched."""

    kind: Kind
    start: Frame | None
    end: Frame | None
    clip: Video | None
    live: Frame | Video | None
    failure: Frame | Video | None

    @classmethod
    def of(cls, block: Block) -> "BlockState":
        """The state now."""
        frames, videos = list(block.frames.all()), list(block.videos.all())
        start, end = (
            next((frame for frame in frames if frame.role == role and frame.is_chosen), None) for role in Frame.Role
        )
        clip = next((video for video in videos if video.is_current), None)
        live = _most_advanced([row for row in (*videos, *frames) if row.is_live])
        failure = _latest_failure([*videos, *frames])
        return cls(_kind(start, end, clip, live, failure), start, end, clip, live, failure)

    @property
    def percent(self) -> int | None:
        """How much of the work is done, or None where that cannot be told (0 would look like standing still)."""
        if self.live is None or not self.live.steps:
            return None
        return max(1, min(99, 100 * self.live.step // self.live.steps))

    @property
    def words(self) -> Words:
        """The state in a word or two."""
        return self.doing if self.live else self.kind.words

    @property
    def doing(self) -> Words:
        """What is being made."""
        if self.live is None:
            return ""
        if self.live.is_stopping:
            return _("Stopping")
        if self.live.status == Status.QUEUED:
            return _("Waiting its turn")
        if isinstance(self.live, Video):
            return _("Making the clip")
        return _("Making the start frame") if self.live.role == Frame.Role.START else _("Making the end frame")


def _most_advanced(live: list[Frame | Video]) -> Frame | Video | None:
    """Of several live rows the one worth showing: what runs before what waits."""
    return min(live, key=lambda row: (row.status != Status.RUNNING, row.created_at), default=None)


def _latest_failure(rows: list[Frame | Video]) -> Frame | Video | None:
    """The latest run, if it failed. A run that somebody stopped does not count."""
    latest = max((row for row in rows if row.status != Status.CANCELLED), key=lambda row: row.created_at, default=None)
    return latest if latest and latest.status == Status.FAILED else None


def _kind(
    start: Frame | None,
    end: Frame | None,
    clip: Video | None,
    live: Frame | Video | None,
    failure: Frame | Video | None,
) -> Kind:
    if live:
        return RUNNING if live.status == Status.RUNNING else QUEUED
    if failure:
        return FAILED
    if clip:
        return STALE if clip.is_stale(start, end) else CLIP
    return FRAME if start else NONE
