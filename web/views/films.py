"""Films: the list with its posters, a film's page, beginning one and taking one away."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scenes import access, films, revision
from scenes.access import CHANGE, film, signed_in
from scenes.models import Block, Film, Removable
from scenes.screenplay.document import ScreenplayError
from scenes.screenplay.reading import MOST_BYTES
from videogen import batches
from videogen.actions import cancel_all
from web import left_out
from web.boards import boards, posters, total
from web.forms.film import FilmPageForm, NewFilmForm, SceneTitleForm
from web.views.panel import Request
from web.waiting import on_film

PER_PAGE = 12


@require_safe
@signed_in
def film_list(request: Request) -> HttpResponse:
    """Answer with the posters, newest first, page by page."""
    found = access.visible_films(request.user).select_related("owner").order_by("-created_at", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "posters": posters(request.user, list(page)),
        "removed": access.removed_films(request.user),
        "days": Removable.KEPT_FOR.days,
    }
    return render(request, "films/list.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_film(request: Request) -> HttpResponse:
    """Show the form of a new film; a POST begins it, with a screenplay where one was brought."""
    form = NewFilmForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        if file := words.pop("file"):
            try:
                found = revision.begin_film(request.user, file.name or "", file.read(MOST_BYTES + 1), **words)
                return redirect("film_revision", found.film_id, found.pk)
            except ScreenplayError as refused:
                form.add_error("file", str(refused))
                return render(request, "films/new.html", {"form": form}, status=422)
        begun = films.begin(request.user, **words)
        if "bring" in request.POST:
            return redirect("film_screenplay", begun.pk)
        # The caret stands where the first scene is named.
        return redirect(f"{reverse('film', args=[begun.pk])}#id_title")
    return render(request, "films/new.html", {"form": form}, status=422 if form.errors else 200)


@never_cache  # going back shows the scenes as they are by now
@require_safe
@film()
def film_page(request: Request, film: Film) -> HttpResponse:
    """Answer with the film: its scenes as boards, in order."""
    shown = {"form": SceneTitleForm(), "batch_here": batches.under_way(film, request.user)}
    return render(request, "films/film.html", page_of(request, film) | shown)


def around(film: Film, tab: str) -> dict[str, object]:
    """Gather what stands above every page of a film. One query for who may share it."""
    return {"film": film, "tab": tab, "film_requests": on_film(film)}


def page_of(request: Request, film: Film) -> dict[str, object]:
    """Gather what a film's page shows of its scenes: those that the person may see. At most ten queries."""
    scenes = access.scenes_in(film, request.user).select_related("location").order_by("position")
    shown = boards(list(scenes))
    away = left_out.scenes(film) if film.can.change else []
    return around(film, "scenes") | {"boards": shown, "total": total(shown), "left_out": away}


@require_http_methods(["GET", "HEAD", "POST"])
@film(CHANGE)
def edit_film(request: Request, film: Film) -> HttpResponse:
    """Show a film's words to change; a POST saves them."""
    form = FilmPageForm(request.POST or None, instance=film)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The film is saved."))
        return redirect("film", film.pk)
    shown = around(film, "edit") | {"form": form, "days": Removable.KEPT_FOR.days}
    return render(request, "films/edit.html", shown, status=422 if form.errors else 200)


@require_POST
@film(CHANGE)
def remove_film(request: Request, film: Film) -> HttpResponse:
    """Take a film away; its owner alone may, and may bring it back."""
    films.demand_owner(film, request.user)
    films.remove(film)
    cancel_all(Block.objects.filter(scene__film=film).values_list("pk", flat=True), request.user)
    words = _("“%(title)s” is taken away. You can bring it back for %(days)d days, below.")
    messages.success(request, words % {"title": film.title, "days": Removable.KEPT_FOR.days})
    return redirect("films")


@require_POST
@signed_in
def restore_film(request: Request, film_id: UUID) -> HttpResponse:
    """Bring a film back that this person took away."""
    found = access.removed_films(request.user).filter(pk=film_id).first()
    if found is None:
        raise Http404("No such film was taken away.")
    films.restore(found)
    messages.success(request, _("“%s” is back.") % found.title)
    return redirect("film", found.pk)
