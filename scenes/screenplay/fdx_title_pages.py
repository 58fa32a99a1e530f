"""Title pages of Final Draft, which have no keys: a title, who wrote it, and lines such as "Contact: ..." below."""

import re
from collections.abc import Sequence

_ENTRY = re.compile(r"([^\W\d][\w ]{0,29}): (.+)", re.DOTALL)
_CREDIT = re.compile(
    r"(?:a (?:screenplay|film|script) )?(?:written |screenplay |script |story )?by"
    r"|written and directed by|(?:geschrieben )?von"
    r"|(?:écrit )?par|(?:escrito )?por|(?:scritto )?da|автор|автор сценария|сценарий",
    re.IGNORECASE,
)
_EXPLICIT = re.compile(r"([^:\n]+): (.+)", re.DOTALL)
_MARK = "Title:"  # alone in the first paragraph: each one after it has its key
_IN_ORDER = ("Title", "Credit", "Author")


def split(paragraphs: Sequence[str]) -> list[tuple[str, str]]:
    """Return keys and values. Without a line that says "written by", what has no key below the title is "Contact"."""
    words = [text.strip() for text in paragraphs if text.strip()]
    if words[:1] == [_MARK] and all(_EXPLICIT.fullmatch(text) for text in words[1:]):
        return [_entry(text) for text in words[1:]]
    entries: list[tuple[str, str]] = []
    for text in words:
        before = entries[-1][0] if entries else ""
        if not entries:
            entries.append(("Title", text))
        elif _CREDIT.fullmatch(text.rstrip(":")) and before == "Title":
            entries.append(("Credit", text))
        elif before == "Credit":
            entries.append(("Author", text))
        elif _ENTRY.fullmatch(text):
            entries.append(_entry(text))
        elif before == "Contact":
            entries[-1] = ("Contact", f"{entries[-1][1]}\n{text}")
        else:
            entries.append(("Contact", text))
    return entries


def join(entries: Sequence[tuple[str, str]]) -> list[str]:
    """Return the paragraphs that `split` reads as these: without keys where that is enough."""
    bare = [value if key in (*_IN_ORDER, "Contact") else f"{key}: {value}" for key, value in entries]
    return bare if split(bare) == list(entries) else [_MARK, *(f"{key}: {value}" for key, value in entries)]


def _entry(text: str) -> tuple[str, str]:
    key, _, value = text.partition(": ")
    return key, value
