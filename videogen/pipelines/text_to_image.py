"""Any plain text-to-image checkpoint makes frames; the pictures of the scene are told to it in words."""

import inspect
from typing import Any

from diffusers import AutoPipelineForText2Image

from videogen.pipelines.base import OnStep, Phase, Picture, Pixels
from videogen.pipelines.checkpoints import identity, locate
from videogen.pipelines.config import ModelSettings
from videogen.pipelines.device import Device
from videogen.pipelines.image_model import ImageModel
from videogen.pipelines.loaded import LOADED
from videogen.pipelines.references import described_prompt, in_order
from videogen.specs import FrameSpec


class TextToImageFrame:
    """The fallback for a FLUX_CHECKPOINT that names another kind of model."""

    name = "text-to-image"

    def __init__(self, settings: ModelSettings | None = None) -> None:
        self._settings = settings

    @property
    def device(self) -> str:
        """The name of the device it computes on, for the operator."""
        return str(Device.choose((self._settings or ModelSettings.read()).device))

    def generate(self, spec: FrameSpec, pictures: list[Picture], on_step: OnStep) -> Pixels:
        """Make the picture of spec.width x spec.height. Raises GenerationError: model_unavailable."""
        model = self.model(on_step)
        arguments: dict[str, Any] = {
            "prompt": described_prompt(spec.prompt, in_order(pictures, spec.prompt)),
            "guidance_scale": spec.guidance_scale,
            "negative_prompt": spec.negative_prompt,
        }
        known = inspect.signature(model.pipe.__call__).parameters
        on_step(Phase.ENCODING)
        return model.draw(
            spec, on_step, spec.steps, **{name: value for name, value in arguments.items() if name in known}
        )

    def model(self, on_step: OnStep) -> ImageModel:
        """The loaded checkpoint, loaded now where it is not; another model leaves first."""
        settings = self._settings or ModelSettings.read()
        folder = locate(settings.flux, self.name)
        key = (self.name, identity(folder), settings.device, settings.memory_mode)
        if not LOADED.holds(key):
            on_step(Phase.LOADING)
        device = Device.choose(settings.device)
        return LOADED.get(
            key, lambda: ImageModel.load(AutoPipelineForText2Image, folder, device, settings.memory_mode, self.name)
        )
