"""Read Fountain (fountain.io/syntax). Time grows with the length of the text, whatever stands in it."""

import re
from collections.abc import Iterator

from scenes.screenplay import cues, emphasis, headings, notes, title_pages, transitions
from scenes.screenplay.builder import Builder
from scenes.screenplay.document import NAME_LENGTH, BlockText, Reading, ScreenplayError
from scenes.screenplay.notes import Line

MOST_LINES = 200_000  # a page has 55
LONGEST_LINE = 50_000  # characters; a whole paragraph may be one line
_LINE_END = re.compile("\r\n?")
_SECTION = re.compile(r"(#{1,6})(?!#)(.*)")
_PAGE_BREAK = re.compile(r"={3,}\s*")
_FORCED_HEADING = re.compile(r"\.(?!\.)\s*(?=\S)")
_NUMBER = re.compile(r"(?<!\\)#([\w\-.]{1,20})#\Z")
_CENTRED = re.compile(r">(.*[^\\])<|><")
_LONGEST_CUE = 3 * NAME_LENGTH  # with its extensions
_PARENTHETICAL_LINES = 8  # over which one may run


def read(text: str) -> Reading:
    """Read a whole file. Raises ScreenplayError where there is nothing in it, or far too much."""
    text = _LINE_END.sub("\n", text)
    if text.count("\n") > MOST_LINES or any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise ScreenplayError(
            f"This is no screenplay: it has more than {MOST_LINES:,} lines, or a line of more than {LONGEST_LINE:,} "
            "characters. Choose the file that holds the script."
        )
    reader = _Reader()
    lines = reader.without_boneyard(text)
    page, rest = title_pages.split([line.text for line in lines])
    reader.builder.title_page += page
    for paragraph in _paragraphs(lines[rest:]):
        reader.paragraph(paragraph)
    return Reading(reader.builder.screenplay(), "fountain", reader.builder.warnings())


def _paragraphs(lines: list[Line]) -> Iterator[list[Line]]:
    """The runs of lines between blank ones. A line of exactly two blanks ends no dialog, forced action or note."""
    paragraph: list[Line] = []
    goes_on = False  # over a line of blanks
    unclosed = 0  # notes
    for index, line in enumerate(lines):
        if not line.text.strip():
            if line.text != "  " or not (paragraph and (goes_on or unclosed)):
                if paragraph:
                    yield paragraph
                paragraph, unclosed = [], 0
            else:
                paragraph.append(line)
            continue
        if not paragraph:
            after = lines[index + 1].text if index + 1 < len(lines) else ""
            goes_on = line.text.lstrip().startswith("!") or (
                bool(after.strip()) and _element(line.text) is None and cue(line.text.split("[[")[0]) is not None
            )
        unclosed = max(unclosed + line.text.count("[[") - line.text.count("]]"), 0)
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _element(text: str) -> str | None:
    """Name what a first line is by how it begins; None where what follows decides."""
    text = text.strip()
    if text.startswith(("!", "=", ">", "~")) or (_SECTION.match(text)):
        return "marked"
    return "heading" if _FORCED_HEADING.match(text) or headings.prefixed(text) else None


def cue(line: str) -> tuple[str, tuple[str, ...], bool] | None:
    """Return name, extensions and whether it is the second of a dual dialog; None where a line is no cue."""
    text = line.strip()
    if line.endswith("  ") or not 0 < len(text) <= _LONGEST_CUE:
        return None
    dual = text.endswith("^") and not text.endswith("\\^")
    text = text.rstrip("^").rstrip() if dual else text
    forced = text.startswith("@") and len(text) > 1
    raw, extensions = cues.split(text[1:] if forced else text)
    name = emphasis.plain(raw)
    if not name or not (forced or name.isupper()) or len(name) > NAME_LENGTH:
        return None
    return name, tuple(emphasis.plain(word) for word in extensions), dual


