"""The voice of a clip: its line spoken, or a sentence why it is silent. A clip is never lost for its voice."""

import io
import wave
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.conf import settings

from videogen.models import Video, VoiceSample
from videogen.pipelines.base import Sound
from videogen.specs import VideoSpec
from videogen.speech import speaking
from videogen.speech.length import Length
from videogen.speech.line import SpeechError
from videogen.speech.loudness import RATE
from videogen.spoken import what_is_cut


def sound_of(video: Video, spec: VideoSpec) -> tuple[Sound | None, Mapping[str, Any]]:
    """Return the sound of a clip and what its row says of it; None for a clip that is silent."""
    if spec.line is None:
        return None, {}
    if video.lost_attempts and video.lost_attempts + 1 >= settings.MAX_ATTEMPTS:
        return None, {"line_note": "Silent: the worker was lost while this was made. The last try left the voice out."}
    try:
        spoken = speaking.speak(spec.line)
    except SpeechError as error:
        return None, {"line_note": f"Silent: {error}"}
    found = Length(spoken.seconds, is_measured=True)
    told = " ".join(filter(None, [video.line_note, what_is_cut(found, spec.duration)]))
    facts = {"line_seconds": round(spoken.seconds, 3), "line_note": told}
    return Sound(speaking.in_clip(spoken, spec.duration), RATE), facts


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
