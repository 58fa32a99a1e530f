"""The forms of a film: its words, and the file somebody brings."""

from django import forms
from django.utils.translation import gettext_lazy as _

from scenes.models import Film


class FilmForm(forms.ModelForm[Film]):
    """Title, logline and style."""

    class Meta:
        model = Film
        fields = ["title", "logline", "style"]
        widgets = {
            "title": forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
            "logline": forms.Textarea(attrs={"class": "input", "rows": 2}),
            "style": forms.Textarea(attrs={"class": "input", "rows": 2}),
        }
        help_texts = {
            "logline": _("What happens, in a sentence or two."),
            "style": _(
                "How the pictures look: flat illustration, grainy film, ... For scenes without a style of their own."
            ),
        }


class SceneTitleForm(forms.Form):
    """The title of a new scene."""

    title = forms.CharField(max_length=200, label=_("Title of the new scene"))
