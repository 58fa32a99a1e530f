"""Run a program that speaks: text to its input, a WAV file from it, and no longer than a limit."""

import io
import subprocess
import wave
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videogen.speech.line import SpeechError

SECONDS = 20  # for one line


def run(command: Sequence[str], text: str, name: str) -> bytes:
    """Return what the program writes to its output. Raises SpeechError where it fails or takes too long."""
    try:
        done = subprocess.run(  # noqa: S603  no shell; the text goes to its input
            command, input=f"{text}\n".encode(), capture_output=True, timeout=SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        raise SpeechError(f"{name} did not finish the line within {SECONDS} s.") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise SpeechError(f"{name} failed to speak the line.") from error
    return done.stdout


def read_wav(content: bytes, name: str) -> tuple[NDArray[np.float32], int]:
    """Return the samples of a WAV file of 16 bits, one channel, and how many there are a second. Raises SpeechError."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            rate, kind = file.getframerate(), (file.getsampwidth(), file.getnchannels())
            # A program that writes to a pipe cannot tell the length in the header: all that follows is sound.
            frames = file.readframes(len(content))
    except (wave.Error, EOFError) as error:
        raise SpeechError(f"{name} gave no sound that can be read.") from error
    if kind != (2, 1):
        raise SpeechError(f"{name} gave no sound of 16 bits and one channel.")
    samples = np.frombuffer(frames[: len(frames) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)
    return samples, int(rate)
