"""Everything made for one block: what is live, what is in use, and how the last run of each step ended."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scenes.models import Block
from videogen.models.frames import Frame
from videogen.models.generation import Status
from videogen.models.videos import Video

Row = TypeVar("Row", Frame, Video)

STEPS = (*Frame.Role.values, "video")  # of the dialog


@dataclass(frozen=True, slots=True)
class BlockGenerations:
    """The rows of a block, newest first: all of them, or those that `.standing()` leaves."""

    frames: Sequence[Frame]
    videos: Sequence[Video]

    @classmethod
    def of(cls, block: Block) -> "BlockGenerations":
        """Read the rows of a block. Two queries, none where both were prefetched."""
        return cls(_newest_first(block.frames.all()), _newest_first(block.videos.all()))

    @classmethod
    def for_step(cls, block: Block, step: str) -> "BlockGenerations":
        """Read only the rows that may stand for one step. One query."""
        if step == "video":
            return cls([], _newest_first(block.videos.standing()))
        return cls(_newest_first(block.frames.standing().filter(role=step)), [])

    def of_step(self, step: str) -> Sequence[Frame | Video]:
        """Return the rows of one step, newest first."""
        return self.videos if step == "video" else [frame for frame in self.frames if frame.role == step]

    def live(self, step: str) -> Frame | Video | None:
        """Return what is queued or running in a step."""
        return next((row for row in self.of_step(step) if row.is_live), None)

    def in_use(self, step: str) -> Frame | Video | None:
        """Return the chosen picture of a frame, the current take of the video."""
        return self.current if step == "video" else self.chosen(step)

    def chosen(self, role: str) -> Frame | None:
        """Return the picture used as the start or end frame."""
        return next((frame for frame in self.frames if frame.role == role and frame.is_chosen), None)

    @property
    def current(self) -> Video | None:
        """The take that is the block's clip."""
        return next((video for video in self.videos if video.is_current), None)

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
        runs = (row for row in map(self.last_run, STEPS) if row and row.status != Status.CANCELLED)
        newest = max(runs, key=lambda row: row.created_at, default=None)
        return newest if newest and newest.status == Status.FAILED else None

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
        return [row for row in self._rows() if row.is_live]

    def _rows(self) -> Iterator[Frame | Video]:
        yield from self.frames
        yield from self.videos


def _newest_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)
