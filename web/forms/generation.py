"""The forms of the three steps. They render and remember what was typed; every verdict is the specs' own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scenes.models import Character
from videogen import pipelines
from videogen.errors import shown
from videogen.limits import bounds, number_or_text
from videogen.pipelines import loras
from videogen.specs import (
    DURATION_RANGE,
    FRAME_RATES,
    MOST_AT_ONCE,
    SIZES,
    FrameSpec,
    Limits,
    Spec,
    SpecError,
    VideoSpec,
)
from videogen.spoken import BlockLine
from web.drawings import Drawings

CUSTOM = "custom"
_SIZE_WORDS = {
    (768, 512): _("3:2, quick"),
    (1024, 576): _("16:9, small"),
    (1280, 704): _("default"),
    (1280, 720): _("HD"),
    (1920, 1080): _("Full HD"),
}


_CLASSES: dict[type[forms.Widget], str] = {
    forms.Textarea: "textarea",
    forms.TextInput: "input input--number",
    forms.Select: "select",
}


def _number_box() -> forms.TextInput:
    # type=number would send "" for what is not a number, and the typed text would be lost without a word.
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


def _options(values: Iterable[int], unit: str = "") -> forms.RadioSelect:
    return forms.RadioSelect(choices=[(str(value), f"{value}{unit}") for value in values])


def spec_field(spec: type[Limits], name: str, widget: forms.Widget, help_text: Any = "") -> forms.Field:
    """Make the form's field of a setting: it keeps what was typed, and leaves the verdict to the spec."""
    if css_class := _CLASSES.get(type(widget)):
        widget.attrs.setdefault("class", css_class)
    return forms.Field(required=False, label=_(spec.model_fields[name].title or ""), widget=widget, help_text=help_text)


def _range_of(name: str, spec: type[Limits] = Spec) -> str:
    low, high = bounds(spec.model_fields[name]) or (0, 0)
    return _("%(low)g to %(high)g") % {"low": low, "high": high}


def size_name(width: object, height: object) -> str:
    """The form's word for a size: "1280x704" for one that is offered, "custom" for any other."""
    try:
        pair = (int(str(width)), int(str(height)))
    except ValueError:
        return CUSTOM
    return f"{pair[0]}x{pair[1]}" if pair in SIZES or pair[::-1] in SIZES else CUSTOM


def _size_choices() -> list[tuple[Any, Any]]:
    def option(width: int, height: int, words: Any) -> tuple[str, Any]:
        return f"{width}x{height}", f"{width} × {height}  ·  {words}" if words else f"{width} × {height}"

    landscape = [option(width, height, _SIZE_WORDS[width, height]) for width, height in SIZES]
    portrait = [option(height, width, "") for width, height in SIZES]
    return [(_("Landscape"), landscape), (_("Portrait"), portrait), (CUSTOM, _("Custom size"))]


class SpecField(forms.BoundField):
    """A field on the page, and what the pipelines on offer make of it."""

    form: "SpecForm"

    @property
    def unused_by(self) -> list[pipelines.PipelineInfo]:
        """The pipelines that do not look at this field, and say so beside it."""
        return [model for model in self.form.models if not (model.uses(self.name) or model.hides(self.name))]

    @property
    def hidden_by(self) -> str:
        """The names of the pipelines that hide this field, with spaces between them."""
        return " ".join(model.name for model in self.form.models if self.form.hides(model, self.name))

    @property
    def is_hidden_by_chosen(self) -> bool:
        """Whether the chosen pipeline hides this field. One with an error is shown: it keeps the form from going on."""
        return self.form.hides(self.form.chosen_model, self.name) and not self.errors

    def draw(self, shape: str, *, wide: bool) -> SafeString:
        """Return the HTML of the whole field: videogen/_field.html, _segments.html or _switch.html.

        These templates are given the field and nothing else, and show of its form which pipelines there are only.
        """
        value = self.value()
        key = (
            *(type(self.form), self.name, shape, wide),
            *(None if value is None else str(value), tuple(self.errors)),
            *(tuple(model.name for model in self.form.models), self.form.chosen_model.name, self.hidden_by),
        )
        shown = {"field": self, "wide": wide}
        return _FIELDS.get(key, lambda: render_to_string(f"videogen/_{shape}.html", shown))


