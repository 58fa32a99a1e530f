"""What a person may decide before a screenplay is brought in: names that are doubtful."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from scenes.screenplay.document import BlockText, Screenplay

MOST_WORDS = 4  # of a name
MOST_DOUBTS = 40  # asked about at once
_LIKE = 85  # percent of letters from which on two names may be one
_SHORTEST = 4  # letters of names that are compared: JO and BO are two
_MOST_COMPARED = 500  # names that others are compared with; a feature film has a hundred
_SHOWN = 60  # characters of a name in a sentence


class ChoiceError(ValueError):
    """A choice of a name that cannot be done. The message is a sentence for the person."""


@dataclass(frozen=True)
class Doubt:
    """A name that may be none, or may be another one misspelt."""

    name: str
    line: int
    message: str
    suggestion: str  # the other name; empty: it is action


def doubts(screenplay: Screenplay, cast: Collection[str] = ()) -> tuple[Doubt, ...]:
    """Return the names to ask about, in order of appearance, at most MOST_DOUBTS. cast: who is in the film already."""
    first = _first_lines(screenplay)
    lines = Counter(block.speaker.casefold() for scene in screenplay.scenes for block in scene.blocks)
    known = {name.casefold() for name in cast}
    often = [name for name in screenplay.characters if lines[name.casefold()] > 1 and name.casefold() not in known]
    others = {name: name.casefold() for name in [*cast, *often][:_MOST_COMPARED]}
    found: list[Doubt] = []
    for name in screenplay.characters:
        if name.casefold() in known or len(found) == MOST_DOUBTS:
            continue
        if len(name.split()) > MOST_WORDS or name[-1] in ".!?:,;…":
            message = f"“{name}” looks like action in capitals, but a line stands directly below it."
            found.append(Doubt(name, first[name.casefold()], message, ""))
        elif lines[name.casefold()] == 1 and (other := _alike(name, others)):
            message = f"“{name}” speaks once. It may be “{other}”, misspelt."
            found.append(Doubt(name, first[name.casefold()], message, other))
    return tuple(found)


def _first_lines(screenplay: Screenplay) -> dict[str, int]:
    first: dict[str, int] = {}
    for scene in screenplay.scenes:
        for block in scene.blocks:
            first.setdefault(block.speaker.casefold(), block.line)
    return first


def _alike(name: str, others: Mapping[str, str]) -> str:
    if len(name) < _SHORTEST or any(letter.isdigit() for letter in name):  # GUARD 1 and GUARD 2 are two
        return ""
    best = process.extractOne(name.casefold(), others, scorer=fuzz.ratio, score_cutoff=_LIKE)
    return str(best[2]) if best else ""


def checked(screenplay: Screenplay, names: Mapping[str, str], cast: Collection[str] = ()) -> dict[str, str]:
    """Return the names as the screenplay writes them, each with what it becomes: a name of the file or the cast, or "".

    A name that stays itself is left out. Raises ChoiceError.
    """
    spoken = {name.casefold(): name for name in screenplay.characters}
    there = spoken | {name.casefold(): name for name in cast}
    found: dict[str, str] = {}
    for name, other in names.items():
        if name.casefold() not in spoken:
            raise ChoiceError(f"Nobody called “{name[:_SHOWN]}” speaks in this screenplay.")
        if other and other.casefold() not in there:
            raise ChoiceError(
                f"“{name[:_SHOWN]}” cannot become “{other[:_SHOWN]}”: nobody in this screenplay or film is called so. "
                "Leave the name empty to make it action."
            )
        found[spoken[name.casefold()]] = there[other.casefold()] if other else ""
    return {name: other for name, other in found.items() if other.casefold() != name.casefold()}


def kept(screenplay: Screenplay, names: Mapping[str, str], cast: Collection[str]) -> dict[str, str]:
    """Return those of earlier choices that can be done again. Who is in the cast by now keeps their name."""
    spoken = {name.casefold() for name in screenplay.characters}
    known = {name.casefold() for name in cast}
    can_be = {"", *spoken, *known}
    return {
        name: other for name, other in names.items() if name.casefold() in spoken - known and other.casefold() in can_be
    }


def with_names(screenplay: Screenplay, names: Mapping[str, str]) -> Screenplay:
    """Return the screenplay with other names; an empty one makes action of what that name says."""
    chosen = {name.casefold(): other for name, other in names.items()}

    def block(given: BlockText) -> BlockText:
        other = chosen.get(given.speaker.casefold()) if given.kind == "dialog" else None
        if other is None:
            return given
        if other:
            return replace(given, speaker=other)
        aside = [f"({given.parenthetical})"] if given.parenthetical else []
        return BlockText("action", "\n".join([given.speaker, *aside, given.text]), line=given.line)

    return replace(
        screenplay,
        scenes=tuple(
            replace(scene, blocks=tuple(block(given) for given in scene.blocks)) for scene in screenplay.scenes
        ),
    )
