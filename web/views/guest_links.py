"""Guest links of a scene, on its page of people: make one, revoke one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from scenes import access, guests
from scenes.models import SHARE, Scene
from web import page_events
from web.places import Place
from web.views import people
from web.views.panel import Request


def _demand_on() -> None:
    if not guests.are_on():
        raise Http404("Guest links are off.")


@require_POST
@access.scene(SHARE)
@never_cache
@sensitive_variables("secret")
def make_link(request: Request, scene: Scene) -> HttpResponse:
    """Make a guest link and show its address, this once."""
    _demand_on()
    days = request.POST.get("days", "")
    try:
        wanted = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else days
        link, secret = guests.make(scene, request.user, request.POST.get("label", ""), wanted)
    except guests.GuestLinkError as error:
        typed = {"label": request.POST.get("label", ""), "days": days}
        return _answer(request, scene, link_errors=error.errors, link_typed=typed)
    return _answer(request, scene, new_link=link, new_address=guests.address(secret))


@require_POST
@access.scene(SHARE)
def revoke_link(request: Request, scene: Scene, link_id: UUID) -> HttpResponse:
    """Revoke a guest link at once."""
    _demand_on()
    link = get_object_or_404(scene.guest_links.select_related("scene"), pk=link_id)
    words = _("The link “%(label)s” was revoked already.")
    if guests.revoke(link, request.user):
        words = _("The link “%(label)s” leads nowhere any more.")
    words %= {"label": link.label}
    if not request.htmx:
        messages.success(request, words)
        return redirect(Place(scene).people_url)
    return page_events.toast(_answer(request, scene), words)


def _answer(request: Request, scene: Scene, **more: Any) -> HttpResponse:
    template = "sharing/_people.html" if request.htmx else "sharing/people.html"
    return render(request, template, people.context(request, scene, **more))
