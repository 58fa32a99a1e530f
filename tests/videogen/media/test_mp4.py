"""Clips as files: what is in them, and that there is never half of one."""

import errno
import json
import os
import subprocess
import sys
import threading
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image, ImageFilter

from videogen import provenance
from videogen.errors import Cancelled, GenerationError, Interrupted
from videogen.media import mp4
from videogen.media.mp4 import VideoFacts, last_frame, probe, write_mp4
from videogen.pipelines.base import Rendering, Sound


def pictures(count: int, width: int = 128, height: int = 72, seed: int = 1):
    """A soft drifting pattern: real pictures, which compress as pictures do."""
    noise = np.random.default_rng(seed).integers(0, 255, (height, width * 2, 3), dtype=np.uint8)
    soft = np.asarray(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(4)))
    spread = np.clip((soft.astype(np.float32) - 128) * 4 + 128, 0, 255).astype(np.uint8)
    for index in range(count):
        yield np.ascontiguousarray(spread[:, index % width : index % width + width])


def written(tmp_path: Path, frames=None, sound=None, *, count=24, width=128, height=72, frame_rate=24, **more) -> Path:
    path = tmp_path / "clip.mp4"
    given = pictures(count, width, height) if frames is None else frames
    rendering = Rendering(iter(given), sound)
    write_mp4(path, rendering, width=width, height=height, frame_rate=frame_rate, frames=count, **more)
    return path


def psnr(one, other) -> float:
    error = np.mean((np.asarray(one, np.float32) - np.asarray(other, np.float32)) ** 2)
    return float(10 * np.log10(255**2 / error))


def tone(seconds: float, channels: int = 2, rate: int = 48_000) -> Sound:
    wave = 0.4 * np.sin(np.linspace(0, 440 * 2 * np.pi * seconds, round(seconds * rate), dtype=np.float32))
    return Sound(np.repeat(wave[:, None], channels, axis=1), rate)


@pytest.mark.parametrize("frame_rate", [24, 25, 30])
@pytest.mark.parametrize(("width", "height"), [(64, 64), (66, 64), (128, 72), (64, 400), (130, 98), (1024, 64)])
def test_a_clip_has_exactly_what_was_asked_for(tmp_path, frame_rate, width, height):
    path = written(tmp_path, count=frame_rate, width=width, height=height, frame_rate=frame_rate)
    assert probe(path) == VideoFacts(
        frames=frame_rate,
        width=width,
        height=height,
        frame_rate=Fraction(frame_rate),
        duration=1.0,
        has_audio=False,
        codec="h264",
        pixel_format="yuv420p",
    )


@pytest.mark.parametrize(("width", "height"), [(4096, 64), (64, 4096)])
def test_the_longest_sides_can_be_written(tmp_path, width, height):
    facts = probe(written(tmp_path, count=24, width=width, height=height))
    assert (facts.frames, facts.width, facts.height) == (24, width, height)


def test_the_index_comes_before_the_pictures(tmp_path):
    data = written(tmp_path).read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_the_colours_are_tagged_as_bt709_of_limited_range(tmp_path):
    with av.open(str(written(tmp_path))) as container:
        context = container.streams.video[0].codec_context
        assert context.colorspace == Colorspace.ITU709
        assert context.color_primaries == ColorPrimaries.BT709
        assert context.color_trc == ColorTrc.BT709
        assert context.color_range == ColorRange.MPEG


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [((255, 0, 0), (63, 102, 240)), ((0, 255, 0), (173, 42, 26)), ((0, 0, 255), (32, 240, 118)),
     ((255, 255, 255), (235, 128, 128)), ((0, 0, 0), (16, 128, 128))],
)  # fmt: skip
def test_the_colours_are_converted_as_the_tags_say(tmp_path, rgb, yuv):
    plain = np.full((72, 128, 3), rgb, dtype=np.uint8)
    with av.open(str(written(tmp_path, [plain] * 24))) as container:
        frame = next(container.decode(video=0))
    found = [int(np.frombuffer(plane, np.uint8)[0]) for plane in frame.planes]
    assert found == pytest.approx(yuv, abs=2)


def test_the_first_and_the_last_picture_are_the_given_ones(tmp_path):
    given = list(pictures(48, 320, 180))
    path = written(tmp_path, given, count=48, width=320, height=180)
    with av.open(str(path)) as container:
        first = mp4._rgb(next(container.decode(video=0)))
    assert psnr(first, given[0]) > 34
    assert psnr(last_frame(path), given[-1]) > 34


