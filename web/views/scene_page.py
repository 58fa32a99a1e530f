"""The page of a scene: its script, and beside each block what was made of it."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import GENERATE_VIDEO, Block, Character, Scene
from videogen.models import Frame, Video
from web import counts
from web.block_state import BlockState
from web.headings import scene_heading
from web.makers import makers


@require_safe
@access.scene()
def scene_page(request: HttpRequest, scene: Scene) -> HttpResponse:
    """The whole page."""
    return render(request, "scenes/scene.html", context(request, scene))


@require_safe
@access.scene()
def scene_counts(request: HttpRequest, scene: Scene) -> HttpResponse:
    """The line of counters alone, asked for again when a block has changed."""
    return render(request, "scenes/_counts.html", {"scene": scene, "counts": counts.count([scene])[scene.pk]})


def context(request: HttpRequest, scene: Scene) -> dict[str, Any]:
    """What the page shows. `scene` comes from scenes.access. A fixed number of queries, however many blocks."""
    blocks = list(_with_material(scene.blocks.select_related("character")))
    access.grant_rights(request.user, scene, blocks)
    may_open = any(block.can.generate_frame or block.can.delete_video for block in blocks)
    return {
        "scene": scene,
        "rows": [(block, BlockState.of(block)) for block in blocks],
        "heading": scene_heading(scene),
        "cast": _cast(scene, blocks),
        "counts": counts.count([scene])[scene.pk],
        # A scene without blocks has nothing to be kept from.
        "only_looking": bool(blocks) and not may_open,
        "why_only_looking": access.missing(GENERATE_VIDEO),
        "makers": makers(),
    }


def _with_material(blocks: QuerySet[Block]) -> QuerySet[Block]:
    # Without the settings of each: they are long, and not shown here.
    frames = Prefetch("frames", Frame.objects.defer("spec"))
    return blocks.prefetch_related(frames, Prefetch("videos", Video.objects.defer("spec")))


def _cast(scene: Scene, blocks: list[Block]) -> list[Character]:
    """Who acts: the characters of the scene in the order they first speak, then the silent ones."""
    speaking = {block.character.pk: block.character for block in blocks if block.character}
    silent = {character.pk: character for character in scene.characters.all()}
    return list((speaking | silent).values())
