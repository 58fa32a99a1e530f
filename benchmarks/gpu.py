"""LTX-2.3 by plain diffusers and by our pipeline on the same random weights, same noise levels, same frames.

    python -m benchmarks.gpu FOLDER                                1280 x 704 x 121, plain against ours
    python -m benchmarks.gpu FOLDER --size 768x512x121 --side plain --side ours --side repeated --side snippet
    python -m benchmarks.gpu FOLDER --size 1920x1088x241 --steps 4 a run of 4 steps, extrapolated to 30 and marked so
    python -m benchmarks.gpu FOLDER --report                       the table of what lies in FOLDER
    python -m benchmarks.gpu FOLDER --tiny                         all of it on a CPU in about a minute

Needs nothing but this repository, torch and diffusers; no network. Sides run in processes of their own, forward and
back (A B B A), so that neither profits from a warm card alone; each makes its weights, warms up once, and then writes
FOLDER/<size>-<side>-<process>.json after every run. What runs out of memory is a result too. A side that takes too long
for one command can be run alone; the report puts together whatever lies in FOLDER.

    plain      everything on the GPU, text encoded before and the text encoder dropped
    repeated   the same with transformer.compile_repeated_blocks()
    snippet    as the library's documentation has it: enable_model_cpu_offload, text encoder and all
    library    ours without our own loop: the library's pipeline with the perturbed pass shared
    eager      ours, never compiled
    ours       ours as a worker runs it
    fp8, skip  not exact: the same with LTX_FP8=dynamic, with LTX_SKIP_STEP=1
"""

import argparse
import subprocess
import sys
from pathlib import Path

SIDES = ("plain", "repeated", "snippet", "library", "eager", "ours", "fp8", "skip")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the figures go")
    parser.add_argument("--size", help="width x height x frames, as 1280x704x121 (128x96x25 with --tiny)")
    parser.add_argument("--rate", type=int, default=24, choices=(24, 25, 30), help="frames a second")
    parser.add_argument("--side", action="append", choices=SIDES, help="plain and ours where none is named")
    parser.add_argument("--steps", type=int, help="denoising steps that are run (30; 3 with --tiny)")
    parser.add_argument("--of", type=int, default=30, help="steps that the figures are for")
    parser.add_argument("--runs", type=int, default=4, help="runs a side, at least 3, half of them in each process")
    parser.add_argument("--once", action="store_true", help="one process a side, with all its runs")
    parser.add_argument("--tiny", action="store_true", help="small weights on the CPU")
    parser.add_argument("--report", action="store_true", help="run nothing")
    parser.add_argument("--process", type=int, help=argparse.SUPPRESS)  # what the driver starts
    options = parser.parse_args()
    options.size = options.size or ("128x96x25" if options.tiny else "1280x704x121")
    options.steps = options.steps or (3 if options.tiny else 30)
    options.of = options.steps if options.tiny else options.of
    if options.runs < 3 and options.process is None:
        parser.error("a median needs at least 3 runs a side")
    options.folder.mkdir(parents=True, exist_ok=True)
    return options


def drive(options: argparse.Namespace) -> None:
    """Run every side in processes of its own, forward and back."""
    sides = options.side or ["plain", "ours"]
    order = sides if options.once else [*sides, *reversed(sides)]
    if options.tiny and not options.side:
        order += ["snippet", "library"]  # once, to know that they work
    runs = options.runs if options.once else -(-options.runs // 2)
    for process, side in enumerate(order):
        command = [sys.executable, "-m", "benchmarks.gpu", str(options.folder), "--process", str(process)]
        command += ["--side", side, "--size", options.size, "--rate", str(options.rate)]
        command += ["--steps", str(options.steps), "--of", str(options.of), "--runs", str(runs)]
        command += ["--tiny"] if options.tiny else []
        print(f"\n--- {side}, process {process + 1} of {len(order)}", flush=True)
        done = subprocess.run(command, check=False)
        if done.returncode:
            print(f"{side} ended with {done.returncode}; what it wrote before counts.", flush=True)


def main() -> None:
    options = arguments()
    if options.process is not None:
        from benchmarks.gpu_sides import measure

        measure(options)
        return
    if not options.report:
        drive(options)
    from benchmarks.gpu_report import report

    report(options.folder)


if __name__ == "__main__":
    main()
