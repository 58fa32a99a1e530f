"""The forms of a film's pages: its words, and the title of a new scene."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scenes.forms import FilmForm
from scenes.wording import SCENE_WORDS


class FilmPageForm(FilmForm):
    """The words of a film, dressed for its pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs.update({"class": "input", "autocomplete": "off"})
        for name in ("logline", "style"):
            self.fields[name].widget = forms.Textarea(attrs={"class": "input", "rows": 2})


class SceneTitleForm(forms.Form):
    """The title of a new scene, or its heading."""

    title = forms.CharField(max_length=200, label=_("Heading or title of the new scene"))

    def clean_title(self) -> str:
        """Refuse what a scene's title may not hold: it could never be saved on its own page."""
        try:
            return SCENE_WORDS["title"].read(self.cleaned_data["title"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
