"""Voices of clips, samples and exports: a line spoken, or a sentence why it is silent. No work is lost for a voice."""

import io
import wave
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videogen.exports.cut import Cut, Shot
from videogen.media.mp4 import writing_errors
from videogen.models import Export, Video, VoiceSample
from videogen.phase import Phase
from videogen.pipelines.base import OnStep, Sound
from videogen.specs import VideoSpec
from videogen.speech import speaking
from videogen.speech.length import LEAD, Length
from videogen.speech.line import SpeechError, SpokenLine
from videogen.speech.loudness import RATE
from videogen.spoken import what_is_cut

_LOST = "the worker was lost while this was made. The last try left the voice out."
_TRIES = 3  # lines that an engine fails one after another before it is asked for no more of an export


def sound_of(video: Video, spec: VideoSpec) -> tuple[Sound | None, Mapping[str, Any]]:
    """Return the sound of a clip and what its row says of it; None for a clip that is silent."""
    if spec.line is None:
        return None, {}
    if _is_last_try(video):
        return None, {"line_note": f"Silent: {_LOST}"}
    try:
        spoken = speaking.speak(spec.line)
    except SpeechError as error:
        return None, {"line_note": f"Silent: {error}"}
    found = Length(spoken.seconds, is_measured=True)
    told = " ".join(filter(None, [video.line_note, what_is_cut(found, spec.duration)]))
    facts = {"line_seconds": round(spoken.seconds, 3), "line_note": told}
    return Sound(speaking.in_clip(spoken, spec.duration), RATE), facts


def _is_last_try(row: Video | Export) -> bool:
    """Whether the worker was lost with this row before, and may be lost once more only."""
    return bool(row.lost_attempts) and row.lost_attempts + 1 >= settings.MAX_ATTEMPTS


def voiced(row: Export, cut: Cut, folder: Path, on_step: OnStep) -> tuple[Cut, str]:
    """Speak the lines of a cut into files in `folder`. Returns the cut that names them, and what its row says of them.

    Equal lines are spoken once. Raises Cancelled or Interrupted between two lines; GenerationError "disk_full".
    """
    shots, notes = list(cut.shots), [shot.line_note for shot in cut.shots]
    places: dict[SpokenLine, list[int]] = {}
    for place, shot in enumerate(shots):
        if shot.line:
            places.setdefault(shot.line, []).append(place)
    failed: Counter[str] = Counter()
    for count, (line, alike) in enumerate(places.items()):
        on_step(Phase.LOADING, count, len(places))
        try:
            spoken = _spoken(line, failed, is_last_try=_is_last_try(row))
        except SpeechError as error:
            notes = [f"Silent: {error}" if place in alike else note for place, note in enumerate(notes)]
            continue
        for place in alike:
            path = folder / f"voice-{place}.wav"
            shots[place], longer = _with_voice(shots[place], cut, spoken, path)
            notes[place] = " ".join(filter(None, [notes[place], longer]))
    return cut.model_copy(update={"shots": tuple(shots)}), _in_words(shots, notes)


def _spoken(line: SpokenLine, failed: Counter[str], *, is_last_try: bool) -> speaking.Spoken:
    """Speak a line of an export. failed: how many each engine has failed one after another. Raises SpeechError."""
    if is_last_try:
        raise SpeechError(_LOST)
    if failed[line.engine] >= _TRIES:
        raise SpeechError("the voice failed three lines in a row, and was asked for no more.")
    failed[line.engine] += 1
    spoken = speaking.speak(line)
    failed[line.engine] = 0
    return spoken


def _with_voice(shot: Shot, cut: Cut, spoken: speaking.Spoken, path: Path) -> tuple[Shot, str]:
    """Write the voice of a shot, as long as the shot. Returns the shot with it, and whether the line fits, in words."""
    seconds = shot.frames / cut.frame_rate
    with writing_errors():
        path.write_bytes(_wav(speaking.in_clip(spoken, seconds)[:, 0], RATE))
    longer = LEAD + spoken.seconds > seconds
    return shot.model_copy(update={"voice": path}), _("The line is longer than its shot: it fades out.") * longer


def _in_words(shots: Sequence[Shot], notes: Sequence[str]) -> str:
    """Say each note once, with the first shot that it is of and the number of others."""
    told: dict[str, list[Shot]] = {}
    for shot, note in zip(shots, notes, strict=True):
        if note:
            told.setdefault(note, []).append(shot)
    return " ".join(f"{note} {_where(of)}" for note, of in told.items())


def _where(shots: Sequence[Shot]) -> str:
    if len(shots) == 1:
        return _("Where: %(shot)s.") % {"shot": shots[0].in_words}
    words = ngettext("Where: %(shot)s and %(n)d other.", "Where: %(shot)s and %(n)d others.", len(shots) - 1)
    return words % {"shot": shots[0].in_words, "n": len(shots) - 1}


def make_sample(sample: VoiceSample) -> None:
    """Speak a sample, and keep its sound or the sentence why there is none."""
    try:
        spoken = speaking.speak(sample.spoken_line)
    except SpeechError as error:
        sample.finish(note=str(error))
        return
    sample.finish(sound=_wav(spoken.samples[::2], RATE // 2))  # no engine has anything above 12 kHz


def _wav(samples: speaking.Samples, rate: int) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return content.getvalue()
