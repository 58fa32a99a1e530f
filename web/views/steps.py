"""The pages and fragments of the three steps, and the requests for a frame or a clip."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from scenes import access
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block
from videogen import actions
from videogen.models import BlockGenerations, Frame
from web import dialog
from web.dialog import Step, VideoStep
from web.forecast import forecast
from web.forms.generation import FrameForm, VideoForm
from web.views import panel
from web.views.panel import Feedback, Request

View = Callable[..., HttpResponseBase]


def by_method(*, get: View, post: View) -> View:
    """Dispatch one address to two views by its method; each keeps its own access rule."""

    policies: tuple[Any, Any] = get, post

    @access.policy("GET {.access_policy}, POST {.access_policy}".format(*policies))
    def dispatch(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        return (post if request.method == "POST" else get)(request, **kwargs)

    return dispatch


@require_GET
@access.block()
def clip(request: HttpRequest, block: Block) -> HttpResponse:
    """Answer with the page, the dialog open at the step this block is at."""
    return redirect(dialog.open_step(block).url)


@require_GET
@access.block()
def clip_panel(request: HttpRequest, block: Block) -> HttpResponse:
    """Answer with the dialog at the step this block is at, as a fragment."""
    return panel.panel(request, dialog.open_step(block))


@require_GET
@access.block()
def show_step(request: HttpRequest, block: Block, step: str) -> HttpResponse:
    """Answer with the scene's page, the dialog open at a step."""
    return panel.page(request, Step.of(block, step), Feedback(show=request.GET.get("show", "")))


@require_GET
@access.block()
def step_panel(request: HttpRequest, block: Block, step: str) -> HttpResponse:
    """Answer with a step as a fragment."""
    return panel.panel(request, Step.of(block, step), Feedback(show=request.GET.get("show", "")))


@require_GET
@access.block()
def step_stage(request: HttpRequest, block: Block, step: str) -> HttpResponse:
    """Answer with the pictures of a step; `?show=` takes the id of a candidate or take."""
    feedback = Feedback(show=request.GET.get("show", ""))
    return render(
        request, "videogen/_stage.html", panel.context(request, Step.of(block, step), feedback, with_form=False)
    )


@require_GET
@access.block()
def step_card(request: HttpRequest, block: Block, step: str) -> HttpResponse:
    """Answer a poll with the progress, and with more of the panel where something began or ended."""
    here, made = Step.of(block, step), BlockGenerations.live_of(block)
    if made.signature != request.GET.get("seen", ""):
        return panel.parts(request, here)
    return render(request, "videogen/_progress.html", panel.progress_context(here, made))


@require_POST
@access.block(GENERATE_FRAME)
def generate_frame(request: Request, block: Block, step: str) -> HttpResponse:
    """Queue a start or end frame."""
    here = Step.of(block, step)
    form = here.bound_form(request.POST)
    if not form.is_valid():
        return panel.refused(request, here, Feedback(form=form))
    if here.needs_start_frame and not block.frames.chosen(Frame.Role.START).exists():
        return panel.refused(request, here, Feedback(form=form, error=str(actions.StartFrameMissingError())))
    return _queue(request, here, form, lambda: actions.queue_frame(block, form.spec, request.user))


@require_POST
@access.block(GENERATE_VIDEO)
def generate_video(request: Request, block: Block, step: str) -> HttpResponse:
    """Queue the clip."""
    here = Step.of(block, step)
    form = here.bound_form(request.POST)
    if form.is_valid():
        return _queue(request, here, form, lambda: actions.queue_video(block, form.spec, request.user))
    return panel.refused(request, here, Feedback(form=form))


def _queue(request: Request, here: Step, form: FrameForm | VideoForm, queue: Callable[[], object]) -> HttpResponse:
    try:
        queue()
    except actions.ActionError as error:
        # A double click or a second tab: what runs is shown, and what was typed stays.
        return panel.refused(request, here, Feedback(form=form, error=str(error)))
    # What was typed stays in the fields that hold it, and with it what Ctrl+Z gives back. Errors beside them go.
    return panel.changed(request, here, with_form=bool(request.POST.get("had_errors")))


@require_GET
@access.block()
def estimate(request: HttpRequest, block: Block) -> HttpResponse:
    """Answer with the estimate for the settings as typed."""
    settings = request.GET.copy()
    settings["prompt"] = "-"  # words change no duration, and an address cannot hold 4000 of them
    chosen = {frame.role: frame for frame in block.frames.filter(is_chosen=True)}
    expected = forecast(VideoForm(settings), start=chosen.get("start"), end=chosen.get("end"))
    return render(request, "videogen/_forecast_parts.html", {"here": VideoStep(block), "block": block, **expected})


@require_GET
@access.block()
def compose_prompt(request: HttpRequest, block: Block, step: str) -> HttpResponse:
    """Answer with a prompt composed of the block, its location and the chosen characters; a script puts it in place."""
    form = Step.of(block, step).composed_form(request.GET)
    people = form.initial.get("character_ids") if "anew" in request.GET else None
    return render(request, "videogen/_from_script.html", {"script": form["prompt"].value(), "people": people})


frame_step = by_method(get=show_step, post=generate_frame)
video_step = by_method(get=show_step, post=generate_video)
