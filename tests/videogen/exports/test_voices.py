"""Scratch voices in exports: what is heard in the file, and what the export says where nothing is."""

import io
import wave
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from scenes.models import Block
from tests.fixtures.callers import program
from tests.fixtures.cuts import take_of
from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file
from tests.fixtures.voices import HAS_HIBARI
from videogen import actions, export_jobs
from videogen.exports.cut import Cut
from videogen.exports.spec import ExportSpec
from videogen.models import Export, Status
from videogen.speech import engines
from videogen.speech.length import LEAD
from videogen.speech.loudness import RATE, measure
from videogen.worker import progress, run

pytestmark = pytest.mark.django_db
HUM = 1.2  # seconds


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch) -> None:
    """A worker closes its connection between two looks; the test's own has the transaction."""
    for module in (run, progress):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)


asked: list[str] = []  # what the engine of the test was given to speak


def hums(line, file):
    asked.append(line.text)
    return 0.1 * np.sin(2 * np.pi * 440 * np.arange(round(HUM * RATE)) / RATE).astype(np.float32), RATE


def fails(line, file):
    asked.append(line.text)
    raise RuntimeError("inside")


@pytest.fixture
def engine(monkeypatch):
    """Make the one engine of this machine speak with a function of this module."""

    def use(name: str) -> None:
        asked.clear()
        own = engines.Engine("own", "The engine", engines.ANY, f"{__name__}.{name}")
        monkeypatch.setattr(engines, "installed", lambda: [own])

    return use


@pytest.fixture
def still(action, dialog, alice, start_frame) -> Block:
    """The scene: an action and a line, each with a picture and no clip."""
    actions.upload_frame(dialog, "start", picture_file(), alice)
    return dialog


def more_lines(scene, mara, *words: str) -> None:
    Block.objects.bulk_create(
        Block(scene=scene, position=2 + place, kind="dialog", character=mara, text=text)
        for place, text in enumerate(words)
    )


def queued(scene, by, word: str = "mp4", **more) -> Export:
    return export_jobs.queue_export(scene, ExportSpec(format=word, **more), by)


def made(row: Export) -> Export:
    run.make(run.claim_next("exports", "exports@here/1"), "exports@here")
    row.refresh_from_db()
    assert row.status == Status.SUCCEEDED, row.error
    return row


