"""The animatic against the loop one would write without it: 1920 x 1080, 24 frames a second, 8 s, as an mp4.

Both show the same camera move over the same picture and encode with the same settings of the same encoder. The plain
loop crops and resizes each frame with Pillow and hands it to PyAV. Every run is a process of its own, the two take
turns, and the medians are compared. Run from the root of the project: python benchmarks/animatic.py
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import django
from PIL import Image, ImageDraw

WIDTH, HEIGHT, RATE = 1920, 1080, 24
MOVE = "push in and pan left"
SEED = 1


def picture() -> Image.Image:
    """A picture with edges, slopes and small detail everywhere."""
    image = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for index in range(900):
        x, y, size = index * 397 % WIDTH, index * 619 % HEIGHT, 8 + index * 31 % 90
        colour = (index * 67 % 256, index * 131 % 256, index * 29 % 256)
        draw.ellipse((x, y, x + size, y + size * 0.7), fill=colour)
    return image


def animatic(path: Path, seconds: int) -> None:
    """The pipeline and the writer, as the worker runs them."""
    from videogen.media.mp4 import write_mp4
    from videogen.phase import Phase
    from videogen.pipelines.animatic import AnimaticVideo
    from videogen.specs import VideoSpec

    def on_step(phase: Phase, step: int = 0, steps: int = 0) -> None:
        """Nobody watches."""

    spec = VideoSpec(
        model="animatic", prompt=MOVE, duration=seconds, frame_rate=RATE, seed=SEED, width=WIDTH, height=HEIGHT
    )
    rendering = AnimaticVideo().generate(spec, picture(), None, on_step)
    write_mp4(path, rendering, width=WIDTH, height=HEIGHT, frame_rate=RATE, frames=spec.frames)


def plain(path: Path, seconds: int) -> None:
    """Crop and resize with Pillow, encode with PyAV, one after the other."""
    from videogen.media.mp4 import ENCODER
    from videogen.pipelines.animatic.camera import CameraPath, read_camera

    image, views = picture(), CameraPath(read_camera(MOVE), seconds * RATE, RATE, SEED)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options=ENCODER)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = RATE
        for index in range(len(views)):
            view = views[index]
            width, height = WIDTH / view.zoom, HEIGHT / view.zoom
            left, top = (WIDTH - width) * (1 + view.x) / 2, (HEIGHT - height) * (1 + view.y) / 2
            box = (left, top, left + width, top + height)
            frame = image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=box)
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode(None))


RUNS = {"plain loop": plain, "animatic": animatic}


def measure(name: str, seconds: int) -> None:
    """One run in this process; prints what it took as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        began = time.perf_counter()
        RUNS[name](path, seconds)
        took = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": took, "peak": peak, "size": path.stat().st_size / 1e6}))


def compare(seconds: int, rounds: int) -> None:
    """Let both take turns and print the table."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in RUNS}
    for _ in range(rounds):
        for name in RUNS:
            command = [sys.executable, __file__, "--run", name, "--seconds", str(seconds)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found[name].append(json.loads(done.stdout))
    middle = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in found.items()
    }
    frames = seconds * RATE
    print(f"{WIDTH} x {HEIGHT}, {RATE} frames a second, {seconds} s, median of {rounds}, {os.cpu_count()} cores")
    print(f"{'':12} {'seconds':>8} {'frames/s':>9} {'peak MB':>8} {'file MB':>8}")
    for name, run in middle.items():
        row = f"{run['seconds']:8.2f} {frames / run['seconds']:9.1f} {run['peak']:8.0f} {run['size']:8.2f}"
        print(f"{name:12} {row}")
    print(f"{'ratio':12} {middle['animatic']['seconds'] / middle['plain loop']['seconds']:8.2f}")


def main() -> None:
    """Compare, or be one of the runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", choices=list(RUNS))
    asked = parser.parse_args()
    if asked.run is None:
        compare(asked.seconds, asked.rounds)
        return
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    measure(asked.run, asked.seconds)


if __name__ == "__main__":
    main()
