"""The forms of the three steps. They render and remember what was typed; every verdict is the specs' own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from scenes.models import Character
from videogen import pipelines
from videogen.read_specs import read_cast, read_frame_spec, read_video_spec
from videogen.specs import DURATIONS, FRAME_RATES, Collected, FrameSpec, SpecError, VideoSpec

# Width and height of the sizes offered first; each has its portrait twin.
SIZES = ((768, 512), (1024, 576), (1280, 704), (1280, 720), (1920, 1080))
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


class Typed(forms.Field):
    """Hands on exactly what was typed: Django's own validation would say the same things in other words."""

    def __init__(self, label: Any = "", *, widget: forms.Widget | None = None, help_text: Any = "") -> None:
        super().__init__(required=False, label=label, widget=widget, help_text=help_text)
        if kind := _CLASSES.get(type(self.widget)):
            self.widget.attrs["class"] = kind


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


def _number_box() -> forms.TextInput:
    # type=number would send "" for what is not a number, and the typed text would be lost without a word.
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


class SpecField(forms.BoundField):
    """A field on the page, and what the pipelines on offer make of it."""

    form: "SpecForm"

    @property
    def unused_by(self) -> list[pipelines.Model]:
        """The pipelines that do not look at this field, and say so beside it."""
        return [model for model in self._without() if not model.hides_unused]

    @property
    def hidden_by(self) -> str:
        """The names of the pipelines that hide this field, with spaces between them."""
        return " ".join(model.name for model in self._without() if model.hides_unused)

    @property
    def is_hidden_by_chosen(self) -> bool:
        """Whether the chosen pipeline hides this field. One with an error is shown: it keeps the form from going on."""
        chosen = self.form.chosen_model
        return chosen.hides_unused and self.name in chosen.unused and not self.errors

    def _without(self) -> list[pipelines.Model]:
        return [model for model in self.form.models if self.name in model.unused]


class SpecForm(forms.Form):
    """What frames and videos have in common. After is_valid(), `spec` holds the frozen settings."""

    KIND: ClassVar[str]
    bound_field_class = SpecField

    prompt = Typed(_("Prompt"), widget=forms.Textarea(attrs={"rows": 6}))
    negative_prompt = Typed(_("Negative prompt"), widget=forms.Textarea(attrs={"rows": 3}))
    steps = Typed(_("Steps"), widget=_number_box(), help_text=_("1 to 50"))
    guidance_scale = Typed(_("Guidance scale"), widget=_number_box(), help_text=_("1 to 20"))
    seed = Typed(_("Seed"), widget=_number_box(), help_text=_("Empty for random"))
    size = Typed(_("Resolution"), widget=forms.Select())
    width = Typed(_("Width"), widget=_number_box())
    height = Typed(_("Height"), widget=_number_box())
    model = Typed(_("Pipeline"), widget=forms.Select())

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="clip_%s", **kwargs)
        self.spec: Any = None
        self.models = pipelines.offered(self.KIND)
        self._offer("size", _size_choices())
        self._offer("model", [(model.name, model.label) for model in self.models])

    def _offer(self, name: str, choices: Sequence[Any]) -> None:
        self.fields[name].widget.choices = choices  # type: ignore[attr-defined,unused-ignore]

    @property
    def chosen_model(self) -> pipelines.Model:
        """The pipeline the form stands on: what was chosen, else the installation's default."""
        named = self["model"].value()
        return next((model for model in self.models if model.name == named), self.models[0])

    @property
    def has_advanced_errors(self) -> bool:
        """Whether a field that the form folds away holds an error."""
        return bool(set(self.errors) - {"prompt", "character_ids", "__all__"})

    def clean(self) -> None:
        try:
            collected = Collected()
            size = collected.call(self._read_size, {})
            spec = collected.call(lambda: self.read_spec({**self.data.dict(), **size}))  # type: ignore[attr-defined]
            collected.check()
            self.spec = spec
        except SpecError as refused:
            for name, message in refused.errors.items():
                self.add_error(self._shown_field(name), message)

    def _shown_field(self, name: str) -> str | None:
        # A size from the list is too large for the duration: the boxes for width and height are out of sight.
        if name in ("width", "height") and self.data.get("size", CUSTOM) != CUSTOM:
            return "size"
        return name if name in self.fields else None

    def read_spec(self, raw: Mapping[str, object]) -> Any:
        """The spec of what was typed. Raises SpecError."""
        raise NotImplementedError

    def _read_size(self) -> dict[str, object]:
        size = self.data.get("size") or CUSTOM
        if size == CUSTOM:
            return {}
        width, _x, height = size.partition("x")
        if size_name(width, height) != size:
            message = f"Resolution must be one of the list or a custom size; “{size[:40]}” was given."
            raise SpecError({"size": message})
        return {"width": width, "height": height}


class FrameForm(SpecForm):
    """Steps 1 and 2. `cast` are the characters of the scene that may be shown."""

    KIND = "frame"

    include_location = Typed(_("Location"), widget=forms.CheckboxInput())
    character_ids = Typed(_("Characters"), widget=forms.CheckboxSelectMultiple())

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

    def read_spec(self, raw: Mapping[str, object]) -> FrameSpec:
        given = self.data.getlist("character_ids")  # type: ignore[attr-defined]
        return read_frame_spec(
            raw,
            role=self.role,
            include_location=bool(raw.get("include_location")),
            characters=lambda: read_cast(self.cast, given),
            as_text=True,
        )


class VideoForm(SpecForm):
    """Step 3."""

    KIND = "video"

    duration = Typed(_("Duration"), widget=forms.RadioSelect(choices=[(str(n), f"{n} s") for n in DURATIONS]))
    frame_rate = Typed(_("Frame rate"), widget=forms.RadioSelect(choices=[(str(n), n) for n in FRAME_RATES]))

    def read_spec(self, raw: Mapping[str, object]) -> VideoSpec:
        return read_video_spec(raw, as_text=True)
