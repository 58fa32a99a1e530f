"""What an attack came to, and the table of all of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

WIDTHS = (44, 8, 9, 26, 9)


@dataclass(frozen=True)
class Result:
    """One attack. `held`: whether the instance withstood it, None where it could not be tried here.

    seconds: of the attack. memory_mb: the most that its web processes held meanwhile, above what they held before; None
    where nobody could look. statuses: HTTP status -> how often; 0 stands for no answer. words: what was seen, one line.
    """

    name: str
    seconds: float
    memory_mb: float | None
    statuses: Counter[int]
    held: bool | None
    words: str

    def row(self) -> str:
        """Return the line of the table."""
        verdict = "untried" if self.held is None else "held" if self.held else "SUCCEEDED"
        memory = "-" if self.memory_mb is None else f"{self.memory_mb:.0f}"
        statuses = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items())) or "-"
        return _line(self.name, f"{self.seconds:.1f}", memory, statuses, verdict, self.words)


def table(results: Iterable[Result]) -> str:
    """Return all results, one a line, below a heading."""
    heading = _line("attack", "seconds", "memory MB", "statuses", "verdict", "")
    return "\n".join([heading, *(result.row() for result in results)])


def _line(name: str, seconds: str, memory: str, statuses: str, verdict: str, words: str) -> str:
    name_width, *numbers, status_width, verdict_width = WIDTHS
    cells = [
        f"{name:<{name_width}}",
        *(f"{cell:>{width}}" for cell, width in zip((seconds, memory), numbers, strict=True)),
    ]
    return "  ".join([*cells, f"{statuses:<{status_width}}", f"{verdict:<{verdict_width}}", words]).rstrip()
