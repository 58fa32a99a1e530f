"""Captions of a cut: lines that can be read, at the frames where they are said; as SRT, WebVTT, and for a track."""

import html
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from videogen.exports.cut import Cut, Shot

LINE_WIDTH = 42  # columns of a line; a sign of Chinese, Japanese or Korean takes two
LINES = 2  # that are shown at once


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines that are shown from frame `start` on, until frame `end` begins; counted from 0 in the cut."""

    start: int
    end: int
    lines: tuple[str, ...]


def cues(cut: Cut) -> Iterator[Cue]:
    """Yield the captions of a cut in order. A line that is too long to be read at once is shown in parts."""
    for start, shot in cut.placed():
        yield from cues_of(shot, start)


def cues_of(shot: Shot, start: int = 0) -> list[Cue]:
    """Return the captions of a shot that begins at frame `start`. Parts last as long as they are wide."""
    lines = _balanced(shot.caption)
    parts = [tuple(lines[place : place + LINES]) for place in range(0, len(lines), LINES)]
    parts = parts[: shot.frames]  # a part lasts a frame at least
    widths = [sum(map(width, part)) for part in parts]
    found, before = [], 0
    for part, own in zip(parts, widths, strict=True):
        begins, ends = (round(shot.frames * at / sum(widths)) for at in (before, before + own))
        if ends > begins:
            found.append(Cue(start + begins, start + ends, part))
        before += own
    return found


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def wrapped(text: str, columns: int = LINE_WIDTH) -> list[str]:
    """Break a text into lines of at most so many columns: between words, and inside of one that is wider."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, columns)
        lines.extend(whole)
    return [*lines, line] if line else lines


def _balanced(text: str) -> list[str]:
    """Break a caption into as few lines as it takes, none much shorter than the others."""
    lines = wrapped(text)
    columns = -(-width(text) // max(1, len(lines)))
    while len(found := wrapped(text, columns)) > len(lines):
        columns += 1
    return found


def _broken(word: str, columns: int) -> list[str]:
    parts = [""]
    for sign in word:
        if width(parts[-1] + sign) > columns:
            parts.append("")
        parts[-1] += sign
    return parts


def srt(cut: Cut) -> str:
    """Write the captions as SubRip."""
    parts = [f"{number}\n{_shown(cue, cut, ',')}\n" for number, cue in enumerate(cues(cut), start=1)]
    return "\n".join(parts)


def vtt(cut: Cut) -> str:
    """Write the captions as WebVTT."""
    escaped = [
        Cue(cue.start, cue.end, tuple(html.escape(line, quote=False) for line in cue.lines)) for cue in cues(cut)
    ]
    return "\n".join(["WEBVTT\n", *(f"{_shown(cue, cut, '.')}\n" for cue in escaped)])


def _shown(cue: Cue, cut: Cut, point: str) -> str:
    text = "\n".join(cue.lines).replace("-->", "→")  # it would read as times
    return f"{_time(cue.start, cut, point)} --> {_time(cue.end, cut, point)}\n{text}"


def milliseconds(frame: int, cut: Cut) -> int:
    """Return when a frame begins, rounded down: so what begins or ends then does so at this picture, not the next."""
    return frame * 1000 // cut.frame_rate


def _time(frame: int, cut: Cut, point: str) -> str:
    rest, thousandths = divmod(milliseconds(frame, cut), 1000)
    minutes, seconds = divmod(rest, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{thousandths:03}"
