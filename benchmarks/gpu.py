"""Plain diffusers against our pipeline on the same weights, start and end frame to finished file.

    python -m benchmarks.gpu              full-size architecture with random weights, on a GPU
    python -m benchmarks.gpu --tiny       the same script on a CPU in about a minute, to know that it works

Plain is what the library's own documentation tells a user to write: everything on the device, or
`enable_model_cpu_offload` where it does not fit, `output_type="np"`, `encode_video`. Both sides run in the order
ABBA after a warm-up of one step each; both get new texts every time, so neither has a prompt at hand.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import django
import numpy as np
import torch
from PIL import Image

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition  # noqa: E402
from diffusers.utils import encode_video  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from benchmarks import ltx_models  # noqa: E402
from videogen.media.mp4 import write_mp4  # noqa: E402
from videogen.phase import Phase  # noqa: E402
from videogen.pipelines.base import OnStep  # noqa: E402
from videogen.pipelines.config import ModelSettings  # noqa: E402
from videogen.pipelines.device.compute import Device  # noqa: E402
from videogen.pipelines.device.memory import GIB, Mode  # noqa: E402
from videogen.pipelines.ltx2.checkpoint import LtxModel  # noqa: E402
from videogen.pipelines.ltx2.guidance import Guidance, stg_blocks  # noqa: E402
from videogen.pipelines.ltx2.render import Render  # noqa: E402
from videogen.pipelines.ltx2.video import Ltx23Video  # noqa: E402
from videogen.specs import VideoSpec  # noqa: E402

SAMPLES_A_STEP = 4  # batch-2 guidance, the perturbed pass, the isolated one
PEAK_FLOPS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12}  # dense bfloat16, from the makers
FULL_SIZES = ((768, 512, 5, 24), (1280, 704, 5, 24), (1920, 1088, 5, 24), (1920, 1088, 8, 30))
TINY_SIZES = ((128, 96, 1, 24), (160, 96, 1, 24))


@dataclass
class Run:
    """One clip: seconds by phase, their sum, and the most memory the device held, in GiB (0 on a CPU)."""

    side: str
    phases: dict[str, float] = field(default_factory=dict)
    total: float = 0.0
    peak_gib: float = 0.0


class Clock:
    """Splits a run into phases; every mark waits for the device."""

    def __init__(self, device: Device, side: str) -> None:
        self.device, self.run = device, Run(side)
        if device.is_gpu:
            torch.cuda.reset_peak_memory_stats(device.torch_device)
        device.synchronise()
        self.began = self.last = time.perf_counter()

    def mark(self, phase: str) -> None:
        self.device.synchronise()
        now = time.perf_counter()
        self.run.phases[phase] = self.run.phases.get(phase, 0.0) + now - self.last
        self.last = now

    def stop(self) -> Run:
        self.run.total = time.perf_counter() - self.began
        if self.device.is_gpu:
            self.run.peak_gib = torch.cuda.max_memory_allocated(self.device.torch_device) / GIB
        return self.run


def picture(width: int, height: int, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (9, 16, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def plain(pipe: Any, spec: VideoSpec, device: Device, path: Path) -> Run:
    """The clip as a user of the library writes it."""
    render = Render.of(spec)
    size = {"width": render.size[0], "height": render.size[1]}
    frames = [picture(*render.size, seed) for seed in (1, 2)]
    clock = Clock(device, "plain")
    steps = spec.steps

    def after_step(_pipe: object, index: int, _timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
        if index == 0:
            clock.mark("text and first step")
        if index == steps - 1:
            clock.mark("other steps")
        return tensors

    video, audio = pipe(
        conditions=[LTX2VideoCondition(frames[0], 0), LTX2VideoCondition(frames[1], -1)],
        prompt=spec.prompt,
        negative_prompt=spec.negative_prompt,
        **size,
        num_frames=render.frames,
        frame_rate=float(spec.frame_rate),
        num_inference_steps=steps,
        **Guidance.for_scale(spec.guidance_scale).arguments(),
        spatio_temporal_guidance_blocks=stg_blocks(len(pipe.transformer.transformer_blocks)),
        generator=torch.Generator("cpu").manual_seed(spec.seed or 0),
        output_type="np",
        return_dict=False,
        callback_on_step_end=after_step,
    )
    pixels = torch.from_numpy((video[0] * 255).round().astype("uint8"))
    rate = pipe.vocoder.config.output_sampling_rate
    encode_video(
        pixels, fps=spec.frame_rate, audio=audio[0].float().cpu(), audio_sample_rate=rate, output_path=str(path)
    )
    clock.mark("decode and file")
    return clock.stop()


class Ours(Ltx23Video):
    """Our pipeline on a model that is already there."""

    def __init__(self, model: LtxModel) -> None:
        super().__init__(ModelSettings())
        self._model = model

    def model(self, on_step: OnStep) -> LtxModel:
        """The model at hand."""
        return self._model


def ours(pipeline: Ours, spec: VideoSpec, device: Device, path: Path) -> Run:
    """The clip as a worker makes it."""
    start, end = (picture(spec.width, spec.height, seed) for seed in (1, 2))
    clock = Clock(device, "ours")

    def on_step(phase: Phase, step: int = 0, steps: int = 0) -> None:
        if phase is Phase.DENOISING and step == 1:
            clock.mark("text and first step")
        if phase is Phase.DENOISING and step == steps > 1:
            clock.mark("other steps")

    rendering = pipeline.generate(spec, start, end, on_step)
    write_mp4(path, rendering, width=spec.width, height=spec.height, frame_rate=spec.frame_rate, frames=spec.frames)
    clock.mark("decode and file")
    return clock.stop()


def forward_flops(config: dict[str, Any], render: Render) -> int:
    """Floating-point operations of the transformer for one sample, counted on tensors without memory."""
    with torch.device("meta"):
        model = ltx_models.LTX2VideoTransformer3DModel.from_config(config)
        across, down, frames = render.size[0] // 32, render.size[1] // 32, render.frames // 8 + 1
        video, sound, words = (frames + 1) * across * down, render.sound, 1024
        heads = config["num_attention_heads"] * config["attention_head_dim"]
        audio_heads = config["audio_num_attention_heads"] * config["audio_attention_head_dim"]
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(
                hidden_states=torch.empty(1, video, config["in_channels"]),
                audio_hidden_states=torch.empty(1, sound, config["audio_in_channels"]),
                encoder_hidden_states=torch.empty(1, words, heads),
                audio_encoder_hidden_states=torch.empty(1, words, audio_heads),
                timestep=torch.empty(1, video),
                audio_timestep=torch.empty(1),
                sigma=torch.empty(1),
                audio_sigma=torch.empty(1),
                video_coords=torch.empty(1, 3, video, 2),
                audio_coords=torch.empty(1, 1, sound, 2),
                use_cross_timestep=True,
            )
    return int(counter.get_total_flops())


def measure(pipe: Any, device: Device, spec: VideoSpec, folder: Path) -> list[Run]:
    """Both sides in the order ABBA on the same weights, after one step of each."""
    model = LtxModel(pipe, device, "auto", name="ltx2.3", identity="benchmark")
    resident = model.residency.mode is Mode.RESIDENT
    pipe.set_progress_bar_config(disable=True)
    pipeline = Ours(model)

    def a(one: VideoSpec, path: Path) -> Run:
        if resident:
            pipe.to(device.torch_device)
        else:
            model.residency.send_home(list(model.residency.present))
            pipe.enable_model_cpu_offload(device=device.torch_device)
        try:
            return plain(pipe, one, device, path)
        finally:
            pipe.remove_all_hooks()
            if not resident:
                pipe.to("cpu")
                device.free()

    def b(one: VideoSpec, path: Path) -> Run:
        return ours(pipeline, one, device, path)

    sides: dict[str, Callable[[VideoSpec, Path], Run]] = {"a": a, "b": b}
    runs = []
    for number, side in enumerate("ababba"):
        warm_up = number < 2
        changes: dict[str, Any] = {"steps": 2} if warm_up else {}
        one = spec.replace(**changes, prompt=f"{spec.prompt}, take {number}")
        run = sides[side](one, folder / f"{number}.mp4")
        if not warm_up:
            runs.append(run)
    return runs


def report(spec: VideoSpec, runs: list[Run], flops: int, device: Device) -> dict[str, Any]:
    """A table row a side, printed and as JSON values: medians over the runs of a side."""
    render = Render.of(spec)
    peak = next((value for name, value in PEAK_FLOPS.items() if name in str(device)), None)
    bound = flops * SAMPLES_A_STEP * spec.steps / peak if peak else None
    row: dict[str, Any] = {
        "size": [*render.size, render.frames],
        "steps": spec.steps,
        "tflop_a_forward": flops / 1e12,
        "arithmetic_bound_s": bound,
        "runs": [asdict(run) for run in runs],
    }
    print(f"\n{render.size[0]} x {render.size[1]} x {render.frames}, {spec.steps} steps, {flops / 1e12:.3g} TFLOP")
    for side in ("plain", "ours"):
        mine = [run for run in runs if run.side == side]
        total = statistics.median(run.total for run in mine)
        phases = {name: statistics.median(run.phases.get(name, 0.0) for run in mine) for name in mine[0].phases}
        share = f"{bound / total:6.1%} of the bound" if bound else "no bound known"
        told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in phases.items())
        held = max(run.peak_gib for run in mine)
        print(f"  {side:5} {total:8.2f} s   {held:6.1f} GiB   {share}   ({told})")
        row[side] = {"total_s": total, "phases_s": phases, "peak_gib": held, "of_bound": bound and bound / total}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="small weights on the CPU")
    parser.add_argument("--steps", type=int, help="denoising steps (30, or 3 with --tiny)")
    parser.add_argument("--json", type=Path, default=Path("gpu-benchmark.json"), help="where the figures go")
    options = parser.parse_args()
    device = Device("cpu" if options.tiny else "cuda")
    if options.tiny:
        torch.set_num_threads(1)  # tensors this small are not worth a second one
    pipe = (ltx_models.small if options.tiny else ltx_models.full_size)("cpu" if options.tiny else "cuda", device.dtype)
    rows = []
    for width, height, seconds, rate in TINY_SIZES if options.tiny else FULL_SIZES:
        spec = VideoSpec(
            model="ltx2.3",
            prompt="a fox runs through tall grass at dawn",
            negative_prompt="blurry",
            width=width,
            height=height,
            duration=seconds,
            frame_rate=rate,
            steps=options.steps or (3 if options.tiny else 30),
            seed=7,
        )
        flops = forward_flops(dict(pipe.transformer.config), Render.of(spec))
        with tempfile.TemporaryDirectory() as folder:
            rows.append(report(spec, measure(pipe, device, spec, Path(folder)), flops, device))
    options.json.write_text(json.dumps({"device": str(device), "torch": torch.__version__, "rows": rows}, indent=2))
    print(f"\nFigures: {options.json}")


if __name__ == "__main__":
    main()