_FIELDS = Drawings(most=1000)  # of 1 KB each, the drop-down lists and rows of buttons 3


class SpecForm(forms.Form):
    """What frames and videos have in common. After is_valid(), `spec` holds the frozen settings."""

    KIND: ClassVar[str]
    data: QueryDict
    bound_field_class = SpecField

    prompt = spec_field(Spec, "prompt", forms.Textarea(attrs={"rows": 6}))
    negative_prompt = spec_field(Spec, "negative_prompt", forms.Textarea(attrs={"rows": 3}))
    steps = spec_field(Spec, "steps", _number_box(), _range_of("steps"))
    guidance_scale = spec_field(Spec, "guidance_scale", _number_box(), _range_of("guidance_scale"))
    seed = spec_field(Spec, "seed", _number_box(), _("Empty for random"))
    size = forms.Field(required=False, label=_("Resolution"), widget=forms.Select(attrs={"class": "select"}))
    width = spec_field(Spec, "width", _number_box())
    height = spec_field(Spec, "height", _number_box())
    model = spec_field(Spec, "model", forms.Select())

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="clip_%s", **kwargs)
        self.spec: Any = None
        self.models = pipelines.offered(self.KIND)
        self._offer("size", _size_choices())
        self._offer("model", [(model.name, model.label) for model in self.models])

    def _offer(self, name: str, choices: Sequence[Any]) -> None:
        widget: Any = self.fields[name].widget
        widget.choices = choices

    @property
    def chosen_model(self) -> pipelines.PipelineInfo:
        """The pipeline the form stands on: what was chosen, else the installation's default."""
        named = self["model"].value()
        return next((model for model in self.models if model.name == named), self.models[0])

    def hides(self, model: pipelines.PipelineInfo, name: str) -> bool:
        """Whether the form shows nothing of a setting while this pipeline is chosen."""
        return model.hides(name)

    @property
    def has_advanced_errors(self) -> bool:
        """Whether a field that the form folds away holds an error."""
        return bool(set(self.errors) - {"prompt", "character_ids", "__all__"})

    def clean(self) -> None:
        typed: dict[str, Any] = self.data.dict()
        size = typed.get("size") or CUSTOM
        width, _x, height = size.partition("x")
        if size != size_name(width, height):
            self.add_error("size", f"Resolution must be one of the list or a custom size; {shown(size)} was given.")
        elif size != CUSTOM:
            typed |= {"width": width, "height": height}
        try:
            self.spec = self.read(typed)
        except SpecError as refused:
            for name, message in refused.errors.items():
                self.add_error(self._shown_field(name), message)

    def _shown_field(self, name: str) -> str | None:
        # A size from the list is too large for the duration: the boxes for width and height are out of sight.
        if name in ("width", "height") and self.data.get("size", CUSTOM) != CUSTOM:
            return "size"
        return name if name in self.fields else None

    def read(self, typed: Mapping[str, object]) -> Any:
        """The spec of what was typed. Raises SpecError."""
        raise NotImplementedError


def _strength(name: str) -> forms.Field:
    words = _("%(range)s; 1 keeps the picture as it is, less lets the clip change it")
    return spec_field(VideoSpec, name, _number_box(), words % {"range": _range_of(name, VideoSpec)})


# The settings of a clip that most people leave alone.
ADVANCED = ("start_strength", "end_strength", "loras")


@dataclass(frozen=True, slots=True)
class LoraRow:
    """A LoRA in the form: whether it is ticked, and its strength as it was typed."""

    offer: loras.Offer
    is_used: bool
    strength: str


_LIKE_START = [
    ("", _("Yes, unless I change something")),
    ("true", _("Yes, as the camera moves on")),
    ("false", _("No, it shows what I write here")),
]
_YES_OR_NO = {"": None, "true": True, "false": False}


