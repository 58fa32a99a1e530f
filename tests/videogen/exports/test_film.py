"""A cut as one mp4, measured by decoding it."""

import hashlib
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.fixtures.cuts import clip_bytes, cut_of_shots, number_of, pictures_of, shot_of, stored_shot
from tests.fixtures.scene import picture_file
from tests.fixtures.tree import ROOT
from videogen.errors import Cancelled, GenerationError
from videogen.exports import sound
from videogen.exports.cut import Media
from videogen.exports.film import encoded_pixels, write_film
from videogen.exports.subtitles import cues
from videogen.media import mp4


def quiet(phase, step=0, steps=0) -> None:
    """Report to nobody."""


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "film.mp4"


def video_packets(path: Path | str) -> list[str]:
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.dts is not None]
    return [hashlib.sha256(packet).hexdigest() for packet in packets]


def test_the_film_has_the_frames_of_its_clips_in_order_and_none_is_encoded_anew(path, tmp_path):
    # Catches a frame lost or doubled where two clips meet, and a copy that is secretly a second encoding.
    shots = [stored_shot(tmp_path, number, frames) for number, frames in ((1, 24), (2, 1), (3, 48), (4, 2), (5, 24))]
    write_film(path, cut_of_shots(*shots), "none", quiet)
    wanted = [shot.number * 256 + frame for shot in shots for frame in range(shot.frames)]
    assert list(map(number_of, pictures_of(path))) == wanted
    copied = [packet for shot in shots for packet in video_packets(default_storage.path(shot.take.file))]
    assert video_packets(path) == copied
    with av.open(str(path)) as container:
        times = [frame.pts * frame.time_base * 24 for frame in container.decode(video=0)]
    assert times == list(range(99))
    assert not container.streams.audio


