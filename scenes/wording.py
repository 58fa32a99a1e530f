"""What may be written where, and the sentence about what may not: the same for a page, a program and a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import Repr
from typing import Any

MOST_BLOCKS = 2000  # of one scene
KINDS = ("dialog", "action")  # of a block

# Control characters but line breaks and tabs, and halves of surrogate pairs: no database stores them all.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# Looks at a few items and a few characters: a sentence about a list of a megabyte costs no more than any other.
_REPR = Repr()
_REPR.maxlevel, _REPR.maxlist, _REPR.maxtuple, _REPR.maxdict = 3, 12, 12, 12
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 60


def shown(value: object) -> str:
    """Quote a value for a sentence: short, and without what a terminal would act on."""
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number too large to show"
    text = value if isinstance(value, str) else _REPR.repr(value)
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:41])
    return f"“{text}”" if len(text) <= 40 else f"“{text[:40]}…”"


class WritingError(Exception):
    """Something cannot be written. `errors` maps a field's name to a sentence naming the value."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Words:
    """A field of words. limit: characters. lines: whether it may have several. empty: what to do about nothing."""

    label: str
    limit: int
    lines: bool = False
    empty: str = ""

    def read(self, value: object) -> str:
        """Return the words, tidied. Raises ValueError with a sentence."""
        if not isinstance(value, str):
            raise ValueError(f"{self.label} must be text; {shown(value)} was given.")
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not self.lines:
            text = " ".join(text.split())
        if len(text) > self.limit:
            raise ValueError(f"{self.label} may hold {self.limit} characters; {len(text)} were given. Shorten it.")
        if found := CONTROL.search(text):
            code, position = ord(found[0]), found.start() + 1
            raise ValueError(
                f"{self.label} holds a control character (U+{code:04X}) at position {position}. Remove it."
            )
        if self.empty and not text:
            raise ValueError(f"{self.label} is empty. {self.empty}")
        return text


BLOCK_WORDS: Mapping[str, Words] = {
    "text": Words("Text", 10_000, lines=True, empty="Write what is said or done, or delete the block."),
    "speaker": Words("Name", 200),
    "extension": Words("Extension", 60),
    "parenthetical": Words("Parenthetical", 300),
}
SCENE_WORDS: Mapping[str, Words] = {
    "title": Words("Title", 200, empty="Give the scene a name."),
    "heading": Words("Heading", 300),
    "number": Words("Number", 20),
    "synopsis": Words("Synopsis", 10_000, lines=True),
    "notes": Words("Notes", 10_000, lines=True),
    "style": Words("Style", 500),
}


def read_block(given: Mapping[str, object]) -> dict[str, Any]:
    """Read the fields of a block that were given: kind, is_dual and BLOCK_WORDS. Raises WritingError."""
    found, errors = _read_words(given, BLOCK_WORDS)
    if "kind" in given:
        found["kind"] = given["kind"]
        if given["kind"] not in KINDS:
            errors["kind"] = f"Kind must be dialog or action; {shown(given['kind'] or 'nothing')} was given."
    if "is_dual" in given:
        found["is_dual"] = given["is_dual"]
        if not isinstance(given["is_dual"], bool):
            errors["is_dual"] = f"At the same time must be true or false; {shown(given['is_dual'])} was given."
    if errors:
        raise WritingError(errors)
    if "parenthetical" in found:
        found["parenthetical"] = _without_brackets(found["parenthetical"])
    return found


def read_scene(given: Mapping[str, object]) -> dict[str, Any]:
    """Read the fields of SCENE_WORDS that were given. Raises WritingError."""
    found, errors = _read_words(given, SCENE_WORDS)
    if errors:
        raise WritingError(errors)
    return found


def _read_words(given: Mapping[str, object], fields: Mapping[str, Words]) -> tuple[dict[str, Any], dict[str, str]]:
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, words in fields.items():
        if name in given:
            try:
                found[name] = words.read(given[name])
            except ValueError as error:
                errors[name] = str(error)
    return found, errors


_BRACKETS = re.compile(r"^\((.*)\)$")
_CUE = re.compile(r"^(?P<name>.*\S)\s*\((?P<extension>[^()]*)\)$")


def _without_brackets(text: str) -> str:
    inside = _BRACKETS.match(text)
    return inside[1].strip() if inside else text


def read_cue(cue: str) -> tuple[str, str]:
    """Split what stands above a line into a name and its extension: "MARA (V.O.)" is MARA, V.O."""
    found = _CUE.match(cue)
    return (found["name"], found["extension"].strip()) if found else (cue, "")
