"""What the dialog shows, and the three forms of answering with it: a page, the whole panel, or its moving parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import reswap, retarget
from django_htmx.middleware import HtmxDetails

from scenes import access
from scenes.models import DELETE_VIDEO, Block
from videogen import outdated
from videogen.models import BlockGenerations, Frame, Video
from web import dialog, page_events
from web.asking import Ask
from web.dialog import Step
from web.forms.generation import FrameForm, VideoForm
from web.progress_card import ProgressCard
from web.reasons import Reason
from web.rewrite_state import RewriteState
from web.views import scene_page


class Request(HttpRequest):
    """A request that has passed scenes.access, so somebody is signed in."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True, slots=True)
class Feedback:
    """The outcome of the last press, which the templates show beside the database's state.

    form: bound, with everything typed. error: a sentence about the picture or clip. show: the id of the candidate or
    take to look at, if not the chosen one.
    """

    form: FrameForm | VideoForm | None = None
    error: str = ""
    show: str = ""


NOTHING = Feedback()


def context(
    request: HttpRequest, here: Step, feedback: Feedback = NOTHING, *, with_form: bool = True
) -> dict[str, Any]:
    """Gather what a step shows of its block; without the form where only the moving parts are drawn."""
    block, made = here.block, BlockGenerations.of(here.block)
    prefetch_related_objects([block.scene], "characters")  # for the form, and for what has changed
    steps = dialog.steps(block, made, here.key)
    start, end = made.chosen(Frame.Role.START), made.chosen(Frame.Role.END)
    rewrite = here.last_rewrite if with_form else None
    form = (feedback.form or here.first_form(made, rewrite)) if with_form else None
    results = _results(here, made, feedback.show)
    parts: dict[str, Any] = {
        "scene": block.scene,
        "steps": steps,
        "before": _neighbour(steps, -1),
        "after": _neighbour(steps, 1),
        "start": start,
        "end": end,
        "may": block.can.holds(here.right),
        "why_not": access.missing(here.right),
        **_asks(request, here),
        "notice_template": here.notice_template(start, end),
        "error": feedback.error,
        **_reasons(block, results["shown"], start, end),
        **progress_context(here, made),
        **results,
        **here.own_context(made, results["shown"], form),
    }
    if form:
        parts |= {"form": form, "rewrite": RewriteState.of(rewrite, prompt=form["prompt"].value())}
    return parts


def _reasons(
    block: Block, shown: Frame | Video | None, start: Frame | None, end: Frame | None
) -> dict[str, list[Reason] | bool]:
    """Say what has changed since what is shown was made, and whether a prompt from the script would tell of it."""
    if shown is None:
        return {}
    changes = outdated.changes(shown, block, outdated.Present.of(block.scene), start, end)
    words_changed = any(not change.is_picture for change in changes)
    return {"reasons": [Reason(change) for change in changes], "words_changed": words_changed}


def _asks(request: HttpRequest, here: Step) -> dict[str, Ask | None]:
    """Return the buttons that ask for what the person lacks: to generate, to delete. One query where anything lacks."""
    can = here.block.can
    if can.holds(here.right) and can.holds(DELETE_VIDEO):
        return {}
    asks = {ask.right: ask for ask in Ask.all(here.block, cast("User", request.user))}
    return {"ask_block": asks.get(here.right), "ask_delete": asks.get(DELETE_VIDEO)}


def _neighbour(steps: Sequence[Step], offset: int) -> Step | None:
    index = next(index for index, step in enumerate(steps) if step.is_current) + offset
    return steps[index] if 0 <= index < len(steps) else None


def progress_context(here: Step, made: BlockGenerations) -> dict[str, Any]:
    """Gather the progress over the tile. seen: the signature of the live rows; empty ends the polling."""
    live = made.live(here.key)
    return {
        "block": here.block,
        "here": here,
        "live": live,
        "card": ProgressCard.of(live) if live else None,
        "seen": made.signature,
    }


def _results(here: Step, made: BlockGenerations, show: str) -> dict[str, Any]:
    results = made.results(here.key)
    chosen = made.in_use(here.key)
    shown = next((row for row in results if str(row.pk) == show), None) or chosen
    return {
        "results": results,
        "last_seed": next((row.seed for row in results if row.seed is not None), None),
        "chosen": chosen,
        "shown": shown or (results[0] if results else None),
        "failure": made.failure(here.key),
        "stopped": made.stopped(here.key),
    }


# --- Answers --------------------------------------------------------------------------------------------------


def page(request: HttpRequest, here: Step, feedback: Feedback = NOTHING) -> HttpResponse:
    """Answer with the scene's page and the dialog open in it: for deep links, and for browsers without JavaScript."""
    behind = scene_page.context(request, here.block.scene)
    return render(
        request, "videogen/page.html", {**behind, **context(request, here, feedback), "here_block": here.block}
    )


def panel(request: HttpRequest, here: Step, feedback: Feedback = NOTHING) -> HttpResponse:
    """Answer with the inside of the dialog."""
    return render(request, "videogen/_panel.html", context(request, here, feedback))


def parts(request: HttpRequest, here: Step, feedback: Feedback = NOTHING) -> HttpResponse:
    """Answer with the panel's parts but the form, in which somebody may be typing; update the page behind."""
    response = render(request, "videogen/_parts.html", context(request, here, feedback, with_form=False))
    return page_events.block_changed(reswap(retarget(response, "#clip-stage"), "outerHTML"), here.block)


def changed(request: Request, here: Step, *, with_form: bool = False, words: str = "", show: str = "") -> HttpResponse:
    """Answer a press that took effect.

    words: what happened, where the picture does not show it. show: the id of the take that stays in sight.
    """
    if not request.htmx:
        if words:
            messages.success(request, words)
        return redirect(f"{here.url}?show={show}" if show else here.url)
    feedback = Feedback(show=show)
    answer = (
        page_events.block_changed(panel(request, here), here.block) if with_form else parts(request, here, feedback)
    )
    return page_events.toast(answer, words) if words else answer


def refused(request: Request, here: Step, feedback: Feedback) -> HttpResponse:
    """Answer a press that was refused: the same place, with the reason and everything typed."""
    if not request.htmx:
        return page(request, here, feedback)
    return panel(request, here, feedback) if feedback.form else parts(request, here, feedback)
