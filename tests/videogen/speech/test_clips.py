"""Voices in clips as a worker makes them: what is in the file, and what the row says of it."""

import re
from pathlib import Path

import av
import numpy as np
import pytest
from django.conf import settings

from scenes import demo
from scenes.models import Block
from tests.fixtures.rows import running_video
from tests.fixtures.scene import picture_file
from tests.fixtures.voices import HAS_HIBARI
from videogen import actions
from videogen.models import Status, Video
from videogen.speech import engines, speaking
from videogen.speech.length import LEAD, LONGEST
from videogen.speech.line import SpeechError
from videogen.speech.loudness import RATE, measure
from videogen.spoken import line_of
from videogen.worker import run

pytestmark = pytest.mark.django_db(transaction=True)  # the heartbeat comes from a connection of its own


def made(block: Block, by, **changes) -> Video:
    video = running_video(block, by, **changes)
    run.make(video, "worker@test")
    video.refresh_from_db()
    assert video.status == Status.SUCCEEDED, video.error
    return video


def sound_of(video: Video) -> np.ndarray:
    with av.open(str(Path(settings.MEDIA_ROOT) / video.file.name)) as container:
        assert container.streams.audio[0].rate == RATE
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


@pytest.fixture
def shot(dialog, alice) -> Block:
    actions.upload_frame(dialog, "start", picture_file(), alice)
    return dialog


@HAS_HIBARI
def test_each_of_the_demos_cast_is_heard_in_a_clip_as_long_as_the_line():
    # Catches a voice that is too loud, cut, or another one each time, in the file that people hear.
    loaded = demo.load()
    alice = loaded.users["alice"]
    spoken = {block.character_id: block for block in reversed(loaded.blocks) if block.kind == Block.Kind.DIALOG}
    assert {block.character.name for block in spoken.values()} == {"Mara", "Old Tobias", "Wren"}
    for block in spoken.values():
        actions.upload_frame(block, "start", picture_file(), alice)
        line = line_of(block)
        assert line is not None
        first, again = (made(block, alice, duration=line.duration, seed=7) for _time in range(2))
        sound = sound_of(first)
        assert measure(sound)[0] == pytest.approx(-16, abs=1)
        assert np.abs(sound).max() < 1
        assert len(sound) / RATE == pytest.approx(line.duration, abs=0.05)
        fits = first.line_seconds + LEAD <= line.duration  # Old Tobias speaks for longer than a clip lasts
        assert (first.has_audio, bool(first.line_note)) == (True, not fits)
        assert fits or line.duration == LONGEST
        assert first.sha256 == again.sha256
        assert line_of(block, [first]).length.is_measured


@HAS_HIBARI
def test_a_line_that_does_not_fit_is_told_before_and_after(shot, alice):
    # Catches a line that is cut without a word.
    shot.text = "It never waves, either. Forty years I lit that lamp, and not once did I know."
    shot.save()
    video = made(shot, alice, duration=2)
    told = r"The line takes (\S+) s and begins after 0.2 s: the last (\S+) s are not in a clip of 2 s. It fades out."
    found = re.fullmatch(told, video.line_note)
    assert found is not None
    assert float(found[1]) == pytest.approx(video.line_seconds, abs=0.1)
    assert float(found[1]) + 0.2 - 2 == pytest.approx(float(found[2]))  # a reader adds up what is shown
    assert np.abs(sound_of(video)[-240:]).max() < 0.02


def test_a_ukrainian_line_without_an_engine_is_silent_and_says_so(monkeypatch, shot, alice):
    # Catches a clip that is lost, or read with English sounds, for its language.
    monkeypatch.setattr(engines, "installed", lambda: [engines.Engine("hibari", "Hibari", frozenset({"en"}), "")])
    shot.text = "Чому ти тут, діду?"
    shot.save()
    video = made(shot, alice)
    assert not video.has_audio
    assert video.line_note.startswith("Silent: no voice that is installed here speaks Ukrainian.")


def fails(line, file):
    raise RuntimeError("inside")


@pytest.mark.parametrize("error", [SpeechError("The engine did not finish the line within 30 s."), RuntimeError()])
def test_a_voice_that_fails_costs_the_voice_and_not_the_clip(monkeypatch, shot, alice, error):
    # Catches a clip that fails for its voice.
    path = f"{__name__}.fails"
    monkeypatch.setattr(engines, "installed", lambda: [engines.Engine("own", "The engine", engines.ANY, path)])
    if isinstance(error, SpeechError):
        monkeypatch.setattr(speaking, "speak", lambda _line: (_ for _ in ()).throw(error))
    video = made(shot, alice)
    assert not video.has_audio
    assert video.line_note in ("Silent: The engine failed to speak the line.", f"Silent: {error}")


def test_the_last_try_after_lost_attempts_leaves_the_voice_out(monkeypatch, shot, alice):
    # Catches a library that takes the worker down with it, three times, and the clip with them.
    path = f"{__name__}.fails"
    monkeypatch.setattr(engines, "installed", lambda: [engines.Engine("own", "The engine", engines.ANY, path)])
    video = running_video(shot, alice)
    Video.objects.filter(pk=video.pk).update(lost_attempts=settings.MAX_ATTEMPTS - 1)
    video.refresh_from_db()
    run.make(video, "worker@test")
    video.refresh_from_db()
    assert (video.status, video.has_audio) == (Status.SUCCEEDED, False)
    assert video.line_note.endswith("The last try left the voice out.")


@HAS_HIBARI
def test_no_sound_is_asked_for_and_none_is_made(shot, alice):
    # Catches a switch that does nothing, and an action that is given a voice.
    silent = made(shot, alice, sound=False)
    assert (silent.has_audio, silent.read_spec().line, silent.line_note) == (False, None, "")


@HAS_HIBARI
def test_a_take_is_made_again_with_the_line_it_was_made_with(shot, alice, mara):
    # Catches "Same settings, same seed" that speaks another text in another voice.
    first = made(shot, alice, prompt="Handheld.")
    mara.voice_kind = "old_man"
    mara.save()
    shot.text = "Nobody."
    shot.save()
    again = actions.queue_again(first, alice, new_seed=False)
    assert again.read_spec().line == first.read_spec().line
    fresh = line_of(Block.objects.get(pk=shot.pk)).casting.line
    assert (fresh.text, fresh.kind) == ("Nobody.", "old_man")
