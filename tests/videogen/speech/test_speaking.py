"""Lines as they sound: loudness, peaks, length, the same samples twice. Of every engine that is here."""

import stat
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from scenes.voices import VoiceKind
from tests.fixtures.voices import HAS_ESPEAK, HAS_HIBARI
from videogen.speech import engines, length, program, speaking
from videogen.speech.line import SpeechError, SpokenLine
from videogen.speech.loudness import RATE, levelled, measure

LINE = "Forty years I lit that lamp, and not once did I know if anyone was out there."
BOTH = [pytest.param("hibari", marks=HAS_HIBARI), pytest.param("espeak", marks=HAS_ESPEAK)]


def line(text: str = LINE, **changes: object) -> SpokenLine:
    return SpokenLine(**({"text": text, "language": "en", "engine": "hibari", "kind": "woman"} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("kind", VoiceKind.values)
def test_every_kind_of_voice_is_as_loud_and_the_same_twice(engine, kind):
    # Catches a voice that is louder than the others, clips, or is another one each time its clip is made again.
    first, again = (speaking.speak(line(engine=engine, kind=kind)) for _time in range(2))
    loudness, peak = measure(first.samples)
    assert abs(loudness + 16) < 0.5
    assert peak < -0.9
    assert np.array_equal(first.samples, again.samples)
    assert first.samples.dtype == np.float32


@HAS_HIBARI
def test_pitch_and_pace_are_heard_and_formants_stay():
    # Catches a pitch that changes the length as a tape does, and a pace that changes nothing.
    plain, high, slow = (speaking.speak(line(**changes)).samples for changes in ({}, {"pitch": 7}, {"pace": 80}))
    assert _pitch(high) / _pitch(plain) == pytest.approx(2 ** (7 / 12), rel=0.06)
    assert len(high) / len(plain) == pytest.approx(1, abs=0.02)
    assert len(slow) / len(plain) == pytest.approx(1 / 0.8, abs=0.04)


@HAS_HIBARI
def test_a_child_speaks_higher_than_a_woman_and_she_than_a_man():
    # Catches kinds of voices that cannot be told from each other.
    child, woman, man = (_pitch(speaking.speak(line(kind=kind)).samples) for kind in ("child", "woman", "man"))
    assert child > 1.2 * woman > 1.2 * 1.4 * man


def _pitch(samples: np.ndarray) -> float:
    """The median of the fundamental frequency, from the autocorrelation of loud pieces."""
    found = []
    for begin in range(0, len(samples) - 4096, 2048):
        piece = samples[begin : begin + 4096] * np.hanning(4096)
        if np.square(piece).mean() < 1e-3:
            continue
        likeness = np.fft.irfft(np.abs(np.fft.rfft(piece, 8192)) ** 2)[: RATE // 60]
        at = RATE // 500 + int(likeness[RATE // 500 :].argmax())
        if likeness[at] > 0.5 * likeness[0]:
            found.append(RATE / at)
    return float(np.median(found))


@HAS_HIBARI
def test_a_spoken_line_takes_less_than_half_a_second_after_the_first():
    # Catches an engine that is loaded anew for each line, and a limiter that takes longer than the voice.
    speaking.speak(line())
    begun = time.process_time()
    speaking.speak(line("From tomorrow there's a switch in the town. A switch never oversleeps."))
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("engine", BOTH)
def test_an_estimate_is_near_what_the_engine_takes(engine):
    # Catches weights that belong to another engine: every default length would be wrong.
    lines = [
        "Grandpa says it's the last time somebody lights it by hand.",
        "From tomorrow there's a switch in the town. A switch never oversleeps.",
        "It had to be a good boat, Grandpa. You can't send just any paper out to sea.",
        LINE,
    ]
    for text in lines:
        spoken = speaking.speak(line(text, engine=engine)).seconds
        assert length.estimate(line(text, engine=engine)).seconds == pytest.approx(spoken, rel=0.2)


@HAS_ESPEAK
@pytest.mark.parametrize(
    ("language", "text"),
    [("uk", "Чому ти тут, діду?"), ("ja", "ここにいるよ"), ("de", "Ich weiß nicht."), ("zh", "你好")],
)
def test_espeak_speaks_other_languages(language, text):
    # Catches a language that it knows by another name.
    assert speaking.speak(line(text, language=language, engine="espeak")).seconds > 0.4


def test_what_does_not_fit_in_a_clip_fades_out():
    # Catches a word that is cut with a click, and a line that begins with the first picture.
    tone = np.full(3 * RATE, 0.5, np.float32)
    sound = speaking.in_clip(speaking.Spoken(tone), 2)
    assert sound.shape == (2 * RATE, 1)
    assert not sound[: round(length.LEAD * RATE)].any()
    assert sound[RATE, 0] == 0.5
    assert abs(sound[-1, 0]) < 0.001
    fits = speaking.in_clip(speaking.Spoken(tone[:RATE]), 2)
    assert fits[round((length.LEAD + 0.99) * RATE), 0] == 0.5
    assert not fits[-round(0.5 * RATE) :].any()


def test_silence_is_no_voice():
    # Catches noise that is made of a voice that said nothing.
    with pytest.raises(SpeechError, match=r"^The voice said nothing\.$"):
        levelled(np.zeros(RATE, np.float32), RATE)


# --- An engine that fails -------------------------------------------------------------------------------------


def _engine(monkeypatch, function) -> SpokenLine:
    """A line of an engine that is this function."""
    name = f"{__name__}.{function.__name__}"
    engine = engines.Engine("own", "The engine", engines.ANY, name)
    monkeypatch.setattr(engines, "installed", lambda: [engine])
    return line(engine="own")


def fails(line: SpokenLine, file: str) -> None:
    raise RuntimeError("inside")


def hangs(line: SpokenLine, file: str) -> None:
    time.sleep(5)


def says_nothing(line: SpokenLine, file: str) -> tuple[np.ndarray, int]:
    return np.zeros(0, np.float32), RATE


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (fails, "The engine failed to speak the line."),
        (hangs, "The engine did not finish the line within 0 s."),
        (says_nothing, "The voice said nothing."),
    ],
)
def test_an_engine_that_fails_is_a_sentence(monkeypatch, function, words):
    # Catches a clip that is lost, or never finished, for its voice.
    if function is hangs:  # the others have the time that a busy machine needs
        monkeypatch.setattr(speaking, "SECONDS", 0.3)
    with pytest.raises(SpeechError) as refused:
        speaking.speak(_engine(monkeypatch, function))
    assert str(refused.value) == words


def test_an_engine_that_the_worker_lacks_is_a_sentence():
    # Catches a worker without the voices of the web server's machine.
    with pytest.raises(SpeechError, match="elsewhere is not installed on the worker"):
        speaking.speak(line(engine="elsewhere"))


# --- Programs in a process of their own. What answers here is a program of this file, neither Piper nor its voices ----


PROGRAM = f"""#!{sys.executable}
import math, struct, sys, time, wave
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
text = sys.stdin.read()
if "hang" in text:
    time.sleep(30)
if "fail" in text:
    sys.exit(3)
count = int(22050 * 0.1 * len(text) * float(options["--length_scale"]))
with wave.open(options["--output_file"], "wb") as file:
    file.setparams((1, 2, 22050, 0, "NONE", ""))
    file.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i / 9))) for i in range(count)))
"""


@pytest.fixture
def program_voice(settings, tmp_path: Path) -> SpokenLine:
    """A line of a voice in a folder, for which a program of this file answers."""
    path = tmp_path / "speaks"
    path.write_text(PROGRAM)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "uk_UA-someone.onnx").write_bytes(b"a model")
    (tmp_path / "uk_UA-someone.onnx.json").write_text('{"language": {"family": "uk"}}')
    (tmp_path / "broken.onnx").write_bytes(b"a model")
    settings.PIPER_VOICES, settings.PIPER_COMMAND = str(tmp_path), str(path)
    return line("Чому ти тут?", language="uk", engine="piper:uk_UA-someone")


