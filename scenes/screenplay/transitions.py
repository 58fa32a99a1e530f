"""Transitions: action whose text says how one scene becomes the next."""

import re

# In capitals these stand alone; others are transitions where they end in TO:.
_KNOWN = re.compile(
    r"FADE (?:IN|OUT|UP)[.:]?|FADE TO BLACK[.:]?|CUT TO BLACK[.:]?|BLACKOUT[.:]?|DISSOLVE[.:]?|INTERCUT[.:]?"
    r"|THE END[.:]?"
    r"|ЗТМ[.:]?|ИЗ ЗТМ[.:]?|ЗАТЕМНЕНИЕ[.:]?|ABBLENDE[.:]?|AUFBLENDE[.:]?|SCHNITT(?: AUF)?[.:]|FONDU(?: AU NOIR)?[.:]?"
)


def is_transition(text: str) -> bool:
    """Say whether an action's text is a transition: CUT TO:, FADE OUT."""
    return "\n" not in text and text.isupper() and (text.endswith("TO:") or _KNOWN.fullmatch(text) is not None)


def as_action(words: str) -> str:
    """Return the text of the action that a transition is kept as: behind an arrow where the words do not tell."""
    return words if is_transition(words) or not words else f"> {words}"


def of_action(text: str) -> str:
    """Return the words of a transition that `as_action` has kept; empty where the action is none."""
    if is_transition(text):
        return text
    words = text.removeprefix("> ")
    return words if words != text and "\n" not in text and as_action(words) == text and not words.endswith("<") else ""
