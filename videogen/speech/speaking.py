"""Speak a line: the sound of a clip of so many seconds, or what went wrong in a sentence. For workers."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

import numpy as np
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from scenes import memory
from videogen.speech import engines, length
from videogen.speech.line import SpeechError, SpokenLine
from videogen.speech.loudness import RATE, levelled

logger = logging.getLogger(__name__)

Samples = NDArray[np.float32]

SECONDS = 30  # for one line, loading the engine included
FADE = 0.25  # seconds at the end of a line that the clip cuts


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line as it sounds. samples: mono, 48,000 a second, without the silence around it."""

    samples: Samples

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def speak(line: SpokenLine) -> Spoken:
    """Speak a line at -16 LUFS. Raises SpeechError."""
    engine = engines.named(line.engine)
    if engine is None:
        raise SpeechError(f"The voice {line.engine} is not installed on the worker.")
    function: Callable[[SpokenLine, str], tuple[Samples, int]] = import_string(engine.path)
    spoken = Spoken(_within(SECONDS, lambda: levelled(*function(line, engine.file)), engine.label))
    memory.trim()  # its thread's heap is nobody else's, and the pictures of a clip come next
    return spoken


def in_clip(spoken: Spoken, seconds: float) -> Samples:
    """Return the sound of a clip with the line in it: shape (samples, 1). What does not fit fades out at its end."""
    whole = np.zeros(round(seconds * RATE), np.float32)
    begin = min(len(whole), round(length.LEAD * RATE))
    fits = spoken.samples[: len(whole) - begin].copy()
    if len(fits) < len(spoken.samples):
        fade = min(len(fits), round(FADE * RATE))
        fits[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    whole[begin : begin + len(fits)] = fits
    return whole[:, None]


def _within(seconds: float, work: Callable[[], Samples], name: str) -> Samples:
    """Return what the work returns, within a limit of time. Raises SpeechError where it fails or takes longer.

    A library that hangs cannot be ended from outside; its thread is left behind, and the clip goes on without it.
    """
    done: list[Samples] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except Exception as error:  # whatever an engine raises: the clip is not lost for it
            failed.append(error)

    thread = Thread(target=run, name="speech", daemon=True)
    thread.start()
    thread.join(seconds)
    if done:
        return done[0]
    if not failed:
        raise SpeechError(f"{name} did not finish the line within {seconds:.0f} s.")
    if isinstance(failed[0], SpeechError):
        raise failed[0]
    logger.error("%s failed", name, exc_info=failed[0])
    raise SpeechError(f"{name} failed to speak the line.") from failed[0]
