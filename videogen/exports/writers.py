"""How a cut is written in each format. Workers alone import it, and with it what makes PDFs and timelines."""

from collections.abc import Callable, Mapping
from pathlib import Path

from videogen.exports import subtitles
from videogen.exports.bundle import write_clips
from videogen.exports.cut import Cut
from videogen.exports.fcp_xml import write_fcp_xml
from videogen.exports.film import write_film
from videogen.exports.sheet import write_sheet
from videogen.exports.shot_list import shot_list
from videogen.exports.spec import ExportSpec
from videogen.exports.timeline import write_timeline
from videogen.media.mp4 import writing_errors
from videogen.pipelines.base import OnStep

Write = Callable[[Path, Cut, ExportSpec, OnStep], None]


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


# Each puts the file at a path, with unfinished files beside.
WRITERS: Mapping[str, Write] = {
    "mp4": _film,
    "zip": _plain(write_clips),
    "otioz": _plain(write_timeline),
    "fcpxml": _plain(write_fcp_xml),
    "pdf": _sheet,
    "csv": _text(shot_list),
    "srt": _text(subtitles.srt),
    "vtt": _text(subtitles.vtt),
}
