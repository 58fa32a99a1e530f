"""The settings of models: which to run, where, and in how much memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """The model settings of this installation.

    video_model, frame_model: a registry name or "auto". ltx25: None where it is not wanted. ltx_upsampler,
    ltx_distilled_lora: for two stages. device: a torch device or "auto". memory_mode: "resident", "offload", "low" or
    "auto". compiles: whether the transformer is compiled on a GPU.
    """

    video_model: str = "auto"
    frame_model: str = "auto"
    ltx: Checkpoint = Checkpoint(DEFAULT_LTX)
    ltx_distilled: Checkpoint = Checkpoint(DEFAULT_LTX_DISTILLED)
    flux: Checkpoint = Checkpoint(DEFAULT_FLUX)
    ltx25: Checkpoint | None = None
    ltx_upsampler: Checkpoint | None = None
    ltx_distilled_lora: Checkpoint | None = None
    device: str = "auto"
    memory_mode: str = "auto"
    compiles: bool = True

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
            device=value("DEVICE", "auto"),
            memory_mode=value("MEMORY_MODE", "auto"),
            compiles=bool(getattr(settings, "LTX_COMPILE", True)),
        )
