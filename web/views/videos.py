"""The takes of step 3: stop, make again, choose, delete."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scenes import access
from scenes.models import DELETE_VIDEO, GENERATE_VIDEO, Block
from videogen import actions
from videogen.models import Video
from videogen.specs import SpecError
from web.dialog import VideoStep
from web.views import panel
from web.views.panel import Feedback, Request


@require_POST
@access.block(GENERATE_VIDEO)
def cancel(request: Request, block: Block) -> HttpResponse:
    """Stop the clip that is being made; one that has already ended is left as it is."""
    for video in block.videos.live():
        actions.cancel(video, request.user)
    return panel.changed(request, VideoStep(block))


@require_POST
@access.block(GENERATE_VIDEO)
def choose_take(request: Request, block: Block, video_id: UUID) -> HttpResponse:
    """Make this take the block's clip."""
    video = get_object_or_404(block.videos, pk=video_id)
    try:
        actions.choose_video(video, request.user)
    except actions.ActionError as error:
        return panel.refused(request, VideoStep(block), Feedback(error=str(error), show=str(video.pk)))
    return panel.changed(request, VideoStep(block))


@require_POST
@access.block(GENERATE_VIDEO)
def again(request: Request, block: Block, video_id: UUID) -> HttpResponse:
    """Queue a take with the settings of this one, with its seed or a new one."""
    take: Video = get_object_or_404(block.videos.takes(), pk=video_id)
    try:
        actions.queue_again(take, request.user, new_seed=request.POST.get("seed") != "same")
    except (actions.ActionError, SpecError) as error:
        return panel.refused(request, VideoStep(block), Feedback(error=str(error), show=str(take.pk)))
    return panel.changed(request, VideoStep(block))


@require_POST
@access.block(DELETE_VIDEO)
def delete_take(request: Request, block: Block, video_id: UUID) -> HttpResponse:
    """Delete a take, which can be brought back for 30 days; the frames stay."""
    video = get_object_or_404(block.videos, pk=video_id)
    try:
        actions.remove_video(video, request.user)
    except actions.ActionError as error:
        return panel.refused(request, VideoStep(block), Feedback(error=str(error), show=str(video.pk)))
    return panel.changed(request, VideoStep(block), words=_("The clip was deleted. The frames stay."))
