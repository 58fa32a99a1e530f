"""The sides of the GPU benchmark: one process measures one of them, run by run."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import numpy as np
import torch
from PIL import Image

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from diffusers.utils import encode_video  # noqa: E402

from benchmarks import ltx_models  # noqa: E402
from benchmarks.gpu_report import machine  # noqa: E402
from videogen.media.mp4 import write_mp4  # noqa: E402
from videogen.phase import Phase  # noqa: E402
from videogen.pipelines.base import Rendering  # noqa: E402
from videogen.pipelines.config import ModelSettings  # noqa: E402
from videogen.pipelines.device.compute import Device, ran_out_of_memory  # noqa: E402
from videogen.pipelines.ltx2 import compiled, fp8  # noqa: E402
from videogen.pipelines.ltx2.checkpoint import LtxModel  # noqa: E402
from videogen.pipelines.ltx2.conditions import Anchor, AnchoredPipeline, conditions  # noqa: E402
from videogen.pipelines.ltx2.guidance import Guidance, stg_blocks  # noqa: E402
from videogen.pipelines.ltx2.prompt_cache import PROMPTS, PromptFeatures  # noqa: E402
from videogen.pipelines.ltx2.render import Render  # noqa: E402
from videogen.pipelines.ltx2.schedule import noise_levels, taking_levels_as_given  # noqa: E402
from videogen.pipelines.ltx2.video import Ltx23Video  # noqa: E402
from videogen.specs import VideoSpec  # noqa: E402

TEXT = "a fox runs through tall grass at dawn"
NEGATIVE = "blurry"


class Clock:
    """Splits a run into phases; every mark waits for the device."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.phases: dict[str, float] = {}
        if device.is_gpu:
            torch.cuda.reset_peak_memory_stats(device.torch_device)
        device.synchronise()
        self.last = time.perf_counter()

    def mark(self, phase: str) -> None:
        self.device.synchronise()
        now = time.perf_counter()
        self.phases[phase] = self.phases.get(phase, 0.0) + now - self.last
        self.last = now


@dataclass
class Bench:
    """What all sides have: weights, a device, what is to be made. One step of the levels is never left out."""

    pipe: Any
    device: Device
    spec: VideoSpec
    render: Render
    folder: Path

    @property
    def levels(self) -> list[float]:
        return noise_levels(self.spec.steps, 0.1)

    def frames(self) -> list[Image.Image]:
        return [_picture(*self.render.size, seed) for seed in (1, 2)]


