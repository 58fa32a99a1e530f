"""Speak with espeak-ng, which knows a hundred languages, in a process of its own."""

import numpy as np
from numpy.typing import NDArray

from scenes.voices import VoiceKind
from videogen.speech import program
from videogen.speech.line import SpokenLine

NAME = "espeak-ng"
WORDS_A_MINUTE = 175  # its own pace
PACES = (80, 450)  # what it takes
# Its variants of each voice: their formants are those of the kind, so their pitch starts from the middle.
_VARIANTS = {
    VoiceKind.CHILD: ("f4", 70),
    VoiceKind.WOMAN: ("f2", 50),
    VoiceKind.MAN: ("m3", 45),
    VoiceKind.OLD_WOMAN: ("f5", 40),
    VoiceKind.OLD_MAN: ("m7", 35),
}
_NAMES = {"zh": "cmn"}  # where its name of a language is another
_STEP = 3  # of its scale of pitch, 0 to 99, for a semitone


def speak(line: SpokenLine, file: str = "") -> tuple[NDArray[np.float32], int]:
    """Return the samples of a line and how many there are a second. Raises SpeechError."""
    variant, pitch = _VARIANTS.get(VoiceKind(line.kind), ("f2", 50)) if line.kind in VoiceKind else ("f2", 50)
    pace = min(PACES[1], max(PACES[0], round(WORDS_A_MINUTE * line.speed)))
    height = min(99, max(0, pitch + _STEP * line.pitch))
    options = ["-v", f"{_NAMES.get(line.language, line.language)}+{variant}", "-s", str(pace), "-p", str(height)]
    content = program.run(["espeak-ng", *options, "--stdin", "--stdout"], line.text, NAME)
    return program.read_wav(content, NAME)
