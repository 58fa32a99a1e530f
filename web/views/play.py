"""What the player plays of a scene or a film: its blocks in order, each with a clip, a picture or its words.

Where a clip has no sound of its own the line is heard in its scratch voice, which a worker speaks meanwhile
(docs/decisions/0090).
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import Block, Film, Scene
from videogen.models import BlockGenerations, Frame, Video, VoiceSample
from videogen.pacing import hold_seconds
from videogen.plans import START
from videogen.speech.casting import cast_line
from videogen.speech.length import LEAD, TAIL
from videogen.speech.line import Casting
from videogen.wake import wake_speaker
from web import cache_control
from web.addresses import address

FAILED_FOR = timedelta(minutes=1)  # how long the player is told of a line that failed before it is tried again

File = Callable[[Block, Video | Frame], str]  # the address of a clip or a start frame
Voice = Callable[[Block], str]  # the address of a line's sound


@require_safe
@access.scene()
def scene_play(request: HttpRequest, scene: Scene) -> HttpResponse:
    """Answer with the shots of a scene."""
    return playlist([scene], _file, _voice)


@require_safe
@access.film()
def film_play(request: HttpRequest, film: Film) -> HttpResponse:
    """Answer with the shots of a film's scenes that the person may see."""
    scenes = access.scenes_in(film, request.user).order_by("position")
    return playlist(list(scenes), _file, _voice)


@require_safe
@access.material
def line_sound(request: HttpRequest, block: Block) -> HttpResponseBase:
    """Send the line of a block in its scratch voice."""
    return spoken(request, block)


def _file(block: Block, row: Video | Frame) -> str:
    route = "clip_file" if isinstance(row, Video) else "frame_picture"
    return address(route, block.scene_id, block.pk, row.pk)


def _voice(block: Block) -> str:
    return address("line_sound", block.scene_id, block.pk)


# --- For people of the film and for guests -----------------------------------------------------------------------


def spoken(request: HttpRequest, block: Block) -> HttpResponseBase:
    """Send a line in its scratch voice: 202 while a worker speaks it, JSON where it stays silent.

    A line is spoken because somebody listens: a row is written here as a thumbnail would be.
    """
    casting = cast_line(block)
    if casting.line is None or block.character is None:
        return _silent(casting.note)
    key = VoiceSample.key_of(casting.line)
    etag = quote_etag(key)
    response = get_conditional_response(request, etag)
    if response is None:
        if VoiceSample.is_crowded(block.character, key):
            return _later()
        sample, is_untold = VoiceSample.ask(block.character, casting.line, FAILED_FOR)
        if is_untold:
            wake_speaker(sample.pk)
        if sample.note:
            return _silent(_("Silent: %(why)s") % {"why": sample.note})
        if sample.sound is None:
            return _later()
        response = HttpResponse(bytes(sample.sound), content_type="audio/wav")
    response["ETag"], response["Cache-Control"] = etag, cache_control.ASK_FIRST
    return response


def _later() -> HttpResponse:
    return JsonResponse({}, status=202, headers={"Cache-Control": cache_control.NEVER})


def _silent(why: str) -> HttpResponse:
    return JsonResponse({"silent": why}, headers={"Cache-Control": cache_control.NEVER})


def playlist(scenes: Sequence[Scene], file: File, voice: Voice) -> JsonResponse:
    """Answer with the shots. lead, tail: seconds of silence before a line and after it.

    file, voice: where whoever plays them finds what is seen and heard. Three queries, however many blocks.
    """
    titles = {scene.pk: scene.title for scene in scenes}
    found = Block.objects.filter(scene__in=titles).select_related("character").order_by("scene__position", "position")
    blocks = list(found)
    made = BlockGenerations.standing_of(blocks)
    shots = [_shot(block, titles[block.scene_id], made[block.pk], file, voice) for block in blocks]
    return JsonResponse({"shots": shots, "lead": LEAD, "tail": TAIL})


def _shot(block: Block, scene: str, made: BlockGenerations, file: File, voice: Voice) -> dict[str, Any]:
    """Describe a shot. seconds: of the clip, or that the still or card is held. rate: frames a second.

    voice: the address of its line's sound; empty for one that is heard already, or not at all. silent: why, in words.
    """
    clip, start = made.current, made.chosen(START)
    casting = Casting() if clip and clip.has_audio else cast_line(block)
    return {
        "block": str(block.pk),
        "scene": scene,
        "speaker": block.cue,
        "words": block.text,
        "clip": file(block, clip) if clip else "",
        "picture": file(block, start) if start else "",
        "voice": voice(block) if casting.line else "",
        "silent": "" if casting.line else casting.note,
        "seconds": clip.duration if clip else round(hold_seconds(block, casting), 2),
        "rate": clip.frame_rate if clip else 24,
    }
