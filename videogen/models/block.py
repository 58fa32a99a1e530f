"""Everything made for one block: what is live, what is in use, and how the last run of each step ended."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scenes.models import Block
from videogen.models.frames import Frame
from videogen.models.generation import Status
from videogen.models.videos import Video

Row = TypeVar("Row", Frame, Video)

VIDEO = "video"
DIALOG_STEPS = (*Frame.Role.values, VIDEO)  # each makes rows of its own


# What says how a block stands. Half the columns cost half the time, and a long scene has a thousand of these rows.
_STANDING = (
    *("block", "status", "step", "steps", "cancel_requested_at", "error_code", "error_details"),
    *("created_at", "finished_at", "width", "height"),
)
_STANDING_FRAME = (*_STANDING, "role", "is_chosen", "sha256", "made_digests")
_STANDING_VIDEO = (*_STANDING, "is_current", "duration", "frame_rate", "start_sha256", "end_sha256", "made_digests")


@dataclass(frozen=True, slots=True)
class BlockGenerations:
    """The rows of a block, newest first: all of them, or those that `.standing()` leaves."""

    frames: Sequence[Frame]
    videos: Sequence[Video]

    @classmethod
    def of(cls, block: Block) -> "BlockGenerations":
        """Read the rows of a block. Two queries, none where both were prefetched."""
        return cls.from_rows(block.frames.all(), block.videos.all())

    @classmethod
    def standing_of(cls, blocks: Iterable[Block]) -> "dict[uuid.UUID, BlockGenerations]":
        """Read how blocks stand, by their ids: no older rows, and no settings of these. Two queries."""
        frames: dict[uuid.UUID, list[Frame]] = {block.pk: [] for block in blocks}
        videos: dict[uuid.UUID, list[Video]] = {block_id: [] for block_id in frames}
        for frame in Frame.objects.standing().filter(block__in=list(frames)).only(*_STANDING_FRAME).order_by():
            frames[frame.block_id].append(frame)
        for video in Video.objects.standing().filter(block__in=list(frames)).only(*_STANDING_VIDEO).order_by():
            videos[video.block_id].append(video)
        return {block_id: cls.from_rows(found, videos[block_id]) for block_id, found in frames.items()}

    @classmethod
    def from_rows(cls, frames: Iterable[Frame], videos: Iterable[Video]) -> "BlockGenerations":
        """Order rows that were read elsewhere."""
        return cls(_newest_first(frames), _newest_first(videos))

    @classmethod
    def live_of(cls, block: Block) -> "BlockGenerations":
        """Read only the live rows of a block. Two small queries."""
        return cls(list(block.frames.live().order_by()), list(block.videos.live().order_by()))

    @classmethod
    def for_step(cls, block: Block, step: str) -> "BlockGenerations":
        """Read only the rows that may stand for one step. One query."""
        if step == VIDEO:
            return cls([], _newest_first(block.videos.standing()))
        return cls(_newest_first(block.frames.standing().filter(role=step)), [])

    def of_step(self, step: str) -> Sequence[Frame | Video]:
        """Return the rows of one step, newest first."""
        return self.videos if step == VIDEO else [frame for frame in self.frames if frame.role == step]

    def live(self, step: str) -> Frame | Video | None:
        """Return what is queued or running in a step."""
        return next((row for row in self.of_step(step) if row.is_live), None)

    def in_use(self, step: str) -> Frame | Video | None:
        """Return the chosen picture of a frame, the current take of the video."""
        return self.current if step == VIDEO else self.chosen(step)

    def chosen(self, role: str) -> Frame | None:
        """Return the picture used as the start or end frame."""
        return next((frame for frame in self.frames if frame.role == role and frame.is_chosen), None)

    @property
    def current(self) -> Video | None:
        """The take that is the block's clip."""
        return next((video for video in self.videos if video.is_current), None)

    def results(self, step: str) -> list[Frame | Video]:
        """Return the finished rows of a step: candidates of a frame, takes of the video."""
        return [row for row in self.of_step(step) if row.status == Status.SUCCEEDED]

    def last_with_settings(self, step: str) -> Frame | Video | None:
        """Return the newest row of a step that has settings, however it ended; uploads have none."""
        return next((row for row in self.of_step(step) if row.spec), None)

    def last_run(self, step: str) -> Frame | Video | None:
        """Return the newest row of a step: its status is how the last run ended. Whatever tells of it asks here."""
        return next(iter(self.of_step(step)), None)

    def failure(self, step: str) -> Frame | Video | None:
        """Return the last run of a step if it failed. One that was cancelled, or succeeded, hides those before."""
        last = self.last_run(step)
        return last if last and last.status == Status.FAILED else None

    @property
    def last_failure(self) -> Frame | Video | None:
        """The failure that the block as a whole shows: of the last runs of its steps the newest, if that failed."""
        runs = (row for row in map(self.last_run, DIALOG_STEPS) if row and row.status != Status.CANCELLED)
        newest = max(runs, key=lambda row: row.created_at, default=None)
        return newest if newest and newest.status == Status.FAILED else None

    @property
    def last_ended(self) -> Frame | Video | None:
        """The last runs of the steps, and of these the one that ended last."""
        runs = [(row.finished_at, row.pk, row) for row in map(self.last_run, DIALOG_STEPS) if row and row.finished_at]
        return max(runs)[-1] if runs else None

    def stopped(self, step: str) -> bool:
        """Tell whether the last run of a step was stopped."""
        last = self.last_run(step)
        return last is not None and last.status == Status.CANCELLED

    def standing(self, step: str) -> Frame | Video | None:
        """Return the row that stands for a step: live, else a last run that failed or was cancelled, else the one in
        use.
        """
        last = self.last_run(step)
        came_to_nothing = last if last and last.status in (Status.FAILED, Status.CANCELLED) else None
        return self.live(step) or came_to_nothing or self.in_use(step)

    @property
    def all_live(self) -> list[Frame | Video]:
        """What is queued or running in any step."""
        rows: list[Frame | Video] = [*self.frames, *self.videos]
        return [row for row in rows if row.is_live]

    @property
    def signature(self) -> str:
        """Fingerprint of the live rows; unchanged means nothing to render again. Empty when nothing is live."""
        words = sorted(f"{row.pk}{row.status}{row.is_stopping}" for row in self.all_live)
        return hashlib.sha256(" ".join(words).encode()).hexdigest()[:12] if words else ""


def _newest_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)
