"""The form of what stands above a scene's script: its words, its place and its cast."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from scenes import library
from scenes.models import Block, Character, Location, Scene
from scenes.screenplay.headings import parse
from scenes.wording import SCENE_WORDS, WritingError


class SceneWordsForm(forms.Form):
    """A scene's title, heading, number, synopsis, style, place and cast. version: of the scene that was looked at.

    What a text may hold is said by scenes.wording, when it is saved.
    """

    heading = forms.CharField(
        label=_("Heading"),
        required=False,
        help_text=_("As a screenplay has it: INT. RADIO ROOM - NIGHT. Without one it is made of the location."),
    )
    location = forms.ModelChoiceField(
        Location.objects.none(), label=_("Location"), required=False, empty_label=_("The place that the heading names")
    )
    title = forms.CharField(label=_("Title"))
    number = forms.CharField(label=_("Number"), required=False, help_text=_("As printed: 12A."))
    synopsis = forms.CharField(label=_("Synopsis"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    style = forms.CharField(
        label=_("Style"),
        required=False,
        help_text=_("How the pictures look, where the film’s style is not meant."),
    )
    characters = forms.ModelMultipleChoiceField(
        Character.objects.none(),
        label=_("Who is there without a line"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever speaks here is in the cast anyway."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, scene: Scene, by: User, data: Any = None) -> None:
        """by: who may choose only of the places and people that they see. scene.film: with their `.can` set."""
        film = scene.film
        words = {name: getattr(scene, name) for name in ("title", "heading", "number", "synopsis", "style", "version")}
        there = list(scene.characters.values_list("pk", flat=True))
        super().__init__(data, initial=words | {"location": _chosen(scene), "characters": there})
        location, characters = cast("Any", self.fields["location"]), cast("Any", self.fields["characters"])
        location.queryset = library.seen(by, film, Location)
        characters.queryset = library.seen(by, film, Character)
        if not characters.queryset.exists():
            del self.fields["characters"]
        for name, field in self.fields.items():
            if name not in ("characters", "version"):
                kind = "input select" if name == "location" else "input"
                field.widget.attrs.update({"class": kind, "autocomplete": "off"})

    @property
    def words(self) -> dict[str, Any]:
        """What is to be saved, but the place. The form must be valid."""
        said = self.cleaned_data
        names = [name for name in SCENE_WORDS if name in said]
        return {name: said[name] for name in names} | {"character_ids": [who.pk for who in said.get("characters", ())]}

    def take_version(self, current: Scene | Block | None) -> None:
        """Let the next press save over what somebody else has saved meanwhile."""
        sent: Any = self.data
        sent = sent.copy()
        sent["version"] = current.version if current else ""
        self.data = sent

    def refuse(self, error: WritingError) -> None:
        """Show beside each field why it was not taken."""
        for name, sentence in error.errors.items():
            self.add_error(name if name in self.fields else None, sentence)


def _chosen(scene: Scene) -> Location | None:
    """Return the place to show as chosen: none where it follows the heading, as it does in a screenplay."""
    place = scene.location
    follows = place is not None and place.name.casefold() == parse(scene.heading).location.casefold()
    return None if follows else place
