"""Plan what a scene or film lacks, start it in one press, watch it, stop it, and try again what failed of it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scenes import access
from scenes.models import GENERATE_FRAME, Block, Film, Scene
from videogen import actions, batches, plans
from videogen.models import Batch
from videogen.specs import SpecError
from web.batch_card import BatchCard
from web.plan_sheet import PlanSheet
from web.views.panel import Request


@require_safe
@access.scene()
def scene_plan(request: Request, scene: Scene) -> HttpResponse:
    """Show what would be made of a scene."""
    return _sheet(request, scene, _asked(request.GET))


@require_safe
@access.film()
def film_plan(request: Request, film: Film) -> HttpResponse:
    """Show what would be made of a film's scenes."""
    return _sheet(request, film, _asked(request.GET))


@require_POST
@access.scene()
def start_scene(request: Request, scene: Scene) -> HttpResponse:
    """Start the blocks of the plan that were ticked, and go to the page of the batch."""
    return _start(request, scene)


@require_POST
@access.film()
def start_film(request: Request, film: Film) -> HttpResponse:
    """Start the blocks of a film's plan that were ticked."""
    return _start(request, film)


def _asked(data: Any) -> dict[str, Any]:
    """Read what is asked for; what makes no sense is as if it was not said."""
    what, only = data.get("what"), data.get("only")
    chosen = {found for word in data.getlist("block") if (found := _uuid(word))}
    return {
        "what": what if what in Batch.What.values else Batch.What.BOTH.value,
        "only": only if only in Batch.Only.values else Batch.Only.MISSING.value,
        "chosen": chosen or None,
        "end_frames": bool(data.get("end_frames")) and what != Batch.What.VIDEOS,
    }


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def _sheet(request: Request, place: Film | Scene, asked: dict[str, Any], error: str = "") -> HttpResponse:
    names = ("film", "film_plan", "start_film") if isinstance(place, Film) else ("scene", "scene_plan", "start_scene")
    home, here, start = (reverse(name, args=[place.pk]) for name in names)
    shown = {
        **({"film": place} if isinstance(place, Film) else {"film": place.film, "scene": place}),
        "place": place,
        "home": home,
        "here": here,
        "start": start,
        "error": error,
        **asked,
        "sheet": PlanSheet.of(plans.plan(request.user, place, **asked), request.user),
        "whats": Batch.What.choices,
        "onlys": Batch.Only.choices,
    }
    return render(request, "batches/plan.html", shown)


def _start(request: Request, place: Film | Scene) -> HttpResponse:
    asked = _asked(request.POST)
    if asked["chosen"] is None:
        return _sheet(request, place, asked, _("No block is ticked. Tick those that are to be made."))
    try:
        batch = batches.start(place, request.user, **asked)
    except batches.NothingToMakeError:
        made = _("What was ticked is made already, since this page opened. This is what can be made now.")
        return _sheet(request, place, asked | {"chosen": None}, made)
    except batches.PlanChangedError as error:
        return _sheet(request, place, asked | {"chosen": asked["chosen"] - error.plan.gone.keys() or None}, str(error))
    except (actions.ActionError, SpecError) as error:
        return _sheet(request, place, asked, str(error))
    return redirect("batch", batch.pk)


def _find(request: Request, batch_id: UUID) -> Batch:
    found: Batch = get_object_or_404(batches.of_person(request.user).select_related("film", "scene__film"), pk=batch_id)
    return found


def _context(request: Request, batch: Batch, error: str = "") -> dict[str, Any]:
    name = "scene" if batch.scene else "film"
    return {
        "batch": batch,
        "film": batch.film,
        "scene": batch.scene,
        "error": error,
        "card": BatchCard.of(batch, request.user),
        "home": reverse(name, args=[batch.place.pk]),
        "plan": reverse(f"{name}_plan", args=[batch.place.pk]),
    }


@require_safe
@access.signed_in
def batch_page(request: Request, batch_id: UUID) -> HttpResponse:
    """Show how far a batch is, with the grid of its blocks."""
    return render(request, "batches/batch.html", _context(request, _find(request, batch_id)))


@require_safe
@access.signed_in
def batch_card(request: Request, batch_id: UUID) -> HttpResponse:
    """Show how far it is, for the page that asks again."""
    return render(request, "batches/_card.html", _context(request, _find(request, batch_id)))


@require_POST
@access.signed_in
def cancel_batch(request: Request, batch_id: UUID) -> HttpResponse:
    """Stop what of it waits or runs."""
    batch = _find(request, batch_id)
    batches.cancel(batch, request.user)
    return redirect("batch", batch.pk)


@require_POST
@access.signed_in
def retry_batch(request: Request, batch_id: UUID) -> HttpResponse:
    """Start what failed of it once more, and go to that batch."""
    batch = _find(request, batch_id)
    try:
        return redirect("batch", batches.retry(batch, request.user).pk)
    except actions.ActionError as error:
        return render(request, "batches/batch.html", _context(request, batch, str(error)))


@require_POST
@access.block(GENERATE_FRAME)
def frame_again(request: Request, block: Block, batch_id: UUID) -> HttpResponse:
    """Make the start frame of a block again, with the settings of the last one and another seed."""
    batch = _find(request, batch_id)
    try:
        batches.queue_frame_again(block, request.user)
    except (actions.ActionError, SpecError) as error:
        return render(request, "batches/batch.html", _context(request, batch, str(error)))
    return redirect("batch", batch.pk)
