"""How far a long transfer is, in words: one line written over in a terminal, a line now and then in a log."""

import threading
import time
from collections import deque
from collections.abc import Callable

TERMINAL_SECONDS = 0.5
FIRST_LINE_SECONDS, MOST_SECONDS = 2.0, 60.0  # a log's second line, and the longest time between two later ones
WINDOW_SECONDS = 15.0  # what the rate is taken over
WIDTH = 78


def amount(size: float) -> str:
    """1500000000 -> "1.5 GB"; below a tenth of that in MB."""
    return f"{size / 1e9:.1f} GB" if size >= 10**8 else f"{size / 1e6:.1f} MB"


def duration(seconds: float) -> str:
    """95 -> "2 min"; below that in seconds, above two hours in hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


class DownloadProgress:
    """Counts bytes and says how many of them there are. `add` may be called by any thread, `show` by one.

    total, here: bytes of the whole and those that were there before. write: takes text as it is, line ends included.
    terminal: whether a line can be written over. clock: seconds.
    """

    def __init__(
        self,
        total: int,
        here: int,
        write: Callable[[str], object],
        *,
        terminal: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self.done = here
        self._here = here
        self._write = write
        self._terminal = terminal
        self._clock = clock
        self._started = clock()
        self._seen: deque[tuple[float, int]] = deque([(self._started, here)])
        self._gap = TERMINAL_SECONDS if terminal else FIRST_LINE_SECONDS
        self._next = self._started + self._gap
        self._open_line = False
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        """Count bytes that came; fewer than none where some turned out useless."""
        with self._lock:
            self.done += count

    def show(self) -> None:
        """Say how far it is, where it is time to. Call it often."""
        now = self._clock()
        if now < self._next:
            return
        line = self.line()
        self._write(f"\r{line:<{WIDTH}}" if self._terminal else f"{line}\n")
        self._open_line = self._terminal
        self._gap = TERMINAL_SECONDS if self._terminal else min(2 * self._gap, MOST_SECONDS)
        self._next = now + self._gap

    def advance(self, count: int) -> None:
        """Count bytes, and say how far it is."""
        self.add(count)
        self.show()

    def line(self) -> str:
        """Such as "12.3 GB of 71.0 GB (17 %), 54.0 MB/s, 18 min left"."""
        rate = self._rate()
        far = f"{amount(self.done)} of {amount(self.total)} ({100 * self.done // max(self.total, 1)} %)"
        if self.done >= self.total:
            return f"{far}, checking"
        if not rate:
            return f"{far}, waiting"
        return f"{far}, {amount(rate)}/s, {duration((self.total - self.done) / rate)} left"

    def close(self) -> None:
        """End the line that is being written over."""
        if self._open_line:
            self._write("\n")
            self._open_line = False

    def summary(self) -> str:
        """Such as "71.0 GB in 22 min, 54.0 MB/s"."""
        seconds = max(self._clock() - self._started, 0.1)
        came = self.done - self._here
        return f"{amount(came)} in {duration(seconds)}, {amount(came / seconds)}/s"

    def _rate(self) -> float:
        """Bytes a second, lately."""
        now = self._clock()
        self._seen.append((now, self.done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW_SECONDS:
            self._seen.popleft()
        since, before = self._seen[0]
        return max(self.done - before, 0) / (now - since) if now > since else 0.0
