"""How much of a block is seen, and for how long: the one rule for the player and every export (docs/decisions/0092).

A clip is seen as long as it is, a still or a card as long as its line is estimated to take; a brought timeline may have
trimmed either.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from scenes.models import Block
from videogen.models import Trim, Video
from videogen.specs import DEFAULT_FRAME_RATE
from videogen.speech.casting import cast_line, spoken_text
from videogen.speech.length import LEAD, TAIL, estimate, estimate_text
from videogen.speech.line import Casting

SHORTEST, LONGEST = 1.0, 60.0  # seconds
ACTION_SECONDS = 3.0  # nobody says an action: its picture is looked at


@dataclass(frozen=True, slots=True)
class Span:
    """What is seen of a block. first: the frame of its take that it begins with, counted from 0, at the take's rate.

    frames: how many, at the rate that was asked for.
    """

    first: int
    frames: int


def span_of(block: Block, take: Video | None, trim: Trim | None, rate: int, casting: Casting | None = None) -> Span:
    """Tell what is seen of a block, in frames of this rate. take: the current one.

    trim: of the block, which counts only where it is of this take. casting: as for `hold_seconds`.
    """
    if used := used_trim(trim, take):
        return Span(used.first, max(1, round(used.frames * rate / used.frame_rate)))
    seconds = take.duration if take else hold_seconds(block, casting)
    return Span(0, max(1, round(seconds * rate)))


def used_trim(trim: Trim | None, take: Video | None) -> Trim | None:
    """Return the trim of a block where it is of what is shown: another take is not trimmed."""
    return trim if trim is not None and trim.take_id == (take.pk if take else None) else None


def most_used_rate(rates: Iterable[int]) -> int:
    """Return the frame rate that most of the clips have, of those that as many have the highest: that of the stills."""
    counts = Counter(rates)
    return max(counts, key=lambda rate: (counts[rate], rate)) if counts else DEFAULT_FRAME_RATE


def hold_seconds(block: Block, casting: Casting | None = None) -> float:
    """Tell how long a still or a card of a block is held: a line as long as it takes to say, in seconds.

    What of a line is longer than that is not heard, as it is not in a clip that is too short.
    casting: who speaks it, where that has been found out.
    """
    if block.kind == Block.Kind.ACTION:
        return ACTION_SECONDS
    line = (casting or cast_line(block)).line
    length = estimate(line) if line else estimate_text(spoken_text(block.text))
    return min(LONGEST, max(SHORTEST, LEAD + length.seconds + TAIL))
