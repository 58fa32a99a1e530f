"""What is said of takes, and two of them beside one another."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scenes import access
from scenes.models import DELETE_VIDEO, GENERATE_VIDEO, Block
from videogen import removal, review
from videogen.errors import ActionError
from videogen.models import Review, Video
from web import page_events
from web.addresses import address
from web.dialog import VideoStep
from web.forms.review import ReviewForm
from web.takes_compared import Side, differences
from web.views import panel
from web.views.panel import Feedback, Request

MOST_SHOWN = 200  # takes on one page


@require_POST
@access.block(GENERATE_VIDEO)
def review_take(request: Request, block: Block, video_id: UUID) -> HttpResponse:
    """Set the review, lock or star of a take."""
    take = get_object_or_404(block.videos.takes(), pk=video_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _refused(request, block, take, _("That cannot be said of a take. Load the page again."))
    try:
        changed = review.change(take, form.change, request.user)
    except ActionError as error:
        return _refused(request, block, take, str(error))
    words, here, show = _what_happened(changed, form.change), VideoStep(block), str(take.pk)
    if not request.htmx:
        return panel.changed(request, here, words=words, show=show)
    # The pressed button shows it; a message for each press would pile up over the clip.
    return page_events.announce(panel.changed(request, here, show=show), words)


def _refused(request: Request, block: Block, take: Video, error: str) -> HttpResponse:
    return panel.refused(request, VideoStep(block), Feedback(error=error, show=str(take.pk)))


def _what_happened(take: Video, change: review.Change) -> str:
    if change.review is not None:
        words = {
            Review.APPROVED: _("Take %d is approved and locked. It is the clip."),
            Review.RETAKE: _("Take %d is marked for a retake."),
            Review.FOR_REVIEW: _("Take %d is marked for review."),
            Review.NONE: _("What was said of take %d is taken back."),
        }[change.review]
    elif change.locked is not None:
        words = _("Take %d is locked.") if change.locked else _("Take %d is unlocked.")
    else:
        words = _("Take %d has a star.") if change.starred else _("Take %d has no star any more.")
    return words % (take.number or 0)


@require_POST
@access.block(DELETE_VIDEO)
def restore_take(request: Request, block: Block, video_id: UUID) -> HttpResponse:
    """Bring back a take that was deleted in the last 30 days."""
    take: Video = get_object_or_404(removal.removed(block.pk), pk=video_id)
    removal.restore(take)
    words = _("Take %d is back.") % (take.number or 0)
    return panel.changed(request, VideoStep(block), words=words, show=str(take.pk))


@require_safe
@access.block()
def compare(request: Request, block: Block) -> HttpResponse:
    """Show two takes side by side; `?left=` and `?right=` name them, else the clip and the newest other."""
    return render(request, "videogen/compare.html", _compared(block, request.GET))


@require_POST
@access.block(GENERATE_VIDEO)
def review_compared(request: Request, block: Block, video_id: UUID) -> HttpResponse:
    """Set the review, lock or star of one of two takes that stand side by side; `left` and `right` name both."""
    take: Video = get_object_or_404(block.videos.takes(), pk=video_id)
    form = ReviewForm(request.POST)
    refused, words = None, ""
    if not form.is_valid():
        refused, words = take, _("That cannot be said of a take. Load the page again.")
    else:
        try:
            words = _what_happened(review.change(take, form.change, request.user), form.change)
        except ActionError as error:
            refused, words = take, str(error)
    if request.htmx:
        context = _compared(block, request.POST, refused, words if refused else "")
        answer = render(request, "videogen/_compare_said.html", context)
        return answer if refused else page_events.announce(answer, words)
    (messages.error if refused else messages.success)(request, words)
    asked = urlencode({name: request.POST.get(name, "") for name in ("left", "right")})
    return redirect(f"{address('clip_compare', block.scene_id, block.pk)}?{asked}")


def _compared(block: Block, asked: QueryDict, refused: Video | None = None, error: str = "") -> dict[str, Any]:
    """Gather what the page of two takes shows. refused: the take of which something could not be said, and why."""
    takes = list(block.videos.takes().select_related("reviewed_by", "locked_by"))
    pair = _pair(takes, asked.get("left", ""), asked.get("right", ""))
    context = {"scene": block.scene, "block": block, "here_block": block, "takes": takes, "pair": pair}
    if pair:
        clip = next((take for take in takes if take.is_current), None)
        context["sides"] = Side.both(pair, clip, refused, error)
        context["differences"] = differences(*pair)
        context["may"] = block.can.holds(GENERATE_VIDEO)
    return context


@require_safe
@access.signed_in
def for_review(request: Request) -> HttpResponse:
    """Show the takes that wait for a review in all films the person sees, those that were marked last first."""
    waiting = (
        Video.objects.filter(review=Review.FOR_REVIEW, block__removed_at=None)
        .filter(block__scene__in=access.visible_scenes(request.user).order_by().values("pk"))
        .select_related("block__scene__film", "block__character", "reviewed_by")
        .annotate(open_notes=Count("pinned_notes", filter=Q(pinned_notes__done_at=None)))
        .order_by("-reviewed_at", "-pk")
    )
    takes = list(waiting[:MOST_SHOWN])
    histories = review.histories(takes)
    return render(request, "videogen/for_review.html", {"takes": [(take, histories[take.pk]) for take in takes]})


def _pair(takes: Sequence[Video], left: str, right: str) -> tuple[Video, Video] | None:
    """Choose the two takes; None where there are no two."""
    if len(takes) < 2:
        return None
    named = {str(take.pk): take for take in takes}
    current = next((take for take in takes if take.is_current), takes[0])
    one = named.get(left, current)
    others = [take for take in (current, *takes) if take != one]
    other = named.get(right, others[0])
    return one, other if other != one else others[0]
