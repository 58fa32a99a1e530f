"""The page of a scene: its script, with what was made of each block beside it."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import GENERATE_VIDEO, Block, Character, Scene
from videogen.models import prefetch_standing
from web import counts
from web.asking import Ask
from web.block_state import BlockState
from web.counts import Counts
from web.footer import pipelines_here
from web.headings import scene_heading


@require_safe
@access.scene()
def scene_page(request: HttpRequest, scene: Scene) -> HttpResponse:
    """Answer with the whole page."""
    return render(request, "scenes/scene.html", context(request, scene))


@require_safe
@access.scene()
def scene_counts(request: HttpRequest, scene: Scene) -> HttpResponse:
    """Answer with the line of counters, which is fetched again when a block has changed."""
    return render(request, "scenes/_counts.html", {"scene": scene, "counts": counts.count([scene])[scene.pk]})


def context(request: HttpRequest, scene: Scene) -> dict[str, Any]:
    """Gather what the page shows. The number of queries does not depend on the number of blocks."""
    blocks = list(scene.blocks.select_related("character").prefetch_related(*prefetch_standing()))
    access.grant_rights(request.user, scene, blocks)
    states = [BlockState.of(block) for block in blocks]
    # A scene without blocks has nothing to be kept from.
    only_looking = bool(blocks) and not any(block.can.generate_frame or block.can.delete_video for block in blocks)
    return {
        "scene": scene,
        "rows": list(zip(blocks, states, strict=True)),
        "heading": scene_heading(scene),
        "cast": _by_first_line(scene.cast(blocks), blocks),
        "counts": Counts.of(len(blocks), (state.made for state in states)),
        "only_looking": only_looking,
        "why_only_looking": access.missing(GENERATE_VIDEO),
        "ask_scene": Ask.of(scene, cast("User", request.user), GENERATE_VIDEO) if only_looking else None,
        "pipelines_here": pipelines_here(),
    }


def _by_first_line(cast: list[Character], blocks: list[Block]) -> list[Character]:
    """Order the cast by their first lines; characters without lines come last."""
    speakers = list(dict.fromkeys(block.character_id for block in blocks))
    return sorted(cast, key=lambda who: speakers.index(who.pk) if who.pk in speakers else len(speakers))
