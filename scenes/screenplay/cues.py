"""The line above a dialog: a name, and in parentheses how it is heard."""

import re

_EXTENSION = re.compile(r"\s*(?<!\\)\(((?:[^()\\]|\\.)*)\)\s*\Z")
_CONTINUED = re.compile(
    r"\A(?:cont(?:['’´`]?d|inued|inuing|\.)?|forts\.?|suite|прод(?:\.|олж(?:\.|ение|ает)?)?|続き)\Z", re.I
)
_ESCAPED = re.compile(r"\\([()\\])")


def split(cue: str) -> tuple[str, tuple[str, ...]]:
    r"""Return the name and the extensions, without CONT'D. A parenthesis behind a backslash belongs to the name."""
    extensions: list[str] = []
    while found := _EXTENSION.search(cue):
        if not cue[: found.start()].strip():
            break
        cue = cue[: found.start()]
        extensions[:0] = [found[1].strip()]
    return " ".join(cue.split()), tuple(word for word in extensions if word and not continued(word))


def join(name: str, extensions: tuple[str, ...]) -> str:
    """Return the cue that `split` takes apart into these."""
    return " ".join([escape(name), *(f"({word})" for word in extensions)])


def continued(extension: str) -> bool:
    """Say whether an extension only tells that the same person goes on."""
    return _CONTINUED.match(extension) is not None


def escape(name: str) -> str:
    """Put a backslash before what would be read as an extension."""
    return re.sub(r"[()\\]", r"\\\g<0>", name) if re.search(r"[()\\]", name) else name


def unescape(name: str) -> str:
    """Take away what `escape` put there."""
    return _ESCAPED.sub(r"\1", name)


def direction(extensions: tuple[str, ...], parenthetical: str) -> str:
    """Return extensions and parenthetical as one text, for a row that has one field: "V.O., whispering"."""
    return ", ".join(word for word in (*extensions, parenthetical) if word)
