"""The formats of an export: what each is called, and how a cut is written in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from videogen.exports import subtitles
from videogen.exports.bundle import write_clips
from videogen.exports.cut import Cut
from videogen.exports.fcp_xml import write_fcp_xml
from videogen.exports.film import encoded_pixels, write_film
from videogen.exports.sheet import write_sheet
from videogen.exports.shot_list import shot_list
from videogen.exports.spec import ExportSpec
from videogen.exports.timeline import write_timeline
from videogen.media.mp4 import writing_errors
from videogen.pipelines.base import OnStep

Write = Callable[[Path, Cut, ExportSpec, OnStep], None]


@dataclass(frozen=True, slots=True)
class Format:
    """suffix: of the file. write: puts it at a path, with unfinished files beside. needs_clips: nothing else
    would be in it. speaks: scratch voices are heard in it. size: of the work, for estimates.
    """

    suffix: str
    write: Write
    needs_clips: bool = False
    speaks: bool = False
    size: Callable[[Cut, ExportSpec], int] = lambda cut, spec: max(1, len(cut.shots))


def _film(path: Path, cut: Cut, spec: ExportSpec, on_step: OnStep) -> None:
    write_film(path, cut, spec.captions, on_step)


def _sheet(path: Path, cut: Cut, spec: ExportSpec, on_step: OnStep) -> None:
    write_sheet(path, cut, spec.layout, on_step)


def _plain(write: Callable[[Path, Cut, OnStep], None]) -> Write:
    return lambda path, cut, spec, on_step: write(path, cut, on_step)


def _text(written: Callable[[Cut], str]) -> Write:
    def write(path: Path, cut: Cut, spec: ExportSpec, on_step: OnStep) -> None:
        with writing_errors():
            path.write_text(written(cut), encoding="utf-8", newline="")

    return write


FORMATS: Mapping[str, Format] = {
    "mp4": Format(".mp4", _film, speaks=True, size=lambda cut, spec: encoded_pixels(cut, spec.captions)),
    "zip": Format(".zip", _plain(write_clips), needs_clips=True),
    "otioz": Format(".otioz", _plain(write_timeline), speaks=True),
    "fcpxml": Format(".zip", _plain(write_fcp_xml), speaks=True),
    "pdf": Format(".pdf", _sheet),
    "csv": Format(".csv", _text(shot_list)),
    "srt": Format(".srt", _text(subtitles.srt)),
    "vtt": Format(".vtt", _text(subtitles.vtt)),
}
