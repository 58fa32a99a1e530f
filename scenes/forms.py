"""The forms of scenes, blocks, locations and characters."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scenes.models import Block, Character, Film, Location, Scene
from scenes.voices import PACE_RANGE, PITCH_RANGE, VoiceKind, kind_of
from scenes.wording import shown

LONGEST_LOOK = 2000  # characters: all that are in a picture stand in one prompt of 4000

_Item = TypeVar("_Item", Location, Character)


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


class FilmForm(forms.ModelForm[Film]):
    """The words of a film."""

    class Meta:
        model = Film
        fields = ["title", "logline", "style"]
        help_texts = {
            "logline": _lazy("What happens, in a sentence or two."),
            "style": _lazy(
                "How the pictures look: flat illustration, grainy film. For scenes without a style of their own."
            ),
        }


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


class WordsField(forms.CharField):
    """A line or a text with a largest length; the sentence about one that is longer names it and how long it is."""

    def __init__(self, *, most: int, is_text: bool = False, **kwargs: Any) -> None:
        self.most = most
        widget: Any = forms.Textarea(attrs={"class": "textarea", "rows": 4}) if is_text else None
        super().__init__(widget=widget or forms.TextInput(attrs={"class": "input"}), **kwargs)

    def to_python(self, value: Any) -> str:
        """Use one kind of line break."""
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        """Check the length. Raises ValidationError."""
        if not value and self.required:
            raise forms.ValidationError(_("%(label)s is missing.") % {"label": self.label})
        if len(value) > self.most:
            raise forms.ValidationError(
                _("%(label)s “%(start)s…” has %(count)d characters; at most %(most)d can be taken.")
                % {"label": self.label, "start": value[:40], "count": len(value), "most": self.most}
            )


class _GroundInput(forms.NumberInput):
    """A slider that counts where the box before it is ticked."""

    input_type = "range"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """Return the percent that were sent, empty for none."""
        return str(data.get(name, "")) if f"has_{name}" in data else ""


class GroundField(forms.Field):
    """A height in a picture in percent of it, kept as a part of 1; empty where nobody has said."""

    widget = _GroundInput

    def prepare_value(self, value: Any) -> Any:
        """Return whole percent."""
        return round(100 * value) if isinstance(value, float) else ("" if value is None else value)

    def to_python(self, value: Any) -> float | None:
        """Read whole percent. Raises ValidationError."""
        if not value:
            return None
        if not (value.isascii() and value.isdecimal()) or len(value) > 3 or int(value) > 100:
            raise forms.ValidationError(
                _("%(label)s goes from 0 to 100; “%(value)s” was given.") % {"label": self.label, "value": value[:40]}
            )
        return int(value) / 100

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as they are shown."""
        return str(self.prepare_value(initial)) != str(data)


class NumberField(forms.IntegerField):
    """A whole number within a range, moved with a slider; the sentence about another names it."""

    def __init__(self, *, within: range, unit: Any, **kwargs: Any) -> None:
        self.within, self.unit = within, unit
        attrs = {"class": "range", "min": within[0], "max": within[-1], "step": 1, "data-unit": unit}
        super().__init__(required=False, widget=forms.NumberInput(attrs=attrs), **kwargs)
        self.widget.input_type = "range"

    def to_python(self, value: Any) -> int | None:
        """Read the number. Raises ValidationError."""
        try:
            found = super().to_python(value)
        except forms.ValidationError:
            found = self.within[-1] + 1
        if found is not None and found not in self.within:
            raise forms.ValidationError(
                _("%(label)s must be a whole number from %(low)d to %(high)d %(unit)s; %(given)s was given.")
                % {
                    "label": self.label,
                    "low": self.within[0],
                    "high": self.within[-1],
                    "unit": self.unit,
                    "given": shown(value),
                }
            )
        return found


