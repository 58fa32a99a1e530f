"""What the player plays of a scene or a film: its blocks in order, each with a clip, a picture or its words.

Where a clip has no sound of its own the line is heard in its scratch voice, which a worker speaks meanwhile
(docs/decisions/0090).
"""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import Block, Film, Scene
from videogen.models import Frame, Video, VoiceSample
from videogen.speech.casting import cast_line
from videogen.wake import wake_speaker
from web import cache_control
from web.addresses import address
from web.playlist import Addresses, notes_on, playlist

FAILED_FOR = timedelta(minutes=1)  # how long the player is told of a line that failed before it is tried again


@require_safe
@access.scene()
def scene_play(request: HttpRequest, scene: Scene) -> HttpResponse:
    """Answer with the shots of a scene."""
    return playlist([scene], ADDRESSES)


@require_safe
@access.film()
def film_play(request: HttpRequest, film: Film) -> HttpResponse:
    """Answer with the shots of a film's scenes that the person may see."""
    scenes = access.scenes_in(film, request.user).order_by("position")
    return playlist(list(scenes), ADDRESSES)


@require_safe
@access.material
def clip_notes(request: HttpRequest, block: Block, video_id: UUID) -> HttpResponse:
    """Answer with the open notes on a take."""
    return notes_on(get_object_or_404(block.videos.takes(), pk=video_id))


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


def _notes(block: Block, clip: Video) -> str:
    return address("clip_notes", block.scene_id, block.pk, clip.pk)


ADDRESSES = Addresses(_file, _voice, _notes)


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
