"""Read Final Draft files (.fdx): XML with one Paragraph for each element of the script.

`line` of what is read is the number of the paragraph, from 1.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import ParseError  # raised, never parsed with

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scenes.screenplay import cues, fdx_title_pages, normal, transitions
from scenes.screenplay.builder import Builder
from scenes.screenplay.document import NAME_LENGTH, BlockText, Reading, ScreenplayError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OUTLINE = {"New Act": 1, "Outline 1": 1, "Outline 2": 2, "Outline 3": 4, "Outline 4": 4}
_LEFT_OUT = frozenset({"Cast List"})
_LYRICS = frozenset({"Lyrics", "Singing"})
_LONGEST_CUE = 3 * NAME_LENGTH


class Paragraph(NamedTuple):
    number: int
    kind: str
    text: str
    element: "Element"
    pair: int  # which dual dialog it stands in, from 1; 0: in none


def read(data: bytes) -> Reading:
    """Read a whole file. Raises ScreenplayError for what is no Final Draft document, or holds entities."""
    root = _parse(data)
    content = root.find("Content")
    if root.tag != "FinalDraft" or content is None:
        raise ScreenplayError(
            "This XML file is no Final Draft document. Save the script in Final Draft as .fdx and bring that file in."
        )
    reader = _Reader()
    reader.builder.title_page += fdx_title_pages.split(_page(root))
    for paragraph in _paragraphs(content):
        reader.paragraph(paragraph)
    reader.end_cue()
    return Reading(reader.builder.screenplay(), "fdx", reader.builder.warnings())


def _parse(data: bytes) -> "Element":
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ScreenplayError(
            "This file declares entities or a document type, which no Final Draft script needs and which can harm a "
            "server. Save the script again in Final Draft and bring that file in."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        raise ScreenplayError(
            f"This Final Draft file is damaged{f' in line {line}' if line else ''}. Open it in Final Draft, save it "
            "again and bring that file in."
        ) from error
    return root


def text_of(paragraph: "Element") -> str:
    """Return the words of a paragraph: all its Text elements together, those in capitals by their style in capitals."""
    runs = []
    for child in paragraph:
        if child.tag == "Text":
            words = "".join(child.itertext())
            runs.append(words.upper() if "AllCaps" in child.get("Style", "") else words)
    return "".join(runs)


def _page(root: "Element") -> list[str]:
    page = root.find("TitlePage/Content")
    return [] if page is None else [text_of(child) for child in page if child.tag == "Paragraph"]


def _paragraphs(content: "Element") -> Iterator[Paragraph]:
    number = pairs = 0
    for element in content:
        dual = element if element.tag == "DualDialogue" else element.find("DualDialogue")
        pairs += dual is not None
        for paragraph in [element] if dual is None else dual:
            if paragraph.tag == "Paragraph":
                number += 1
                kind, pair = paragraph.get("Type", "Action"), 0 if dual is None else pairs
                yield Paragraph(number, kind, text_of(paragraph), paragraph, pair)


class _Reader:
    def __init__(self) -> None:
        self.builder = Builder()
        self._cue: tuple[str, tuple[str, ...], bool] | None = None
        self._asides: list[str] = []
        self._said: list[str] = []
        self._line = 0
        self._pair = 0
        self._voices = 0  # in the dual dialog so far

    def paragraph(self, paragraph: Paragraph) -> None:
        kind = paragraph.kind
        if paragraph.pair != self._pair:
            self._pair, self._voices = paragraph.pair, 0
        self._count_styles(paragraph)
        if kind == "Parenthetical" and self._cue:
            self._aside(paragraph)
        elif kind in ("Dialogue", *_LYRICS) and self._cue:
            self._said.append(_lyric(paragraph))
            self._line = self._line or paragraph.number
        else:
            self.end_cue()
            self._element(paragraph)
        for note in _notes(paragraph.element):
            self._end_block()
            self.builder.note(note, line=paragraph.number)

    def _element(self, paragraph: Paragraph) -> None:
        number, kind, text = paragraph.number, paragraph.kind, paragraph.text
        if kind == "Character" and text.strip():
            self._begin_cue(paragraph)
        elif kind == "Scene Heading":
            self._heading(paragraph)
        elif kind in _OUTLINE:
            if text.strip():
                self.builder.section(_OUTLINE[kind], text, line=number)
        elif kind == "Transition":
            self._action(number, transitions.as_action(normal.one_line(text)))
        elif kind in _LEFT_OUT:
            self.builder.count(f"A paragraph of the kind {kind} is left out.", number)
        else:
            if kind in ("Dialogue", "Parenthetical"):
                self.builder.count("A line has no name above it and is read as action.", number)
            self._action(
                number, _centred(paragraph) if paragraph.element.get("Alignment") == "Center" else _lyric(paragraph)
            )

    def _heading(self, paragraph: Paragraph) -> None:
        properties = paragraph.element.find("SceneProperties")
        title = "" if properties is None else properties.get("Title", "")
        summary = None if properties is None else properties.find("Summary")
        synopsis = "" if summary is None else "\n".join(text_of(child) for child in summary if child.tag == "Paragraph")
        if paragraph.text.strip() or title or synopsis.strip():  # else an empty line that has this style
            number = paragraph.element.get("Number", "")
            self.builder.heading(paragraph.text, number, normal.one_line(title), line=paragraph.number)
        if synopsis.strip():
            self.builder.synopsis(synopsis, line=paragraph.number)

    def _begin_cue(self, paragraph: Paragraph) -> None:
        text = normal.one_line(paragraph.text)
        name, extensions = cues.split(text) if len(text) <= _LONGEST_CUE else (text, ())
        name = cues.unescape(name)
        if len(name) > NAME_LENGTH:
            self.builder.warn(
                paragraph.number,
                f"This is a name of {len(name)} characters, and {NAME_LENGTH} is the most. It is read as action, and "
                "so is what is said; write a shorter name where it is one.",
            )
            self._action(paragraph.number, paragraph.text)
            return
        self._voices += 1
        self._cue = (name, extensions, paragraph.pair > 0 and self._voices > 1)
        self._line = paragraph.number

    def _aside(self, paragraph: Paragraph) -> None:
        text = normal.one_line(paragraph.text)
        if self._said:
            self._end_block()
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1].strip()
        if text:
            self._asides.append(text)
        self._line = self._line or paragraph.number

    def _end_block(self) -> None:
        if self._cue and (self._said or self._asides):
            name, extensions, dual = self._cue
            said, aside = "\n".join(self._said), ", ".join(self._asides)
            self.builder.block(BlockText("dialog", said, name, extensions, aside, dual, self._line))
            self._said, self._asides, self._line = [], [], 0

    def end_cue(self) -> None:
        """End what the last named person says."""
        self._end_block()
        self._cue, self._line = None, 0

    def _action(self, number: int, text: str) -> None:
        self.builder.block(BlockText("action", text, line=number))

    def _count_styles(self, paragraph: Paragraph) -> None:
        for child in paragraph.element:
            style = child.get("Style", "") if child.tag == "Text" else ""
            if any(word in style for word in ("Bold", "Italic", "Underline", "Strikeout")):
                self.builder.count(
                    "Bold, italic and underlined words are kept without their emphasis.", paragraph.number
                )
                return


def _lyric(paragraph: Paragraph) -> str:
    if paragraph.kind not in _LYRICS:
        return paragraph.text
    return "\n".join(line if line.startswith("~") else f"~ {line}" for line in paragraph.text.split("\n"))


def _centred(paragraph: Paragraph) -> str:
    return "\n".join(f"> {line.strip()} <" if line.strip() else "" for line in paragraph.text.split("\n"))


def _notes(paragraph: "Element") -> Iterator[str]:
    for child in paragraph:
        if child.tag == "ScriptNote":
            yield "\n".join(text_of(inner) for inner in child if inner.tag == "Paragraph")
