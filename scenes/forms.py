"""The forms of the operator's console."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from scenes.models import Block


class BlockForm(forms.ModelForm[Block]):
    """A block, with the rule about speakers as a sentence beside the field."""

    class Meta:
        model = Block
        fields = ["scene", "position", "kind", "character", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "cols": 70})}

    def clean(self) -> dict[str, Any]:
        """Check that a line has a speaker and an action has none."""
        data = super().clean() or self.cleaned_data
        kind, speaker = data.get("kind"), data.get("character")
        if kind == Block.Kind.DIALOG and speaker is None and "character" not in self.errors:
            self.add_error("character", _("Who speaks? A line of dialog needs a character."))
        if kind == Block.Kind.ACTION and speaker is not None:
            self.add_error("character", _("An action has no speaker. Leave this empty, or make it a line of dialog."))
        return data