class _Reader:
    def __init__(self) -> None:
        self.builder = Builder()

    def without_boneyard(self, text: str) -> list[Line]:
        """Return the lines with their numbers, without what stands between /* and */."""
        if "/*" not in text:
            return [Line(number, words) for number, words in enumerate(text.split("\n"), start=1)]
        lines: list[tuple[int, list[str]]] = [(1, [])]
        number, end = 1, 0
        while (start := text.find("/*", end)) >= 0 and (close := text.find("*/", start + 2)) >= 0:
            number = _add(lines, number, text[end:start])
            self.builder.count("Text between /* and */ is left out.", number)
            number += text.count("\n", start, close)
            end = close + 2
        if start >= 0:
            line = number + text.count("\n", end, start)
            self.builder.warn(line, "/* has no */ behind it, and was read as text.")
        _add(lines, number, text[end:])
        return [Line(number, "".join(parts)) for number, parts in lines]

    def paragraph(self, lines: list[Line]) -> None:
        """Read the lines between two blank ones."""
        taken: list[Line] = []
        if any("[[" in line.text for line in lines):
            lines, taken = notes.take(lines)
            for line in lines:
                if "[[" in line.text and "\\[" not in line.text:
                    self.builder.warn(line.number, "[[ has no ]] behind it, and was read as text.")
        start = 0
        while start < len(lines) and self._line_of_its_own(lines[start], last=start == len(lines) - 1):
            start += 1
        if start < len(lines):
            self._body(lines[start:])
        for note in taken:
            text = "\n".join(self._plain(note.number, part) for part in note.text.split("\n"))
            self.builder.note(text, line=note.number)

    def _line_of_its_own(self, line: Line, *, last: bool) -> bool:
        """Take a heading, a section, a synopsis or a page break; say whether the line is one."""
        number, text = line.number, line.text.strip()
        if text.startswith("="):
            if _PAGE_BREAK.fullmatch(text):
                self.builder.count("A page break is left out.", number)
            else:
                self.builder.synopsis(self._plain(number, text[1:].strip()), line=number)
        elif found := _SECTION.match(text):
            self.builder.section(len(found[1]), self._plain(number, found[2].strip()), line=number)
        elif _is_heading(text, alone=last):
            self._heading(number, text)
        else:
            return False
        return True

    def _heading(self, number: int, text: str) -> None:
        if found := _FORCED_HEADING.match(text):
            text = text[found.end() :]
        mark = _NUMBER.search(text)
        if mark and text[: mark.start()].strip():
            text = text[: mark.start()].strip()
        self.builder.heading(self._plain(number, text), mark[1] if mark else "", line=number)

    def _body(self, lines: list[Line]) -> None:
        """Read a dialog or an action."""
        number, text = lines[0].number, lines[0].text.strip()
        if not text.startswith("!"):
            if all(_CENTRED.fullmatch(line.text.strip()) for line in lines):
                inside = (self._plain(line.number, line.text.strip()[1:-1].strip()) for line in lines)
                self._action(number, "\n".join(f"> {words} <" for words in inside))
                return
            if _element(text) is None and len(lines) > 1 and self._dialog(lines):
                return
            if len(lines) == 1 and text.startswith(">"):
                self._action(number, transitions.as_action(self._plain(number, text[1:].strip())))
                return
            self._doubt(lines)
        self._action(number, "\n".join(self._plain(line.number, _unforced(line.text)) for line in lines))

    def _dialog(self, lines: list[Line]) -> bool:
        if not lines[1].text.strip() or (found := cue(lines[0].text)) is None:
            return False
        name, extensions, dual = found
        for index, (parenthetical, said) in enumerate(_speech(lines[1:])):
            line = said[0].number if index else lines[0].number
            text = "\n".join(self._plain(part.number, part.text) for part in said)
            aside = self._plain(line, parenthetical)
            self.builder.block(BlockText("dialog", text, name, extensions, aside, dual, line))
        return True

    def _action(self, number: int, text: str) -> None:
        self.builder.block(BlockText("action", text, line=number))

    def _doubt(self, lines: list[Line]) -> None:
        """Warn of action that may have been meant as a line."""
        text = lines[0].text.strip()
        bare = text.split("(")[0].rstrip("^ ")
        if len(lines) > 1 and len(text) > NAME_LENGTH and (bare.isupper() or text.startswith("@")):
            self.builder.warn(
                lines[0].number,
                f"This would be a name of {len(text)} characters, and {NAME_LENGTH} is the most. It is read as action; "
                "write a shorter name where it is one.",
            )
        elif len(lines) == 1 and (text.startswith("@") or (bare.isupper() and text[-1].isalpha() and len(text) <= 30)):
            self.builder.count(
                "This may be a name, but no line stands directly below it. It is read as action; remove the blank line "
                "below it where somebody speaks.",
                lines[0].number,
            )

    def _plain(self, number: int, text: str) -> str:
        words = emphasis.plain(text)
        if words != text and "\\" not in text:
            self.builder.count("Bold, italic and underlined words are kept without their emphasis.", number)
        return words


def _add(lines: list[tuple[int, list[str]]], number: int, text: str) -> int:
    """Add text to the last line, and its further lines; return the number of the line in which it ends."""
    first, *more = text.split("\n")
    lines[-1][1].append(first)
    lines += [(number + offset, [words]) for offset, words in enumerate(more, start=1)]
    return number + len(more)


def _is_heading(text: str, *, alone: bool) -> bool:
    begins = _FORCED_HEADING.match(text) is not None or headings.prefixed(text)
    # others than the format's own description leave no blank line below a heading
    return begins and (alone or text.isupper())


def _unforced(text: str) -> str:
    text = text.expandtabs(4)
    return text.lstrip()[1:] if text.lstrip().startswith("!") else text


def _speech(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """Divide what stands below a cue at its parentheticals: each with the lines said after it.

    A parenthetical that nothing is said after is a line like any other.
    """
    parts: list[tuple[str, list[Line]]] = []
    aside: list[Line] = []  # parentheticals that nothing was said after yet
    index = 0
    while index < len(lines):
        length = _aside_length(lines, index)
        if length:
            words = " ".join(line.text.strip() for line in lines[index : index + length])
            aside.append(Line(lines[index].number, words))
            index += length
            continue
        line = lines[index]
        if aside and line.text.strip():
            parts.append((", ".join(part.text[1:-1].strip() for part in aside), [line]))
            aside = []
        elif parts:
            parts[-1][1].append(line)
        else:
            parts.append(("", [line]))
        index += 1
    if aside:
        if not parts:
            parts.append(("", []))
        parts[-1][1].extend(aside)
    return parts


def _aside_length(lines: list[Line], start: int) -> int:
    """How many lines from here are one parenthetical; 0 where there is none."""
    if not lines[start].text.lstrip().startswith("("):
        return 0
    depth = 0
    for length, line in enumerate(lines[start : start + _PARENTHETICAL_LINES], start=1):
        text = re.sub(r"\\.", "..", line.text.strip())
        for place, letter in enumerate(text, start=1):
            depth += (letter == "(") - (letter == ")")
            if depth == 0:
                return length if place == len(text) else 0
    return 0
