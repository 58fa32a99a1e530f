"""Who may do what with a film, a scene or a block: give rights, take them away, ask for them and answer."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from scenes import access, guests, sharing
from scenes.access import NAMES, RIGHTS, VIEW, grantable
from scenes.holders import holders
from scenes.models import SHARE, Film, Scene
from scenes.sharing import Grant, Holder, SharingError, Target
from web import page_events
from web.asking import Ask, Asked
from web.places import Place
from web.views.panel import Request

View = Callable[..., HttpResponseBase]
LINK_DAYS = (1, 3, 7, guests.DAYS, 30, 60, guests.MOST_DAYS)


def _each(right: str, view: View) -> dict[str, View]:
    """Return the view for a film, a scene and a block, each behind its gate."""
    gates = {"film": access.film, "scene": access.scene, "block": access.block}
    return {kind: gate(right)(view) for kind, gate in gates.items()}


# --- What is shown --------------------------------------------------------------------------------------------


def context(request: Request, target: Target, **more: Any) -> dict[str, Any]:
    """Gather what the page shows."""
    place = Place(target)
    shown: dict[str, Any] = {"place": place, "film": place.film, "scene": place.scene, "tab": "people"}
    if not target.can.share:
        held = [NAMES[right] for right in grantable(target).values() if target.can.holds(right)]
        return {**shown, "held": held, "asks": Ask.all(target, request.user), **more}
    may_change, names = sharing.may_change(target), [NAMES[right] for right in RIGHTS]
    requests = [Asked.of(row) for row in sharing.requests_on(target)]
    return {
        **shown,
        "requests": requests,
        "film_requests": len(requests),  # the tabs are a film's, whose requests these are then
        "presets": _presets(target),
        "rights": names,
        "grants": [(grant, _switches(target, grant, may_change)) for grant in sharing.grants(target)],
        "holders": [(holder, list(zip(names, holder.cells, strict=True))) for holder in holders(target)],
        "inside": _inside(target),
        "log": sharing.log(target),
        **(_guest_links(target, more.get("link_typed", {})) if isinstance(target, Scene) and guests.are_on() else {}),
        **more,
    }


def _guest_links(scene: Scene, typed: Mapping[str, str]) -> dict[str, Any]:
    """Gather what the page shows of guest links. typed: in the form that made none."""
    where = Place(scene).guest_links_url
    return {
        "guest_links": guests.listed(scene),
        "link_days": _link_days(typed.get("days", "")),
        "link_add_url": where,
    }


def _link_days(typed: str) -> list[tuple[int, str, bool]]:
    """Return how long a link may be good for: days, words with the day it would end, and whether that is chosen."""
    now = timezone.localtime()
    chosen = next((days for days in LINK_DAYS if str(days) == typed), guests.DAYS)
    return [
        (
            days,
            ngettext("%(days)d day, until %(end)s", "%(days)d days, until %(end)s", days)
            % {"days": days, "end": date_format(now + timedelta(days=days), "j M Y")},
            days == chosen,
        )
        for days in LINK_DAYS
    ]


def _switches(target: Target, grant: Grant, may_change: Collection[str]) -> list[tuple[str, str, bool, bool]]:
    """Return for each right: its codename, its name, whether it was given, and whether the person may change that."""
    return [(right, NAMES[right], right in grant.rights, right in may_change) for right in grantable(target).values()]


def _presets(target: Target) -> list[tuple[str, str, list[str], bool]]:
    """Return each preset: its key, name, the rights that it gives, and whether the person may give them."""
    may_change = sharing.may_change(target)
    return [
        (key, NAMES[rights[-1]], [NAMES[right] for right in rights], set(rights) <= set(may_change))
        for key, rights in sharing.presets(target).items()
    ]


def _inside(target: Target) -> list[tuple[Place, str]]:
    """Return what can be shared on its own, with what it says of itself."""
    if isinstance(target, Film):
        return [(Place(scene), scene.heading) for scene in target.scenes.select_related("film__owner")]
    if isinstance(target, Scene):
        return [(Place(block), block.text) for block in target.blocks.select_related("character")]
    return []


def _page(request: Request, target: Target) -> HttpResponse:
    """Answer with the page; without the right to share, with one's own rights and what can be asked for."""
    more: dict[str, Any] = {"words": request.GET.get("q", "")}
    if more["words"] and target.can.share:
        more |= {"found": sharing.find(more["words"], target), "has_searched": True}
    return render(request, "sharing/people.html", context(request, target, **more))


def _panel(request: Request, target: Target, **more: Any) -> HttpResponse:
    return render(request, "sharing/_people.html", context(request, target, **more))


