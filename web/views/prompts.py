"""Optimize Prompt in the three steps: ask, poll, stop."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from scenes import access
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block
from videogen import actions
from videogen.specs import SpecError
from web.dialog import Step
from web.rewrite_state import RewriteState
from web.views import panel
from web.views.panel import Feedback, Request
from web.views.steps import by_method


@require_GET
@access.block()
def look(request: HttpRequest, block: Block, step: str) -> HttpResponse:
    """Answer a poll with the state of the rewrite; 204 where nothing has changed."""
    here = Step.of(block, step)
    state = RewriteState.of(here.last_rewrite, fresh=True)
    if state.is_live and state.signature == request.GET.get("seen", ""):
        return HttpResponse(status=204)
    return _fragment(request, here, state)


@require_POST
@access.block(GENERATE_FRAME)
def optimize_frame(request: Request, block: Block, step: str) -> HttpResponse:
    """Queue a rewrite of the prompt of a start or end frame."""
    given = request.POST.getlist("character_ids")
    shown = {
        # What is no character of the scene is not kept: it could be anything, of any length.
        "character_ids": [key for key in (str(who.pk) for who in block.cast) if key in given],
        "include_location": bool(request.POST.get("include_location")),
    }
    return _optimize(request, Step.of(block, step), shown)


@require_POST
@access.block(GENERATE_VIDEO)
def optimize_video(request: Request, block: Block, step: str) -> HttpResponse:
    """Queue a rewrite of the prompt of the clip."""
    return _optimize(request, Step.of(block, step), {})


def _optimize(request: Request, here: Step, shown: dict[str, Any]) -> HttpResponse:
    error = ""
    try:
        actions.queue_rewrite(here.block, here.key, request.POST.get("prompt", ""), request.user, shown=shown)
    except SpecError as refused:
        error = refused.errors["prompt"]
    except actions.AlreadyRunningError:
        pass  # a double click or a second tab: what runs is shown
    except actions.ActionError as refused:
        error = str(refused)
    return _answer(request, here, RewriteState.of(here.last_rewrite, error=error, fresh=True))


@require_POST
@access.block(GENERATE_FRAME)
def cancel_frame(request: Request, block: Block, step: str) -> HttpResponse:
    """Stop the rewrite of a frame's prompt."""
    return _cancel(request, Step.of(block, step))


@require_POST
@access.block(GENERATE_VIDEO)
def cancel_video(request: Request, block: Block, step: str) -> HttpResponse:
    """Stop the rewrite of the clip's prompt."""
    return _cancel(request, Step.of(block, step))


def _cancel(request: Request, here: Step) -> HttpResponse:
    for rewrite in here.block.promptrewrites.of_step(here.key).live():
        actions.cancel(rewrite, request.user)
    return _answer(request, here, RewriteState.of(here.last_rewrite, fresh=True))


def _answer(request: Request, here: Step, state: RewriteState) -> HttpResponse:
    if request.htmx:
        return _fragment(request, here, state)
    # Without a script the whole form was sent: it comes back with everything typed.
    return panel.page(request, here, Feedback(form=here.bound_form(request.POST)))


def _fragment(request: HttpRequest, here: Step, state: RewriteState) -> HttpResponse:
    may = here.block.can.holds(here.right)
    return render(request, state.template_name, {"here": here, "rewrite": state, "may": may})


optimize_frame_or_look = by_method(get=look, post=optimize_frame)
optimize_video_or_look = by_method(get=look, post=optimize_video)
