"""Name people by their looks: a picture or video model has never heard their names."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from videogen.prompts.context import Person

_ARTICLE = re.compile(r"(?:an?|the|one|two|three|some)\s", re.IGNORECASE)
_INDEFINITE = re.compile(r"\A(?:an?|one|some)\s", re.IGNORECASE)
_DETAIL = re.compile(r"\s+(?:in|with|wearing|who|whose|that|holding|carrying|dressed|of|at|from|on)\b.*", re.DOTALL)
_TITLES = {"the", "old", "young", "captain", "doctor", "miss", "mrs", "mister", "uncle", "aunt", "king", "queen"}


@dataclass(frozen=True, slots=True)
class Look:
    """first: "a young keeper in a yellow raincoat". short: "the young keeper". rest: "dark hair, a lantern in hand"."""

    first: str
    short: str
    rest: str


def looks_of(cast: Sequence[Person]) -> dict[Person, Look]:
    """Return the looks of a cast; two people whom a short look would not tell apart keep their longer ones."""
    looks = {person: _look(person) for person in cast}
    shared = Counter(look.short.casefold() for look in looks.values())
    return {
        person: look
        if shared[look.short.casefold()] == 1
        else Look(look.first, _INDEFINITE.sub("the ", look.first), look.rest)
        for person, look in looks.items()
    }


def _look(person: Person) -> Look:
    sheet = " ".join(person.look.split()).rstrip(".")
    if not _ARTICLE.match(sheet):
        # "tall, grey coat" cannot stand for somebody in a sentence: they go by their name.
        return Look(person.name, person.name, sheet)
    first, *rest = re.split(r"[,;:.]\s+", sheet, maxsplit=1)
    return Look(first, _INDEFINITE.sub("the ", _DETAIL.sub("", first)), "".join(rest))


def names_of(person: Person) -> list[str]:
    """Return what the script may call somebody, the longest first: "Old Tobias", "Tobias"."""
    parts = [part for part in person.name.split() if len(part) > 2 and part.casefold() not in _TITLES]
    return list(dict.fromkeys(name for name in (person.name.strip(), *parts) if name))


def put_looks(text: str, looks: Mapping[Person, Look], *, introduce: bool) -> str:
    """Replace names by looks. introduce: the first mention gets all of the first look, as a picture needs it."""
    by_name = {form: person for person in looks for name in names_of(person) for form in (name, name.upper())}
    if not by_name:
        return text
    longest_first = sorted(by_name, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(['’]s)?(?!\w)")
    known = {person for person in looks if looks[person].first.casefold() in text.casefold()}

    def look(found: re.Match[str]) -> str:
        person, own = by_name[found[1]], found[2] or ""
        at_length = introduce and not own and person not in known
        known.add(person)
        return (looks[person].first if at_length else looks[person].short) + own

    return pattern.sub(look, text)


def is_named(person: Person, text: str) -> bool:
    """Whether the text calls somebody by their name."""
    forms = [form for name in names_of(person) for form in (name, name.upper())]
    return any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms)
