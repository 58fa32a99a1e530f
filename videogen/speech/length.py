"""How long a line takes, estimated from its words: no process has to speak it first. docs/decisions/0081."""

import math
import re
from dataclasses import dataclass

from videogen.speech.line import SpokenLine

LEAD = 0.15  # seconds of silence before a line, so that it does not begin with the cut
TAIL = 0.2  # and after it
SHORTEST, LONGEST = 1, 8  # whole seconds of a clip

# Seconds for a syllable, a comma or dash, an end of a sentence inside, a letter, and once for all. Least squares over
# half of 424 passages, checked on the other half: benchmarks/voices.py.
_WEIGHTS = {
    "hibari": (0.1022, 0.352, 0.539, 0.0258, 0.353),
    "espeak": (0.0656, 0.26, 0.261, 0.0412, 0.45),
}
_MARGIN = 1.05  # a clip a second too long is better than a line that is cut
_LEAST = 0.6  # seconds: no word is shorter
_DIGIT = 2  # syllables

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SYLLABIC = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # kana, Chinese and Korean: one each
_SILENT = re.compile(r"[^ley]e$|[^aeiouytd]ed$|[^aeiouysxzchgl]es$")  # the last e of "lamp-lighted time"
_VOWELS = re.compile(r"[aeiouyáéíóúàèìòùäëïöüâêîôûæœåãõąęіїєаоуеиыэюяёα-ω]+")


@dataclass(frozen=True, slots=True)
class Length:
    """How long a line is. seconds: of the voice alone. is_measured: it has been spoken; else it is an estimate."""

    seconds: float
    is_measured: bool = False

    @property
    def needed(self) -> int:
        """Whole seconds of a clip that carries it, which may be more than a clip can have."""
        return max(SHORTEST, math.ceil(round(LEAD + self.seconds + TAIL, 2)))

    @property
    def duration(self) -> int:
        """The length of its clip by default."""
        return min(LONGEST, self.needed)

    def beyond(self, duration: int) -> float:
        """How many seconds of it do not fit in a clip; 0 where it fits."""
        return max(0.0, LEAD + self.seconds - duration)


def estimate(line: SpokenLine) -> Length:
    """Estimate how long a line takes with its voice."""
    return estimate_text(line.text, line.engine, line.speed)


def estimate_text(text: str, engine: str = "", speed: float = 1.0) -> Length:
    """Estimate how long a text takes from its syllables, letters and pauses."""
    weights = _WEIGHTS.get(engine, _WEIGHTS["hibari"])
    seconds = sum(weight * count for weight, count in zip(weights, counts_of(text), strict=True))
    return Length(_MARGIN * max(seconds, _LEAST) / speed)


def counts_of(text: str) -> tuple[int, int, int, int, int]:
    """Count what a length is made of: syllables, commas and dashes, ends of sentences inside, letters, and one."""
    words = _WORD.findall(text)
    return (
        sum(map(_syllables, words)) + _DIGIT * sum(letter.isdigit() for letter in text),
        len(re.findall(r"[,;:—–、]", text)),
        len(re.findall(r"[.!?…。！？]+(?=\s)|[。！？]+(?=\S)", text)),
        sum(map(len, words)),
        1,
    )


def halves(text: str) -> tuple[str, str] | None:
    """Cut a line where a reader would breathe nearest its middle: after a sentence, else a comma, else a word.

    None for one of a single word.
    """
    for mark in (r"[.!?…。！？][\"”’»)]*\s*", r"[,;:—–、]\s*", r"\s+"):
        places = [found.end() for found in re.finditer(mark, text) if text[found.end() :].strip()]
        if places:
            at = min(places, key=lambda place: abs(place - len(text) / 2))
            return text[:at].strip(), text[at:].strip()
    return None


def _syllables(word: str) -> int:
    """Count the syllables of a word by its vowels, less the silent ones of English."""
    if characters := _SYLLABIC.findall(word):
        return 2 * len(characters)  # spoken out, a character is about two syllables and letters of an alphabet
    low = word.casefold()
    count = len(_VOWELS.findall(low))
    return max(1, count - bool(_SILENT.search(low)))