def test_five_hundred_clips_are_one_film_with_all_their_frames_and_captions(path, tmp_path):
    # Catches what grows with the number of clips: open files, times that are rounded once for each.
    clip = stored_shot(tmp_path, 1, 4)
    write_film(path, cut_of_shots(*[clip] * 500), "track", quiet)
    with av.open(str(path)) as container:
        times = [packet.pts for packet in container.demux(subtitles=0) if packet.size and packet.duration]
    assert mp4.probe(path).frames == 2000
    assert times == [shot * 4 * 1000 // 24 for shot in range(500)]


def test_other_sizes_rates_stills_and_cards_are_made_to_fit(path, tmp_path):
    # Catches a stretched portrait clip, a rate that changes the length, and pictures that move a shot by a frame.
    still = default_storage.save("frames/still.png", ContentFile(picture_file(color="red").read()))
    shots = [
        stored_shot(tmp_path, 1, 24),
        stored_shot(tmp_path, 2, 25, rate=25, in_cut=24),
        stored_shot(tmp_path, 3, 24, size=(192, 320)),
        shot_of(4, None, 30, still=Media(file=still, sha256="", width=320, height=192)),
        shot_of(5, None, 12),
        stored_shot(tmp_path, 6, 30, rate=30, in_cut=24),
        stored_shot(tmp_path, 7, 24),
    ]
    write_film(path, cut_of_shots(*shots), "none", quiet)
    found = list(pictures_of(path))
    assert len(found) == sum(shot.frames for shot in shots) == 162
    facts = mp4.probe(path)
    assert (facts.frames, facts.width, facts.height, facts.frame_rate, facts.duration) == (162, 320, 192, 24, 162 / 24)
    assert list(map(number_of, found[:24])) == [256 + frame for frame in range(24)]
    assert [number_of(found[24 + frame]) for frame in range(24)] == [512 + frame * 25 // 24 for frame in range(24)]
    upright = found[60]
    assert upright[:, :90].max() < 20  # black beside it
    assert upright[:, -90:].max() < 20
    width = (upright[96].max(axis=1) > 30).nonzero()[0]
    assert 192 * 192 / 320 - 4 <= width[-1] - width[0] + 1 <= 192 * 192 / 320 + 4
    red = found[80].reshape(-1, 3).mean(axis=0)
    assert red[0] > 220 > 40 > red[1]
    assert found[110].max() > 200  # words on the card
    assert list(map(number_of, found[-24:])) == [7 * 256 + frame for frame in range(24)]


def test_five_hundred_clips_follow_one_another_and_no_more_than_a_few_are_open(path, tmp_path):
    # Catches a file that stays open for each clip of a long film, and times that drift with the number of cuts.
    three = [stored_shot(tmp_path, number, 2, loudness=0.1) for number in (1, 2, 3)]
    shots = [three[place % 3].model_copy(update={"number": place}) for place in range(500)]
    most = 0

    def look(phase, step=0, steps=0) -> None:
        nonlocal most
        most = max(most, len(list(Path("/proc/self/fd").iterdir())))

    before = len(list(Path("/proc/self/fd").iterdir()))
    write_film(path, cut_of_shots(*shots), "none", look)
    assert most - before < 12
    with av.open(str(path)) as container:
        frames = [
            (frame.pts * frame.time_base * 24, number_of(frame.to_ndarray(format="rgb24")))
            for frame in container.decode(video=0)
        ]
    assert frames == [(at, (at // 2 % 3 + 1) * 256 + at % 2) for at in range(1000)]
    assert abs(samples_of(path).shape[1] - 1000 * 2000) <= 2048


def test_a_trimmed_clip_begins_and_ends_where_it_was_cut(path, tmp_path):
    # Catches a cut at the nearest key frame instead of at the frame.
    shot = stored_shot(tmp_path, 1, 48)
    trimmed = shot.model_copy(update={"frames": 10, "take": shot.take.model_copy(update={"first": 7})})
    write_film(path, cut_of_shots(trimmed, stored_shot(tmp_path, 2, 24)), "none", quiet)
    wanted = [*(256 + frame for frame in range(7, 17)), *(512 + frame for frame in range(24))]
    assert list(map(number_of, pictures_of(path))) == wanted


def samples_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        assert (container.streams.audio[0].rate, container.streams.audio[0].layout.name) == (48_000, "stereo")
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def test_sound_is_as_long_as_its_pictures_equally_loud_and_silent_where_there_is_none(path, tmp_path):
    # Catches sound that drifts from the pictures with every cut, and one clip that shouts beside another.
    shots = [
        stored_shot(tmp_path, 1, 48, loudness=0.02),
        stored_shot(tmp_path, 2, 24),
        stored_shot(tmp_path, 3, 48, loudness=0.9),
    ]
    write_film(path, cut_of_shots(*shots), "none", quiet)
    heard = samples_of(path)
    assert abs(heard.shape[1] - 5 * 48_000) <= 2048  # AAC packs 1024 samples
    first, middle, last = heard[:, :96_000], heard[:, 98_000:142_000], heard[:, 146_000:238_000]
    assert np.abs(middle).max() < 0.001
    assert sound.loudness(last) == pytest.approx(sound.TARGET, abs=0.3)
    # It is at -37.7 LUFS, and raised by no more than 12 dB: more would raise its noise as well.
    assert sound.loudness(first) == pytest.approx(-25.7, abs=0.5)
    assert np.abs(heard).max() < 0.95


def test_the_measure_is_that_of_the_standard():
    # Catches a filter with a wrong sign: a 997 Hz tone at full scale in both channels is 0 LUFS (BS.1770, annex 1).
    times = np.arange(96_000) / 48_000
    tone = np.sin(2 * np.pi * 997 * times).astype(np.float32)
    assert sound.loudness(np.stack([tone, tone])) == pytest.approx(0.0, abs=0.1)
    assert sound.loudness(np.stack([tone, tone]) / 10) == pytest.approx(-20.0, abs=0.1)
    assert sound.loudness(np.zeros((2, 48_000), np.float32)) == float("-inf")


def test_a_voice_is_heard_where_a_clip_has_no_sound(path, tmp_path):
    # Catches a voice that is left out, or goes on over the next shot.
    clip_bytes(tmp_path, 9, 24, loudness=0.3)
    shot = shot_of(1, None, 48, voice=tmp_path / "9.mp4")
    write_film(path, cut_of_shots(shot, stored_shot(tmp_path, 2, 24)), "none", quiet)
    heard = samples_of(path)
    assert sound.loudness(heard[:, :48_000]) > -20
    assert np.abs(heard[:, 52_000:]).max() < 0.001


def test_captions_are_a_track_with_its_times(path, tmp_path):
    # Catches captions that begin a picture late or stay into the next shot.
    shots = [stored_shot(tmp_path, 1, 31), stored_shot(tmp_path, 2, 24), stored_shot(tmp_path, 3, 24)]
    shots[1] = shots[1].model_copy(update={"is_dialog": False})
    cut = cut_of_shots(*shots)
    write_film(path, cut, "track", quiet)
    shown = []
    with av.open(str(path)) as container:
        for packet in container.demux(subtitles=0):
            shown += [(packet.pts, packet.duration, line.dialogue.decode()) for line in packet.decode()]
    assert shown == [(0, 1291, "Who is out there?"), (2291, 1000, "Who is out there?")]
    # The picture 31 is shown from 1.2916 s on, so the first is gone by then.
    assert [(cue.start, cue.end) for cue in cues(cut)] == [(0, 31), (55, 79)]
    assert list(map(number_of, pictures_of(path)))[-1] == 3 * 256 + 23


def test_captions_are_drawn_at_exactly_their_frames(path, tmp_path):
    # Catches a caption on the pictures of an action, and shots without one that are encoded for nothing.
    shots = [stored_shot(tmp_path, 1, 24), stored_shot(tmp_path, 2, 24), stored_shot(tmp_path, 3, 24)]
    shots[1] = shots[1].model_copy(update={"is_dialog": False})
    cut = cut_of_shots(*shots)
    write_film(path, cut, "burned", quiet)
    drawn = [bool((picture[150:190] > 235).any()) for picture in pictures_of(path)]
    assert drawn == [True] * 24 + [False] * 24 + [True] * 24
    assert list(map(number_of, pictures_of(path))) == [n * 256 + frame for n in (1, 2, 3) for frame in range(24)]
    assert set(video_packets(default_storage.path(shots[1].take.file))) <= set(video_packets(path))
    assert encoded_pixels(cut, "none") < encoded_pixels(cut, "burned")


def test_a_file_that_is_gone_or_broken_is_told_by_its_shot(path, tmp_path):
    # Catches "something went wrong" for a clip that somebody deleted while the film waited in the queue.
    shots = [stored_shot(tmp_path, 1, 24), stored_shot(tmp_path, 2, 24)]
    default_storage.delete(shots[1].take.file)
    with pytest.raises(GenerationError) as missing:
        write_film(path, cut_of_shots(*shots), "none", quiet)
    assert (missing.value.code, missing.value.details) == ("clip_missing", {"shot": "block 2 of “Rain”"})
    default_storage.save(shots[1].take.file, ContentFile(b"no clip at all"))
    with pytest.raises(GenerationError) as broken:
        write_film(path, cut_of_shots(*shots), "none", quiet)
    assert (broken.value.code, broken.value.details) == ("clip_unreadable", {"shot": "block 2 of “Rain”"})


def test_a_stop_is_heard_within_a_shot(path, tmp_path):
    # Catches an export that can be stopped between shots only, of which one may last a minute.
    told = []

    def stop(phase, step=0, steps=0) -> None:
        told.append((step, steps))
        if step >= 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_film(path, cut_of_shots(shot_of(1, None, 96)), "none", stop)
    assert told[-1] == (10, 96)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device that is always full")
@pytest.mark.parametrize("full", ["film.mp4", "part.mp4.part"])
def test_a_full_disk_is_told_as_such(path, tmp_path, full):
    # Catches a film that ends in the middle and is published, and a full disk that is told as a broken clip.
    path.with_name(full).symlink_to("/dev/full")
    with pytest.raises(GenerationError) as caught:
        write_film(path, cut_of_shots(stored_shot(tmp_path, 1, 24), shot_of(2, None, 24)), "none", quiet)
    assert caught.value.code == "disk_full"


MEMORY = """
import sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[1]
from videogen.exports.cut import Cut
from videogen.exports.film import write_film
cut = Cut.model_validate_json(Path(sys.argv[2]).read_text())
write_film(Path(sys.argv[3]), cut, "burned", lambda *told: None)
# Not ru_maxrss, which begins with what the parent held: an engine of speech, after the tests of voices.
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.mark.worker
def test_memory_does_not_grow_with_the_length(path, tmp_path):
    # Catches pictures or packets that are kept until the end: 400 MB whatever the length.
    size = (1280, 704)
    shots = [stored_shot(tmp_path, 1, 24, size=size, loudness=0.1), shot_of(2, None, 24)]
    used = []
    for times in (2, 20):
        cut = cut_of_shots(*(shots * times), width=size[0], height=size[1])
        (tmp_path / "cut.json").write_text(cut.model_dump_json())
        command = [sys.executable, "-c", MEMORY, str(settings.MEDIA_ROOT), str(tmp_path / "cut.json"), str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
        used.append(int(done.stdout))
    assert max(used) < 400, used
    assert used[1] - used[0] < 60, used
