"""A note on a frame, as it is typed below a clip."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from videogen import notes
from videogen.models import Video


class NoteForm(forms.Form):
    """A note, with its frame as people count it. drawing: as JSON, empty where nothing was drawn."""

    frame = forms.IntegerField(min_value=1, error_messages={"invalid": _("Give the number of a frame.")})
    text = forms.CharField(
        max_length=notes.LONGEST, error_messages={"required": _("Write what is to be seen on this frame.")}
    )
    drawing = forms.CharField(max_length=200_000, required=False)

    def clean_drawing(self) -> Any:
        """Read what the script of the page sends; None for nothing. What it holds is judged by videogen.notes."""
        try:
            return json.loads(self.cleaned_data["drawing"] or "null")
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("The drawing could not be read. Load the page again.")) from None

    @property
    def refusal(self) -> str:
        """What is wrong with it, in one line. The form must be invalid."""
        return " ".join(str(found) for errors in self.errors.values() for found in errors)


def refusal_of(error: notes.NoteError, take: Video) -> str:
    """Say why a note on a take was refused, its frame as people count it."""
    return gettext("The clip has %d frames.") % take.frames if "frame" in error.errors else str(error)