def test_every_picture_is_in_its_place(tmp_path):
    given = [np.full((72, 128, 3), 20 + 8 * index, dtype=np.uint8) for index in range(24)]
    with av.open(str(written(tmp_path, given))) as container:
        found = [(frame.pts, mp4._rgb(frame).mean()) for frame in container.decode(video=0)]
    assert [level for _, level in found] == pytest.approx([20 + 8 * index for index in range(24)], abs=3)
    gaps = {after[0] - before[0] for before, after in pairwise(found)}
    assert len(gaps) == 1


def test_the_same_pictures_give_the_same_bytes(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert written(one).read_bytes() == written(other).read_bytes()


@pytest.mark.parametrize("seconds", [0.4, 1.0, 1.7])
@pytest.mark.parametrize("channels", [1, 2])
def test_sound_lasts_exactly_as_long_as_the_pictures(tmp_path, seconds, channels):
    path = written(tmp_path, sound=tone(seconds, channels))
    assert probe(path).has_audio
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert stream.duration * stream.time_base == 1
        assert (stream.codec_context.name, stream.channels, stream.rate) == ("aac", channels, 48_000)
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)[0]
    assert 0.2 < np.abs(heard[2000:18_000]).max() < 0.6
    if seconds < 1:
        assert np.abs(heard[24_000:46_000]).max() < 0.01  # silence after it


def test_sound_louder_than_a_file_may_hold_is_bounded(tmp_path):
    quiet = tone(1.0)
    with av.open(str(written(tmp_path, sound=Sound(quiet.samples * 8, quiet.rate)))) as container:
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert 0.9 < np.abs(heard).max() < 1.2  # AAC itself overshoots a little


