"""A note on a frame, as it is typed below a clip."""

from django import forms
from django.utils.translation import gettext_lazy as _

from videogen import notes


class NoteForm(forms.Form):
    """A note, with its frame as people count it."""

    frame = forms.IntegerField(min_value=1, error_messages={"invalid": _("Give the number of a frame.")})
    text = forms.CharField(
        max_length=notes.LONGEST, error_messages={"required": _("Write what is to be seen on this frame.")}
    )

    @property
    def refusal(self) -> str:
        """What is wrong with it, in one line. The form must be invalid."""
        return " ".join(str(found) for errors in self.errors.values() for found in errors)