def _picture(width: int, height: int, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (9, 16, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


Run = Callable[[int, Clock], torch.Tensor]  # (steps, clock) -> latents of the picture


def _raw_text(bench: Bench, seed: int) -> torch.Tensor:
    """What the text encoder would give for a text: nobody measures it, and it may be absent."""
    width = bench.pipe.connectors.config.caption_channels * bench.pipe.connectors.config.text_proj_in_factor
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn((1, 1024, width), generator=generator).to(bench.device.torch_device, bench.device.dtype)


def plain(bench: Bench, *, compiles: bool = False, offload: bool = False) -> Run:
    """The library's pipeline; the end frame is put where ours is, which costs nothing."""
    pipe, device, render = bench.pipe, bench.device, bench.render
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = taking_levels_as_given(pipe.scheduler)
    if offload and device.is_gpu:
        pipe.enable_model_cpu_offload(device=device.torch_device)
    else:
        pipe.to(device.torch_device)
    if compiles:
        pipe.transformer.compile_repeated_blocks(**({} if device.is_gpu else {"backend": "aot_eager"}))
    mask = torch.ones((1, 1024), dtype=torch.int64, device=device.torch_device)
    given: dict[str, Any] = {"prompt": bench.spec.prompt, "negative_prompt": bench.spec.negative_prompt}
    if not offload:
        given = {"prompt_embeds": _raw_text(bench, 1), "prompt_attention_mask": mask}
        given |= {"negative_prompt_embeds": _raw_text(bench, 2), "negative_prompt_attention_mask": mask}

    def run(steps: int, clock: Clock) -> torch.Tensor:
        def after_step(_pipe: object, index: int, _timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
            clock.mark("text and first step" if index == 0 else "other steps")
            return tensors

        start, end = bench.frames()
        given_pictures, places = conditions([Anchor(0, start), Anchor(render.anchor, end)], render.size, render.frames)
        pipe.anchor(places)
        video, audio = pipe(
            conditions=given_pictures,
            **given,
            width=render.size[0],
            height=render.size[1],
            num_frames=render.frames,
            frame_rate=float(bench.spec.frame_rate),
            sigmas=bench.levels[:steps],
            num_inference_steps=steps,
            **Guidance.for_scale(bench.spec.guidance_scale).arguments(),
            spatio_temporal_guidance_blocks=stg_blocks(len(pipe.transformer.transformer_blocks)),
            generator=torch.Generator("cpu").manual_seed(7),
            output_type="latent",
            return_dict=False,
            callback_on_step_end=after_step,
        )
        latents = video.float().cpu()
        clock.mark("other steps")
        with torch.no_grad():
            pictures = pipe.vae.decode(video.to(pipe.vae.dtype), None, return_dict=False)[0]
            pictures = pipe.video_processor.postprocess_video(pictures, output_type="np")
            wave = pipe.vocoder(pipe.audio_vae.decode(audio.to(pipe.audio_vae.dtype), return_dict=False)[0].float())
        clock.mark("decode")
        pixels = torch.from_numpy((pictures[0] * 255).round().astype("uint8"))
        rate = pipe.vocoder.config.output_sampling_rate
        path = str(bench.folder / "plain.mp4")
        encode_video(
            pixels, fps=bench.spec.frame_rate, audio=wave[0].float().cpu(), audio_sample_rate=rate, output_path=path
        )
        clock.mark("file")
        return latents

    return run


class _Ours(Ltx23Video):
    """Our pipeline on weights that are there."""

    def __init__(self, bench: Bench, model: LtxModel, skip: int) -> None:
        super().__init__(ModelSettings(skip_step=skip))
        self._bench, self._model = bench, model
        self.latents = torch.empty(0)

    def model(self, on_step: Any) -> LtxModel:
        """The model at hand."""
        return self._model

    def levels(self, spec: VideoSpec, scheduler: Any) -> list[float]:
        """The first of the levels of all steps, as the other sides have them."""
        return self._bench.levels[: spec.steps]

    def _latents(self, *given: Any) -> tuple[torch.Tensor, torch.Tensor]:
        made = super()._latents(*given)
        self.latents = made[0].float().cpu()
        return made


def ours(bench: Bench, *, own_loop: bool = True, compiles: bool = True, in_8_bits: bool = False, skip: int = 0) -> Run:
    """Our pipeline; compiled in the warm-up, as after the first clips of a size."""
    device = bench.device
    bench.pipe.register_modules(text_encoder=torch.nn.Identity())
    precision = "off" if not in_8_bits else "dynamic" if device.is_gpu else "weights"
    if in_8_bits:
        fp8.quantise(bench.pipe.transformer, precision, device, "ltx2.3", bool)
    model = LtxModel(bench.pipe, device, "auto", name="ltx2.3", identity="benchmark")
    model.precision = precision
    model.own_loop = own_loop
    if own_loop and compiles and device.is_gpu:
        compiled.COST_SECONDS = 0.0
        model.compiler = compiled.Compiler(bench.folder / "compiled")
    pipeline = _Ours(bench, model, skip)
    model.residency.bring("connectors")
    for text, seed in ((TEXT, 1), (NEGATIVE, 2)):
        with torch.no_grad():
            mask = torch.ones((1, 1024), dtype=torch.int64, device=device.torch_device)
            video, audio, mask = bench.pipe.connectors(_raw_text(bench, seed), mask, padding_side="left")
        features = PromptFeatures(torch.cat([video, audio], dim=-1).cpu(), mask.cpu())
        PROMPTS.get("benchmark", text, lambda _, features=features: features)

    def run(steps: int, clock: Clock) -> torch.Tensor:
        def on_step(phase: Phase, step: int = 0, steps: int = 0) -> None:
            if phase is Phase.DENOISING and step >= 1:
                clock.mark("text and first step" if step == 1 and "other steps" not in clock.phases else "other steps")

        start, end = bench.frames()
        spec = bench.spec.replace(steps=steps)
        rendering = pipeline.generate(spec, start, end, on_step)
        pictures = list(rendering.frames)  # apart from the file, which a worker writes at the same time
        clock.mark("decode")
        path, whole = bench.folder / "ours.mp4", Rendering(iter(pictures), rendering.sound)
        write_mp4(path, whole, width=spec.width, height=spec.height, frame_rate=spec.frame_rate, frames=spec.frames)
        clock.mark("file")
        return pipeline.latents

    return run


MAKE: dict[str, Callable[[Bench], Run]] = {
    "plain": plain,
    "repeated": lambda bench: plain(bench, compiles=True),
    "snippet": lambda bench: plain(bench, offload=True),
    "library": lambda bench: ours(bench, own_loop=False),
    "eager": lambda bench: ours(bench, compiles=False),
    "ours": ours,
    "fp8": lambda bench: ours(bench, in_8_bits=True),
    "skip": lambda bench: ours(bench, skip=1),
}


def _bench(options: argparse.Namespace, side: str) -> Bench:
    device = Device("cpu" if options.tiny else "cuda")
    width, height, frames = map(int, options.size.split("x"))
    spec = VideoSpec(
        model="ltx2.3",
        prompt=TEXT,
        negative_prompt=NEGATIVE,
        width=width,
        height=height,
        duration=(frames - 1) // options.rate,
        frame_rate=options.rate,
        steps=options.of,
        seed=7,
    )
    render = Render.of(spec)
    if (*render.size, render.frames) != (width, height, frames):
        raise SystemExit(f"{options.size} is no size of the model; {render.size} x {render.frames} would be.")
    made = (ltx_models.small if options.tiny else ltx_models.full_size)(
        device.torch_device.type, device.dtype, gemma=side == "snippet", kind=AnchoredPipeline
    )
    made.compute_device = device.torch_device
    return Bench(made, device, spec, render, Path(tempfile.mkdtemp()))


def measure(options: argparse.Namespace) -> None:
    """Warm up, run, and write the figures after every run."""
    side = options.side[0]
    if options.tiny:
        torch.set_num_threads(1)  # tensors this small are not worth a second one
    name = f"{options.size}-{side}-{options.process}"
    found: dict[str, Any] = {"side": side, "size": options.size, "rate": options.rate, "runs": []}
    found |= {"steps": options.steps, "of": options.of, "machine": machine(options.tiny)}
    path = options.folder / f"{name}.json"

    def write() -> None:
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps(found, indent=1))
        beside.replace(path)

    write()
    try:
        bench = _bench(options, side)
        run = MAKE[side](bench)
        clock = Clock(bench.device)
        run(2, clock)
        found["warm_up_s"] = clock.phases
        write()
        for number in range(options.runs):
            clock = Clock(bench.device)
            latents = run(options.steps, clock)
            held = torch.cuda.max_memory_allocated() if bench.device.is_gpu else 0
            found["runs"].append(
                {"phases": clock.phases, "peak_gb": held / 1e9, "clocks": machine(options.tiny)["clocks"]}
            )
            write()
            if number == 0:
                torch.save(latents.half(), options.folder / f"{name}.latents.pt")
            told = ", ".join(f"{phase} {seconds:.2f}" for phase, seconds in clock.phases.items())
            print(f"{side}: {sum(clock.phases.values()):.2f} s ({told}), {held / 1e9:.1f} GB", flush=True)
    except Exception as error:
        found["error"] = "out of memory" if ran_out_of_memory(error) else f"{type(error).__name__}: {error}"[:2000]
        with suppress(RuntimeError):
            found["peak_gb"] = torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0
        write()
        print(f"{side}: {found['error']}", flush=True)
        if found["error"] != "out of memory":
            raise
