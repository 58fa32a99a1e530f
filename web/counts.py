"""Say how the blocks of scenes stand, and count: blocks, frames, clips, failures and what is out of date.

As many queries for many scenes as for one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects

from scenes.models import Block, Scene
from videogen.models import BlockGenerations, Frame, Video
from videogen.outdated import Present, of_block

_SHARED = ("block", "status", "created_at", "made_digests", "sha256", "width", "height")
_FRAME = (*_SHARED, "role", "is_chosen")
_VIDEO = (*_SHARED, "is_current", "start_sha256", "end_sha256", "duration", "poster")


@dataclass(frozen=True, slots=True)
class Standing:
    """A block, what was made of it, and which parts have changed since (videogen.outdated)."""

    block: Block
    made: BlockGenerations
    outdated: tuple[str, ...]

    @classmethod
    def of(cls, block: Block, made: BlockGenerations, now: Present) -> "Standing":
        """Compare what was made with what the script says now."""
        return cls(block, made, of_block(block, made, now))


@dataclass(frozen=True, slots=True)
class Counts:
    """frames: chosen pictures of both roles. clips: current takes. failed: blocks that show a failure.

    outdated: blocks whose clip, or where they have none a frame in use, is of other words or pictures than there are.
    """

    blocks: int = 0
    frames: int = 0
    clips: int = 0
    failed: int = 0
    outdated: int = 0

    @classmethod
    def of(cls, blocks: Sequence[Standing]) -> "Counts":
        """Count what was made of the blocks of one scene."""
        return cls(
            blocks=len(blocks),
            frames=sum(frame.is_chosen for block in blocks for frame in block.made.frames),
            clips=sum(block.made.current is not None for block in blocks),
            failed=sum(block.made.last_failure is not None for block in blocks),
            outdated=sum(bool(block.outdated) for block in blocks),
        )


def count(scenes: Sequence[Scene]) -> dict[UUID, Counts]:
    """Count for each scene, by its id. Queries as `standing`."""
    return {scene_id: Counts.of(blocks) for scene_id, blocks in standing(scenes).items()}


def standing(scenes: Sequence[Scene]) -> dict[UUID, list[Standing]]:
    """Read how the blocks of scenes stand, in order, by the id of the scene.

    Five queries, six where the scenes' locations are not known yet.
    """
    prefetch_related_objects(scenes, "location", "characters")
    ids = [scene.pk for scene in scenes]
    frames = _by_block(Frame.objects.standing().only(*_FRAME), ids)
    videos = _by_block(Video.objects.standing().only(*_VIDEO), ids)
    now = {scene.pk: Present.of(scene) for scene in scenes}
    found: dict[UUID, list[Standing]] = {scene_id: [] for scene_id in ids}
    # The few characters are read once, not with each of their lines.
    for block in Block.objects.filter(scene__in=ids).order_by("scene", "position").prefetch_related("character"):
        made = BlockGenerations.from_rows(frames[block.pk], videos[block.pk])
        found[block.scene_id].append(Standing.of(block, made, now[block.scene_id]))
    return found


def _by_block(rows: QuerySet[Any], scene_ids: Iterable[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows.filter(block__scene__in=list(scene_ids), block__removed_at=None):
        found[row.block_id].append(row)
    return found
