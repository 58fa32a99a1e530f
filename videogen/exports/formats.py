"""The formats of an export: what each is called, and what can be in it. videogen.exports.writers writes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from videogen.exports.cut import Cut
from videogen.exports.film import encoded_pixels
from videogen.exports.spec import ExportSpec
from videogen.speech.length import estimate

# What else a worker could do while it speaks a second of a line: measured, a line takes 0.02 s of a processor for each
# of its seconds. Encoding a clip costs 1 s for 100 million pixels, a shot is packed in 0.01 s.
SPOKEN_PIXELS, SPOKEN_SHOTS = 2_500_000, 2


@dataclass(frozen=True, slots=True)
class Format:
    """suffix: of the file. needs_clips, needs_lines: nothing else would be in it. speaks: scratch voices are heard in
    it. size: of the work, for estimates.
    """

    suffix: str
    needs_clips: bool = False
    needs_lines: bool = False
    speaks: bool = False
    size: Callable[[Cut, ExportSpec], int] = lambda cut, spec: max(1, len(cut.shots))


def spoken_seconds(cut: Cut) -> float:
    """Estimate how many seconds of lines have to be spoken; equal ones are spoken once."""
    return sum(estimate(line).seconds for line in {shot.line for shot in cut.shots if shot.line})


def _film(cut: Cut, spec: ExportSpec) -> int:
    return encoded_pixels(cut, spec.captions) + round(spoken_seconds(cut) * SPOKEN_PIXELS)


def _timeline(cut: Cut, spec: ExportSpec) -> int:
    return max(1, len(cut.shots) + round(spoken_seconds(cut) * SPOKEN_SHOTS))


FORMATS: Mapping[str, Format] = {
    "mp4": Format(".mp4", speaks=True, size=_film),
    "zip": Format(".zip", needs_clips=True),
    "otioz": Format(".otioz", speaks=True, size=_timeline),
    "fcpxml": Format(".zip", speaks=True, size=_timeline),
    "pdf": Format(".pdf"),
    "csv": Format(".csv"),
    "srt": Format(".srt", needs_lines=True),
    "vtt": Format(".vtt", needs_lines=True),
}
