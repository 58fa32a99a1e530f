"""From noise to latents: by our own loop on a GPU, by the library's pipeline elsewhere."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

from videogen.pipelines.device.memory import Mode
from videogen.pipelines.ltx2.checkpoint import LtxModel
from videogen.pipelines.ltx2.compiled import ClipBlocks, Compiler
from videogen.pipelines.ltx2.denoise import denoise, is_guided
from videogen.pipelines.ltx2.guidance import Guidance, stg_blocks
from videogen.pipelines.ltx2.passes import Transformer
from videogen.pipelines.ltx2.prompt_cache import EncodedTexts
from videogen.pipelines.ltx2.render import Render
from videogen.pipelines.ltx2.resume import Point
from videogen.pipelines.ltx2.schedule import taking_levels_as_given
from videogen.pipelines.ltx2.stg import HeardBlocks, SharedBeginning
from videogen.specs import VideoSpec

Latents = tuple[torch.Tensor, torch.Tensor]


@dataclass(slots=True)
class Job:
    """What is denoised and how.

    levels: the noise level of each step. on_pass: told the steps that are done, several times a step; what it raises
    ends the work. before: the latents of the stage before this one, at this one's size. stage: its number, from 0.
    compiles: whether the blocks may run compiled. point: where an earlier attempt of this stage was lost. on_latents:
    told after each step how many of the stage are done, and what they made: packed latents. skip: how many steps
    without passes of guidance follow one with them.
    """

    model: LtxModel
    spec: VideoSpec
    render: Render
    conditions: list[LTX2VideoCondition]
    texts: EncodedTexts
    levels: list[float]
    guidance: Guidance
    on_pass: Callable[[int], object]
    before: Latents | None = None
    stage: int = 0
    compiles: bool = True
    point: Point | None = None
    on_latents: Callable[[int, Latents], object] = lambda step, latents: None
    skip: int = 0
    done: int = 0
    blocks: ClipBlocks | None = None
    random: torch.Generator | None = None

    @property
    def before_us(self) -> int:
        """How many steps of the stage an earlier attempt has done."""
        return self.point.step if self.point else 0

    @property
    def left(self) -> list[float]:
        """The noise levels of the steps to be done."""
        return self.levels[self.before_us :]

    def compile(self, compiler: Compiler, transformer: Transformer) -> None:
        """Have the transformer's blocks run as the compiler sees fit."""
        name, sound, steps = f"{self.model.device} {self.model.precision}", self.render.sound, len(self.left)
        self.blocks = compiler.clip(name, transformer.tokens, sound, transformer.runs, steps)
        transformer.run = self.blocks

    def finished(self, step: int) -> None:
        """Tell that so many steps are done. Called several times a step."""
        if step > self.done and self.blocks is not None:
            self.blocks.step_done()
        self.done = step
        self.on_pass(self.before_us + step)

    def reached(self, step: int, latents: Latents) -> None:
        """Tell that so many steps are done, and what they made: packed latents."""
        self.on_latents(self.before_us + step, latents)

    def point_at(self, step: int, latents: Latents) -> Point:
        """Return where the clip stands after so many steps of the stage."""
        return Point(self.stage, step, *latents, self.generator().get_state())

    def stands_alone(self, step: int) -> bool:
        """Whether so many steps of the stage leave nothing but their latents: the next one asks for all passes anew."""
        return is_guided(step, self.skip) or step == len(self.levels)

    def report(self) -> None:
        """Tell that it goes on."""
        self.on_pass(self.before_us + self.done)

    @property
    def perturbed(self) -> list[int]:
        """The blocks of the perturbed pass."""
        return stg_blocks(len(self.model.denoiser.transformer.transformer_blocks))

    def generator(self) -> torch.Generator:
        """Noise from the CPU, so that a seed means the same on every device."""
        if self.random is None:
            seed = self.spec.seed or 0  # it is set, see generate; a stage has another noise than the one before
            self.random = torch.Generator("cpu").manual_seed(seed + 2**32 * self.stage)
        return self.random

    def sound(self) -> torch.Tensor:
        """The sound of the stage before; else zeros to be filled with noise, which only say how long it is."""
        if self.before is not None:
            return self.before[1]
        pipe = self.model.denoiser
        bins = pipe.audio_mel_bins // pipe.audio_vae_mel_compression_ratio
        shape = (1, pipe.audio_latent_channels, self.render.sound, bins)
        return torch.zeros(shape, device=self.model.device.torch_device)


def sampled(job: Job) -> Latents:
    """Latents of video, (1, channels, frames, height, width), and of sound, (1, channels, frames, bins)."""
    job.model.denoiser.point = job.point
    if job.point is not None and not job.left:
        device = job.model.device.torch_device
        packed = job.point.video.to(device), job.point.audio.to(device)
        return job.model.denoiser.unpack(*packed, job.render.size, job.render.frames)
    own = (job.model.loops and job.texts.every_token_counts) or job.skip
    return _by_own_loop(job) if own else _by_library(job)


def _by_own_loop(job: Job) -> Latents:
    pipe, render = job.model.denoiser, job.render
    with torch.no_grad():
        start = pipe.prepare(
            job.conditions,
            size=render.size,
            frames=render.frames,
            frame_rate=float(job.spec.frame_rate),
            sound=job.sound(),
            noise=job.levels[0],
            generator=job.generator(),
            latents=job.before[0] if job.before else None,
        )
        transformer = Transformer(pipe.transformer, start.mask, start.coordinates, report=job.report)
        if job.model.compiler is not None and job.compiles:
            job.compile(job.model.compiler, transformer)
        texts = job.texts.split(job.model.text.video_width)
        packed = denoise(
            transformer,
            start,
            texts,
            job.left,
            job.guidance,
            job.perturbed[0],
            job.finished,
            job.reached,
            job.skip,
        )
        video, audio = pipe.unpack(*packed, render.size, render.frames)
    return video, audio


def _by_library(job: Job) -> Latents:
    model, pipe = job.model, job.model.denoiser
    pipe.scheduler = taking_levels_as_given(model.scheduler)

    def after_step(_pipe: object, index: int, _timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
        job.finished(index + 1)
        job.reached(index + 1, (tensors["latents"], tensors["audio_latents"]))
        return tensors

    sharing = SharedBeginning(pipe.transformer, job.perturbed[0], skip=model.residency.mode is not Mode.LOW)
    shares = job.guidance.stg_scale and model.shares_beginning
    with sharing if shares else nullcontext(), HeardBlocks(pipe.transformer, job.report):
        video, audio = pipe(
            conditions=job.conditions,
            **job.texts.arguments(),
            width=job.render.size[0],
            height=job.render.size[1],
            num_frames=job.render.frames,
            frame_rate=float(job.spec.frame_rate),
            sigmas=job.left,
            num_inference_steps=len(job.left),
            noise_scale=job.levels[0],
            **job.guidance.arguments(),
            spatio_temporal_guidance_blocks=job.perturbed,
            generator=job.generator(),
            latents=job.before[0] if job.before else None,
            audio_latents=job.sound(),
            output_type="latent",
            return_dict=False,
            callback_on_step_end=after_step,
            callback_on_step_end_tensor_inputs=["latents", "audio_latents"],
        )
    return video, audio
