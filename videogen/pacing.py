"""How long a block lasts where no clip says so: in the player, and wherever a still stands for a clip."""

from scenes.models import Block
from videogen.speech.casting import cast_line, spoken_text
from videogen.speech.length import LEAD, TAIL, estimate, estimate_text
from videogen.speech.line import Casting

SHORTEST, LONGEST = 1.0, 60.0  # seconds
ACTION_SECONDS = 3.0  # nobody says an action: its picture is looked at


def hold_seconds(block: Block, casting: Casting | None = None) -> float:
    """Tell how long a still or a card of a block is held: a line as long as it takes to say, in seconds.

    casting: who speaks it, where that has been found out.
    """
    if block.kind == Block.Kind.ACTION:
        return ACTION_SECONDS
    line = (casting or cast_line(block)).line
    length = estimate(line) if line else estimate_text(spoken_text(block.text))
    return min(LONGEST, max(SHORTEST, LEAD + length.seconds + TAIL))
