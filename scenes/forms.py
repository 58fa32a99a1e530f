"""The forms of the operator's console."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from scenes.models import Block, Character, Location, Scene


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
        if (
            speaker is not None
            and (scene := data.get("scene") or self.instance.scene)
            and speaker.film_id != scene.film_id
        ):
            self.add_error("character", _not_of_the_film(speaker))
        return data


class SceneForm(forms.ModelForm[Scene]):
    """A scene, whose location and cast are its film's."""

    class Meta:
        model = Scene
        fields = ["film", "title", "heading", "synopsis", "style", "location", "characters"]

    def clean(self) -> dict[str, Any]:
        """Check that the location and the cast belong to the film."""
        data = super().clean() or self.cleaned_data
        film = data.get("film") or (None if self.instance._state.adding else self.instance.film)
        location, cast = data.get("location"), data.get("characters") or []
        if film and location and location.film_id != film.pk:
            self.add_error("location", _not_of_the_film(location))
        if film and (strangers := [who for who in cast if who.film_id != film.pk]):
            self.add_error("characters", _not_of_the_film(strangers[0]))
        return data


def _not_of_the_film(row: Location | Character) -> str:
    return _("%(name)s belongs to the film “%(film)s”. Choose one of this scene’s film, or write it there first.") % {
        "name": row.name,
        "film": row.film.title,
    }
