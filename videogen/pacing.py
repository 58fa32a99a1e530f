"""How long a block lasts where no clip says so: in the player, and wherever a still stands for a clip."""

import re

from scenes.models import Block

WORDS_A_SECOND = 2.6  # of a line that is spoken
SIGNS_A_SECOND = 6.0  # of a script that writes no spaces between words
PAUSE = 0.6  # seconds before and after a line, together
SHORTEST, LONGEST = 1.0, 8.0  # seconds
ACTION_SECONDS = 3.0  # nobody says an action: its picture is looked at
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def hold_seconds(block: Block) -> float:
    """Tell how long a still or a card of a block is held: a line as long as it takes to say, in seconds."""
    if block.kind == Block.Kind.ACTION:
        return ACTION_SECONDS
    signs = len(_WIDE.findall(block.text))
    words = len(_WIDE.sub(" ", block.text).split())
    return min(LONGEST, max(SHORTEST, PAUSE + words / WORDS_A_SECOND + signs / SIGNS_A_SECOND))
