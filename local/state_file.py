"""The file in which the supervisor tells how its programs are: read by /healthz (config.health)."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

FRESHEN_SECONDS = 5


class ProgramState(TypedDict):
    """One program, as the file has it."""

    name: str
    state: str  # running, restarting
    restarts: int  # since the run began
    last_end: str  # how it ended last, in words; empty where it never did


class StateFile:
    """Write the states to a file when they change, and every FRESHEN_SECONDS to show that the run lives.

    Errors of writing are ignored: a full disk must not end the programs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written: list[ProgramState] | None = None
        self._written_at = 0.0

    def write(self, states: list[ProgramState]) -> None:
        """Bring the file up to date; cheap where nothing changed."""
        now = time.monotonic()
        if states == self._written and now - self._written_at < FRESHEN_SECONDS:
            return
        with suppress(OSError):
            part = self.path.with_suffix(".part")
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(states, file)
            part.replace(self.path)
            self._written, self._written_at = states, now

    def remove(self) -> None:
        """Leave no file that tells of a run that is over."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
