"""The animatic against its limits: the encoder alone on the same frames, and the loop one would write without it.

Each line of the table is a process of its own; the runs take turns, and the medians are shown.

- encoder alone: the frames of the animatic, made before the clock starts and put away in a file, written by the same
  writer with the same settings. This is the limit: nobody can be faster with this encoder.
- animatic: pipeline and writer, as a worker runs them.
- plain loop: the same camera move over the flat picture, cropped and resized with Pillow and handed to PyAV; only for
  clips without an end frame.

The last lines are the irregularity of a slow pan: how far each frame is from where an even movement has it, in pixels.
Run from the root of the project: python -m benchmarks.animatic
"""

import argparse
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import av
import cv2
import django
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from scenes.layers import Layers
    from videogen.pipelines.base import Rendering, Sound

RATE: Literal[24] = 24
SEED = 1
LINE = "The lamp never waves, either."
Took = tuple[float, float]  # seconds of the clock, seconds of the processor


@dataclass(frozen=True, slots=True)
class Case:
    """A clip. flat: its frames come without layers. has_end: it goes from a start frame to an end frame.

    line: what is said in it, by an engine that has spoken before.
    """

    width: int
    height: int
    seconds: int
    move: str
    flat: bool = False
    has_end: bool = False
    line: str = ""


CASES = {
    "1280x704 5 s, start": Case(1280, 704, 5, "push in and pan left"),
    "1280x704 5 s, start, with voice": Case(1280, 704, 5, "push in and pan left", line=LINE),
    "1280x704 5 s, start and end": Case(1280, 704, 5, "They wait.", has_end=True),
    "1920x1080 8 s, start": Case(1920, 1080, 8, "push in and pan left"),
    "1920x1080 8 s, start, with voice": Case(1920, 1080, 8, "push in and pan left", line=LINE),
    "1920x1080 8 s, flat start": Case(1920, 1080, 8, "push in and pan left", flat=True),
    "1280x704 5 s, flat start and end": Case(1280, 704, 5, "They wait.", flat=True, has_end=True),
}


def _drawn(size: tuple[int, int], seed: int, top: int) -> Image.Image:
    """A layer with edges, slopes and small detail everywhere below the row `top`, and a ragged upper edge."""
    width, height = size
    image = Image.linear_gradient("L").resize(size).convert("RGB").convert("RGBA")
    draw = ImageDraw.Draw(image)
    for index in range(700):
        x, y, side = (index * 397 + seed * 71) % width, (index * 619 + seed * 37) % height, 8 + index * 31 % 90
        colour = (index * 67 % 256, index * 131 % 256, (index + seed) * 29 % 256)
        draw.ellipse((x, y, x + side, y + side * 0.7), fill=colour)
    mask = Image.new("L", size, 0)
    edge = [(x, top + 18 * np.sin(x / 23 + seed)) for x in range(0, width + 9, 9)]
    ImageDraw.Draw(mask).polygon([*edge, (width, height), (0, height)], fill=255)
    image.putalpha(mask)
    return image


