"""How long an export takes: twenty clips of five seconds as one mp4, and a hundred panels as a storyboard.

python -m benchmarks.exports
"""

import os
import resource
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402

from videogen.exports.cut import Cut, Shot, Take  # noqa: E402
from videogen.exports.film import write_film  # noqa: E402
from videogen.exports.sheet import write_sheet  # noqa: E402
from videogen.media import mp4  # noqa: E402
from videogen.pipelines.base import Rendering, Sound  # noqa: E402

WIDTH, HEIGHT, RATE, SECONDS, CLIPS, PANELS = 1280, 704, 24, 5, 20, 100


def clip(folder: Path, number: int) -> Take:
    """A clip of drifting patches, with something like speech: a pure tone costs the encoder three times as much."""
    name = f"{number}.mp4"
    patches = np.random.default_rng(number).integers(0, 255, (HEIGHT // 16, WIDTH // 16, 3), np.uint8)
    picture = patches.repeat(16, 0).repeat(16, 1)
    frames = SECONDS * RATE
    times = np.arange(SECONDS * 48_000) / 48_000
    voice = np.sin(times * 2 * np.pi * (150 + 5 * number)) * np.abs(np.sin(3 * times))
    tone = (0.2 * voice + 0.01 * np.random.default_rng(number).standard_normal(len(times))).astype(np.float32)
    moving = (np.roll(picture, 2 * index, 1) for index in range(frames))
    size = {"width": WIDTH, "height": HEIGHT, "frame_rate": RATE}
    mp4.write_mp4(folder / name, Rendering(moving, Sound(np.stack([tone, tone], 1), 48_000)), **size, frames=frames)
    facts = {
        "id": name,
        "number": 1,
        "frames": frames,
        "frame_rate": RATE,
        "has_audio": True,
        "model": "",
        "made_by": "",
    }
    return Take(file=name, sha256="", width=WIDTH, height=HEIGHT, seed=1, checkpoint="", settings={}, **facts)


def cut_of(takes: list[Take], count: int) -> Cut:
    """These takes, one after the other."""
    words = {"scene_id": "", "scene": "Rain", "scene_number": 1, "block_id": "", "speaker": "", "parenthetical": ""}
    shots = [
        Shot(**words, number=place, is_dialog=True, words="Who is out there?", frames=take.frames, take=take)
        for place, take in enumerate((takes * count)[:count], 1)
    ]
    size = {"width": WIDTH, "height": HEIGHT, "frame_rate": RATE, "first_frame": 1001}
    return Cut(film="Film", title="Film", **size, shots=tuple(shots))


def main() -> None:
    """Measure both, three times each; print the best."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings.MEDIA_ROOT = folder
        takes = [clip(folder, number) for number in range(CLIPS)]
        film, board = cut_of(takes, CLIPS), cut_of(takes, PANELS)
        for label, write in (
            (f"{CLIPS} clips of {SECONDS} s, copied", lambda: write_film(folder / "film.mp4", film, "none", _quiet)),
            (f"{PANELS} panels", lambda: write_sheet(folder / "board.pdf", board, "grid", _quiet)),
        ):
            taken = []
            for _round in range(3):
                began, used = time.perf_counter(), time.process_time()
                write()
                taken.append((time.perf_counter() - began, time.process_time() - used))
            wall, processor = min(taken)
            print(f"{label}: {wall:.2f} s, {processor:.2f} s of processors")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"memory at most: {memory} MB, encoding the clips included")


def _quiet(*_told: object) -> None:
    """Report to nobody."""


if __name__ == "__main__":
    main()
