"""The formats of an export: what each is called, and what can be in it. videogen.exports.writers writes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from videogen.exports.cut import Cut
from videogen.exports.film import encoded_pixels
from videogen.exports.spec import ExportSpec


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


FORMATS: Mapping[str, Format] = {
    "mp4": Format(".mp4", speaks=True, size=lambda cut, spec: encoded_pixels(cut, spec.captions)),
    "zip": Format(".zip", needs_clips=True),
    "otioz": Format(".otioz", speaks=True),
    "fcpxml": Format(".zip", speaks=True),
    "pdf": Format(".pdf"),
    "csv": Format(".csv"),
    "srt": Format(".srt", needs_lines=True),
    "vtt": Format(".vtt", needs_lines=True),
}
