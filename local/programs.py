"""Start and end the programs of a run, each as the leader of a process group of its own."""

import re
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from local import process_group
from local.errors import CannotRunError
from local.output import Output

_PROCFILE_LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(.+)")
# The shell waits for a line before it becomes the program, so the watcher knows a process before it can do anything.
_WHEN_REGISTERED = "read -r registered || exit 1\n"


def read_procfile(text: str) -> dict[str, str]:
    """The commands of a Procfile by name. A line that is not `name: command` is a comment."""
    matches = (_PROCFILE_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return {match[1]: match[2] for match in matches if match}


class Program:
    """A shell command with a name. Started, it is one process that leads a process group of its own."""

    ends_last = False  # whether the other programs need it until they have ended

    def __init__(
        self,
        name: str,
        command: str,
        output: Output,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.command = command
        self.output = output
        self._environment = environment
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The leader of the process group; None before the start and after the end."""
        return self._process.pid if self._process else None

    def start(self, register: Callable[[], object] = lambda: None) -> None:
        """Start a process. `register` is called when its pid is known and it has done nothing yet.

        Raises CannotRunError.
        """
        try:
            with self.output.open() as (descriptor, held_open):
                self._process = self._waiting_shell(descriptor, held_open)
        except OSError as error:
            raise CannotRunError(f"{self.name} cannot be started: {error}.") from error
        register()
        with suppress(BrokenPipeError), cast("IO[bytes]", self._process.stdin) as stdin:
            stdin.write(b"\n")

    def is_running(self) -> bool:
        """Whether the process that was started lives. Reaps one that has ended."""
        return self._process is not None and self._process.poll() is None

    def collect(self) -> str | None:
        """How the process ended, in words, once what it left of its group is killed; None while it runs."""
        if self._process is None or self._process.poll() is None:
            return None
        code = self._process.returncode
        process_group.kill([self._process.pid])
        self._process = None
        self.output.drain()
        return f"exit code {code}" if code >= 0 else _signal_name(-code)

    def _waiting_shell(self, descriptor: int, held_open: Sequence[int]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own words only
            ["/bin/sh", "-c", _WHEN_REGISTERED + self.command],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            pass_fds=held_open,
            start_new_session=True,  # Ctrl-C in the terminal is for the supervisor only
        )


def end(programs: Sequence[Program], grace: float) -> None:
    """Ask the programs to end, kill what is left of their groups after `grace` seconds, and wait for all of it."""
    process_group.end([program.pid for program in programs if program.pid is not None], grace)
    for program in programs:
        program.collect()


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
