"""What an export takes: twenty clips of five seconds as one mp4, beside other ways to the same; a storyboard; memory.

python -m benchmarks.exports

Ways are measured in turn, each as often, so that what else the machine does meets all of them. Seconds of processors
say more than those of the clock on a machine that is not idle.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest import mock

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import av  # noqa: E402
import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402

from videogen.exports import film as films  # noqa: E402
from videogen.exports import stored  # noqa: E402
from videogen.exports.cut import Cut, Shot, Take  # noqa: E402
from videogen.exports.film import write_film  # noqa: E402
from videogen.exports.sheet import write_sheet  # noqa: E402
from videogen.media import mp4, pictures  # noqa: E402
from videogen.pipelines.base import Rendering, Sound  # noqa: E402

WIDTH, HEIGHT, RATE, SECONDS, CLIPS, PANELS = 1280, 704, 24, 5, 20, 100
ENCODED = 4  # clips that are encoded anew to compare
LONG = 200  # clips of the film whose memory is compared with that of CLIPS
ROUNDS = 3


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
    """These takes, one after the other, as often as it takes."""
    words = {"scene_id": "", "scene": "Rain", "scene_number": 1, "block_id": "", "speaker": "", "parenthetical": ""}
    shots = [
        Shot(**words, number=place, is_dialog=True, words="Who is out there?", frames=take.frames, take=take)
        for place, take in enumerate((takes * count)[:count], 1)
    ]
    size = {"width": WIDTH, "height": HEIGHT, "frame_rate": RATE, "first_frame": 1001}
    return Cut(film="Film", title="Film", **size, shots=tuple(shots))


def encoded_anew(path: Path, cut: Cut) -> None:
    """Write a cut as a program does that copies nothing."""
    with mock.patch.object(films, "_may_copy", return_value=False):
        write_film(path, cut, "none", _quiet)


def packets_only(path: Path, cut: Cut) -> None:
    """Put the packets of all clips one after the other, as ffmpeg's concat demuxer does with -c copy.

    Sound is as loud as it was, up to 20 ms off its picture with each cut, and clicks where two meet.
    """
    ends: dict[str, int] = {}
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        tracks: dict[str, av.VideoStream | av.AudioStream] = {}
        for start, shot in cut.placed():
            with av.open(str(settings.MEDIA_ROOT / Path(shot.take.file if shot.take else ""))) as container:
                for stream in container.streams if not tracks else ():
                    tracks[stream.type] = out.add_stream_from_template(stream)
                for packet in container.demux():
                    if packet.dts is None:
                        continue
                    kind, shift = packet.stream.type, round(start / (cut.frame_rate * packet.time_base))
                    packet.dts = max(packet.dts + shift, ends.get(kind, packet.dts + shift - 1) + 1)
                    packet.pts = max((packet.pts or 0) + shift, packet.dts)
                    ends[kind], packet.stream = packet.dts, tracks[kind]
                    out.mux_one(packet)


def with_poster(folder: Path, take: Take) -> Take:
    """The take with the small picture that every finished clip has."""
    shot = cut_of([take], 1).shots[0]
    picture = stored.picture_of(shot)
    assert picture is not None
    pictures.write_poster(picture, folder / f"{take.file}.webp")
    return take.model_copy(update={"poster": f"{take.file}.webp"})


def measured(ways: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """Run each way ROUNDS times in turn; print and return the fewest seconds of processors of each."""
    taken: dict[str, list[tuple[float, float]]] = {label: [] for label in ways}
    for _round in range(ROUNDS):
        for label, write in ways.items():
            began, used = time.perf_counter(), time.process_time()
            write()
            taken[label].append((time.process_time() - used, time.perf_counter() - began))
    for label, found in taken.items():
        print(f"{label}: {min(found)[0]:.2f} s of processors, {min(wall for _used, wall in found):.2f} s by the clock")
    return {label: min(found)[0] for label, found in taken.items()}


# Not ru_maxrss, which begins with what the parent held.
PEAK = """
import sys
from pathlib import Path
from benchmarks import exports as own
own.settings.MEDIA_ROOT = Path(sys.argv[1])
cut = own.Cut.model_validate_json((Path(sys.argv[1]) / "cut.json").read_text())
own.write_film(Path(sys.argv[1]) / "long.mp4", cut, "none", own._quiet)
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024)
"""


def peak(folder: Path, cut: Cut) -> int:
    """Return the most megabytes that a process of its own holds while it writes a cut."""
    (folder / "cut.json").write_text(cut.model_dump_json())
    done = subprocess.run([sys.executable, "-c", PEAK, str(folder)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def main() -> None:
    """Measure films, storyboards and memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings.MEDIA_ROOT = folder
        takes = [clip(folder, number) for number in range(CLIPS)]
        whole, part = cut_of(takes, CLIPS), cut_of(takes, ENCODED)
        out = folder / "film.mp4"
        own, anew, bare = f"{CLIPS} clips of {SECONDS} s", f"{ENCODED} of them encoded anew", "their packets only"
        used = measured(
            {
                own: lambda: write_film(out, whole, "none", _quiet),
                anew: lambda: encoded_anew(out, part),
                bare: lambda: packets_only(out, whole),
            }
        )
        print(f"encoding all anew takes {used[anew] * CLIPS / ENCODED / used[own]:.0f} times as much as copying")
        print(f"copying with even sound takes {used[own] / used[bare]:.1f} times as much as packets only")
        drawn = cut_of([with_poster(folder, take) for take in takes], PANELS)
        measured(
            {
                f"{PANELS} panels of clips": lambda: write_sheet(folder / "board.pdf", drawn, "grid", _quiet),
                f"{PANELS} without small pictures": lambda: write_sheet(
                    folder / "board.pdf", cut_of(takes, PANELS), "grid", _quiet
                ),
            }
        )
        for count in (CLIPS, LONG):
            print(f"memory for {count} clips: {peak(folder, cut_of(takes, count))} MB at most")


def _quiet(*_told: object) -> None:
    """Report to nobody."""


if __name__ == "__main__":
    main()
