"""The settings of models: which to run, where, and in how much memory."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from videogen.specs import LORA_STRENGTH_RANGE, MOST_LORAS

DEFAULT_LTX = "diffusers/LTX-2.3-Diffusers"
DEFAULT_LTX_DISTILLED = "diffusers/LTX-2.3-Distilled-Diffusers"
DEFAULT_FLUX = "black-forest-labs/FLUX.2-klein-4B"
# The setting that pins each checkpoint of ModelSettings.
REVISIONS = {
    "ltx": "LTX_REVISION",
    "ltx_distilled": "LTX_DISTILLED_REVISION",
    "ltx25": "LTX25_REVISION",
    "flux": "FLUX_REVISION",
}
SETTINGS = (
    *("VIDEO_MODEL", "FRAME_MODEL", "LTX_CHECKPOINT", "LTX_DISTILLED_CHECKPOINT", "LTX25_CHECKPOINT"),
    *("FLUX_CHECKPOINT", "LTX_UPSAMPLER", "LTX_DISTILLED_LORA", "DEVICE", "MEMORY_MODE", "LTX_COMPILE"),
    *("LTX_FP8", "LTX_SKIP_STEP"),
    *REVISIONS.values(),
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a model's files come from: a folder, or a repository and its revision (None: the default one)."""

    source: str
    revision: str | None = None

    @classmethod
    def parse(cls, text: str, revision: str | None = None) -> Self:
        """Read "folder", "owner/name" or "owner/name@revision"; an explicit `revision` wins. A folder has none."""
        folder = Path(text.strip()).expanduser()
        if folder.is_absolute() or folder.is_dir():
            return cls(text.strip())
        source, _, pinned = text.strip().partition("@")
        return cls(source, revision or pinned or None)

    def __str__(self) -> str:
        return f"{self.source}@{self.revision}" if self.revision else self.source


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA on offer.

    source: a folder, a file or a repository. file: its name in there, empty for the only one. strength: what it counts
    where nobody says otherwise.
    """

    name: str
    source: Checkpoint
    file: str = ""
    strength: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "name=path-or-repository[:file][@strength]". Raises ImproperlyConfigured."""
        name, _equals, place = (part.strip() for part in text.partition("="))
        if not re.fullmatch(r"\w[\w .-]{0,39}", name) or not place:
            raise ImproperlyConfigured(
                f"LTX_LORAS holds {text!r}; each entry must be name=path-or-repository[:file][@strength]."
            )
        source, at, number = place.rpartition("@")
        strength = 1.0
        if at and re.fullmatch(r"-?\d*\.?\d+", number):
            place, strength = source, float(number)
        low, high = LORA_STRENGTH_RANGE
        if not low <= strength <= high:
            raise ImproperlyConfigured(f"LTX_LORAS: the strength of {name} must be from {low:g} to {high:g}.")
        source, colon, file = place.rpartition(":")
        if colon and file.endswith(".safetensors"):
            place = source
        else:
            file = ""
        return cls(name, Checkpoint.parse(place), file, strength)

    @classmethod
    def parse_all(cls, text: str) -> tuple[Self, ...]:
        """Read entries separated by commas or line breaks. Raises ImproperlyConfigured."""
        found = tuple(cls.parse(entry) for entry in re.split(r"[,\n]", text) if entry.strip())
        names = [lora.name for lora in found]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ImproperlyConfigured(f"LTX_LORAS names {twice} twice.")
        if len(found) > MOST_LORAS:
            raise ImproperlyConfigured(f"LTX_LORAS may hold {MOST_LORAS} entries; it holds {len(found)}.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """The model settings of this installation.

    video_model, frame_model: a registry name or "auto". ltx25: None where it is not wanted. ltx_upsampler,
    ltx_distilled_lora: for two stages. ltx_loras: what people can choose. device: a torch device or "auto".
    memory_mode: "resident", "offload", "low" or "auto". compiles: whether the transformer is compiled on a GPU.
    fp8: "off", "weights" or "dynamic". skip_step: how many steps without guidance follow one with it.
    """

    video_model: str = "auto"
    frame_model: str = "auto"
    ltx: Checkpoint = Checkpoint(DEFAULT_LTX)
    ltx_distilled: Checkpoint = Checkpoint(DEFAULT_LTX_DISTILLED)
    flux: Checkpoint = Checkpoint(DEFAULT_FLUX)
    ltx25: Checkpoint | None = None
    ltx_upsampler: Checkpoint | None = None
    ltx_distilled_lora: Checkpoint | None = None
    ltx_loras: tuple[Lora, ...] = ()
    device: str = "auto"
    memory_mode: str = "auto"
    compiles: bool = True
    fp8: str = "off"
    skip_step: int = 0

    @classmethod
    def texts(cls) -> tuple[object, ...]:
        """Return the Django settings that `read` reads, as they are: equal as long as none of them changes."""
        return tuple(getattr(settings, name, None) for name in SETTINGS)

    @classmethod
    def read(cls) -> Self:
        """Read the Django settings; a name that is absent or empty keeps its default."""

        def value(name: str, default: str) -> str:
            return str(getattr(settings, name, "") or default)

        def checkpoint(field: str, name: str, default: str) -> Checkpoint:
            return Checkpoint.parse(value(name, default), value(REVISIONS[field], "") or None)

        def optional(name: str, field: str = "") -> Checkpoint | None:
            text = value(name, "")
            revision = value(REVISIONS[field], "") if field in REVISIONS else ""
            return Checkpoint.parse(text, revision or None) if text else None

        return cls(
            video_model=value("VIDEO_MODEL", "auto"),
            frame_model=value("FRAME_MODEL", "auto"),
            ltx=checkpoint("ltx", "LTX_CHECKPOINT", DEFAULT_LTX),
            ltx_distilled=checkpoint("ltx_distilled", "LTX_DISTILLED_CHECKPOINT", DEFAULT_LTX_DISTILLED),
            flux=checkpoint("flux", "FLUX_CHECKPOINT", DEFAULT_FLUX),
            ltx25=optional("LTX25_CHECKPOINT", "ltx25"),
            ltx_upsampler=optional("LTX_UPSAMPLER"),
            ltx_distilled_lora=optional("LTX_DISTILLED_LORA"),
            ltx_loras=Lora.parse_all(value("LTX_LORAS", "")),
            device=value("DEVICE", "auto"),
            memory_mode=value("MEMORY_MODE", "auto"),
            compiles=bool(getattr(settings, "LTX_COMPILE", True)),
            fp8=value("LTX_FP8", "off"),
            skip_step=int(value("LTX_SKIP_STEP", "0")),
        )
