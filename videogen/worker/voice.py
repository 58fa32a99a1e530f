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
from videogen.speech.length import LEAD
from videogen.speech.line import SpeechError
from videogen.speech.loudness import RATE


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
    facts: dict[str, Any] = {"line_seconds": round(spoken.seconds, 3)}
    beyond = spoken.seconds + LEAD - spec.duration
    if beyond > 0:
        facts["line_note"] = (
            f"The line takes {spoken.seconds:.1f} s: the last {beyond:.1f} s are not in this clip. It fades out there."
        )
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
