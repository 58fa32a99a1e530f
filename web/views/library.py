"""A film's cast and locations: the two shelves, and the page of one location or character."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from scenes import access, library
from scenes.access import CHANGE
from scenes.forms import CharacterForm, LocationForm
from scenes.library import SHAPES, Entry, LibraryError
from scenes.models import Character, Film, Location
from scenes.picture_field import Cut
from scenes.uploads import PictureError
from videogen.speech import engines
from web import page_events, waiting
from web.asking import Ask
from web.views import pictures
from web.views.panel import Request

Form = LocationForm | CharacterForm


@dataclass(frozen=True, slots=True)
class Shelf:
    """One of the two: its word in the addresses, and what it holds."""

    key: str
    model: type[Location] | type[Character]
    form: type[Form]


SHELVES = {"cast": Shelf("cast", Character, CharacterForm), "locations": Shelf("locations", Location, LocationForm)}


_LOW = 96  # percent: where figures stand while nobody has said where the ground is
_PARTS = {
    "description": _lazy("Look"),
    "voice": _lazy("Voice"),
    "image": _lazy("Picture"),
    "portrait": _lazy("Picture"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A location or character as the templates show it. others: whom it may be merged with."""

    entry: Entry
    shelf: str
    others: Sequence[Location | Character] = field(default_factory=list)

    @property
    def item(self) -> Location | Character:
        """The row."""
        return self.entry.item

    @property
    def picture_url(self) -> str:
        """Where the picture is, which takes `?size=`; empty without one."""
        return self._address("item_picture") if library.picture(self.item) else ""

    @property
    def shape(self) -> str:
        """The sides that a picture is cropped to, "16:9"."""
        return str(SHAPES[type(self.item)])

    @property
    def is_place(self) -> bool:
        """Whether it is a location."""
        return isinstance(self.item, Location)

    @property
    def ground(self) -> int | str:
        """Where feet stand in a location's picture, in percent from above; empty where nobody has said."""
        line = self.item.ground_line if isinstance(self.item, Location) else None
        return "" if line is None else round(100 * line)

    @property
    def ground_at(self) -> int:
        """Where the line is drawn, in percent from above."""
        return _LOW if self.ground == "" else int(self.ground)

    @property
    def url(self) -> str:
        """Its page."""
        return self._address("library_item")

    def _address(self, route: str) -> str:
        return reverse(route, args=[self.item.film_id, self.shelf, self.item.pk])


def _form(shelf: str, data: QueryDict | None = None, **kwargs: Any) -> Any:
    form = SHELVES[shelf].form(data, **kwargs)
    if isinstance(form, CharacterForm):
        form.offer_speakers([(engine.name, engine.label) for engine in engines.installed()])
    return form


def _card(request: Request, film: Film, shelf: str, item_id: UUID) -> Card:
    """Return the card of one that the person may see. Raises Http404."""
    entries = library.entries(request.user, film, SHELVES[shelf].model)
    for entry in entries:
        if entry.item.pk == item_id:
            return Card(entry, shelf, [other.item for other in entries if other is not entry])
    raise Http404("The film has no such location or character.")


def _shown(request: Request, film: Film, shelf: str, **more: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"film": film, "tab": shelf, "may_change": film.can.change, **more}
    if not film.can.change:
        shown |= {"why_not": access.missing_on_film(CHANGE), "ask": Ask.of(film, request.user, CHANGE)}
    return shown


# --- The shelf ------------------------------------------------------------------------------------------------


@require_safe
@access.film()
def shelf(request: Request, film: Film, shelf: str) -> HttpResponse:
    """Show all characters or locations, with a field for one more."""
    return _shelf_page(request, film, shelf)


def _shelf_page(request: Request, film: Film, shelf: str, form: Form | None = None) -> HttpResponse:
    kept = SHELVES[shelf]
    cards = [Card(entry, shelf) for entry in library.entries(request.user, film, kept.model)]
    new: Any = form or _form(shelf, instance=kept.model(film=film))
    shown = {"cards": cards, "form": new, "film_requests": waiting.on_film(film)}
    return render(request, "library/shelf.html", _shown(request, film, shelf, **shown))


@require_POST
@access.film(CHANGE)
def add(request: Request, film: Film, shelf: str) -> HttpResponse:
    """Add a location or character, and go to its page."""
    kept = SHELVES[shelf]
    form = _form(shelf, request.POST, instance=kept.model(film=film))
    if form.is_valid():
        item = form.save()
        url = reverse("library_item", args=[film.pk, shelf, item.pk])
        return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
    if request.htmx:
        return render(request, "library/_add.html", _shown(request, film, shelf, form=form))
    return _shelf_page(request, film, shelf, form)


# --- One of it ------------------------------------------------------------------------------------------------


@require_safe
@access.film()
def item(request: Request, film: Film, shelf: str, item_id: UUID) -> HttpResponse:
    """Show a location or character: its words, its picture, where it is used."""
    return _item_page(request, film, _card(request, film, shelf, item_id))


def _item_page(request: Request, film: Film, card: Card, **more: Any) -> HttpResponse:
    return render(request, "library/item.html", _item_context(request, film, card, **more))


def _item_context(request: Request, film: Film, card: Card, **more: Any) -> dict[str, Any]:
    form = _form(card.shelf, instance=card.item)
    why_kept = library.why_kept(card.item) if film.can.change else ""
    return _shown(request, film, card.shelf, **{"card": card, "form": form, "why_kept": why_kept, **more})