class FrameForm(SpecForm):
    """Steps 1 and 2. `cast` are the characters of the scene that may be shown."""

    KIND = "frame"

    like_start = spec_field(FrameSpec, "like_start", forms.Select(choices=_LIKE_START))
    include_location = spec_field(FrameSpec, "include_location", forms.CheckboxInput())
    character_ids = spec_field(FrameSpec, "character_ids", forms.CheckboxSelectMultiple())

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, role: str, cast: Sequence[Character], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.role = role
        self.cast = cast
        self._offer("character_ids", [(str(who.pk), who.name) for who in cast])

    @property
    def people(self) -> list[tuple[Character, BoundWidget]]:
        """Each character with the box that switches it on and off."""
        return list(zip(self.cast, self["character_ids"], strict=True))

    def read(self, typed: Mapping[str, object]) -> FrameSpec:
        chosen = {
            "role": self.role,
            "like_start": _YES_OR_NO.get(str(typed.get("like_start", "")), typed.get("like_start")),
            "include_location": bool(typed.get("include_location")),
            "character_ids": self.data.getlist("character_ids"),
        }
        cast = [str(character.pk) for character in self.cast]
        return FrameSpec.read({**typed, **chosen}, as_text=True, **pipelines.known(self.KIND), cast=cast)


class VideoForm(SpecForm):
    """Step 3. line: what is said in the block."""

    KIND = "video"

    duration = spec_field(VideoSpec, "duration", _options(DURATION_RANGE, " s"))
    frame_rate = spec_field(VideoSpec, "frame_rate", _options(FRAME_RATES))
    takes = spec_field(VideoSpec, "takes", _options(range(1, MOST_AT_ONCE + 1)), _("each with its own seed"))
    sound = spec_field(VideoSpec, "sound", forms.CheckboxInput())
    start_strength = _strength("start_strength")
    end_strength = _strength("end_strength")

    loras: Any = spec_field(VideoSpec, "loras", forms.CheckboxSelectMultiple())

    def __init__(self, data: Mapping[str, Any] | None = None, *, line: BlockLine | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.line = line

    def hides(self, model: pipelines.PipelineInfo, name: str) -> bool:
        """Also the switch for sound, where the only sound would be a voice and nobody speaks."""
        is_mute = name == "sound" and model.speaks and (self.line is None or self.line.casting.line is None)
        return is_mute or super().hides(model, name)

    @property
    def lora_rows(self) -> list[LoraRow]:
        """Each LoRA of this installation as the form shows it; none where no pipeline on offer uses any."""
        model = next((model for model in [self.chosen_model, *self.models] if model.uses("loras")), None)
        if model is None:
            return []
        if self.is_bound:
            typed = {name: str(self.data.get(f"lora_strength {name}", "")) for name in self.data.getlist("loras")}
        else:
            typed = {use["name"]: f"{use['strength']:.10g}" for use in self.initial.get("loras", ())}
        return [
            LoraRow(offer, offer.lora.name in typed, typed.get(offer.lora.name) or f"{offer.lora.strength:g}")
            for offer in loras.offers(model)
        ]

    @property
    def has_folded_errors(self) -> bool:
        """Whether a setting that the form folds away holds an error."""
        return bool(set(self.errors).intersection(ADVANCED))

    @property
    def advanced_hidden_by(self) -> str:
        """The names of the pipelines that have no use for any of them, with spaces between them."""
        return " ".join(model.name for model in self.models if all(model.hides(name) for name in ADVANCED))

    @property
    def is_advanced_hidden(self) -> bool:
        """Whether the chosen pipeline has no use for any of them, and none holds an error."""
        return self.chosen_model.name in self.advanced_hidden_by.split() and not self.has_folded_errors

    def read(self, typed: Mapping[str, object]) -> VideoSpec:
        return VideoSpec.read(
            {**typed, "loras": self._asked_loras()}, as_text=True, **pipelines.known(self.KIND), loras=loras.chosen
        )

    def _asked_loras(self) -> list[dict[str, object]]:
        """The LoRAs that are ticked. What the chosen pipeline hides was not asked for."""
        if not self.is_bound or self.chosen_model.hides("loras"):
            return []
        asked = [(name, self.data.get(f"lora_strength {name}", "")) for name in self.data.getlist("loras")]
        return [{"name": name, "strength": number_or_text(typed)} for name, typed in asked]
