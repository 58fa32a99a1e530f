"""What a screenplay says, apart from any file format and any table (docs/decisions/0072)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from scenes.screenplay import headings

NAME_LENGTH = 200  # characters of a character's, a location's or a scene's name
MOST_ELEMENTS = 20_000  # headings, blocks, notes of one screenplay; 120 pages have about 3,000
MANY_BLOCKS = 500  # of one scene, from which on its page is long

Kind = Literal["dialog", "action"]


class ScreenplayError(ValueError):
    """A file cannot be read as a screenplay. The message is a sentence for the person that says what to do next."""


@dataclass(frozen=True)
class ScreenplayWarning:
    """What a person should know before a screenplay is brought in."""

    line: int  # of the file, from 1; of Final Draft: the number of the paragraph. 0: the file as a whole
    message: str


@dataclass(frozen=True)
class BlockText:
    """One spoken line or one action.

    Action keeps in its text what rows have no field for, in a form that is written back: a transition in capitals
    ("CUT TO:") or after an arrow ("> Slowly to black"), centred text between arrows ("> THE END <"), a lyric after a
    tilde ("~ La la").
    """

    kind: Kind
    text: str
    speaker: str = ""
    extensions: tuple[str, ...] = ()  # "V.O.", "O.S.", "into the phone"; never CONT'D, which layout adds
    parenthetical: str = ""  # without its parentheses
    dual: bool = False  # spoken while the dialog block before is spoken
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Section:
    """An act (level 1) or a sequence (level 2) that begins before a scene."""

    level: int
    text: str


@dataclass(frozen=True)
class Note:
    """What the writer noted beside the text; no part of the film."""

    text: str
    after: int = 0  # how many blocks of the scene stand before it
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class SceneText:
    """A scene. Without a heading where text stands before the first one, or where a section alone begins it."""

    heading: str = ""  # "INT. LIGHTHOUSE - NIGHT"
    number: str = ""  # "12A", as printed beside the heading
    title: str = ""  # Fountain: a section of level 3 before the heading; Final Draft: the scene's title
    synopsis: str = ""
    sections: tuple[Section, ...] = ()
    notes: tuple[Note, ...] = ()
    blocks: tuple[BlockText, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def place(self) -> headings.Heading:
        """The heading's parts: inside or outside, location, hour."""
        return headings.parse(self.heading)


@dataclass(frozen=True)
class Screenplay:
    """Scenes in order, behind a title page of keys and values ("Title", "Credit", "Author", ...)."""

    scenes: tuple[SceneText, ...] = ()
    title_page: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The title on one line; empty without one."""
        return next((" ".join(value.split()) for key, value in self.title_page if key.casefold() == "title"), "")

    @property
    def characters(self) -> tuple[str, ...]:
        """Who speaks, in order of appearance; two spellings that differ in capitals only are one name."""
        return _distinct(block.speaker for scene in self.scenes for block in scene.blocks if block.speaker)

    @property
    def locations(self) -> tuple[str, ...]:
        """Where scenes play, in order of appearance."""
        return _distinct(scene.place.location for scene in self.scenes if scene.place.location)


@dataclass(frozen=True)
class Reading:
    """A file that was read."""

    screenplay: Screenplay
    format: Literal["fountain", "fdx"]
    warnings: tuple[ScreenplayWarning, ...] = ()


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.casefold(), name)
    return tuple(first.values())
