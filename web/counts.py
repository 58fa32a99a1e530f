"""How far a scene is: its blocks, frames, clips and failures. Same number of queries for one scene or many."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from scenes.models import Block, Scene

# The words of videogen's Status, which this application knows by relation only.
_FAILED, _CANCELLED = "failed", "cancelled"


@dataclass(slots=True)
class Counts:
    """frames: chosen pictures of both roles. clips: current takes. failed: blocks whose latest run failed."""

    blocks: int = 0
    frames: int = 0
    clips: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Made:
    frames: set[UUID] = field(default_factory=set)
    clips: set[UUID] = field(default_factory=set)
    runs: list[tuple[datetime, str]] = field(default_factory=list)


def count(scenes: Iterable[Scene]) -> dict[UUID, Counts]:
    """The counts of each scene by its id. Two queries."""
    ids = [scene.pk for scene in scenes]
    made: dict[UUID, dict[UUID, _Made]] = {scene_id: defaultdict(_Made) for scene_id in ids}
    blocks = Block.objects.filter(scene__in=ids).order_by()
    frames = blocks.values_list(
        "scene_id", "pk", "frames__pk", "frames__is_chosen", "frames__status", "frames__created_at"
    )
    videos = blocks.values_list(
        "scene_id", "pk", "videos__pk", "videos__is_current", "videos__status", "videos__created_at"
    )
    for kind, rows in (("frames", frames), ("clips", videos)):
        for scene_id, block_id, row_id, in_use, status, created_at in rows:
            block = made[scene_id][block_id]
            if in_use:
                getattr(block, kind).add(row_id)
            if status and status != _CANCELLED:
                block.runs.append((created_at, status))
    return {scene_id: _sum(made[scene_id].values()) for scene_id in ids}


def _sum(blocks: Iterable[_Made]) -> Counts:
    counts = Counts()
    for block in blocks:
        counts.blocks += 1
        counts.frames += len(block.frames)
        counts.clips += len(block.clips)
        counts.failed += bool(block.runs) and max(block.runs)[1] == _FAILED
    return counts