class _ItemForm(forms.ModelForm[_Item], Generic[_Item]):
    """A location or character of a film. What is saved are the fields that were changed, and no others.

    A page sends with each field what it showed, as `was_<name>`: where somebody else has saved another text meanwhile,
    the field says so, and what was typed is kept.
    """

    untouched: set[str]  # what only somebody else has changed since the page was drawn

    name = WordsField(label=_lazy("Name"), most=200)
    description = WordsField(label=_lazy("Look"), most=LONGEST_LOOK, is_text=True, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.untouched = set()

    @property
    def words(self) -> list[forms.BoundField]:
        """The fields of its words."""
        return [field for field in self if not field.name.startswith("voice_")]

    @property
    def voices(self) -> list[forms.BoundField]:
        """The fields of its scratch voice; a location has none."""
        return [field for field in self if field.name.startswith("voice_")]

    def clean_name(self) -> str:
        """Check that no other of the film has the name. Raises ValidationError."""
        name: str = " ".join(self.cleaned_data["name"].split())
        same = type(self.instance)._default_manager.filter(film=self.instance.film_id, name__iexact=name)
        if (other := same.exclude(pk=self.instance.pk).first()) and "name" in self.changed_data:
            raise forms.ValidationError(
                _("There is “%(name)s” already. Choose another name, or merge the two.") % {"name": other.name}
            )
        return name

    def clean(self) -> dict[str, Any]:
        """Check that nobody has changed a field meanwhile that is changed here."""
        data = super().clean() or self.cleaned_data
        for name in [name for name in self.changed_data if name in data and f"was_{name}" in self.data]:
            shown, stands = _one_break(self.data[f"was_{name}"]), self._text(name, self.initial.get(name))
            if shown == self._text(name, data[name]):
                self.untouched.add(name)
            elif shown != stands:
                self.add_error(
                    name,
                    _("Somebody has changed this meanwhile to “%(text)s”. Yours is kept here: save again to use it.")
                    % {"text": stands},
                )
        return data

    def _text(self, name: str, value: Any) -> str:
        """Return a value as the page sends it."""
        found = self.fields[name].prepare_value(value)
        return "" if found is None else _one_break(str(found))

    def save(self, commit: bool = True) -> Any:
        """Save a new row, or the changed fields of one that is there."""
        if self.instance._state.adding or not commit:
            return super().save(commit)
        self.instance.save(update_fields=[name for name in self.changed_data if name not in self.untouched])
        return self.instance


def _one_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class LocationForm(_ItemForm[Location]):
    """A location: its name and look, and on its own page the ground line, which only a form that shows it sends."""

    ground_line = GroundField(label=_lazy("Where feet stand"), required=False)

    class Meta:
        model = Location
        fields = ["name", "description", "ground_line"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding or (self.is_bound and "was_ground_line" not in self.data):
            del self.fields["ground_line"]


class CharacterForm(_ItemForm[Character]):
    """A character: name, look and voice, and the scratch voice that speaks in animatic clips."""

    voice = WordsField(label=_lazy("Voice"), most=200, required=False)
    voice_kind = forms.ChoiceField(
        label=_lazy("Kind of voice"),
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
        error_messages={"invalid_choice": _lazy("Kind of voice must be one of the list; “%(value)s” was given.")},
    )
    voice_pitch = NumberField(label=_lazy("Pitch"), within=PITCH_RANGE, unit=_lazy("semitones"))
    voice_pace = NumberField(label=_lazy("Pace"), within=PACE_RANGE, unit="%")
    voice_engine = WordsField(label=_lazy("Speaker"), most=100, required=False)

    class Meta:
        model = Character
        fields = ["name", "description", "voice", "voice_kind", "voice_pitch", "voice_pace", "voice_engine"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guess = kind_of(self.instance.name, self.instance.description).label
        by_look = _("By the look: %(kind)s") % {"kind": str(guess).lower()}
        kinds: Any = self.fields["voice_kind"]
        kinds.choices = [("", by_look), *VoiceKind.choices]

    def offer_speakers(self, speakers: Sequence[tuple[str, str]]) -> None:
        """Offer those who can speak on this machine, as pairs of a name and a label; hide the choice of one."""
        chosen = self["voice_engine"].value() or ""
        offered = [("", _("The best there is")), *speakers]
        if chosen and chosen not in dict(speakers):
            offered.append((chosen, _("%(name)s, not installed here") % {"name": chosen}))
        is_choice = len(offered) > 2
        widget = forms.Select(choices=offered, attrs={"class": "select"}) if is_choice else forms.HiddenInput()
        self.fields["voice_engine"].widget = widget