def test_a_voice_of_a_folder_is_found_by_what_the_file_beside_it_says(program_voice):
    # Catches a voice that is offered for a language it does not speak, and a model without a description.
    found = engines.choose("", "uk")
    assert found is not None
    assert found.name == program_voice.engine
    assert [engine.name for engine in engines.installed() if engine.file] == [program_voice.engine]
    assert engines.choose(program_voice.engine, "en") != found


def test_a_program_gets_the_text_and_gives_a_wav_and_pitch_keeps_the_pace(program_voice):
    # Catches a pitch by resampling that makes the line shorter.
    plain, high = (speaking.speak(program_voice.model_copy(update={"pitch": pitch})) for pitch in (0, 6))
    assert abs(measure(plain.samples)[0] + 16) < 0.5
    assert high.seconds == pytest.approx(plain.seconds, rel=0.02)


@pytest.mark.parametrize(("text", "words"), [("fail", "Piper failed to speak"), ("hang", "did not finish the line")])
def test_a_program_that_fails_or_hangs_is_a_sentence(monkeypatch, program_voice, text, words):
    # Catches a worker that waits for a program for ever.
    if text == "hang":  # the other one has the time that a busy machine needs to start it
        monkeypatch.setattr(program, "SECONDS", 1)
    with pytest.raises(SpeechError, match=words):
        speaking.speak(program_voice.model_copy(update={"text": text}))
