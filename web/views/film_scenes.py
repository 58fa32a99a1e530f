"""A film's scenes: add one, move it, duplicate it, take it away and bring it back."""

from typing import Any
from uuid import UUID

from django.db.models import Manager, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scenes import actions, films, left_out
from scenes.access import CHANGE, film
from scenes.models import Film, Scene
from videogen.actions import cancel_all
from web import page_events
from web.forms.film import SceneTitleForm
from web.views.films import page_of
from web.views.panel import Request


@require_POST
@film(CHANGE)
def add_scene(request: Request, film: Film) -> HttpResponse:
    """Add a scene at the end and go there; its title or heading is all it needs."""
    form = SceneTitleForm(request.POST)
    if form.is_valid():
        try:
            return redirect("scene", films.write_scene(film, form.cleaned_data["title"]).pk)
        except films.FilmError as error:
            form.add_error("title", str(error))
    return render(request, "films/film.html", page_of(request, film) | {"form": form}, status=422)


@require_POST
@film(CHANGE)
def move_scene(request: Request, film: Film, scene_id: UUID, way: str) -> HttpResponse:
    """Move a scene one place towards the beginning or the end."""
    scene = _scene(film.scenes, scene_id)
    place = films.move(scene, -1 if way == "earlier" else 1)
    return _answer(request, film, _place_of(scene, place))


def _place_of(scene: Scene, place: int) -> str:
    return _("“%(title)s” is scene %(place)d now.") % {"title": scene.title, "place": place}


@require_POST
@film(CHANGE)
def order_scenes(request: Request, film: Film) -> HttpResponse:
    """Give the scenes the order in which a person has put them. moved: the one they carried, to be told of."""
    try:
        films.set_scene_order(film, [UUID(word) for word in request.POST.getlist("scene")])
    except (films.FilmError, ValueError) as error:
        known = isinstance(error, films.FilmError)
        words = str(error) if known else _("The order names something that is no scene. Load the page again.")
        return HttpResponse(words, status=409 if known else 422, content_type="text/plain")
    carried = next((scene for scene in film.scenes.all() if str(scene.pk) == request.POST.get("moved")), None)
    said = _place_of(carried, carried.position + 1) if carried else _("The scenes are in their new order.")
    return _answer(request, film, said)


@require_POST
@film(CHANGE)
def duplicate_scene(request: Request, film: Film, scene_id: UUID) -> HttpResponse:
    """Copy a scene's words behind it."""
    try:
        copy = films.duplicate(_scene(film.scenes, scene_id))
    except films.FilmError as error:
        return HttpResponse(str(error), status=409, content_type="text/plain")
    return _answer(request, film, _("“%s” is there, without frames and clips.") % copy.title)


@require_POST
@film(CHANGE)
def remove_scene(request: Request, film: Film, scene_id: UUID) -> HttpResponse:
    """Take a scene away, with a way back."""
    scene = _scene(film.scenes, scene_id)
    actions.remove_scene(scene)
    cancel_all(scene.blocks.values_list("pk", flat=True), request.user)
    return _answer(request, film, _("“%s” is taken away.") % scene.title, {"taken": scene})


@require_POST
@film(CHANGE)
def restore_scene(request: Request, film: Film, scene_id: UUID) -> HttpResponse:
    """Bring a scene back."""
    scene = actions.restore_scene(_scene(left_out.scenes_of(film), scene_id))
    return _answer(request, film, _("“%s” is back.") % scene.title, {"back": scene})


def _scene(scenes: QuerySet[Scene] | Manager[Scene], scene_id: UUID) -> Scene:
    found = scenes.filter(pk=scene_id).select_related("film").first()
    if found is None:
        raise Http404("No such scene in this film.")
    return found


def _answer(request: Request, film: Film, said: str, more: dict[str, Any] | None = None) -> HttpResponse:
    response = render(request, "films/_boards.html", page_of(request, film) | (more or {}))
    return page_events.announce(response, said)
