"""How far a scene is: its blocks, frames, clips and failures. Same number of queries for one scene or many."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Value

from scenes.models import Block, Scene
from videogen.models import Frame, Status, Video


@dataclass(slots=True)
class Counts:
    """frames: chosen pictures of both roles. clips: current takes. failed: blocks whose latest run failed."""

    blocks: int = 0
    frames: int = 0
    clips: int = 0
    failed: int = 0


def count(scenes: Iterable[Scene]) -> dict[UUID, Counts]:
    """Count for each scene, by its id, in two queries."""
    counts = {scene.pk: Counts() for scene in scenes}
    blocks = Block.objects.filter(scene__in=counts).order_by().values_list("scene_id")
    for scene_id, number in blocks.annotate(Count("pk")):
        counts[scene_id].blocks = number
    latest = {}
    for scene_id, block_id, kind, in_use, _created_at, status in _made(counts):
        if in_use and kind == Frame.KIND:
            counts[scene_id].frames += 1
        elif in_use:
            counts[scene_id].clips += 1
        latest[block_id] = (scene_id, status)
    for scene_id, status in latest.values():
        counts[scene_id].failed += status == Status.FAILED
    return counts


def _made(scene_ids: Iterable[UUID]) -> QuerySet[Any, Any]:
    """List every frame and take of these scenes, oldest first, but for runs that somebody stopped."""

    def rows(model: type[Frame | Video], in_use: str) -> QuerySet[Any, Any]:
        made = model.objects.filter(block__scene__in=scene_ids).exclude(status=Status.CANCELLED).order_by()
        return made.values_list("block__scene_id", "block_id", Value(model.KIND), in_use, "created_at", "status")

    return rows(Frame, "is_chosen").union(rows(Video, "is_current"), all=True).order_by("created_at")
