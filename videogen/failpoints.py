"""Points of a job's road where tests let a process die (docs/decisions/0053). In production nothing happens there."""

from collections.abc import Callable
from typing import Literal, get_args

Point = Literal[
    "committed",  # the row is in the table, and nobody was told
    "woken",  # a message is on its way
    "received",  # by a worker, which has claimed nothing yet
    "claimed",
    "loading",
    "denoising",  # at each step
    "decoding",  # about to begin
    "writing",  # at each picture of the clip
    "written",  # the clip is whole and in the workspace
    "stored",  # clip and poster have their final names, and the row does not know
    "finished",  # the row says so, in a transaction that is still open
    "recorded",  # that is committed, and the worker has not said that it is done
]
POINTS: tuple[str, ...] = get_args(Point)

_act: Callable[[str], None] | None = None


def reach(point: Point) -> None:
    """Tell whoever asked that the work has come to this point."""
    if _act is not None:
        _act(point)


def act_by(act: Callable[[str], None] | None) -> None:
    """Have `act` called with each point that is reached from now on."""
    global _act
    _act = act
