"""How far a batch is, as its page shows it, and the grid of its frames."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from scenes import access
from scenes.models import Block
from videogen import batches
from videogen.models import VIDEO, Batch, BlockGenerations, Frame, Video
from videogen.plans import START

STEPS: dict[str, Sequence[str]] = {
    Batch.What.FRAMES: (START,),
    Batch.What.VIDEOS: (VIDEO,),
    Batch.What.BOTH: (START, VIDEO),
}


@dataclass(frozen=True, slots=True)
class GridTile:
    """A block of the batch, as it stands now. steps: of the dialog, that the batch makes."""

    block: Block
    made: BlockGenerations
    steps: Sequence[str]

    @property
    def start(self) -> Frame | None:
        """Its start frame."""
        return self.made.chosen(START)

    @property
    def clip(self) -> Video | None:
        """Its clip."""
        return self.made.current

    @property
    def is_filmed(self) -> bool:
        """Whether the batch makes clips, and the block has one."""
        return VIDEO in self.steps and self.clip is not None

    @property
    def route(self) -> str:
        """The step of the dialog that its picture leads to."""
        return "clip_video" if self.is_filmed else "clip_start"

    @property
    def live(self) -> Frame | Video | None:
        """What of it waits or runs: a running job before a waiting one."""
        return min(self.made.all_live, key=lambda row: (row.status != "running", row.created_at), default=None)

    @property
    def failure(self) -> Frame | Video | None:
        """The last run of what the batch makes, if that failed: what "try again" would start once more."""
        if self.live:
            return None
        return next((failure for step in self.steps if (failure := self.made.failure(step))), None)

    @property
    def is_of_old_frame(self) -> bool:
        """Whether the clip failed before its frame was made again: what it failed of may be mended by that."""
        failed, start = self.failure, self.start
        if not isinstance(failed, Video) or start is None or failed.finished_at is None:
            return False
        return (start.finished_at or start.created_at) > failed.finished_at

    @property
    def can_be_filmed(self) -> bool:
        """Whether it has a frame and no clip, nothing of it is being made, and there is nothing to try again."""
        return bool(self.start) and not self.clip and self.live is None and self.failure is None

    @property
    def is_tall(self) -> bool:
        """Whether its picture is upright."""
        return self.start is not None and self.start.height > self.start.width


@dataclass(frozen=True, slots=True)
class BatchCard:
    """A batch, its figures and its blocks."""

    batch: Batch
    progress: batches.Progress
    tiles: list[GridTile]

    @classmethod
    def of(cls, batch: Batch, person: User) -> "BatchCard":
        """Read it; of blocks that the person does not see any more nothing is shown. A fixed number of queries."""
        ids = {pk for kind in batches.KINDS for pk in kind.objects.filter(batch=batch).values_list("block", flat=True)}
        seen = access.visible_scenes(person).order_by().values("pk")
        blocks = Block.objects.filter(pk__in=ids, scene__in=seen).select_related("scene", "character")
        found = list(blocks.order_by("scene__position", "position"))
        made = BlockGenerations.standing_of(found)
        tiles = [GridTile(block, made[block.pk], STEPS[batch.what]) for block in found]
        return cls(batch, batches.Progress.of(batch), tiles)

    @property
    def is_live(self) -> bool:
        """Whether anything on the page may still change by itself."""
        return bool(self.progress.live) or any(tile.live for tile in self.tiles)

    @property
    def percent(self) -> int:
        """How much of it has ended; of one that was stopped, how much was made."""
        is_stopped = self.progress.cancelled and not self.progress.live
        done = self.progress.succeeded if is_stopped else self.progress.ended
        return round(100 * done / self.batch.size) if self.batch.size else 100

    @property
    def to_retry(self) -> bool:
        """Whether anything that failed stands as it failed: neither made since, nor being made."""
        return any(tile.failure for tile in self.tiles)

    @property
    def to_film(self) -> int:
        """How many of its frames could become clips."""
        return sum(tile.can_be_filmed for tile in self.tiles)
