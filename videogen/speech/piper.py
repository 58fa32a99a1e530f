"""Speak with a voice of Piper's, in a process of its own: its licence is not ours, and its voices are not either."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videogen.speech import engines, program
from videogen.speech.line import SpeechError, SpokenLine

NAME = "Piper"


def speak(line: SpokenLine, file: str = "") -> tuple[NDArray[np.float32], int]:
    """Return the samples of a line and how many there are a second. Raises SpeechError.

    A voice is one person's, so of the kind only the pace counts. The pitch is changed by playing a slower reading
    faster: the formants go along with it. Without noise the same line gives the same samples.
    """
    command = engines.piper_command()
    if not command:
        raise SpeechError(f"{NAME} is not installed on the worker.")
    factor = 2 ** (line.pitch / 12)
    with tempfile.TemporaryDirectory(prefix="storyreel-voice-") as folder:
        path = Path(folder) / "line.wav"
        options = {
            "--model": file,
            "--output_file": str(path),
            "--length_scale": f"{factor / line.speed:.4f}",
            "--noise_scale": "0",
            "--noise_w": "0",
        }
        program.run([command, *(word for pair in options.items() for word in pair)], line.text, NAME)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SpeechError(f"{NAME} wrote no sound.") from error
    samples, rate = program.read_wav(content, NAME)
    return samples, round(rate * factor)
