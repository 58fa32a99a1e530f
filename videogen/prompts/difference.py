"""The difference between a prompt and its rewrite, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words. kind: whether both texts have it, or only the old one, or only the new one."""

    kind: Literal["same", "removed", "added"]
    text: str


def parts(before: str, after: str) -> list[Part]:
    """Compare two texts word by word; joined by spaces, the "same" and "added" parts are the new text."""
    return list(_parts(_WORD.findall(before), _WORD.findall(after)))


def _parts(old: list[str], new: list[str]) -> Iterator[Part]:
    matcher = SequenceMatcher(None, [word.casefold() for word in old], [word.casefold() for word in new])
    for kind, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        removed, added = " ".join(old[from_old:to_old]), " ".join(new[from_new:to_new])
        if kind == "equal":
            yield Part("same", added)
            continue
        if removed:
            yield Part("removed", removed)
        if added:
            yield Part("added", added)
