"""What the dialog shows, and the ways of answering with it: as a page, as the whole panel, or as its moving parts."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import reswap, retarget, trigger_client_event
from django_htmx.middleware import HtmxDetails

from scenes import access
from scenes.models import DELETE_VIDEO, Block
from videogen import estimates
from videogen.models import Frame, Video
from videogen.specs import SpecError
from web import dialog
from web.dialog import Material, Step
from web.forms.generation import FrameForm, VideoForm
from web.rewrite_state import RewriteState
from web.views import scene_page


class Request(HttpRequest):
    """A request behind the gates of scenes.access: somebody is signed in."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True, slots=True)
class Remark:
    """What the templates show beside what the database holds: the outcome of the press before.

    form: bound, to come back with everything typed. error: a sentence about the picture or clip.
    show: the id of the candidate or take to look at, where it is not the chosen one.
    """

    form: FrameForm | VideoForm | None = None
    error: str = ""
    show: str = ""


NOTHING = Remark()


def context(block: Block, step: str, remark: Remark = NOTHING, *, with_form: bool = True) -> dict[str, Any]:
    """Everything a step shows of a block. Without the form where only the moving parts are drawn."""
    material = Material.of(block)
    steps = dialog.steps(block, material, step)
    right = dialog.right_for(step)
    parts: dict[str, Any] = {
        "scene": block.scene,
        "block": block,
        "steps": steps,
        "step": step,
        "here": next(one for one in steps if one.is_current),
        "before": _neighbour(steps, -1),
        "after": _neighbour(steps, 1),
        "start": material.chosen("start"),
        "end": material.chosen("end"),
        "may": block.can.holds(right),
        "why_not": access.missing(right),
        "error": remark.error,
        **progress_context(block, step, material.live(step), material.signature),
        **_results(material, step, remark.show),
    }
    if with_form:
        parts["form"] = remark.form or dialog.make_form(block, step, material)
        parts["rewrite"] = RewriteState.of(block, step)
    parts |= _video_parts(block, material, parts) if step == "video" else _frame_parts(block, step, parts)
    return parts


def _neighbour(steps: list[Step], offset: int) -> Step | None:
    index = next(index for index, step in enumerate(steps) if step.is_current) + offset
    return steps[index] if 0 <= index < len(steps) else None


def progress_context(block: Block, step: str, live: Frame | Video | None, seen: str) -> dict[str, Any]:
    """What the progress over the tile shows. `seen`: the signature of what is live; empty ends the polling."""
    return {
        "block": block,
        "step": step,
        "live": live,
        "progress": estimates.progress_of(live) if live else None,
        "seen": seen,
        "card_url": reverse("clip_card", args=[block.scene_id, block.pk, step]),
    }


def _results(material: Material, step: str, show: str) -> dict[str, Any]:
    results = material.results(step)
    chosen = material.current if step == "video" else material.chosen(step)
    shown = next((row for row in results if str(row.pk) == show), None) or chosen
    return {
        "results": results,
        "last_seed": next((row.seed for row in results if row.seed is not None), None),
        "chosen": chosen,
        "shown": shown or (results[0] if results else None),
        "failure": material.failure(step),
    }


def _frame_parts(block: Block, step: str, parts: dict[str, Any]) -> dict[str, Any]:
    previous = dialog.neighbour(block, after=False)
    shape = parts["shown"] or parts["live"] or (parts["start"] if step == "end" else None)
    return {
        "previous": previous,
        "previous_clip": previous.videos.current().first() if previous else None,
        "shape": (shape.width, shape.height) if shape else (16, 9),
    }


def _video_parts(block: Block, material: Material, parts: dict[str, Any]) -> dict[str, Any]:
    start, end, shown = parts["start"], parts["end"], parts["shown"]
    shape = parts["live"] or shown or start
    form = parts.get("form")
    return {
        "start_live": material.live("start"),
        "end_live": material.live("end"),
        "shape": (shape.width, shape.height) if shape else (1280, 704),
        "is_stale": isinstance(shown, Video) and shown.is_stale(start, end),
        "following": dialog.neighbour(block, after=True),
        "may_delete": block.can.holds(DELETE_VIDEO),
        "why_not_delete": access.missing(DELETE_VIDEO),
        "other_takes": len(parts["results"]) - 1,
        **(forecast(form) if isinstance(form, VideoForm) else {}),
    }


def forecast(form: VideoForm) -> dict[str, Any]:
    """What the line under the form says will happen: the spec and its expected seconds, or what is wrong."""
    spec = form.spec if form.is_bound and form.is_valid() else None
    if not form.is_bound:
        with suppress(SpecError):  # a block's text may hold what no prompt may: the form says so when it is sent
            spec = form.read({**form.initial, "model": form.chosen_model.name})
    if spec is None:
        return {"spec": None, "wrong": next((words[0] for words in form.errors.values()), "")}
    return {"spec": spec, "expected": estimates.seconds_for("video", spec.model, form.chosen_model.pixel_steps(spec))}


# --- Answers --------------------------------------------------------------------------------------------------


def page(request: HttpRequest, block: Block, step: str, remark: Remark = NOTHING) -> HttpResponse:
    """The scene's page with the dialog open: the deep link, and the whole story without JavaScript."""
    behind = scene_page.context(request, block.scene)
    return render(request, "videogen/page.html", {**behind, **context(block, step, remark), "here_block": block})


def panel(request: HttpRequest, block: Block, step: str, remark: Remark = NOTHING) -> HttpResponse:
    """The inside of the dialog."""
    return render(request, "videogen/_panel.html", context(block, step, remark))


def parts(request: HttpRequest, block: Block, step: str, remark: Remark = NOTHING) -> HttpResponse:
    """All of the panel but the form, which somebody may be typing in; the scene page behind is told as well."""
    shown = context(block, step, remark, with_form=False)
    response = render(request, "videogen/_parts.html", shown)
    return tell_page(reswap(retarget(response, "#clip-stage"), "outerHTML"), block)


def tell_page(response: HttpResponse, block: Block) -> HttpResponse:
    """Let the scene page behind the dialog know that this block looks different now."""
    return trigger_client_event(response, "block-changed", {"block": str(block.pk)})


def changed(request: Request, block: Block, step: str, *, with_form: bool = False) -> HttpResponse:
    """The answer to a press that did what it said."""
    if not request.htmx:
        return redirect(dialog.step_url(block, step))
    return tell_page(panel(request, block, step), block) if with_form else parts(request, block, step)


def refused(request: Request, block: Block, step: str, remark: Remark) -> HttpResponse:
    """The answer to a press that could not be obeyed: the same place, with the reason and everything typed."""
    if not request.htmx:
        return page(request, block, step, remark)
    return panel(request, block, step, remark) if remark.form else parts(request, block, step, remark)
