"""Keeps programs running: starts again what ends, and ends all of them when it is asked to."""

import signal
import threading
import time
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Self

from local import process_group
from local.back_off import BackOff, Limits
from local.errors import CannotRunError
from local.output import Terminal
from local.programs import Program, end
from local.state_file import ProgramState, StateFile
from local.watcher import Watcher

STOP_SECONDS = 6  # the grace period: from the signal that asks to the one that kills
POLL_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class _Kept:
    """A program, and what is known of its restarts."""

    program: Program
    back_off: BackOff
    started: float
    start_at: float | None = None  # when it is to be started again; None while it runs
    restarts: int = 0
    last_end: str = ""

    def state(self) -> ProgramState:
        return {
            "name": self.program.name,
            "state": "running" if self.start_at is None else "restarting",
            "restarts": self.restarts,
            "last_end": self.last_end,
        }


class Supervisor:
    """A context manager: whatever leaves it, every program has ended and been reaped afterwards.

    SIGINT, SIGTERM and SIGHUP are noted from its beginning to its end, and end `run`. None interrupts anything.
    """

    def __init__(
        self,
        terminal: Terminal,
        watcher: Watcher,
        state_file: StateFile,
        *,
        grace: float = STOP_SECONDS,
        limits: Limits | None = None,
    ) -> None:
        self.stopping = threading.Event()
        self._terminal = terminal
        self._watcher = watcher
        self._state_file = state_file
        self._grace = grace
        self._limits = limits or Limits()
        self._kept: list[_Kept] = []
        self._asked = False
        self._failed = False
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            self._handlers[number] = signal.signal(number, self._ask)
        process_group.adopt_orphans()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the programs, those that others need last, and the watcher after them."""
        self.stopping.set()
        for stage in self._stages():
            end(stage, self._grace)
        self._watcher.tell([])
        self._watcher.close()
        self._state_file.remove()
        self._terminal.close()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(self, program: Program) -> None:
        """Start a program and keep it from now on. Raises CannotRunError."""
        self._kept.append(_Kept(program, BackOff(self._limits), time.monotonic()))
        program.start(self._tell_watcher)

    def run(self) -> int:
        """Keep the programs running until a signal asks to stop (0) or one of them ends too often (1)."""
        while not self._asked and not self._failed:
            for kept in self._kept:
                self._look_after(kept)
            process_group.reap_orphans({kept.program.pid for kept in self._kept})
            self._watcher.check()
            self._state_file.write([kept.state() for kept in self._kept])
            time.sleep(POLL_SECONDS)
        return 1 if self._failed else 0

    def _look_after(self, kept: _Kept) -> None:
        if kept.start_at is None:
            if how := kept.program.collect():
                self._note_end(kept, how)
        elif time.monotonic() >= kept.start_at:
            self._start_again(kept)

    def _start_again(self, kept: _Kept) -> None:
        kept.started, kept.start_at = time.monotonic(), None
        kept.restarts += 1
        try:
            kept.program.start(self._tell_watcher)
        except CannotRunError as error:
            self._note_end(kept, str(error))

    def _note_end(self, kept: _Kept, how: str) -> None:
        now = time.monotonic()
        kept.last_end = how
        self._tell_watcher()
        delay = kept.back_off.next_delay(kept.started, now)
        if delay is None:
            self._fail(kept)
            return
        kept.start_at = now + delay
        self._terminal.say(f"{kept.program.name} ended ({how}); restart {kept.restarts + 1} in {delay:g} s.")

    def _fail(self, kept: _Kept) -> None:
        """Say why the run is over."""
        self._failed = True
        self._terminal.say(
            f"{kept.program.name} ended ({kept.last_end}), {self._limits.most_ends} times within "
            f"{self._limits.window:g} s. The run stops. The last lines of {kept.program.name}:"
        )
        for line in kept.program.output.last_lines() or ["(none)"]:
            self._terminal.say(f"  {line}")

    def _stages(self) -> list[list[Program]]:
        """The programs in the order in which they end."""
        programs = [kept.program for kept in self._kept]
        return [[program for program in programs if program.ends_last is last] for last in (False, True)]

    def _tell_watcher(self) -> None:
        stages = [[program.pid for program in stage if program.pid is not None] for stage in self._stages()]
        self._watcher.tell(stages)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
