"""Bringing a screenplay into a film: what would come is shown before anything changes; and taking one out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scenes import access, revision
from scenes.access import CHANGE, film
from scenes.films import FilmError
from scenes.models import Film, Revision
from scenes.screenplay.choices import ChoiceError
from scenes.screenplay.document import ScreenplayError
from scenes.screenplay.reading import MOST_BYTES
from scenes.script import file_of
from videogen import actions
from web import page_events
from web.doubtful_names import PREFIX, questions
from web.proposal import ProposalPage
from web.views.films import around
from web.views.panel import Request

SHOWN = 10  # of the screenplays that were brought before


@require_http_methods(["GET", "HEAD", "POST"])
@film(CHANGE)
def film_screenplay(request: Request, film: Film) -> HttpResponse:
    """Show where to drop a file, and those of before; a POST keeps a file to be looked at."""
    error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise ScreenplayError(_("Choose a file first: Fountain (.fountain, .txt) or Final Draft (.fdx)."))
            # One byte more than is taken is enough to refuse it.
            found = revision.bring(film, request.user, file.name or "", file.read(MOST_BYTES + 1))
            return redirect("film_revision", film.pk, found.pk)
        except ScreenplayError as refused:
            error = str(refused)
    rows = film.revisions.exclude(applied_at=None).select_related("person").defer("data", "before")[:SHOWN]
    brought = [(row, reverse("film_revision", args=[film.pk, row.pk])) for row in rows]
    shown = {"error": error, "brought": brought, "has_scenes": film.scenes.exists(), **around(film, "screenplay")}
    return render(request, "films/screenplay.html", shown, status=422 if error else 200)


@never_cache  # going back shows whether it was applied
@require_safe
@film(CHANGE)
def film_revision(request: Request, film: Film, revision_id: UUID) -> HttpResponse:
    """Show what a screenplay changes, or has changed."""
    found = _revision(film, revision_id)
    shown = around(film, "screenplay") | {"revision": found}
    if found.applied_at is None:
        try:
            shown |= _proposed(film, found)
        except (ScreenplayError, FilmError) as refused:
            shown["error"] = str(refused)
    return render(request, "films/revision.html", shown, status=422 if "error" in shown else 200)


def _proposed(film: Film, found: Revision) -> dict[str, Any]:
    proposal = revision.propose(found)
    return {"page": ProposalPage.of(film, proposal), "questions": questions(proposal.doubts)}


@require_POST
@film(CHANGE)
def choose_names(request: Request, film: Film, revision_id: UUID) -> HttpResponse:
    """Take the answers about doubtful names, and show what the screenplay changes now."""
    found = _revision(film, revision_id)
    try:
        revision.choose(found, _answers(request))
        if request.htmx:
            shown = {"film": film, "revision": found, **_proposed(film, found)}
            answer = render(request, "films/_proposal.html", shown)
            return page_events.announce(answer, _("The plan below follows your choice."))
    except (ScreenplayError, FilmError, ChoiceError) as refused:
        if request.htmx:
            return HttpResponse(str(refused), status=409, content_type="text/plain; charset=utf-8")
        messages.error(request, str(refused))
    return redirect("film_revision", film.pk, found.pk)


def _answers(request: Request) -> dict[str, str]:
    given = request.POST.items()
    return {name.removeprefix(PREFIX): str(other) for name, other in given if name.startswith(PREFIX)}


@require_POST
@film(CHANGE)
def apply_revision(request: Request, film: Film, revision_id: UUID) -> HttpResponse:
    """Make the film what the screenplay says; what was being made of blocks that are gone is stopped."""
    found = _revision(film, revision_id)
    try:
        if answers := _answers(request):
            revision.choose(found, answers)
        done = revision.apply(found)
    except (ScreenplayError, FilmError, ChoiceError) as refused:
        messages.error(request, str(refused))
        return redirect("film_revision", film.pk, found.pk)
    actions.cancel_all(done.gone, request.user)
    return redirect("film_revision", film.pk, found.pk)


@require_POST
@film(CHANGE)
def undo_revision(request: Request, film: Film, revision_id: UUID) -> HttpResponse:
    """Make the film what it was before."""
    found = _revision(film, revision_id)
    try:
        revision.undo(found)
        messages.success(request, _("The film is what it was before “%s”.") % found.file_name)
    except FilmError as refused:
        messages.error(request, str(refused))
    return redirect("film_revision", film.pk, found.pk)


@require_POST
@film(CHANGE)
def forget_revision(request: Request, film: Film, revision_id: UUID) -> HttpResponse:
    """Forget a file that was not applied."""
    film.revisions.filter(pk=revision_id, applied_at=None).delete()
    return redirect("film_screenplay", film.pk)


@require_safe
@film()
def export_screenplay(request: Request, film: Film, form: str) -> HttpResponse:
    """Answer with the film as a file: all of it to whoever may see all of it, else the scenes that they may see."""
    visible = set(access.scenes_in(film, request.user).values_list("pk", flat=True))
    data, kind, name = file_of(film, visible, form)
    disposition = content_disposition_header(True, name) or ""
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": disposition})


def _revision(film: Film, revision_id: UUID) -> Revision:
    found = film.revisions.filter(pk=revision_id).first()
    if found is None:
        raise Http404("No such screenplay was brought to this film.")
    return found
