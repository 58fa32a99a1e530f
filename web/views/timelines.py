"""A timeline that comes back from an editor: looked at first, then applied, then perhaps undone."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from pydantic import BaseModel

from scenes import access
from scenes.access import CHANGE
from scenes.models import Film, Scene
from videogen.errors import ActionError
from videogen.exports import applied, brought
from videogen.exports.brought import Piece, TimelineError
from videogen.models import BroughtTimeline
from web.forms.export import ExportForm
from web.places import Place
from web.views.exports import context
from web.views.films import around
from web.views.panel import Request

SALT = "brought timeline"  # of what is looked at until it is applied: nothing is kept on the server meanwhile


class _LookedAt(BaseModel):
    """What comes back signed, its name as well: no browser is asked what a database row may be called."""

    file_name: str
    pieces: list[Piece]


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
    looked_at = _LookedAt(file_name=file.name or "", pieces=pieces)
    shown = _around(target) | {
        "plan": plan,
        "file_name": file.name,
        "looked_at": signing.dumps(looked_at.model_dump(mode="json"), salt=SALT, compress=True),
    }
    return render(request, "exports/timeline.html", shown)


def _around(target: Film | Scene) -> dict[str, object]:
    """Gather what stands above each page of a timeline."""
    place = Place(target)
    above = around(place.film, "exports") if isinstance(target, Film) else {"film": place.film}
    return {**above, "place": place, "scene": place.scene}


def _apply(request: Request, target: Film | Scene) -> HttpResponse:
    try:
        found = _LookedAt.model_validate(signing.loads(request.POST["looked_at"], salt=SALT))
    except signing.BadSignature:
        raise TimelineError(_("What was looked at did not come back whole. Bring the file again.")) from None
    done, row = applied.apply(target, found.pieces, request.user, found.file_name)
    words = ngettext("%d block has another place or length.", "%d blocks have another place or length.", done.changes)
    messages.success(request, words % done.changes)
    if done.moved_scenes:
        moved = ngettext("%d scene has another place.", "%d scenes have another place.", done.moved_scenes)
        messages.success(request, moved % done.moved_scenes)
    return redirect(Place(target).applied_timeline_url(row.pk))


def _applied(request: Request, target: Film | Scene, timeline_id: UUID) -> HttpResponse:
    """Say that a timeline was applied, and offer its Undo."""
    shown = {"timeline": _row(target, timeline_id), "undo_url": Place(target).undo_timeline_url(timeline_id)}
    return render(request, "exports/applied.html", _around(target) | shown)


def _undo(request: Request, target: Film | Scene, timeline_id: UUID) -> HttpResponse:
    """Make order and lengths what they were before a timeline."""
    row = _row(target, timeline_id)
    try:
        applied.undo(row)
        messages.success(request, _("Order and lengths are what they were before “%s”.") % row.file_name)
    except ActionError as refused:
        messages.error(request, str(refused))
    return redirect(Place(target).applied_timeline_url(row.pk))


def _row(target: Film | Scene, timeline_id: UUID) -> BroughtTimeline:
    row: BroughtTimeline = get_object_or_404(applied.of(target), pk=timeline_id)
    return row


film_timeline = require_POST(access.film(CHANGE)(_bring))
scene_timeline = require_POST(access.scene(CHANGE)(_bring))
film_timeline_applied = require_safe(access.film(CHANGE)(_applied))
scene_timeline_applied = require_safe(access.scene(CHANGE)(_applied))
undo_film_timeline = require_POST(access.film(CHANGE)(_undo))
undo_scene_timeline = require_POST(access.scene(CHANGE)(_undo))
