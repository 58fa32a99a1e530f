"""Title pages of Fountain: lines of "Key: value" at the very beginning, values of several lines indented."""

import re
from collections.abc import Sequence

from scenes.screenplay import emphasis

_ENTRY = re.compile(r"([^:\s][^:]*):(.*)")
# A page begins with one of these. Any first key would make a title page of "FADE IN:".
_FIRST_KEYS = """
    title, credit, author, authors, source, draft date, date, contact, copyright, notes, revision, format, font,
    episode, series, titel, autor, titre, auteur, título, titulo, titolo, autore, tytuł, название, автор, назва,
    タイトル, 題名, 作者, 标题
"""
_FIRST = frozenset(key.strip() for key in _FIRST_KEYS.split(","))


def split(lines: Sequence[str]) -> tuple[list[tuple[str, str]], int]:
    """Return the entries of the title page, and how many lines it takes; none where the first line begins no page."""
    end = next((index for index, line in enumerate(lines) if not line.strip()), len(lines))
    first = _ENTRY.fullmatch(lines[0]) if lines else None
    if not end or first is None or first[1].strip().casefold() not in _FIRST:
        return [], 0
    entries: list[tuple[str, list[str]]] = []
    for line in lines[:end]:
        found = None if line[:1].isspace() else _ENTRY.fullmatch(line)
        if found:
            entries.append((emphasis.plain(found[1].strip()), [found[2]]))
        else:
            entries[-1][1].append(line)
    return [(key, "\n".join(emphasis.plain(words.strip()) for words in value)) for key, value in entries], end


def join(entries: Sequence[tuple[str, str]]) -> list[str]:
    """Return the lines that `split` takes apart into these."""
    lines: list[str] = []
    if entries and entries[0][0].casefold() not in _FIRST:
        lines.append("Title:")
    for key, value in entries:
        words = [_written(word) for word in value.split("\n")]
        lines += (
            [f"{_written(key)}: {words[0]}"]
            if len(words) == 1
            else [f"{_written(key)}:", *(f"    {word}" for word in words)]
        )
    return lines


def _written(words: str) -> str:
    if "/*" in words or emphasis.plain(words) != words:
        return emphasis.escape(words)
    return words
