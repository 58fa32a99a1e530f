"""Notes of Fountain, between [[ and ]]: taken out of the lines they stand in."""

import re
from typing import NamedTuple

# Only where a ]] comes later, as in `take`, is the time it takes linear.
_NOTE = re.compile(r"(?<!\\)\[\[(.*?)\]\]", re.DOTALL)


class Line(NamedTuple):
    number: int
    text: str


def take(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Return the lines of a paragraph without notes, and the notes with the lines where they begin.

    A line that held nothing else goes. A note that nothing ends stays text.
    """
    text = "\n".join(line.text for line in lines)
    kept, notes = [Line(lines[0].number, "")], []
    noted: set[int] = set()  # the lines of `kept` that a note was taken from
    index, end = 0, 0
    for found in _NOTE.finditer(text, 0, text.rfind("]]") + 2):
        index = _add(kept, text[end : found.start()], lines, index)
        notes.append(Line(lines[index].number, found[1]))
        noted.add(len(kept) - 1)
        index += found[0].count("\n")
        end = found.end()
    _add(kept, text[end:], lines, index)
    return [line for place, line in enumerate(kept) if place not in noted or line.text.strip()], notes


def _add(kept: list[Line], text: str, lines: list[Line], index: int) -> int:
    """Append text to the last line that is kept, and its further lines; return the index of the last one."""
    first, *more = text.split("\n")
    before = kept[-1].text
    # one blank stays where a note stood between two
    kept[-1] = Line(kept[-1].number, before + (first[1:] if before.endswith(" ") and first.startswith(" ") else first))
    for part in more:
        index += 1
        kept.append(Line(lines[index].number, part))
    return index
