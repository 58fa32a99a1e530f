"""When a program that ended is started again, and when no more."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds, and how many ends within `window` of them are too many."""

    first_delay: float = 1
    longest_delay: float = 30
    steady: float = 60  # a program that ran for so long starts from the first delay again
    window: float = 60
    most_ends: int = 5


class BackOff:
    """The delays of one program: each twice the one before."""

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
