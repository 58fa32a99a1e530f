"""What the player plays of a scene or a film: its blocks in order, each with a clip, a picture or its words."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import Block, Film, Scene
from videogen.models import BlockGenerations, Frame, Video
from videogen.pacing import hold_seconds
from videogen.plans import START
from web.addresses import address

File = Callable[[Block, Video | Frame], str]  # the address of a clip or a start frame


@require_safe
@access.scene()
def scene_play(request: HttpRequest, scene: Scene) -> HttpResponse:
    """Answer with the shots of a scene."""
    return JsonResponse({"shots": shots([scene], _file)})


@require_safe
@access.film()
def film_play(request: HttpRequest, film: Film) -> HttpResponse:
    """Answer with the shots of a film's scenes that the person may see."""
    scenes = access.visible_scenes(request.user).filter(film=film).order_by("position")
    return JsonResponse({"shots": shots(list(scenes), _file)})


def _file(block: Block, row: Video | Frame) -> str:
    route = "clip_file" if isinstance(row, Video) else "frame_picture"
    return address(route, block.scene_id, block.pk, row.pk)


def shots(scenes: Sequence[Scene], file: File) -> list[dict[str, Any]]:
    """Gather the shots. file: where whoever plays them finds a clip or frame. Three queries, however many blocks."""
    titles = {scene.pk: scene.title for scene in scenes}
    found = Block.objects.filter(scene__in=titles).select_related("character").order_by("scene__position", "position")
    blocks = list(found)
    made = BlockGenerations.standing_of(blocks)
    return [_shot(block, titles[block.scene_id], made[block.pk], file) for block in blocks]


def _shot(block: Block, scene: str, made: BlockGenerations, file: File) -> dict[str, Any]:
    """Describe a shot. seconds: of the clip, or that the still or card is held. rate: frames a second."""
    clip, start = made.current, made.chosen(START)
    return {
        "block": str(block.pk),
        "scene": scene,
        "speaker": block.cue,
        "words": block.text,
        "clip": file(block, clip) if clip else "",
        "picture": file(block, start) if start else "",
        "seconds": clip.duration if clip else round(hold_seconds(block), 2),
        "rate": clip.frame_rate if clip else 24,
    }
