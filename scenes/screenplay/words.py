"""Words of a text: to find texts that are alike, and to show what differs between two."""

import re
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

# Chinese and Japanese leave no blanks between words: each letter counts as one.
_IDEOGRAPH = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_IDEOGRAPH}]\s*|[^\s{_IDEOGRAPH}]+\s*|\s+")
_WORD = re.compile(rf"[{_IDEOGRAPH}]{{1,2}}|[^\W{_IDEOGRAPH}]+")
_MOST = 4_000  # words of a text whose differences are looked for one by one


class Piece(NamedTuple):
    """A part of the text before or after a change, or of both."""

    kind: Literal["equal", "gone", "new"]
    text: str


def words(text: str) -> list[str]:
    """Return the words without punctuation, in small letters."""
    return _WORD.findall(text.casefold())


def differences(old: str, new: str) -> list[Piece]:
    """Return what differs, word by word, in the order of reading; what is equal has the spaces of the new text."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(before), len(after)) > _MOST:
        return [Piece("equal", new)] if old == new else [Piece("gone", old), Piece("new", new)]
    pieces: list[Piece] = []
    gone = added = ""
    lost = ""  # the space behind the last equal word, where only the old text has one
    for step in Indel.opcodes([word.strip() for word in before], [word.strip() for word in after]):
        if step.tag == "equal":
            _add(pieces, "gone", gone and lost + gone)
            _add(pieces, "new", added)
            gone = added = ""
            _add(pieces, "equal", "".join(after[step.dest_start : step.dest_end]))
            lost = "" if _space(after[step.dest_end - 1]) else _space(before[step.src_end - 1])
        else:
            gone += "".join(before[step.src_start : step.src_end])
            added += "".join(after[step.dest_start : step.dest_end])
    _add(pieces, "gone", gone and lost + gone)
    _add(pieces, "new", added)
    return pieces


def _space(word: str) -> str:
    return word[len(word.rstrip()) :]


def _add(pieces: list[Piece], kind: Literal["equal", "gone", "new"], text: str) -> None:
    if text:
        pieces.append(Piece(kind, text))
