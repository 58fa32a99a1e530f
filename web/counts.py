"""Count the blocks, frames, clips and failures of scenes, with as many queries for many scenes as for one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, QuerySet

from scenes.models import Block, Scene
from videogen.models import BlockGenerations, Frame, Video

FIELDS = ("block", "status", "created_at")  # of a row, to say how its block stands


@dataclass(frozen=True, slots=True)
class Counts:
    """frames: chosen pictures of both roles. clips: current takes. failed: blocks that show a failure."""

    blocks: int = 0
    frames: int = 0
    clips: int = 0
    failed: int = 0

    @classmethod
    def of(cls, blocks: int, made: Iterable[BlockGenerations]) -> "Counts":
        """Count what was made of one scene; `made` may lack the blocks of which nothing was made."""
        made = list(made)
        return cls(
            blocks=blocks,
            frames=sum(frame.is_chosen for block in made for frame in block.frames),
            clips=sum(block.current is not None for block in made),
            failed=sum(block.last_failure is not None for block in made),
        )


def count(scenes: Iterable[Scene]) -> dict[UUID, Counts]:
    """Count for each scene, by its id. Three queries."""
    ids = [scene.pk for scene in scenes]
    blocks = dict(Block.objects.filter(scene__in=ids).order_by().values_list("scene_id").annotate(Count("pk")))
    frames = _by_block(Frame.objects.standing().only(*FIELDS, "role", "is_chosen"), ids)
    videos = _by_block(Video.objects.standing().only(*FIELDS, "is_current"), ids)
    made: dict[UUID, list[BlockGenerations]] = {scene_id: [] for scene_id in ids}
    for scene_id, block_id in {**frames, **videos}:
        place = scene_id, block_id
        made[scene_id].append(BlockGenerations.from_rows(frames[place], videos[place]))
    return {scene_id: Counts.of(blocks.get(scene_id, 0), found) for scene_id, found in made.items()}


def _by_block(rows: QuerySet[Any], scene_ids: list[UUID]) -> dict[tuple[UUID, UUID], list[Any]]:
    found: dict[tuple[UUID, UUID], list[Any]] = defaultdict(list)
    for row in rows.filter(block__scene__in=scene_ids, block__removed_at=None).annotate(scene_id=F("block__scene_id")):
        found[row.scene_id, row.block_id].append(row)
    return found
