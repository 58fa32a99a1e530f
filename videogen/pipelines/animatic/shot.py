"""What the words say of the shot: how large people are in it, from how high they are seen."""

import re
from dataclasses import dataclass, replace

# In the order in which they are tried: the longer names first.
_SIZES = (
    ("extreme close-up", r"extreme close[\s-]?ups?|extremely close|ecu|xcu"),
    ("medium close-up", r"medium close[\s-]?ups?|mcu"),
    ("extreme wide", r"(?:extreme|extremely|very|super)[\s-](?:wide|long)|establishing(?: shot)?|ews|vista"),
    ("over the shoulder", r"over[\s-](?:the|her|his|their|\w+['’]s)[\s-]shoulder|ots"),
    ("two-shot", r"(?:two|2)[\s-]?shot"),
    ("cowboy", r"cowboy shot|cowboy framing|american shot|medium (?:wide|long|full)(?:[\s-]shot)?|knees up|thighs? up"),
    ("close-up", r"close[\s-]?ups?|tight (?:shot|on)"),
    ("medium", r"(?:medium|mid|middle)[\s-]?shot|waist[\s-]?(?:up|shot)|medium view"),
    ("full", r"full[\s-](?:shot|figure|length|body)|head to (?:toe|foot)"),
    ("aerial", r"aerial(?: shot| view)?|bird['’]?s[\s-]eye(?: view)?|drone shot|top[\s-]down|overhead shot"),
    ("wide", r"wide[\s-](?:shot|angle|view)|long shot|master shot"),
    ("insert", r"insert shot|insert of|insert on|insert:|detail shot|detail of|cutaway"),
)  # fmt: skip
_LOW = re.compile(r"\blow[\s-]angle\b|\bfrom (?:far )?below\b|\bworm['’]?s[\s-]eye\b")
_HIGH = re.compile(r"\bhigh[\s-]angle\b|\bfrom (?:high )?above\b|\blooking down (?:on|at)\b")

SIZES = tuple(name for name, _words in _SIZES)
# From the farthest to the nearest: what "closer" and "wider" mean.
LADDER = ("extreme wide", "wide", "full", "cowboy", "medium", "medium close-up", "close-up", "extreme close-up")
STANDING = frozenset({"full", "wide", "extreme wide", "aerial"})  # sizes in which feet are seen


@dataclass(frozen=True, slots=True)
class Shot:
    """A size, an angle (-1 from below, 1 from above), and whether the words named the size."""

    size: str
    angle: int = 0
    named: bool = False

    @property
    def shows_feet(self) -> bool:
        """Whether people are seen down to the ground they stand on."""
        return self.size in STANDING

    def stepped(self, steps: int) -> "Shot":
        """The shot that many steps closer (or wider, below 0), as far as there are any."""
        if self.size not in LADDER:
            return self
        at = min(max(LADDER.index(self.size) + steps, 0), len(LADDER) - 1)
        return replace(self, size=LADDER[at])


def read_shot(words: str) -> Shot:
    """The shot that the words name; its size is empty where they name none."""
    text = " ".join(words.lower().split())
    size = next((name for name, pattern in _SIZES if re.search(rf"\b(?:{pattern})(?!\w)", text)), "")
    angle = -1 if _LOW.search(text) else 1 if _HIGH.search(text) else 0
    return Shot(size, angle, bool(size))


def chosen_shot(words: str, *, people: int, is_line: bool, variant: int) -> Shot:
    """The shot of a panel: what the words name, else what the kind of block asks for, varied by the seed.

    A line is a medium close-up of its speaker, an action is full, or wide for more than three people or none.
    variant: 0 to 3, of which 0 is the plain one.
    """
    shot = read_shot(words)
    if shot.named:
        return shot
    if not people:
        return replace(shot, size="wide")
    size = "medium close-up" if is_line else "full" if people <= 3 else "wide"
    plain = replace(shot, size=size)
    if is_line:
        return plain.stepped((0, -1, 1, 0)[variant])
    return (plain, plain.stepped(-1), plain.stepped(1 if people <= 2 else -1), replace(plain, angle=shot.angle or -1))[
        variant
    ]
