"""The order of a scene's blocks: positions 0, 1, 2 and so on, of which no two may be the same at any moment."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from scenes.models import Block, Scene

_ASIDE = 1_000_000  # above every position that a script gives


def set_aside(scene: Scene) -> None:
    """Move all blocks of a scene out of the way, so that their positions can be given anew. They keep their order."""
    # Above where any of them stands as well: some may have been set aside before, and no two may meet on the way.
    scene.blocks.update(position=F("position") + max(_ASIDE, next_position(scene)))


def set_order(scene: Scene, order: Iterable[UUID]) -> None:
    """Number the blocks of a scene in this order; blocks that are not named follow, in the order they had."""
    with transaction.atomic():
        set_aside(scene)
        found = {block.pk: block for block in scene.blocks.order_by("position").only("pk", "position")}
        named = [found.pop(pk) for pk in order if pk in found]
        for position, block in enumerate([*named, *found.values()]):
            block.position = position
        Block.objects.bulk_update([*named, *found.values()], ["position"])


def next_position(scene: Scene) -> int:
    """Return the position of a block that is added at the end of a scene."""
    last = scene.blocks.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
