"""Where the lines of a program go: to the terminal, each behind the program's name, or to a file of its own."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

LAST_LINES = 10  # kept of each program, to say why it ended
LONGEST_LINE = 64 * 1024  # bytes; a longer one is broken
DRAIN_SECONDS = 1


class Output(Protocol):
    """What a program writes to, through all its restarts."""

    def open(self) -> AbstractContextManager[tuple[int, tuple[int, ...]]]:
        """A file descriptor for the process to write to, and others that it must hold open."""

    def drain(self) -> None:
        """Wait until what a process wrote before it ended has been passed on."""

    def last_lines(self) -> list[str]:
        """The newest lines, oldest first."""


class LogFile:
    """A file, emptied by the first start and appended to by restarts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mode = "wb"

    @contextmanager
    def open(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The file, for one process."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open(self._mode) as file:
            self._mode = "ab"
            yield file.fileno(), ()

    def drain(self) -> None:
        """Do nothing: processes write to the file themselves."""

    def last_lines(self) -> list[str]:
        """The end of the file; nothing where it cannot be read."""
        with suppress(OSError):
            return self.path.read_text(errors="replace").strip().splitlines()[-LAST_LINES:]
        return []


class Terminal:
    """Standard output, shared by all programs: whole lines, each with the time and the name of its program.

    A thread for each pipe reads and writes, so that a flood of lines, or a terminal that takes none, stops nobody but
    the programs that write them. Errors of writing are ignored: the terminal may be gone.
    """

    def __init__(self, names: Iterable[str], descriptor: int = 1) -> None:
        self._width = max(map(len, names), default=0)
        self._descriptor = descriptor
        self._writing = threading.Lock()
        read_end, self._own = os.pipe()
        os.set_blocking(self._own, False)
        self._reader = _start_thread(self._say_lines, read_end)

    def say(self, sentence: str) -> None:
        """Write a line of the supervisor's own. Never waits: a terminal that takes no lines loses it."""
        with suppress(OSError):
            os.write(self._own, f"{sentence}\n".encode())

    def write(self, line: str, name: str = "") -> None:
        """Write one whole line, of a program where a name is given."""
        prefix = f"{time.strftime('%H:%M:%S')} {name:<{self._width}} | " if name else ""
        rest = f"{prefix}{line}\n".encode(errors="replace")
        with self._writing, suppress(OSError):
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]

    def close(self) -> None:
        """Wait until the last line is written, for a moment."""
        own, self._own = self._own, -1
        os.close(own)
        self._reader.join(DRAIN_SECONDS)

    def _say_lines(self, pipe: int) -> None:
        for line in _lines(pipe):
            self.write(line)


class TerminalOutput:
    """The lines of one program on the terminal."""

    def __init__(self, terminal: Terminal, name: str) -> None:
        self._terminal = terminal
        self._name = name
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._reader: threading.Thread | None = None

    @contextmanager
    def open(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """A pipe for one process. It also holds the reading end: its writes succeed when the supervisor is dead."""
        self._last.clear()
        read_end, write_end = os.pipe()
        try:
            yield write_end, (read_end,)
        finally:
            os.close(write_end)
            self._reader = _start_thread(self._pass_on, read_end)

    def drain(self) -> None:
        """Wait until the last line is passed on, for a moment: a process that left the group may hold the pipe."""
        if self._reader is not None:
            self._reader.join(DRAIN_SECONDS)

    def last_lines(self) -> list[str]:
        """The newest lines, oldest first."""
        return list(self._last)

    def _pass_on(self, pipe: int) -> None:
        for line in _lines(pipe):
            self._last.append(line)
            self._terminal.write(line, self._name)


def _lines(pipe: int) -> Iterator[str]:
    """The lines of a pipe until every writer has closed it, without the empty ones."""
    with open(pipe, "rb") as file:
        while line := file.readline(LONGEST_LINE):
            yield from (part for part in line.decode(errors="replace").splitlines() if part.strip())


def _start_thread(read: Callable[[int], None], pipe: int) -> threading.Thread:
    thread = threading.Thread(target=read, args=(pipe,), daemon=True)
    thread.start()
    return thread
