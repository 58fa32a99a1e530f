"""The forms of a film's pages: its words, and the title of a new scene."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scenes.forms import FilmForm


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
