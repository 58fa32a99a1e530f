"""A timeline that comes back from an editor: looked at first, then applied."""

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from pydantic import TypeAdapter

from scenes import access
from scenes.access import CHANGE
from scenes.models import Film, Scene
from videogen.exports import brought
from videogen.exports.brought import Piece, TimelineError
from web.forms.export import ExportForm
from web.places import Place
from web.views.exports import context
from web.views.films import around
from web.views.panel import Request

SALT = "timeline"  # of what is looked at until it is applied: nothing is kept on the server meanwhile
_PIECES = TypeAdapter(list[Piece])


def _bring(request: Request, target: Film | Scene) -> HttpResponse:
    """Show what a timeline would change; a second POST with what was looked at makes it so."""
    try:
        if "looked_at" in request.POST:
            return _apply(request, target)
        file = request.FILES.get("file")
        if file is None:
            raise TimelineError(_("Choose a file first: an OpenTimelineIO timeline (.otio or .otioz)."))
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:  # what is more of it was dropped on its way in
            sentence = _("This file is larger than %d MB. Save the timeline as .otio, which holds no media.")
            raise TimelineError(sentence % (settings.UPLOAD_MAX_BYTES // 2**20))
        pieces = brought.read(file.read())
        plan = brought.plan(target, pieces)
    except TimelineError as refused:
        shown = context(request, target, ExportForm()) | {"timeline_error": str(refused)}
        return render(request, "exports/page.html", shown, status=422)
    place = Place(target)
    shown = {
        **(around(place.film, "exports") if isinstance(target, Film) else {"film": place.film}),
        "place": place,
        "scene": place.scene,
        "plan": plan,
        "file_name": file.name,
        "looked_at": signing.dumps(_PIECES.dump_python(pieces, mode="json"), salt=SALT, compress=True),
    }
    return render(request, "exports/timeline.html", shown)


def _apply(request: Request, target: Film | Scene) -> HttpResponse:
    try:
        pieces = _PIECES.validate_python(signing.loads(request.POST["looked_at"], salt=SALT))
    except signing.BadSignature:
        raise TimelineError(_("What was looked at did not come back whole. Bring the file again.")) from None
    done = brought.apply(target, pieces, request.user)
    words = ngettext("%d block has another place or length.", "%d blocks have another place or length.", done.changes)
    messages.success(request, words % done.changes)
    if done.moved_scenes:
        moved = ngettext("%d scene has another place.", "%d scenes have another place.", done.moved_scenes)
        messages.success(request, moved % done.moved_scenes)
    return redirect(Place(target).exports_url)


film_timeline = require_POST(access.film(CHANGE)(_bring))
scene_timeline = require_POST(access.scene(CHANGE)(_bring))
