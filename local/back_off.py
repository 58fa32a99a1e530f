"""Restart delays that double, and the number of ends after which a program is given up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of a back-off, in seconds. most_ends: that many ends within `window` are too many."""

    first_delay: float = 1
    longest_delay: float = 30
    steady: float = 60  # a program that ran for so long starts from the first delay again
    window: float = 60
    most_ends: int = 5


class BackOff:
    """Count the ends of one program and say how long to wait before each restart."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ends: list[float] = []
        self._delay = limits.first_delay

    def next_delay(self, started: float, ended: float) -> float | None:
        """Note that the program ran from `started` to `ended`; how long to wait now, None where it ended too often."""
        self._ends = [end for end in self._ends if ended - end < self._limits.window] + [ended]
        if len(self._ends) >= self._limits.most_ends:
            return None
        if ended - started >= self._limits.steady:
            self._delay = self._limits.first_delay
        delay = self._delay
        self._delay = min(2 * delay, self._limits.longest_delay)
        return delay
