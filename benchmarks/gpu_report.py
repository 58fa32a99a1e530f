"""What the GPU benchmark found: the machine, the bound of each side, and a table."""

import json
import statistics
import subprocess
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

# Dense bfloat16 operations a second, from the makers.
PEAK_FLOPS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12}
REFERENCES = ("plain", "ours")  # what other sides are compared with, the first that is there
SHARED = 28 / 48  # of the perturbed pass begins where the plain one came by
PASSES = {"plain": 4.0, "repeated": 4.0, "snippet": 4.0}  # of the transformer a step; ours has fewer
QUERY = "clocks.sm,clocks.max.sm,clocks.mem,power.draw,power.limit,temperature.gpu,memory.used,memory.total"


def machine(tiny: bool) -> dict[str, Any]:
    """The device, the libraries, and what the device is doing now."""
    if tiny or not torch.cuda.is_available():
        return {"device": "cpu", "torch": torch.__version__, "clocks": ""}
    command = ["nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader"]
    clocks = ""
    with suppress(OSError, subprocess.SubprocessError):
        clocks = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    priority = getattr(torch._C, "_get_sdp_priority_order", lambda: "not told")()
    return {
        "device": torch.cuda.get_device_name(),
        "memory_gb": torch.cuda.get_device_properties(0).total_memory / 1e9,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "sdpa_priority": str(priority),
        "sdpa": {
            "cudnn": torch.backends.cuda.cudnn_sdp_enabled(),
            "flash": torch.backends.cuda.flash_sdp_enabled(),
            "efficient": torch.backends.cuda.mem_efficient_sdp_enabled(),
        },
        "clocks": clocks,
        "clocks_are": QUERY,
    }


def forward_flops(size: str, rate: int, tiny: bool) -> int:
    """Floating-point operations of the transformer for one sample, counted on tensors without memory."""
    from benchmarks import ltx_models
    from tests.fixtures import small_ltx

    width, height, frames = map(int, size.split("x"))
    across, down, long = width // 32, height // 32, (frames - 1) // 8 + 1
    video, sound, words = (long + 1) * across * down, round(frames / rate * 25), 1024
    with torch.device("meta"):
        model = small_ltx.transformer() if tiny else ltx_models.LTX2VideoTransformer3DModel(**ltx_models.TRANSFORMER)
        config = model.config
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(
                hidden_states=torch.empty(1, video, config.in_channels),
                audio_hidden_states=torch.empty(1, sound, config.audio_in_channels),
                encoder_hidden_states=torch.empty(1, words, config.cross_attention_dim),
                audio_encoder_hidden_states=torch.empty(1, words, config.audio_cross_attention_dim),
                timestep=torch.empty(1, video),
                audio_timestep=torch.empty(1),
                sigma=torch.empty(1),
                audio_sigma=torch.empty(1),
                video_coords=torch.empty(1, 3, video, 2),
                audio_coords=torch.empty(1, 1, sound, 2),
                use_cross_timestep=True,
            )
    return int(counter.get_total_flops())


def seconds(run: dict[str, Any], steps: int, of: int) -> tuple[float, float, float]:
    """Denoising, decode and file of one run, for `of` steps: the steps after the first are taken as often as needed."""
    phases = run["phases"]
    other = phases.get("other steps", 0.0)
    scaled = other * (of - 1) / (steps - 1) if steps > 1 else 0.0
    return phases["text and first step"] + scaled, phases.get("decode", 0.0), phases.get("file", 0.0)


def report(folder: Path) -> None:
    """Print a table of everything in the folder, and write it as summary.json."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(folder.glob("*x*x*-*.json")):
        one = json.loads(path.read_text()) | {"path": str(path)}
        found[one["size"]][one["side"]].append(one)
    summary = [_size(folder, size, sides) for size, sides in sorted(found.items())]
    (folder / "summary.json").write_text(json.dumps(summary, indent=1))
    print(f"\nFigures: {folder / 'summary.json'}")


def _size(folder: Path, size: str, sides: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    first = next(iter(sides.values()))[0]
    device = first["machine"]["device"]
    flops = forward_flops(size, first["rate"], device == "cpu")
    peak = next((value for name, value in PEAK_FLOPS.items() if name in device), None)
    print(f"\n{size} at {first['rate']}, {first['of']} steps on {device}: {flops / 1e12:.3g} TFLOP a forward")
    print(f"  {json.dumps(first['machine'])}")
    sides = {side: sides[side] for side in (*REFERENCES, *sides) if side in sides}
    rows = {}
    for side, processes in sides.items():
        row = _side(side, processes, flops * first["of"] / peak if peak else None)
        row["latents_relative_l2"] = _distance(folder, size, side, sides)
        rows[side] = row
        _print(side, row)
    return {"size": size, "tflop_a_forward": flops / 1e12, "machine": first["machine"], "sides": rows}


def _side(side: str, processes: list[dict[str, Any]], bound_of_one_pass: float | None) -> dict[str, Any]:
    runs = [seconds(run, process["steps"], process["of"]) for process in processes for run in process["runs"]]
    errors = sorted({process["error"] for process in processes if "error" in process})
    row: dict[str, Any] = {"runs": len(runs), "errors": errors}
    row["extrapolated"] = any(process["steps"] != process["of"] for process in processes)
    if runs:
        columns = list(zip(*runs, strict=True))
        row |= dict(zip(("denoise_s", "decode_s", "file_s"), map(statistics.median, columns), strict=True))
        row["total_s"] = statistics.median(map(sum, runs))
        row["spread_s"] = max(map(sum, runs)) - min(map(sum, runs))
        row["peak_gb"] = max(run["peak_gb"] for process in processes for run in process["runs"])
    if bound_of_one_pass:
        row["bound_s"] = bound_of_one_pass * PASSES.get(side, 4.0 - SHARED)
    return row


def _distance(folder: Path, size: str, side: str, sides: dict[str, Any]) -> float | None:
    """How far the latents of a side are from those of the first one, relative."""
    paths = [sorted(folder.glob(f"{size}-{name}-*.latents.pt")) for name in (next(iter(sides)), side)]
    if not all(paths):
        return None
    reference, mine = (torch.load(path[0], weights_only=True).float() for path in paths)
    return float((mine - reference).norm() / reference.norm())


def _print(side: str, row: dict[str, Any]) -> None:
    if row["errors"]:
        print(f"  {side:9} {'; '.join(row['errors'])}")
    if not row["runs"]:
        return
    mark = " (extrapolated)" if row["extrapolated"] else ""
    bound = f", {row['bound_s'] / row['denoise_s']:.0%} of its bound" if "bound_s" in row else ""
    far = row["latents_relative_l2"]
    away = "" if far is None else f", latents {far:.1e} from the first side's"
    print(
        f"  {side:9} {row['total_s']:8.2f} s{mark} of {row['runs']} runs, ± {row['spread_s'] / 2:.2f}: "
        f"denoise {row['denoise_s']:.2f}{bound}, decode {row['decode_s']:.2f}, file {row['file_s']:.2f}; "
        f"{row['peak_gb']:.1f} GB{away}"
    )