def _search(request: Request, target: Target) -> HttpResponse:
    """Answer with the people and groups whose names hold `q`."""
    words = request.GET.get("q", "")
    shown = {
        "found": sharing.find(words, target),
        "chosen": _holder(request.GET.get("who", "")),
        "words": words,
        "has_searched": len(words.strip()) >= 2,
    }
    return render(request, "sharing/_found.html", shown)


# --- Giving and taking ----------------------------------------------------------------------------------------


def _holder(who: str) -> Holder | None:
    """Return whom the form names as user:<id> or group:<id>; None where it names nobody."""
    kind, _colon, number = who.partition(":")
    if kind not in ("user", "group") or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    people: Any = User.objects if kind == "user" else Group.objects
    found: Holder | None = people.filter(pk=number).first()
    return found


def _add(request: Request, target: Target) -> HttpResponse:
    """Give a preset to a person or group."""
    holder = _holder(request.POST.get("who", ""))
    rights = sharing.presets(target).get(request.POST.get("preset", ""))
    if holder is None:
        return _refused(request, target, _("Type a name, and choose a person or a group from the list."))
    if rights is None:
        return _refused(request, target, _("Choose what they may do."))
    return _do(request, target, holder, give=rights)


def _change(request: Request, target: Target) -> HttpResponse:
    """Give or take one right, or take all that the person at the page may take."""
    holder = _holder(request.POST.get("who", ""))
    if holder is None:
        return _refused(request, target, _("That person or group is not there any more."))
    give, take = request.POST.getlist("give")[:1], request.POST.getlist("take")[:1]
    return _do(request, target, holder, give=give, take=sharing.may_change(target) if take == ["all"] else take)


def _do(request: Request, target: Target, holder: Holder, **rights: Any) -> HttpResponse:
    try:
        changed = sharing.change(target, holder, request.user, **rights)
    except SharingError as error:
        return _refused(request, target, str(error))
    words = " ".join(changed) or _("Nothing was changed: it stood so already.")
    if not request.htmx:
        messages.success(request, words)
        return redirect(Place(target).people_url)
    try:
        # Who has given up a right of their own sees what is left to them.
        target = sharing.again(target, request.user)
    except Http404:
        return HttpResponseClientRedirect(reverse("films"))
    return page_events.toast(_panel(request, target), words)


def _refused(request: Request, target: Target, words: str) -> HttpResponse:
    shown = {"error": words, "words": request.POST.get("q", ""), "preset": request.POST.get("preset", "")}
    if request.htmx:
        return _panel(request, target, **shown)
    return render(request, "sharing/people.html", context(request, target, **shown))


# --- Asking and answering -------------------------------------------------------------------------------------


def _ask(request: Request, target: Target) -> HttpResponse:
    """Ask for a right on the target."""
    right, words = request.POST.get("right", ""), ""
    try:
        sharing.ask(target, request.user, right)
    except SharingError as error:
        words = str(error)
    if not request.htmx:
        tell = messages.error if words else messages.success
        tell(request, words or _("Asked. The answer appears here and on your page of requests."))
        return redirect(Place(target).people_url)
    if right not in NAMES:
        raise Http404(words)
    shown = {"ask": Ask.of(target, request.user, right, words), "is_answer": True}
    return render(request, "sharing/_ask.html", shown)


@require_safe
@access.signed_in
def requests(request: Request) -> HttpResponse:
    """Show what waits for the person's answer, and what they asked themselves."""
    mine = request.user.right_requests.select_related(
        "film__owner", "scene__film__owner", "block__scene__film__owner", "decided_by"
    )
    shown = {
        "asked_of": [Asked.of(row) for row in sharing.requests_for(request.user)],
        "asked_by": [Asked.of(row) for row in mine.order_by("-at", "-pk")[:50]],
    }
    return render(request, "sharing/requests.html", shown)


@require_POST
@access.signed_in
def decide(request: Request, request_id: int) -> HttpResponse:
    """Grant a request or decline it; one that somebody has answered already is shown as answered."""
    asked = get_object_or_404(sharing.answerable(request.user), pk=request_id)
    target = sharing.reach(asked, request.user)
    try:
        sharing.decide(asked, target, request.user, granted=request.POST.get("answer") == "grant")
    except SharingError as error:
        raise PermissionDenied(str(error)) from None
    asked = sharing.answerable(request.user).get(pk=request_id)
    if not request.htmx:
        return redirect("requests")
    answer = render(request, "sharing/_request.html", {"asked": Asked.of(asked), "is_answer": True})
    return page_events.people_changed(answer)


page = _each(VIEW, require_safe(_page))
panel = _each(VIEW, require_safe(_panel))
search = _each(SHARE, require_safe(_search))
add = _each(SHARE, require_POST(_add))
change = _each(SHARE, require_POST(_change))
ask = _each(VIEW, require_POST(_ask))
