"""What the frame pipelines share: a loaded diffusers pipeline, true progress, and an exact size."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from diffusers import DiffusionPipeline
from PIL import Image

from videogen.geometry import central_box, next_legal_size
from videogen.pipelines.base import OnStep, Phase, Pixels
from videogen.pipelines.checkpoints import unreadable
from videogen.pipelines.device import Device
from videogen.specs import FrameSpec

GRID = 16  # pixels; every latent image model of today divides it


class ImageModel:
    """A diffusers image pipeline, whole on the device, or moved part by part where the device is small."""

    def __init__(self, pipe: DiffusionPipeline, device: Device, memory_mode: str) -> None:
        self.pipe = pipe
        self.device = device
        pipe.set_progress_bar_config(disable=True)
        if device.is_gpu and memory_mode in ("offload", "low"):
            pipe.enable_model_cpu_offload(device=device.torch_device)
        else:
            pipe.to(device.torch_device)

    @classmethod
    def load(cls, kind: Any, folder: Path, device: Device, memory_mode: str, name: str) -> Self:
        """Read the checkpoint in `folder` as a pipeline of `kind`: safetensors only, none of its code, no network.

        Raises GenerationError("model_unavailable") where the files do not fit.
        """
        try:
            pipe = kind.from_pretrained(
                folder,
                dtype=device.dtype,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
            )
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise unreadable(name, error) from error
        return cls(pipe, device, memory_mode)

    def close(self) -> None:
        """Drop every weight."""
        del self.pipe

    def draw(self, spec: FrameSpec, on_step: OnStep, steps: int, **arguments: Any) -> Pixels:
        """Make one picture of exactly the asked size: drawn on the next legal size and cut centrally.

        arguments: those of the pipeline beside size, steps and seed.
        """
        if spec.seed is None:
            raise ValueError("the spec has no seed")
        asked = (spec.width, spec.height)
        width, height = next_legal_size(asked, GRID)
        on_step(Phase.DENOISING, 0, steps)
        try:
            drawn = self.pipe(
                width=width,
                height=height,
                num_inference_steps=steps,
                generator=torch.Generator("cpu").manual_seed(spec.seed),
                callback_on_step_end=self._after_step(on_step, steps),
                output_type="pil",
                **arguments,
            ).images[0]
        finally:
            self.pipe.maybe_free_model_hooks()
        return self._cut(drawn, (width, height), asked)

    def _after_step(self, on_step: OnStep, steps: int) -> Callable[..., dict[str, Any]]:
        def after_step(_pipe: object, index: int, _timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
            self.device.synchronise()
            on_step(Phase.DENOISING, index + 1, steps)
            if index + 1 == steps:
                on_step(Phase.DECODING)
            return tensors

        return after_step

    @staticmethod
    def _cut(drawn: Image.Image, rendered: tuple[int, int], asked: tuple[int, int]) -> Pixels:
        if drawn.size != rendered:
            raise RuntimeError(f"the model drew {drawn.size} and was asked for {rendered}")
        return np.asarray(drawn.convert("RGB").crop(central_box(rendered, asked))).copy()