@require_POST
@access.film(CHANGE)
def save(request: Request, film: Film, shelf: str, item_id: UUID) -> HttpResponse:
    """Save the words of a location or character."""
    card = _card(request, film, shelf, item_id)
    form = _form(shelf, request.POST, instance=card.item)
    if not form.is_valid():
        form.instance.refresh_from_db()  # what stands is shown beside what was typed
        if request.htmx:
            return render(request, "library/_words.html", _shown(request, film, shelf, card=card, form=form))
        return _item_page(request, film, card, form=form)
    form.save()
    if not request.htmx:
        messages.success(request, _("Saved."))
        return redirect(card.url)
    card = _card(request, film, shelf, item_id)
    new = _form(shelf, instance=card.item)
    shown = _shown(request, film, shelf, card=card, form=new, is_saved=True)
    return render(request, "library/_words.html", shown)


@require_POST
@access.film(CHANGE)
def delete(request: Request, film: Film, shelf: str, item_id: UUID) -> HttpResponse:
    """Delete a location or character that nothing needs."""
    card = _card(request, film, shelf, item_id)
    try:
        library.delete(card.item)
    except LibraryError as error:
        messages.error(request, str(error))
        return redirect(card.url)
    messages.success(request, _("%(name)s was deleted.") % {"name": card.item.name})
    return redirect(f"film_{shelf}", film.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@access.film(CHANGE)
def merge(request: Request, film: Film, shelf: str, item_id: UUID) -> HttpResponse:
    """Say what merging with `into` would move; a POST does it, and goes to the page of what is left."""
    card = _card(request, film, shelf, item_id)
    chosen = request.POST if request.method == "POST" else request.GET
    into = next((other for other in card.others if str(other.pk) == chosen.get("into")), None)
    try:
        if into is None:
            raise LibraryError(_("Choose whom to merge %(name)s with.") % {"name": card.item.name})
        plan = library.plan_merge(card.item, into)
        if request.method == "POST":
            library.merge(card.item, into)
            words = _("%(name)s is now part of %(into)s.") % {"name": card.item.name, "into": into.name}
            messages.success(request, words)
            return redirect("library_item", film.pk, shelf, into.pk)
    except LibraryError as error:
        messages.error(request, str(error))
        return redirect(card.url)
    taken, dropped = ([_PARTS[name] for name in names] for names in (plan.taken, plan.dropped))
    shown = {"card": card, "into": into, "taken": taken, "dropped": dropped, "use": library.use(card.item)}
    return render(request, "library/merge.html", _shown(request, film, shelf, **shown))


# --- Its picture ----------------------------------------------------------------------------------------------


@require_safe
@access.for_programs
@access.film()
def item_picture(request: HttpRequest, film: Film, shelf: str, item_id: UUID) -> HttpResponseBase:
    """Send the picture; `?size=face`, `small` or `large`."""
    found = library.find(request.user, film, SHELVES[shelf].model, item_id)
    if found is None:
        raise Http404("The film has no such location or character.")
    return pictures.send(request, library.picture(found), default="small")


@require_POST
@access.film(CHANGE)
def upload(request: Request, film: Film, shelf: str, item_id: UUID) -> HttpResponse:
    """Take a picture, cropped to the shape of its kind around `focus`."""
    card = _card(request, film, shelf, item_id)
    file = request.FILES.get("picture")
    if file is None:
        return _picture(request, film, card, error=_("Choose a PNG, JPEG or WebP picture first."))
    try:
        cut = library.set_picture(card.item, file, _focus(request))
    except PictureError as error:
        if error.status >= 500 and request.htmx:
            return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
        return _picture(request, film, card, error=str(error))
    return _picture(request, film, card, words=_told(cut, card))


@require_POST
@access.film(CHANGE)
def remove_picture(request: Request, film: Film, shelf: str, item_id: UUID) -> HttpResponse:
    """Take the picture away."""
    card = _card(request, film, shelf, item_id)
    library.remove_picture(card.item)
    return _picture(request, film, card, words=_("The picture was taken away."))


def _focus(request: Request) -> float:
    try:
        found = float(request.POST.get("focus", "50")) / 100
    except ValueError:
        return 0.5
    return min(1.0, max(0.0, found)) if found == found else 0.5


def _told(cut: Cut | None, card: Card) -> str:
    if cut is None:
        return _("The picture is kept whole.")
    start, end = round(100 * cut.start), round(100 * cut.end)
    words = (
        _("Cropped to %(shape)s: %(start)d %% of the width at the left and %(end)d %% at the right were cut off.")
        if cut.is_across
        else _("Cropped to %(shape)s: %(start)d %% of the height at the top and %(end)d %% at the bottom were cut off.")
    )
    return words % {"shape": card.shape, "start": start, "end": end}


def _picture(request: Request, film: Film, card: Card, *, words: str = "", error: str = "") -> HttpResponse:
    """Answer with the place of the picture, and what became of the one that was sent."""
    if request.htmx:
        shown = _shown(request, film, card.shelf, card=card, picture_error=error)
        answer = render(request, "library/_picture.html", shown)
        return page_events.toast(answer, words) if words else answer
    if words:
        messages.success(request, words)
        return redirect(card.url)
    return _item_page(request, film, card, picture_error=error)
