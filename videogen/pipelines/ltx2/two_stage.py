"""LTX-2.3 in two stages: half the size first, then twice as large, then a few steps that draw what is new.

The makers' own way to large clips: a step at half the size costs less than a fifth of one at the whole, and the second
stage has three steps without guidance. It is a choice of its own, because the result is another than one stage gives.
"""

from pathlib import Path

import torch
from diffusers.pipelines.ltx2 import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES, STAGE_2_DISTILLED_SIGMA_VALUES

from videogen.errors import GenerationError
from videogen.pipelines.base import OnStep
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.ltx2.checkpoint import LtxModel
from videogen.pipelines.ltx2.guidance import Guidance
from videogen.pipelines.ltx2.render import GRID, Render
from videogen.pipelines.ltx2.sampling import Latents
from videogen.pipelines.ltx2.schedule import noise_levels
from videogen.pipelines.ltx2.side_branch import SideBranch
from videogen.pipelines.ltx2.video import Ltx23DistilledVideo, Ltx23Video, Stage
from videogen.pipelines.weights import installed
from videogen.pipelines.weights.checkpoints import locate, unreadable
from videogen.specs import VideoSpec

UPSAMPLER = "upsampler"


class TwoStage(Ltx23Video):
    """What both pipelines in two stages share. The models they load are those of one stage."""

    def model(self, on_step: OnStep) -> LtxModel:
        """The loaded checkpoint with an upsampler. Raises GenerationError("model_unavailable")."""
        model = super().model(on_step)
        if UPSAMPLER not in model.residency.parts:
            folder = locate(_needed(self.settings.ltx_upsampler), self.name, index="config.json")
            model.residency.add(UPSAMPLER, _upsampler(folder, self.name, model))
            model.contents[UPSAMPLER] = installed.content_of(folder)
        return model

    def weights(self, model: LtxModel, beside: list[SideBranch]) -> list[object]:
        """What the clip is made with, the upsampler included."""
        return [*super().weights(model, beside), model.contents[UPSAMPLER]]

    def render(self, spec: VideoSpec) -> Render:
        """The smallest render that covers the spec and whose half is on the grid too."""
        return Render.of(spec, 2 * GRID)

    def first_levels(self, spec: VideoSpec, model: LtxModel) -> list[float]:
        """The noise levels of the first stage."""
        return noise_levels(spec.steps, model.scheduler.config.shift_terminal)

    def stages(self, spec: VideoSpec, render: Render, model: LtxModel) -> list[Stage]:
        """Half the size with the guidance of the pipeline, then the whole without any."""
        second = Stage(render, list(STAGE_2_DISTILLED_SIGMA_VALUES), Guidance.off())
        return [Stage(render.halved(), self.first_levels(spec, model), self.guidance(spec)), second]

    def between(self, model: LtxModel, made: Latents) -> Latents:
        """The latents of the first stage with twice the height and width; the sound as it is."""
        model.residency.bring(UPSAMPLER)
        upsampler = model.residency.parts[UPSAMPLER]
        with torch.no_grad():
            return upsampler(made[0].to(upsampler.dtype)).float(), made[1]


class Ltx23Final(TwoStage):
    """The dev checkpoint; in the second stage with what distils it, as a branch beside its own weights."""

    name = "ltx2.3-final"

    def model(self, on_step: OnStep) -> LtxModel:
        """The loaded checkpoint with an upsampler and the branch. Raises GenerationError("model_unavailable")."""
        model = super().model(on_step)
        if model.branch is None:
            folder = locate(_needed(self.settings.ltx_distilled_lora), self.name, index=None)
            model.branch = SideBranch.load(folder, model.denoiser.transformer, self.name)
        return model

    def weights(self, model: LtxModel, beside: list[SideBranch]) -> list[object]:
        """What the clip is made with, the branch of the second stage included."""
        return [*super().weights(model, beside), model.branch.content if model.branch else ""]

    def branch(self, model: LtxModel, number: int) -> SideBranch | None:
        """The branch, in the second stage."""
        return model.branch if number else None


class Ltx23Draft(TwoStage, Ltx23DistilledVideo):
    """The distilled checkpoint: its eight levels at half the size, three at the whole, no guidance."""

    name = "ltx2.3-draft"

    def first_levels(self, spec: VideoSpec, model: LtxModel) -> list[float]:
        """The eight it was distilled for."""
        return list(DISTILLED_SIGMA_VALUES)


def _needed(checkpoint: Checkpoint | None) -> Checkpoint:
    """What a setting names; the registry's records say which must, so it is there."""
    if checkpoint is None:
        raise GenerationError("model_unavailable", model="ltx2.3", reason="A setting that it needs is empty.")
    return checkpoint


def _upsampler(folder: Path, name: str, model: LtxModel) -> torch.nn.Module:
    try:
        made = LTX2LatentUpsamplerModel.from_pretrained(
            folder, dtype=model.device.dtype, use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise unreadable(name, error) from error
    channels = model.denoiser.transformer.config.in_channels
    if made.config.in_channels != channels or made.config.rational_spatial_scale != 2.0:
        raise unreadable(name, ValueError(f"an upsampler of {made.config.in_channels} channels"))
    return made.eval().requires_grad_(requires_grad=False)
