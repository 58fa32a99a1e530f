"""Everything made for one block, and which step each of it belongs to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from scenes.models import Block
from videogen.models import Frame, Status, Video

VIDEO = "video"  # the step of the clip; those of the frames are named like their roles


@dataclass(frozen=True, slots=True)
class Material:
    """Everything made for one block, newest first."""

    frames: Sequence[Frame]
    videos: Sequence[Video]

    @classmethod
    def of(cls, block: Block) -> "Material":
        """Read what was made for a block, in two queries."""
        return cls(list(block.frames.order_by("-created_at")), list(block.videos.order_by("-created_at")))

    @property
    def rows(self) -> list[Frame | Video]:
        """Frames and clips alike."""
        return [*self.frames, *self.videos]

    def made(self, step: str) -> list[Frame | Video]:
        """The rows of one step, newest first."""
        return [row for row in self.rows if step_of(row) == step]

    def live(self, step: str) -> Frame | Video | None:
        """What is queued or running in a step."""
        return next((row for row in self.made(step) if row.is_live), None)

    def results(self, step: str) -> list[Frame | Video]:
        """The candidates of a frame, or the takes of the clip."""
        return [row for row in self.made(step) if row.status == Status.SUCCEEDED]

    def in_use(self, step: str) -> Frame | Video | None:
        """The chosen candidate of a frame, or the current take of the clip."""
        return next((row for row in self.made(step) if _is_in_use(row)), None)

    def chosen(self, role: str) -> Frame | None:
        """The picture used as the start or end frame."""
        return next((frame for frame in self.frames if frame.role == role and frame.is_chosen), None)

    @property
    def current(self) -> Video | None:
        """The take that is the block's clip."""
        return next((video for video in self.videos if video.is_current), None)

    def failure(self, step: str) -> Frame | Video | None:
        """The latest run of a step, if it failed and nothing was made since."""
        rows = self.made(step)
        return rows[0] if rows and rows[0].status == Status.FAILED else None

    def last_asked(self, step: str) -> Frame | Video | None:
        """The latest row of a step that was made from settings, whatever became of it."""
        return next((row for row in self.made(step) if row.spec), None)

    @property
    def signature(self) -> str:
        """Changes when something begins, ends or is asked to stop."""
        return signature([row for row in self.rows if row.is_live])


def live_rows(block: Block) -> list[Frame | Video]:
    """List what is queued or running for a block, in two small queries."""
    return [*block.frames.live(), *block.videos.live()]


def step_of(row: Frame | Video) -> str:
    """Tell the step in which a row is made."""
    return row.role if isinstance(row, Frame) else VIDEO


def _is_in_use(row: Frame | Video) -> bool:
    return row.is_chosen if isinstance(row, Frame) else row.is_current


def signature(live: Sequence[Frame | Video]) -> str:
    """Fingerprint of the live rows; unchanged means nothing to render again. Empty when nothing is live."""
    if not live:
        return ""
    words = sorted(f"{row.pk}{row.status}{row.is_stopping}" for row in live)
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:12]
