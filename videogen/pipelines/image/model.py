"""What the frame pipelines share: a loaded diffusers pipeline, true progress, and an exact size."""

from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from diffusers import DiffusionPipeline
from PIL import Image

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import Drawing, OnStep
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.device.compute import Device
from videogen.pipelines.device.memory import KnownSizes, Mode, choose_mode, part_bytes, with_retries
from videogen.pipelines.geometry import central_box, next_legal_size
from videogen.pipelines.weights.checkpoints import unreadable
from videogen.pipelines.weights.loaded import CheckpointPipeline
from videogen.pipelines.weights.reading import Reading
from videogen.specs import FrameSpec

GRID = 16  # pixels; every latent image model of today divides it


class ImageModel:
    """A diffusers image pipeline, whole on the device, or moved part by part where the device is small."""

    def __init__(self, pipe: DiffusionPipeline, device: Device, memory_mode: str) -> None:
        self.pipe = pipe
        self.device = device
        self.known_sizes = KnownSizes()
        pipe.set_progress_bar_config(disable=True)
        parts = {name: part for name, part in pipe.components.items() if isinstance(part, torch.nn.Module)}
        sizes = {name: part_bytes(part) for name, part in parts.items()}
        self.nbytes = sum(sizes.values())
        self.usual = self.mode = choose_mode(memory_mode, sizes, device.memory)
        self._away = False
        self._place()

    @classmethod
    def load(cls, kind: Any, folder: Path, device: Device, memory_mode: str, name: str, on_step: OnStep) -> Self:
        """Read the checkpoint in `folder` as a pipeline of `kind`: safetensors only, none of its code, no network.

        Raises GenerationError("model_unavailable") where the files do not fit.
        """
        try:
            Reading(folder, on_step).everything()
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

    def leave(self) -> None:
        """Move every weight to host memory; the next picture brings them back. In the other modes they are there."""
        if self.mode is Mode.RESIDENT and not self._away:
            self.pipe.to(torch.device("cpu"))
            self._away = True

    def shared(self) -> dict[Hashable, Any]:
        """Nothing: models of frames have nothing in common."""
        return {}

    def close(self) -> None:
        """Drop every weight."""
        del self.pipe

    def draw(self, spec: FrameSpec, on_step: OnStep, steps: int, **arguments: Any) -> Drawing:
        """Make one picture of exactly the asked size: drawn on the next legal size and cut centrally.

        arguments: those of the pipeline beside size, steps and seed. Raises GenerationError: out_of_memory.
        """
        if spec.seed is None:
            raise ValueError("the spec has no seed")
        asked = (spec.width, spec.height)
        rendered = next_legal_size(asked, GRID)
        pixels, words = spec.width * spec.height, f"{spec.width} × {spec.height}"

        def failure() -> GenerationError:
            return GenerationError("out_of_memory", asked=words, fits=self.known_sizes.advice(pixels))

        self._restore()
        work = partial(self._draw, rendered, spec.seed, on_step, steps, arguments)
        drawn = with_retries(work, [self.lower, self.lower], self.device, failure)
        self.known_sizes.record(pixels, words)
        return Drawing(np.asarray(drawn.convert("RGB").crop(central_box(rendered, asked))).copy())

    def lower(self) -> bool:
        """Go to the next mode that needs less of a GPU's memory. False where there is none."""
        mode = self.mode.below
        if mode is None or not self.device.is_gpu:
            return False
        self.mode = mode
        self._place()
        self.device.free()
        return True

    def _restore(self) -> None:
        """Go back to the usual mode and to the device: a lower one was for the job that did not fit."""
        if self._away or self.mode is not self.usual:
            self.mode = self.usual
            self._place()

    def _place(self) -> None:
        """Put the parts where the mode wants them. Each of the library's ways takes back the one before it."""
        self._away = False
        if self.mode is Mode.RESIDENT or not self.device.is_gpu:
            self.pipe.to(self.device.torch_device)
        elif self.mode is Mode.OFFLOAD:
            self.pipe.enable_model_cpu_offload(device=self.device.torch_device)
        else:
            self.pipe.enable_sequential_cpu_offload(device=self.device.torch_device)

    def _draw(
        self, size: tuple[int, int], seed: int, on_step: OnStep, steps: int, arguments: dict[str, Any]
    ) -> Image.Image:
        on_step(Phase.DENOISING, 0, steps)
        try:
            drawn: Image.Image = self.pipe(
                width=size[0],
                height=size[1],
                num_inference_steps=steps,
                generator=torch.Generator("cpu").manual_seed(seed),
                callback_on_step_end=self._after_step(on_step, steps),
                output_type="pil",
                **arguments,
            ).images[0]
        finally:
            self.pipe.maybe_free_model_hooks()
        if drawn.size != size:
            raise RuntimeError(f"the model drew {drawn.size} and was asked for {size}")
        return drawn

    def _after_step(self, on_step: OnStep, steps: int) -> Callable[..., dict[str, Any]]:
        def after_step(_pipe: object, index: int, _timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
            self.device.synchronise()
            on_step(Phase.DENOISING, index + 1, steps)
            if index + 1 == steps:
                on_step(Phase.DECODING)
            return tensors

        return after_step


class ImagePipeline(CheckpointPipeline[ImageModel]):
    """A frame pipeline on the checkpoint that FLUX_CHECKPOINT names."""

    makes = "frame"
    kind: ClassVar[Any]  # the diffusers class that reads the checkpoint

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint this pipeline is made of."""
        return self.settings.flux

    def read(self, folder: Path, device: Device, memory_mode: str, on_step: OnStep) -> ImageModel:
        """Load the checkpoint in `folder`. Raises GenerationError("model_unavailable")."""
        return ImageModel.load(self.kind, folder, device, memory_mode, self.name, on_step)
