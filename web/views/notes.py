"""Notes on the frames of a take: written by whoever may look, ticked off by whoever may make another take."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from scenes import access
from scenes.models import GENERATE_VIDEO, Block
from videogen import notes
from videogen.models import Video
from web.dialog import VideoStep
from web.forms.note import NoteForm, refusal_of
from web.views import panel
from web.views.panel import Feedback, Request


@require_POST
@access.block()
def write_note(request: Request, block: Block, video_id: UUID) -> HttpResponse:
    """Write a note on a frame of a take, with what was drawn on it."""
    take: Video = get_object_or_404(block.videos.takes(), pk=video_id)
    here, show = VideoStep(block), str(take.pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return panel.refused(request, here, Feedback(error=form.refusal, show=show))
    number = form.cleaned_data["frame"]
    try:
        notes.write(take, request.user, number - 1, form.cleaned_data["text"], form.cleaned_data["drawing"])
    except notes.NoteError as error:
        return panel.refused(request, here, Feedback(error=refusal_of(error, take), show=show))
    return panel.changed(request, here, show=show)


@require_POST
@access.block(GENERATE_VIDEO)
def tick_note(request: Request, block: Block, video_id: UUID, note_id: int) -> HttpResponse:
    """Tick a note off, or open it again with `done=no`."""
    take: Video = get_object_or_404(block.videos.takes(), pk=video_id)
    note = get_object_or_404(notes.of(take), pk=note_id)
    notes.tick(note, request.user, done=request.POST.get("done") != "no")
    return panel.changed(request, VideoStep(block), show=str(take.pk))
