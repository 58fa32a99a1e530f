"""The page of a scene: its script, and beside each block what was made of it."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import GENERATE_VIDEO, Block, Character, Scene
from web import counts
from web.headings import scene_heading


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
    return {
        "scene": scene,
        "blocks": blocks,
        "heading": scene_heading(scene),
        "cast": _cast(scene, blocks),
        "counts": counts.count([scene])[scene.pk],
        # A scene without blocks has nothing to be kept from.
        "only_looking": bool(blocks) and not any(one.can.generate_frame or one.can.delete_video for one in blocks),
        "why_only_looking": access.missing(GENERATE_VIDEO),
    }


def _with_material(blocks: QuerySet[Block]) -> QuerySet[Block]:
    return blocks.prefetch_related(*(Prefetch(name, queryset=_light(name)) for name in ("frames", "videos")))


def _light(relation: str) -> QuerySet[Any]:
    """The rows of a relation of blocks, known by name only, without their settings: long, and not shown here."""
    model = Block._meta.get_field(relation).related_model
    if not isinstance(model, type):
        raise TypeError(f"{relation} is not a relation of blocks")
    return model._default_manager.defer("spec")


def _cast(scene: Scene, blocks: list[Block]) -> list[Character]:
    """Who acts: the characters of the scene in the order they first speak, then the silent ones."""
    speaking = {block.character.pk: block.character for block in blocks if block.character}
    silent = {character.pk: character for character in scene.characters.all()}
    return list((speaking | {pk: one for pk, one in silent.items() if pk not in speaking}).values())
