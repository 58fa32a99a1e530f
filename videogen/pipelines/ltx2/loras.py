"""The LoRAs of a clip as side branches of the transformer."""

from pathlib import Path

from videogen.errors import GenerationError
from videogen.pipelines.config import ModelSettings
from videogen.pipelines.loras import problem
from videogen.pipelines.ltx2.checkpoint import LtxModel
from videogen.pipelines.ltx2.side_branch import SideBranch
from videogen.pipelines.registry import VIDEO_MODELS
from videogen.pipelines.weights import lora_file
from videogen.specs import LoraUse, VideoSpec


def branches(model: LtxModel, settings: ModelSettings, spec: VideoSpec) -> list[SideBranch]:
    """The branches of a clip, each at its strength; those of other clips are not kept.

    Raises GenerationError("model_unavailable") where a LoRA is not here, is another file than the spec recorded, or
    does not fit.
    """
    found = [(lora_file.hash_of(path), use, path) for use, path in _files(settings, spec)]
    for left in model.loras.keys() - {content for content, _use, _path in found}:
        del model.loras[left]
    for content, use, path in found:
        if content not in model.loras:
            model.loras[content] = SideBranch.read(path, model.denoiser.transformer, _known_as(use))
    return [model.loras[content].at(use.strength) for content, use, _path in found]


def _files(settings: ModelSettings, spec: VideoSpec) -> list[tuple[LoraUse, Path]]:
    offered = {lora.name: lora for lora in settings.ltx_loras}
    found = []
    for use in spec.loras:
        path = lora_file.path_of(offered[use.name]) if use.name in offered else None
        if path is None:
            raise _unavailable(use, "LTX_LORAS of that machine does not lead to its file.")
        if reason := problem(offered[use.name], VIDEO_MODELS[spec.model]):
            raise _unavailable(use, reason)
        if use.sha256 and lora_file.hash_of(path) != use.sha256:
            raise _unavailable(use, "Its file there is another one than when the clip was asked for.")
        found.append((use, path))
    return found


def _known_as(use: LoraUse) -> str:
    return f"LoRA “{use.name}”"


def _unavailable(use: LoraUse, reason: str) -> GenerationError:
    return GenerationError("model_unavailable", model=_known_as(use), reason=reason)
