"""A process that outlives the supervisor, to end the programs when the supervisor is killed.

Nothing of it is needed in a run that ends by itself. It is a program of the standard library, without Django, so that
it is small and starts at once; its input is a list of process groups, one list a line, and the newest line counts.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from local import process_group

Stages = list[list[int]]  # process groups; those of a stage end together, before those of the next


class Watcher:
    """The supervisor's side: starts the process, tells it what runs, starts it again should it be killed itself."""

    def __init__(self, grace: float, held_open: Sequence[int] = ()) -> None:
        self._grace = grace
        self._held_open = held_open  # file descriptors, for example of a lock that is to last as long as the programs
        self._stages: Stages = []
        self._process = self._start()

    def tell(self, stages: Stages) -> None:
        """Replace what the watcher would end."""
        self._stages = stages
        with suppress(BrokenPipeError):  # it was killed; `check` sees to that
            self._input.write(json.dumps(stages).encode() + b"\n")

    def check(self) -> None:
        """Start the process again where it has ended."""
        if self._process.poll() is not None:
            self._input.close()
            self._process = self._start()
            self.tell(self._stages)

    def close(self) -> None:
        """End the process. It ends what it was told last, so tell it of nothing first."""
        self._input.close()
        self._process.wait()

    @property
    def _input(self) -> IO[bytes]:
        return cast("IO[bytes]", self._process.stdin)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own words only
            [sys.executable, "-m", "local.watcher", str(self._grace)],
            bufsize=0,
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=self._held_open,
            start_new_session=True,  # a signal to the supervisor's group is not for it
        )


def main() -> None:
    """Read until the supervisor is gone, then end what it left."""
    stages: Stages = []
    for line in sys.stdin:
        stages = json.loads(line)
    for groups in stages:
        process_group.end(groups, float(sys.argv[1]))


if __name__ == "__main__":
    main()
