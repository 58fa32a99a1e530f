"""The programs of the Procfile, run side by side by honcho's parts, started and ended together."""

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from honcho.environ import Procfile
from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Process

STOP_SECONDS = 6  # from the polite signal to the one that nobody can ignore
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(pid, number)


class Member(Process):  # type: ignore[misc]
    """One program in a session of its own, with a small guardian process that passes its lines on."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """In the guardian: start the program and stay until it ended and closed its output."""
        if ignore_signals:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        threading.Thread(target=self._end_with_parent, args=(os.getppid(),), daemon=True).start()
        super().run(events, ignore_signals)

    def _end_with_parent(self, parent: int) -> None:
        """Whoever kills the supervisor outright still leaves no program behind."""
        while os.getppid() == parent:
            time.sleep(0.5)
        if self._child is not None:
            _signal(os.kill, self._child.pid, signal.SIGTERM)
            time.sleep(STOP_SECONDS)
            _signal(os.killpg, self._child.pid, signal.SIGKILL)
        os._exit(1)


class Crew(Manager):  # type: ignore[misc]
    """honcho's manager with three differences.

    A stop is asked of each program alone, never of its process group: a Celery child that is signalled loses its
    message, while a parent that is signalled lets the child put its job down first. What is left of a group after
    STOP_SECONDS is killed. And the crew also stops when `watch`, called ten times a second, returns a reason.
    """

    returncode: int | None

    def __init__(self, procfile: Procfile, env: Mapping[str, str], cwd: Path) -> None:
        super().__init__(Printer(sys.stdout))
        self._process_ctor = Member
        self._stop_at: float | None = None
        self.stopping = threading.Event()
        for name, command in procfile.processes.items():
            self.add_process(name, command, env=dict(env), cwd=cwd)

    def loop(self, on_start: Callable[[], None], watch: Callable[[], str | None]) -> None:
        """Run until a program ends, `watch` gives a reason, or a signal asks to stop. Leaves no process behind.

        `returncode` is 0 after a stop that was asked for, else what the first program that ended returned, or 1.
        """
        for number in _STOP_SIGNALS:
            signal.signal(number, self._asked)
        self._start()
        on_start()
        try:
            while not self._all_stopped() and self._any_guardian():
                self._pass_on_events()
                if not self.stopping.is_set() and (reason := watch()):
                    self._system_print(f"{reason}\n")
                    self._begin_stop(1)
                self._press_on()
        finally:
            self._end_groups()

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:  # the terminal is gone: writing to it would fail
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
        self._begin_stop(0)

    def _begin_stop(self, returncode: int) -> None:
        if self.returncode is None:
            self.returncode = returncode
        self.stopping.set()

    def _pass_on_events(self) -> None:
        """Print and note what the guardians tell, for up to a tenth of a second."""
        with contextlib.suppress(queue.Empty):
            self._take(self.events.get(timeout=0.1))
            for _ in range(500):  # a flood of lines must not keep a stop waiting
                self._take(self.events.get_nowait())

    def _take(self, message: Any) -> None:
        if message.type == "line":
            self._printer.write(message)
        elif message.type == "start":
            self._processes[message.name]["pid"] = message.data["pid"]
        elif message.type == "stop":
            code = self._processes[message.name]["returncode"] = message.data["returncode"]
            if not self.stopping.is_set():
                self._system_print(f"{message.name} ended with code {code}; stopping the others\n")
                self._begin_stop(code or 1)

    def _press_on(self) -> None:
        """Once a stop has begun: ask every program, then, when its time is up, kill what is left."""
        if not self.stopping.is_set() or not self._all_started():
            return
        if self._stop_at is None:
            self._stop_at = time.monotonic() + STOP_SECONDS
            for pid in self._living():
                _signal(os.kill, pid, signal.SIGTERM)
        elif time.monotonic() > self._stop_at:
            for pid in self._living():
                _signal(os.killpg, pid, signal.SIGKILL)

    def _living(self) -> list[int]:
        return [p["pid"] for p in self._processes.values() if "returncode" not in p]

    def _any_guardian(self) -> bool:
        return any(p["process"].is_alive() for p in self._processes.values())

    def _end_groups(self) -> None:
        """A program is gone when its last child is: nothing of its group stays, nor its guardian."""
        for process in self._processes.values():
            if "pid" in process:
                _signal(os.killpg, process["pid"], signal.SIGKILL)
            process["process"].join(STOP_SECONDS)
