"""The page of a scene: its script, with what was made of each block beside it."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from scenes import access, history, left_out
from scenes.headings import scene_heading
from scenes.models import GENERATE_VIDEO, Block, Character, Scene
from videogen import batches, outdated
from videogen.models import BlockGenerations
from web import counts
from web.asking import Ask
from web.block_fragment import Fragment
from web.block_state import BlockState
from web.counts import Counts, Standing
from web.footer import pipelines_here


@never_cache  # going back shows what was written since, not the page as it first came
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
    blocks = list(scene.blocks.select_related("character"))
    access.grant_rights(request.user, scene, blocks)
    made = BlockGenerations.standing_of(blocks)
    why_not = access.missing(GENERATE_VIDEO)
    prefetch_related_objects([scene], "characters")
    now = outdated.Present.of(scene)
    standing = [Standing.of(block, made[block.pk], now) for block in blocks]
    drawn = [Fragment.of(row.block, BlockState.of(row.made, row.outdated), why_not).draw() for row in standing]
    # A scene without blocks has nothing to be kept from.
    only_looking = bool(blocks) and not any(block.can.generate_frame or block.can.delete_video for block in blocks)
    return {
        "scene": scene,
        "rows": list(zip(blocks, drawn, strict=True)),
        "heading": scene_heading(scene),
        "cast": _by_first_line(scene.cast(blocks), blocks),
        "counts": Counts.of(standing),
        "only_looking": only_looking,
        "why_only_looking": why_not,
        "ask_scene": Ask.of(scene, cast("User", request.user), GENERATE_VIDEO) if only_looking else None,
        "batch_here": batches.under_way(scene, cast("User", request.user)),
        **_beside(request, scene),
        "pipelines_here": pipelines_here(),
        **(_for_writing(request, scene) if scene.can.change else {}),
    }


def _beside(request: HttpRequest, scene: Scene) -> dict[str, Scene | None]:
    """Find the scenes before and behind this one, of those that the person may see. One query for its owner."""
    access.grant_film_rights(request.user, scene.film)
    there = list(access.scenes_in(scene.film, request.user).order_by("position").only("title", "position"))
    before = [other for other in there if other.position < scene.position]
    behind = [other for other in there if other.position > scene.position]
    return {"scene_before": before[-1] if before else None, "scene_behind": behind[0] if behind else None}


def _for_writing(request: HttpRequest, scene: Scene) -> dict[str, Any]:
    """Gather what the page of somebody who writes shows besides. Three queries."""
    can_undo, can_redo = history.can_step(scene, cast("User", request.user))
    names = scene.film.characters.order_by("name").values_list("name", flat=True)
    away = left_out.blocks_of(scene).count()
    return {"can_undo": can_undo, "can_redo": can_redo, "cast_names": names, "left_out": away}


def _by_first_line(cast: list[Character], blocks: list[Block]) -> list[Character]:
    """Order the cast by their first lines; characters without lines come last."""
    speakers = list(dict.fromkeys(block.character_id for block in blocks))
    return sorted(cast, key=lambda who: speakers.index(who.pk) if who.pk in speakers else len(speakers))