def test_sound_does_not_wait_behind_the_pictures(tmp_path):
    path = written(tmp_path, count=96, sound=tone(4.0))
    with av.open(str(path)) as container:
        kinds = [packet.stream.type for packet in sorted(container.demux(), key=lambda p: p.pos or 0) if packet.size]
    assert "audio" in kinds[: len(kinds) // 4]
    assert "video" in kinds[-len(kinds) // 4 :]


def test_a_players_jump_never_costs_more_than_a_second(tmp_path):
    with av.open(str(written(tmp_path, count=96))) as container:
        keys = [packet.pts * packet.time_base for packet in container.demux(video=0) if packet.is_keyframe]
    assert max(after - before for before, after in pairwise(keys)) <= 1


def test_the_frames_handed_over_are_counted_aloud(tmp_path):
    told: list[int] = []
    written(tmp_path, on_frame=told.append)
    assert told == list(range(1, 25))


def nothing_left(folder: Path) -> bool:
    return list(folder.iterdir()) == []


@pytest.mark.parametrize("given", [0, 23, 25])
def test_another_number_of_frames_is_refused(tmp_path, given):
    with pytest.raises(ValueError, match="24 frames"):
        written(tmp_path, pictures(given))
    assert nothing_left(tmp_path)


@pytest.mark.parametrize(
    "bad",
    [np.zeros((72, 130, 3), np.uint8), np.zeros((72, 128, 4), np.uint8), np.zeros((72, 128, 3), np.float32)],
    ids=["size", "channels", "type"],
)
def test_a_picture_of_another_kind_is_refused(tmp_path, bad):
    with pytest.raises(ValueError, match="Frame 2 is"):
        written(tmp_path, [next(pictures(1)), bad])
    assert nothing_left(tmp_path)


@pytest.mark.parametrize("raised", [Cancelled(), Interrupted(), GenerationError("out_of_memory"), OSError("theirs")])
@pytest.mark.parametrize("after", [0, 1, 12])
def test_what_the_pipeline_raises_passes_through_unchanged(tmp_path, raised, after):
    def failing():
        yield from pictures(after)
        raise raised

    with pytest.raises(type(raised)) as caught:
        written(tmp_path, failing())
    assert caught.value is raised
    assert nothing_left(tmp_path)


def test_a_clip_that_was_there_stays_when_its_successor_fails(tmp_path):
    before = written(tmp_path).read_bytes()
    with pytest.raises(ValueError, match="24 frames"):
        written(tmp_path, pictures(3))
    assert (tmp_path / "clip.mp4").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_what_on_frame_raises_passes_through(tmp_path):
    def stop(count: int) -> None:
        if count == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        written(tmp_path, on_frame=stop)
    assert nothing_left(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device that is always full")
def test_a_full_disk_is_told_as_such_and_the_part_file_goes(tmp_path):
    (tmp_path / "clip.mp4.part").symlink_to("/dev/full")
    with pytest.raises(GenerationError) as caught:
        written(tmp_path)
    assert caught.value.code == "disk_full"
    assert nothing_left(tmp_path)


def test_a_folder_that_is_not_there_is_a_failure_with_a_cause(tmp_path):
    with pytest.raises(GenerationError) as caught:
        written(tmp_path / "nowhere")
    assert caught.value.code == "encode_failed"
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOENT


@pytest.mark.parametrize("data", [b"", b"not a clip", bytes(4096)])
def test_a_file_that_is_no_clip_has_no_last_frame(tmp_path, data):
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    with pytest.raises(OSError, match="cannot be read"):
        last_frame(path)


def test_the_last_frame_can_be_read_from_an_open_file(tmp_path):
    path = written(tmp_path, count=48)
    with path.open("rb") as file:
        assert psnr(last_frame(file), list(pictures(48))[-1]) > 34


_MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
from videogen.media.mp4 import write_mp4
from videogen.pipelines.base import Rendering

def frames(count):
    for index in range(count):
        yield np.full((540, 960, 3), index % 250, np.uint8)

count = int(sys.argv[1])
write_mp4(Path(sys.argv[2]), Rendering(frames(count)), width=960, height=540, frame_rate=24, frames=count)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize(("waiting", "ahead"), [(0, 3), (128 * 72 * 3 * 10, 11)])
def test_as_many_pictures_wait_for_the_encoder_as_the_pipeline_allows(tmp_path, monkeypatch, waiting, ahead):
    # A decoder that gives dozens of pictures at once would stand still while they are encoded.
    free, made = threading.Event(), []
    encode = mp4._Writer.write

    def held_up(writer, picture):
        assert free.wait(30), "fewer pictures may wait than the pipeline allows"
        encode(writer, picture)

    def frames():
        for number, picture in enumerate(pictures(24), start=1):
            made.append(number)
            if number == ahead:
                free.set()  # the encoder has had nothing so far
            yield picture

    monkeypatch.setattr(mp4._Writer, "write", held_up)
    path = tmp_path / "clip.mp4"
    write_mp4(path, Rendering(frames(), waiting=waiting), width=128, height=72, frame_rate=24, frames=24)
    assert probe(path).frames == 24
    assert len(made) == 24


@pytest.mark.worker
def test_memory_does_not_grow_with_the_length_of_the_clip(tmp_path):
    peaks = []
    for count in (48, 480):  # 480 frames are 750 MB of pictures
        command = [sys.executable, "-c", _MEMORY, str(count), str(tmp_path / "clip.mp4")]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    assert peaks[1] - peaks[0] < 40  # MB


_CUT = """
import sys
from hashlib import sha256
from pathlib import Path
import numpy as np
from PIL import Image
from videogen.media.mp4 import write_mp4
from videogen.pipelines.base import Rendering

def picture(seed, rows, columns):
    cells = np.random.default_rng(seed).integers(0, 255, (rows, columns, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(cells).resize((360, 216)))

first, second = picture(1, 12, 20), picture(2, 24, 40)
frames = ((first if index < 12 else second)[index // 2 : index // 2 + 192, index : index + 320] for index in range(24))
path = Path(sys.argv[1])
write_mp4(path, Rendering(frames), width=320, height=192, frame_rate=24, frames=24)
print(sha256(path.read_bytes()).hexdigest())
"""


@pytest.mark.worker
def test_what_the_encoder_reads_was_written(tmp_path):
    # Catches bytes after a cut that depend on what was in memory before: with AVX-512 three values gave two files.
    # A C library without MALLOC_PERTURB_ looks at nothing here.
    made = set()
    for fill in ("1", "128", "200"):
        command = [sys.executable, "-c", _CUT, str(tmp_path / "clip.mp4")]
        environment = os.environ | {"MALLOC_PERTURB_": fill}
        made.add(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)
    assert len(made) == 1


def test_the_file_says_what_it_was_made_with_and_by_what(tmp_path):
    # Catches a clip that nobody can tell from one of a camera, and a folder of this machine in what is given away.
    settings = {"prompt": "Wind. “Żółć”", "seed": 7}
    tags = provenance.metadata(settings, model="ltx2.3", checkpoint="/srv/models/ltx-2.3", source=provenance.GENERATED)
    path = written(tmp_path, tags=tags)
    with av.open(str(path)) as container:
        told = dict(container.metadata)
    assert told["comment"].startswith("Made by a generative model")
    assert json.loads(told["description"])["storyreel"] == settings | {
        "model": "ltx2.3",
        "checkpoint": "ltx-2.3",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    }
    assert "creation_time" not in told
    before = path.read_bytes()
    assert written(tmp_path, tags=tags).read_bytes() == before