def layers(case: Case, *, later: bool = False) -> "Layers":
    """Three layers and a person; `later` with the person elsewhere, by another light."""
    from scenes.layers import Layer, Layers

    width, height = case.width, case.height
    aside, above = width // 5, height // 10
    wide = (width + 2 * aside, height + 2 * above)
    person = Image.new("RGBA", (height // 5, height // 2))
    ImageDraw.Draw(person).ellipse((0, 0, height // 5 - 1, height // 2 - 1), fill="#c03020")
    pictures = [_drawn(wide, number, (0, wide[1] // 2, wide[1] * 7 // 10)[number]) for number in range(3)]
    if later:
        dim = [round(value * 0.6) for value in range(256)] * 3 + list(range(256))
        pictures = [picture.point(dim) for picture in pictures]
    stood = round(width * (0.6 if later else 0.3)), round(height * 0.45)
    return Layers(
        (width, height),
        (
            Layer("sky", pictures[0], -aside, -above, 0.0),
            Layer("middle", pictures[1], -aside, -above, 0.4),
            Layer("ground", pictures[2], -aside, -above, 0.0, 1.0),
            Layer("figure", person, *stood, 0.9, figure="somebody"),
        ),
    )


class Clock:
    """What has been taken since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def took(self) -> Took:
        """Seconds of the clock, and of the processor in all threads."""
        return time.perf_counter() - self._began[0], time.process_time() - self._began[1]


def prepared(case: Case) -> "Callable[[], Rendering]":
    """The pictures of a clip are drawn; called, it is begun, as the worker does."""
    from videogen.phase import Phase
    from videogen.pipelines.animatic import AnimaticVideo
    from videogen.specs import VideoSpec

    def on_step(phase: Phase, step: int = 0, steps: int = 0) -> None:
        """Nobody watches."""

    spec = VideoSpec(
        model="animatic",
        prompt=case.move,
        duration=case.seconds,
        frame_rate=RATE,
        seed=SEED,
        width=case.width,
        height=case.height,
    )
    start, end = layers(case), layers(case, later=True) if case.has_end else None
    pictures = start.flat(), end.flat() if end else None
    beside: dict[str, Any] = {} if case.flat else {"start_layers": start, "end_layers": end}
    speak = speaker(case.line)

    def generate() -> "Rendering":
        sound = speak(case.seconds) if speak else None
        return replace(AnimaticVideo().generate(spec, *pictures, on_step, **beside), sound=sound)

    return generate


def speaker(line: str) -> "Callable[[int], Sound] | None":
    """The engine is loaded; called with the length of a clip, it speaks the line. None where nothing is said."""
    from videogen.pipelines.base import Sound
    from videogen.speech import speaking
    from videogen.speech.line import SpokenLine
    from videogen.speech.loudness import RATE as SAMPLES

    if not line:
        return None
    said = SpokenLine(text=line, language="en", engine="hibari", kind="woman")
    speaking.speak(said.model_copy(update={"text": "Yes."}))
    return lambda seconds: Sound(speaking.in_clip(speaking.speak(said), seconds), SAMPLES)


def encode(path: Path, case: Case, made: "Rendering") -> None:
    """Write the clip with the writer of the application."""
    from videogen.media.mp4 import write_mp4

    write_mp4(path, made, width=case.width, height=case.height, frame_rate=RATE, frames=case.seconds * RATE)


def animatic(case: Case, folder: Path) -> Took:
    """Pipeline and writer. What the pictures are drawn with is no part of the time."""
    from scenes import memory

    generate = prepared(case)
    clock = Clock()
    made = generate()
    del generate  # and with it the pictures: the worker lets go of them too
    memory.trim()
    encode(folder / "clip.mp4", case, made)
    return clock.took()


def encoder_alone(case: Case, folder: Path) -> Took:
    """The writer on frames that are there already."""
    from videogen.pipelines.base import Rendering

    shape = (case.seconds * RATE, case.height, case.width, 3)
    frames = np.memmap(folder / "frames", np.uint8, "w+", shape=shape)
    for index, frame in enumerate(prepared(case)().frames):
        frames[index] = frame
    clock = Clock()
    encode(folder / "clip.mp4", case, Rendering(frames=iter(frames)))
    return clock.took()


def plain_loop(case: Case, folder: Path) -> Took:
    """Crop and resize with Pillow, encode with PyAV, one after the other."""
    from videogen.media.mp4 import encoder
    from videogen.pipelines.animatic.camera import CameraPath, read_camera

    width, height = case.width, case.height
    image, views = layers(case).flat(), CameraPath(read_camera(case.move), case.seconds * RATE, RATE, SEED)
    clock = Clock()
    with av.open(str(folder / "clip.mp4"), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options=encoder())
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = RATE
        for index in range(len(views)):
            view = views[index]
            wide, high = width / view.zoom, height / view.zoom
            left, top = (width - wide) * (1 + view.x) / 2, (height - high) * (1 + view.y) / 2
            box = (left, top, left + wide, top + high)
            frame = image.resize((width, height), Image.Resampling.BICUBIC, box=box)
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode(None))
    return clock.took()


RUNS = {"encoder alone": encoder_alone, "animatic": animatic, "plain loop": plain_loop}


def measure(run: str, case: Case) -> None:
    """One run in this process; prints what it took as JSON. peak: MB of this process, its frames' file left out."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, cpu = RUNS[run](case, Path(folder))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = (Path(folder) / "clip.mp4").stat().st_size / 1e6
        print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "size": size}))


def irregularity(*, flat: bool) -> float:
    """How far a frame of a slow pan is from where an even movement has it, at most, in pixels.

    Followed is one layer of the depth 0.4 over nothing, to a hundredth of a pixel; even is what a curve of the fourth
    degree over nine frames says.
    """
    from scenes.layers import Layer, Layers
    from videogen.phase import Phase
    from videogen.pipelines.animatic import AnimaticVideo
    from videogen.specs import VideoSpec

    def on_step(phase: Phase, step: int = 0, steps: int = 0) -> None:
        """Nobody watches."""

    size = (640, 352)
    picture = _drawn((size[0] + 256, size[1] + 72), 1, 0).convert("RGB").convert("RGBA")
    picture = picture.resize((picture.width // 4, picture.height // 4)).resize(picture.size, Image.Resampling.BICUBIC)
    whole = Layers(size, (Layer("sky", Image.new("RGBA", size), 0, 0), Layer("middle", picture, -128, -36, 0.4)))
    spec = VideoSpec(
        model="animatic", prompt="slow pan right", duration=5, frame_rate=RATE, seed=SEED, width=size[0], height=size[1]
    )
    made = AnimaticVideo().generate(spec, whole.flat(), None, on_step, **({} if flat else {"start_layers": whole}))
    return _unevenness([_grey(frame) for frame in made.frames])


def _grey(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[40:-40, 90:-90], dtype=np.float32)


def _unevenness(frames: list[NDArray[np.float32]]) -> float:
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-7)
    steps = []
    for one, other in itertools.pairwise(frames):
        start = np.eye(2, 3, dtype=np.float32)
        steps.append(cv2.findTransformECC(one, other, start, cv2.MOTION_TRANSLATION, criteria)[1][0, 2])
    places = np.concatenate([[0.0], np.cumsum(steps)])
    worst, near = 0.0, np.arange(-4, 5)
    for at in range(4, len(places) - 4):
        fit = np.polyfit(near, places[at - 4 : at + 5], 4)
        worst = max(worst, abs(float(np.polyval(fit, 0)) - float(places[at])))
    return worst


def compare(names: list[str], rounds: int) -> None:
    """Let the runs take turns and print the table."""
    print(f"median of {rounds}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; seconds of the clock")
    print(f"{'':34} {'run':14} {'seconds':>8} {'cpu s':>7} {'of limit':>9} {'peak MB':>8} {'file MB':>8}")
    for name in names:
        found: dict[str, list[dict[str, float]]] = {run: [] for run in _runs_of(CASES[name])}
        for _ in range(rounds):
            for run in found:
                command = [sys.executable, "-m", "benchmarks.animatic", "--case", name, "--run", run]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                found[run].append(json.loads(done.stdout))
        middle = {r: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for r, runs in found.items()}
        for run, took in middle.items():
            part = took["seconds"] / middle["encoder alone"]["seconds"]
            cells = f"{took['seconds']:8.2f} {took['cpu']:7.2f} {part:9.2f} {took['peak']:8.0f} {took['size']:8.2f}"
            print(f"{name:34} {run:14} {cells}", flush=True)
    for flat in (False, True):
        off = irregularity(flat=flat)
        print(f"slow pan, {'flat' if flat else 'layered'}: at most {off:.3f} pixels off an even way")


def _runs_of(case: Case) -> Iterator[str]:
    return (run for run in RUNS if run != "plain loop" or not case.has_end)


def main() -> None:
    """Compare, or be one of the runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", choices=list(CASES))
    parser.add_argument("--run", choices=list(RUNS))
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if asked.run is None:
        compare([asked.case] if asked.case else list(CASES), asked.rounds)
    else:
        measure(asked.run, CASES[asked.case])


if __name__ == "__main__":
    main()
