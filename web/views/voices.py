"""Hear a character's scratch voice: asked for on the character's page, spoken by a worker, played there."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scenes import access, library
from scenes.access import CHANGE
from scenes.forms import CharacterForm
from scenes.models import Block, Character, Film
from videogen.models import VoiceSample
from videogen.speech.casting import cast_text
from videogen.wake import wake_speaker
from web import cache_control
from web.views.panel import Request


def _character(request: HttpRequest, film: Film, item_id: UUID) -> Character:
    found = library.find(request.user, film, Character, item_id)
    if not isinstance(found, Character):
        raise Http404("The film has no such character.")
    return found


@require_POST
@access.film(CHANGE)
def hear(request: Request, film: Film, item_id: UUID) -> HttpResponse:
    """Have a line of the character's spoken with the settings as they stand in the form, saved or not."""
    who = _character(request, film, item_id)
    form: Any = CharacterForm(request.POST, instance=who)
    if wrong := [name for name in form.errors if name.startswith("voice_")]:
        return _shown(request, film, item_id, note=" ".join(form.errors[wrong[0]]))
    line = Block.objects.filter(character=item_id).order_by("scene__position", "position").first()
    casting = cast_text(who, line.text if line else _("This is how I sound. Who is out there?"))
    if casting.line is None:
        return _shown(request, film, item_id, note=casting.note)
    sample, is_new = VoiceSample.ask(who, casting.line)
    if is_new:
        wake_speaker(sample.pk)
    return _shown(request, film, item_id, sample=_read(item_id, sample.key), note=casting.note)


@require_safe
@access.film()
def sample(request: Request, film: Film, item_id: UUID, key: str) -> HttpResponse:
    """Answer a poll with the sample, spoken or not."""
    _character(request, film, item_id)
    found = _read(item_id, key)
    if found.is_overdue():
        wake_speaker(found.pk)
    return _shown(request, film, item_id, sample=found, note=found.note)


@require_safe
@access.film()
def sample_sound(request: Request, film: Film, item_id: UUID, key: str) -> HttpResponse:
    """Send the sound of a sample."""
    _character(request, film, item_id)
    found = get_object_or_404(VoiceSample, character=item_id, key=key, sound__isnull=False)
    return HttpResponse(
        bytes(found.sound or b""), content_type="audio/wav", headers={"Cache-Control": cache_control.BRIEFLY}
    )


def _read(item_id: UUID, key: str) -> VoiceSample:
    return get_object_or_404(VoiceSample, character=item_id, key=key)


def _shown(request: Request, film: Film, item_id: UUID, **more: Any) -> HttpResponse:
    return render(request, "library/_voice_sample.html", {"film": film, "item_id": item_id, **more})
