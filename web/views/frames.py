"""The frames of steps 1 and 2: choose, delete, stop, upload, take from the previous clip."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scenes import access
from scenes.models import GENERATE_FRAME, Block
from scenes.uploads import PictureError
from videogen import actions
from videogen.errors import ActionError
from web import dialog
from web.dialog import Step
from web.views import panel
from web.views.panel import Feedback, Request


@require_POST
@access.block(GENERATE_FRAME)
def choose(request: Request, block: Block, step: str, frame_id: UUID) -> HttpResponse:
    """Make this candidate the chosen frame."""
    here = Step.of(block, step)
    frame = get_object_or_404(block.frames.of_role(here.key), pk=frame_id)
    if not actions.choose_frame(frame):
        return panel.refused(request, here, Feedback(error=_("This picture is not finished yet.")))
    return panel.changed(request, here)


@require_POST
@access.block(GENERATE_FRAME)
def delete(request: Request, block: Block, step: str, frame_id: UUID) -> HttpResponse:
    """Delete a candidate and its file."""
    here = Step.of(block, step)
    actions.delete_frame(get_object_or_404(block.frames.of_role(here.key), pk=frame_id), request.user)
    return panel.changed(request, here, words=_("The picture was deleted. Clips made from it stay."))


@require_POST
@access.block(GENERATE_FRAME)
def cancel(request: Request, block: Block, step: str) -> HttpResponse:
    """Stop the frame that is being made; one that has already ended is left as it is."""
    here = Step.of(block, step)
    for frame in block.frames.of_role(here.key).live():
        actions.cancel(frame, request.user)
    return panel.changed(request, here)


@require_POST
@access.block(GENERATE_FRAME)
def upload(request: Request, block: Block, step: str) -> HttpResponse:
    """Store a person's own picture as a frame."""
    here = Step.of(block, step)
    file = request.FILES.get("image")
    if file is None:
        return panel.refused(request, here, Feedback(error=_("Choose a PNG, JPEG or WebP picture first.")))
    try:
        actions.upload_frame(block, here.key, file, request.user)
    except (PictureError, ActionError) as error:
        return _not_taken(request, here, error)
    return panel.changed(request, here)


def _not_taken(request: Request, here: Step, error: PictureError | ActionError) -> HttpResponse:
    """Answer for a picture that is refused: in the dialog, with the status where the fault is not the picture's."""
    if isinstance(error, ActionError) or error.status < 500:
        return panel.refused(request, here, Feedback(error=str(error)))
    if request.htmx:
        # htmx swaps no errors; requests.js shows this sentence as a message.
        response = HttpResponse(str(error), content_type="text/plain; charset=utf-8")
    else:
        response = panel.page(request, here, Feedback(error=str(error)))
    response.status_code = error.status
    return response


@require_POST
@access.block(GENERATE_FRAME)
def from_clip(request: Request, block: Block, step: str) -> HttpResponse:
    """Take the last frame of the previous block's clip, for a seamless cut."""
    here, previous = Step.of(block, step), dialog.neighbour(block, after=False)
    clip = previous.videos.current().first() if previous else None
    if clip is None:
        return panel.refused(request, here, Feedback(error=_("The block before this one has no clip yet.")))
    try:
        with clip.file.open("rb") as file:
            actions.frame_from_clip(block, here.key, file, request.user)
    except (PictureError, ActionError) as error:
        return _not_taken(request, here, error)
    except OSError:
        return panel.refused(request, here, Feedback(error=_("That clip’s file could not be read.")))
    return panel.changed(request, here, with_form=True)
