"""The form of an export. It renders and remembers what was chosen; the verdict is ExportSpec's own."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from videogen.exports.spec import DEFAULT_FIRST_FRAME, ExportSpec
from videogen.models import Export
from videogen.specs import FRAME_RATES, SIZES, SpecError

AS_CLIPS = _("Same as most clips")
CAPTIONS = [
    ("none", _("None")),
    ("track", _("As a track that a player can show")),
    ("burned", _("Drawn into the picture")),
]
LAYOUTS = [
    ("grid", _("Six panels a page")),
    ("list", _("Three a page, with room for notes")),
    ("single", _("One a page")),
]
SWITCHES = ("stills", "voices")


def _sizes() -> list[tuple[str, Any]]:
    both = [*SIZES, *((height, width) for width, height in SIZES)]
    return [("", AS_CLIPS), *((f"{width}x{height}", f"{width} × {height}") for width, height in both)]


def _select(choices: list[tuple[str, Any]]) -> forms.Select:
    return forms.Select(choices=choices, attrs={"class": "select"})


class ExportForm(forms.Form):
    """What to take home. After is_valid(), `spec` holds the frozen settings."""

    format = forms.Field(required=False, label=_("Format"), widget=forms.RadioSelect(choices=Export.Format.choices))
    captions = forms.Field(required=False, label=_("Captions"), widget=_select(CAPTIONS))
    stills = forms.Field(
        required=False, label=_("Show start frames and words where a clip is missing"), widget=forms.CheckboxInput()
    )
    voices = forms.Field(
        required=False, label=_("Scratch voices where a clip has no sound"), widget=forms.CheckboxInput()
    )
    size = forms.Field(required=False, label=_("Size"), widget=_select(_sizes()))
    frame_rate = forms.Field(
        required=False,
        label=_("Frame rate"),
        widget=_select([("", AS_CLIPS), *((str(rate), f"{rate}") for rate in FRAME_RATES)]),
    )
    first_frame = forms.Field(
        required=False,
        label=_("Number of the first frame of each shot"),
        widget=forms.TextInput(attrs={"class": "input input--number", "inputmode": "numeric", "autocomplete": "off"}),
    )
    layout = forms.Field(required=False, label=_("Layout"), widget=_select(LAYOUTS))

    spec: ExportSpec

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        first = {"format": "mp4", "captions": "none", "stills": True, "voices": True, "layout": "grid"}
        super().__init__(data, initial={**first, "first_frame": DEFAULT_FIRST_FRAME}, auto_id="export_%s")

    @property
    def switches(self) -> list[forms.BoundField]:
        """What can be switched on and off."""
        return [self[name] for name in SWITCHES]

    def clean(self) -> dict[str, Any]:
        """Read the settings; every wrong one is named beside its field."""
        width, _times, height = str(self.data.get("size") or "").partition("x")
        given: dict[str, object] = {name: self.data.get(name) or None for name in ExportSpec.model_fields}
        given |= {name: "true" if name in self.data else "false" for name in SWITCHES}
        given |= {"width": width or None, "height": height or None}
        try:
            self.spec = ExportSpec.read(given, as_text=True)
        except SpecError as refused:
            self.refuse(refused)
        return self.cleaned_data

    def refuse(self, refused: SpecError) -> None:
        """Show what is wrong beside the fields."""
        for name, sentence in refused.errors.items():
            self.add_error("size" if name in ("width", "height") else name, sentence)
