"""What the page of one frame or clip shows: the picture or player, the settings, and how it went."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from videogen.models import Event, Export, Frame, Job, Status, Video


def address(row: Frame | Video, *, small: bool = False) -> str:
    """Return where the file of a finished row is served, or its small picture."""
    names = ("clip_file", "clip_poster") if isinstance(row, Video) else ("frame_picture", "frame_thumbnail")
    return reverse(names[small], args=[row.block.scene_id, row.block_id, row.pk])


def settings_of(row: Frame | Video | Export) -> Iterator[tuple[str, Any]]:
    """Yield the settings a row was made with, named as the API names them; the seed is the one really used."""
    for name, value in row.spec.items():
        if name == "seed" and not isinstance(row, Export):
            value = row.seed if row.seed is not None else value
        yield name, "–" if value in (None, "", []) else value


class DetailMixin:
    """The parts of the page, as fields that are only read."""

    @admin.display(description=_("result"))
    def result(self, row: Frame | Video) -> SafeString | str:
        """Show the picture, or a player."""
        if row.status != Status.SUCCEEDED:
            return "–"
        context = {"file": address(row), "poster": address(row, small=True), "is_clip": isinstance(row, Video)}
        return render_to_string("admin/videogen/_result.html", {**context, "row": row})

    @admin.display(description=_("made from"))
    def frames_used(self, video: Video) -> SafeString | str:
        """Show the start and end frame, where they still exist."""
        frames = [frame for frame in (video.start_frame, video.end_frame) if frame]
        shown = [(frame, address(frame), address(frame, small=True)) for frame in frames]
        return render_to_string("admin/videogen/_frames_used.html", {"frames": shown}) if shown else "–"

    @admin.display(description=_("settings"))
    def settings(self, row: Frame | Video | Export) -> SafeString | str:
        """Show the settings as a table."""
        return render_to_string("admin/videogen/_settings.html", {"settings": settings_of(row)}) if row.spec else "–"

    @admin.display(description=_("history"))
    def history(self, row: Job) -> SafeString:
        """Show every change of status, oldest first."""
        events = Event.objects.filter(generation_id=row.pk).select_related("actor")
        return render_to_string("admin/videogen/_history.html", {"events": events})
