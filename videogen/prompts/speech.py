"""Spoken lines of a prompt: the passages in quotation marks, and whether they are still there word for word."""

import re
import unicodedata
from collections.abc import Sequence

QUOTED = re.compile(r"„([^„“”]+)[“”]|“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|»([^«»]+)«|「([^「」]+)」|『([^『』]+)』")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words(text: str) -> list[str]:
    """Return the words of a text, without case, punctuation or the shape of apostrophes."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'").replace("‘", "'")
    return _WORD.findall(plain)


def quoted(text: str) -> list[str]:
    """Return the passages in double quotation marks of any kind that hold at least one word, in order."""
    found = (next(group for group in match.groups() if group) for match in QUOTED.finditer(text))
    return [" ".join(passage.split()) for passage in found if words(passage)]


def unquoted(text: str) -> str:
    """Return the text without its quoted passages."""
    return QUOTED.sub(" ", text)


def lines_in(typed: str, line: str = "") -> tuple[str, ...]:
    """Return the spoken lines of a prompt: what it quotes, and the block's own line where it stands there unquoted."""
    lines = quoted(typed)
    if words(line) and holds(words(unquoted(typed)), words(line)):
        lines.append(" ".join(line.split()))
    return tuple(dict.fromkeys(lines))


def holds(text: Sequence[str], part: Sequence[str]) -> bool:
    """Whether the words of `part` stand in `text` one after the other."""
    # Joined by a character that no word holds, a search for a run of words is a search for a string.
    return f" {' '.join(part)} " in f" {' '.join(text)} "
