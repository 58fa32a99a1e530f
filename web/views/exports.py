"""Exports of a film or scene: what can be taken home, what is being made, what is ready."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scenes import access
from scenes.models import Film, Scene
from videogen import actions, export_jobs
from videogen.exports import applied, shelf
from videogen.exports.shots import cut_of
from videogen.exports.spec import ExportSpec
from videogen.models import BroughtTimeline, Export, Status
from videogen.specs import SpecError
from web.export_card import ExportCard, choices, holds
from web.forms.export import ExportForm
from web.places import Place
from web.views.films import around
from web.views.media import serve
from web.views.panel import Request

BROUGHT = 10  # timelines that came back, of those that are shown


def _page(request: Request, target: Film | Scene) -> HttpResponse:
    """Show what can be exported and what was; a POST asks for one."""
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            export_jobs.queue_export(target, form.spec, request.user)
            return redirect(_url(target))
        except SpecError as refused:
            form.refuse(refused)
        except actions.AlreadyRunningError as refused:
            messages.info(request, _("This file is being made already. It is listed here."))
            return redirect(f"{_url(target)}#export-{refused.running.pk}")
        except actions.ActionError as refused:
            form.add_error(None, str(refused))
    return render(request, "exports/page.html", context(request, target, form))


def context(request: Request, target: Film | Scene, form: ExportForm) -> dict[str, Any]:
    """Gather what the page shows."""
    place = Place(target)
    cut = cut_of(target, ExportSpec(format="mp4"), request.user)
    cards = [ExportCard.of(row, target, request.user) for row in shelf.exports_of(target, request.user)]
    shown = around(place.film, "exports") if isinstance(target, Film) else {"film": place.film}
    return {
        **shown,
        "place": place,
        "scene": place.scene,
        "form": form,
        "url": _url(target),
        "holds": holds(cut) if cut.shots else "",
        "choices": choices(cut),
        "cards": cards,
        "brought": _brought(place, target) if target.can.change else [],
    }


def _brought(place: Place, target: Film | Scene) -> list[tuple[BroughtTimeline, str]]:
    """Return the timelines that came back last, each with the address of its page."""
    rows = applied.of(target).select_related("person").defer("before", "after")[:BROUGHT]
    return [(row, place.applied_timeline_url(row.pk)) for row in rows]


def _url(target: Film | Scene) -> str:
    return Place(target).exports_url


film_exports = require_http_methods(["GET", "HEAD", "POST"])(access.film()(_page))
scene_exports = require_http_methods(["GET", "HEAD", "POST"])(access.scene()(_page))


def _target(row: Export) -> Film | Scene:
    return row.scene or row.film


@require_safe
@access.policy("export: whoever may see all that is in it")
@access.signed_in
def export_card(request: Request, export_id: UUID) -> HttpResponse:
    """Answer a poll with an export's card."""
    row = shelf.find(request.user, export_id)
    return render(request, "exports/_card.html", {"card": ExportCard.of(row, _target(row), request.user)})


@require_POST
@access.policy("export: whoever asked for it, or may change what it is of")
@access.signed_in
def stop_export(request: Request, export_id: UUID) -> HttpResponse:
    """Stop making an export."""
    row = shelf.find(request.user, export_id)
    shelf.demand_delete(request.user, row)
    actions.cancel(row, request.user)
    if not request.htmx:
        return redirect(_url(_target(row)))
    row = shelf.find(request.user, export_id)
    return render(request, "exports/_card.html", {"card": ExportCard.of(row, _target(row), request.user)})


@require_POST
@access.policy("export: whoever asked for it, or may change what it is of")
@access.signed_in
def delete_export(request: Request, export_id: UUID) -> HttpResponse:
    """Delete an export and its file."""
    row = shelf.find(request.user, export_id)
    shelf.demand_delete(request.user, row)
    export_jobs.delete_export(row, request.user)
    messages.success(request, _("The export is deleted."))
    return redirect(_url(_target(row)))


@require_safe
@access.for_programs
@access.policy("export: whoever may see all that is in it")
@access.signed_in
def export_file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """Send an export, to be saved under a name that people understand."""
    row = shelf.find(request.user, export_id)
    if row.status != Status.SUCCEEDED:
        raise Http404("This export has no file.")
    return serve(request, row.file, etag=row.sha256, size=row.size, download=row.download_name)