def sounds_of(row: Export) -> list[np.ndarray]:
    """The sound of each shot of an exported film, one channel; nothing where it has no track."""
    cut = Cut.model_validate(row.cut)
    with av.open(default_storage.path(row.file.name)) as container:
        if not container.streams.audio:
            return []
        whole = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    at = [start * RATE // cut.frame_rate for start, _shot in cut.placed()]
    return np.split(whole, at[1:], axis=1)


@HAS_HIBARI
def test_a_line_over_a_still_is_heard_as_loud_as_a_clip_and_an_action_is_silent(scene, alice, still):
    # Catches the switch that did nothing, a voice on the wrong shot, and one louder than the clips around it.
    row = made(queued(scene, alice))
    silent, spoken = sounds_of(row)
    assert np.abs(silent[:, :-2048]).max() < 0.001
    # In both channels it is 3 dB more than one of them is.
    assert measure(np.ascontiguousarray(spoken[0]))[0] + 3 == pytest.approx(-16, abs=1)
    assert row.voice_note == ""


def test_the_switch_off_gives_silence_and_says_nothing(scene, alice, still, engine):
    # Catches a voice nobody asked for.
    engine("hums")
    row = made(queued(scene, alice, voices=False))
    assert (sounds_of(row), row.voice_note, asked) == ([], "", [])


def test_a_ukrainian_line_without_an_engine_is_exported_silent_and_says_so(monkeypatch, scene, alice, still):
    # Catches a film that is lost, or silent without a word, for one line's language.
    monkeypatch.setattr(engines, "installed", lambda: [engines.Engine("hibari", "Hibari", frozenset({"en"}), "")])
    Block.objects.filter(pk=still.pk).update(text="Чому ти тут, діду?")
    row = made(queued(scene, alice))
    assert sounds_of(row) == []
    assert row.voice_note.startswith("Silent: no voice that is installed here speaks Ukrainian.")
    assert row.voice_note.endswith(" Where: block 2 of “The Last Lamp”.")
    url = reverse("export_card", args=[row.pk])
    assert row.voice_note in signed_in(alice).get(url).content.decode()
    assert program(alice).get(f"/api/exports/{row.pk}").json()["voiceNote"] == row.voice_note


def test_an_engine_that_fails_costs_its_lines_and_not_the_film(scene, alice, mara, still, engine):
    # Catches an export lost for a voice, and one that waits half a minute for each line of a broken engine.
    engine("fails")
    more_lines(scene, mara, "One.", "Two.", "Three.", "Four.")
    row = made(queued(scene, alice))
    assert sounds_of(row) == []
    assert row.voice_note == (
        "Silent: The engine failed to speak the line. Where: block 2 of “The Last Lamp” and 2 others. "
        "Silent: the voice failed three lines in a row, and was asked for no more. "
        "Where: block 5 of “The Last Lamp” and 1 other."
    )
    assert len(asked) == 3


def test_equal_lines_are_spoken_once_and_heard_each_time(scene, alice, mara, still, engine):
    # Catches a chorus that is spoken as often as it is written, and one that is heard only the first time.
    engine("hums")
    more_lines(scene, mara, still.text, still.text)
    row = made(queued(scene, alice))
    assert asked == [still.text]
    _silent, *spoken = sounds_of(row)
    assert [float(np.abs(sound).max()) > 0.1 for sound in spoken] == [True] * 3


def test_a_line_longer_than_its_silent_clip_fades_out_and_is_told(scene, alice, dialog, engine, tmp_path):
    # Catches a line that goes on over the next shot, or breaks off with a click.
    engine("hums")
    actions.upload_frame(dialog, "start", picture_file(), alice)
    take_of(dialog, alice, tmp_path)  # of a second
    row = made(queued(scene, alice))
    (sound,) = sounds_of(row)
    assert row.voice_note == "The line is longer than its shot: it fades out. Where: block 2 of “The Last Lamp”."
    assert np.abs(sound[:, : round(LEAD * RATE) - 2048]).max() < 0.001
    loud, end = np.abs(sound[:, RATE // 2 : RATE // 2 + 4800]).max(), np.abs(sound[:, RATE - 480 : RATE]).max()
    assert end < loud / 5


def test_a_clip_with_a_sound_of_its_own_keeps_it(scene, alice, dialog, engine, tmp_path):
    # Catches a line that is spoken twice, by its clip and over it.
    engine("hums")
    actions.upload_frame(dialog, "start", picture_file(), alice)
    take_of(dialog, alice, tmp_path, loudness=0.1)
    made(queued(scene, alice))
    assert asked == []


@pytest.mark.parametrize("word", ["otioz", "fcpxml"])
def test_a_timeline_carries_each_voice_as_a_file_as_long_as_its_shot(scene, alice, still, engine, word):
    # Catches a track of voices whose media are missing or empty.
    engine("hums")
    row = made(queued(scene, alice, word))
    frames = Cut.model_validate(row.cut).shots[1].frames
    with zipfile.ZipFile(default_storage.path(row.file.name)) as found:
        (name,) = (Path(name) for name in found.namelist() if name.endswith(".wav"))
        assert name.as_posix() == "media/01-002_voice.wav"
        with wave.open(io.BytesIO(found.read(str(name)))) as file:
            assert (file.getframerate(), file.getnframes()) == (RATE, frames * RATE // 24)
            assert any(file.readframes(RATE))


def test_a_format_without_sound_speaks_nothing(scene, alice, still, engine):
    # Catches a table of shots that waits for voices, or excuses itself for them.
    engine("fails")
    row = made(queued(scene, alice, "csv"))
    assert (asked, row.voice_note) == ([], "")


@pytest.mark.parametrize("word", ["mp4", "otioz", "fcpxml", "csv"])
def test_an_estimate_counts_each_line_that_is_spoken_once(scene, alice, mara, still, engine, word):
    # Catches a scene of stills that is promised in a second and speaks for a minute.
    engine("hums")

    def size(**more) -> int:
        row = queued(scene, alice, word, **more)
        Export.objects.all().delete()
        return row.pixel_steps

    more_lines(scene, mara, *["It never waves, either. Forty years I lit that lamp."] * 2)
    spoken, silent = size(), size(voices=False)
    assert (spoken > silent) == (word != "csv")
    Block.objects.filter(position=3).delete()
    fewer, nobody = size(), size(voices=False)
    assert spoken - silent == fewer - nobody  # the second was the same line


def test_an_export_stops_between_two_lines(monkeypatch, scene, alice, mara, still, engine):
    # Catches a worker that speaks a whole film after it was told to stop.
    engine("hums")
    more_lines(scene, mara, "One.", "Two.")
    row = queued(scene, alice)
    monkeypatch.setattr(progress, "INTERVAL", 0)

    def stops(line, file):
        row.cancel(alice)
        return hums(line, file)

    monkeypatch.setitem(globals(), "stops", stops)
    engine("stops")
    monkeypatch.setattr("videogen.speech.speaking._within", lambda seconds, work, name: work())
    run.make(run.claim_next("exports", "exports@here/1"), "exports@here")
    row.refresh_from_db()
    assert (row.status, len(asked)) == (Status.CANCELLED, 1)


def test_the_last_try_after_lost_attempts_leaves_the_voices_out(settings, scene, alice, still, engine):
    # Catches a library that takes the worker down with it, three times, and the export with them.
    engine("hums")
    row = queued(scene, alice)
    Export.objects.filter(pk=row.pk).update(lost_attempts=settings.MAX_ATTEMPTS - 1)
    assert "The last try left the voice out. Where: block 2" in made(row).voice_note
    assert asked == []
