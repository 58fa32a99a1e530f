"""What the words say of where somebody is: left or right, near or far, coming, going, sitting."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from videogen.pipelines.animatic.figures import Figure

_CLAUSE = re.compile(r"[.;!?\n]+|,\s+(?=(?:and|while|as|then)\b)|\b(?:while|as)\b")
_CAMERA = re.compile(r"\b(?:camera|pan|pans|panning|track|tracks|dolly|truck|tilt)\b")
_WHERE = r"\b(?:on|to|at|from|in|frame|screen|far|the) (?:the |her |his |their |frame |screen |far )*"
_LEFT, _RIGHT = re.compile(_WHERE + r"left\b"), re.compile(_WHERE + r"right\b")
_ENTERS = re.compile(
    r"\b(?:enter|enters|entering|arrives?|arriving"
    r"|(?:comes?|coming|walks?|walking|steps?|stepping|runs?|running) in(?:to)?)\b"
)
_LEAVES = re.compile(
    r"\b(?:leaves?(?! (?:it|him|her|them|a|an|the) )|leaving|exits?|exiting"
    r"|(?:walks?|walking|goes|going|runs?|running|steps?) (?:away|off|out))\b"
)
_SITS = re.compile(r"\b(?:sits?|sitting|sat|seated)\b")
_KNEELS = re.compile(r"\b(?:kneels?|kneeling|knelt|crouch(?:es|ing)?)\b")
_NEAR = re.compile(r"\bforeground\b|\bclose to (?:the )?camera\b")
_FAR = re.compile(r"\bbackground\b|\bin the distance\b|\bfar (?:off|away|behind)\b")
_FACING = re.compile(
    r"\bfac(?:e|es|ing) (?:each other|one another)\b|\bface to face\b|\blook(?:s|ing)? at (?:each other|one another)\b"
)
_AND = re.compile(r"(?:,|,? and) (?:\w+ )?")  # between two names of whom the same is said: "Mara and old Tobias sit"


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody does in the panel. side: -1 left, 1 right, 0 open. moves: 1 enters, -1 leaves. near: 1, far: -1."""

    side: int = 0
    moves: int = 0
    near: int = 0
    sits: bool = False
    kneels: bool = False
    mentioned: int = 10**6  # where in the words, for who comes first


@dataclass(frozen=True, slots=True)
class Directions:
    """The part of each figure, in their order, and whether they face each other."""

    parts: tuple[Part, ...]
    facing: bool = False


def read_directions(words: str, figures: Sequence[Figure]) -> Directions:
    """What the words say; a clause that names nobody speaks of the only one there is, or of the one named before."""
    text = " ".join(words.lower().split())
    parts = [Part() for _ in figures]
    last, at = (0 if len(figures) == 1 else None), 0
    for clause in _CLAUSE.split(text):
        named = sorted(
            (found.span(), index)
            for index, figure in enumerate(figures)
            if (found := _found(figure, clause)) is not None
        )
        about = [index for _span, index in named] or ([] if last is None else [last])
        for (place, _end), index in named:
            parts[index] = replace(parts[index], mentioned=min(parts[index].mentioned, at + place))
        if about:
            for index, said in zip(about, _said_of_each(clause, [span for span, _index in named]), strict=True):
                parts[index] = _told(parts[index], said)
        last = about[-1] if about else last
        at += len(clause) + 1
    return Directions(tuple(parts), bool(_FACING.search(text)))


def _said_of_each(clause: str, names: list[tuple[int, int]]) -> list[str]:
    """Return what a clause says of each name in it, the words from it to the next; of names joined by "and" the same.

    A clause without a name is said of one.
    """
    ends = [begin for begin, _end in names[1:]] + [len(clause)]
    for order in reversed(range(len(names) - 1)):
        if _AND.fullmatch(clause[names[order][1] : names[order + 1][0]]):
            ends[order] = ends[order + 1]
    begins = [0] + [begin for begin, _end in names[1:]]
    return [clause[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _found(figure: Figure, clause: str) -> re.Match[str] | None:
    for word in figure.words:
        match = re.search(rf"\b{re.escape(word)}\b", clause)
        if match:
            return match
    return None


def _told(part: Part, clause: str) -> Part:
    side = part.side
    if not _CAMERA.search(clause):
        side = -1 if _LEFT.search(clause) else 1 if _RIGHT.search(clause) else side
    return replace(
        part,
        side=side,
        moves=1 if _ENTERS.search(clause) else -1 if _LEAVES.search(clause) else part.moves,
        near=1 if _NEAR.search(clause) else -1 if _FAR.search(clause) else part.near,
        sits=part.sits or bool(_SITS.search(clause)),
        kneels=part.kneels or bool(_KNEELS.search(clause)),
    )
