"""What a person may decide before a screenplay is brought in: names that are doubtful, and what has no place."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from scenes.screenplay.document import BlockText, Screenplay, ScreenplayWarning

MOST_WORDS = 4  # of a name
_LIKE = 85  # percent of letters from which on two names may be one
_SHORTEST = 4  # letters of names that are compared: JO and BO are two


@dataclass(frozen=True)
class Doubt:
    """A name that may be none, or may be another one misspelt."""

    name: str
    line: int
    message: str
    suggestion: str  # the other name; empty: it is action


def doubts(screenplay: Screenplay) -> tuple[Doubt, ...]:
    """Return the names to ask about, in order of appearance."""
    lines = Counter(block.speaker.casefold() for scene in screenplay.scenes for block in scene.blocks)
    names = screenplay.characters
    found = []
    for name in names:
        first = next(b for scene in screenplay.scenes for b in scene.blocks if b.speaker.casefold() == name.casefold())
        if len(name.split()) > MOST_WORDS or name[-1] in ".!?:,;…":
            message = f"“{name}” looks like action in capitals, but a line stands directly below it."
            found.append(Doubt(name, first.line, message, ""))
        elif lines[name.casefold()] == 1 and (other := _alike(name, names, lines)):
            found.append(Doubt(name, first.line, f"“{name}” speaks once. It may be “{other}”, misspelt.", other))
    return tuple(found)


def _alike(name: str, names: Collection[str], lines: Mapping[str, int]) -> str:
    if len(name) < _SHORTEST or any(letter.isdigit() for letter in name):  # GUARD 1 and GUARD 2 are two
        return ""
    scored = [(fuzz.ratio(name.casefold(), other.casefold()), other) for other in names if other != name]
    best, other = max(((score, other) for score, other in scored if lines[other.casefold()] > 1), default=(0.0, ""))
    return other if best >= _LIKE else ""


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


def unplaced(screenplay: Screenplay, kept: Collection[str] = ()) -> tuple[ScreenplayWarning, ...]:
    """Return a warning for each thing that rows have no field for; `kept` names those for which they have one.

    The names: "notes", "sections", "numbers", "dual", "title page".
    """
    found: list[ScreenplayWarning] = []
    for name, words, places in _beside(screenplay):
        if places and name not in kept:
            message = f"{words} ({len(places):,} in this file, the first here)." if len(places) > 1 else f"{words}."
            found.append(ScreenplayWarning(places[0], message))
    return tuple(found)


def _beside(screenplay: Screenplay) -> list[tuple[str, str, list[int]]]:
    scenes = screenplay.scenes
    duals = [b.line for s in scenes for b in s.blocks if b.dual]
    page = [0 for key, _ in screenplay.title_page if key.casefold() != "title"]
    return [
        ("notes", "A note stands beside the text and is not brought in", [n.line for s in scenes for n in s.notes]),
        ("sections", "Acts and sequences are not brought in", [s.line for s in scenes for _ in s.sections]),
        ("numbers", "Scene numbers are not brought in", [s.line for s in scenes if s.number]),
        ("dual", "A line spoken at the same time comes after the other", duals),
        ("title page", "Of the title page only the title is brought in", page[:1]),
    ]
