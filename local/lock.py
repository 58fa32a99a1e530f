"""The lock of VAR_DIR: one run at a time."""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from local.errors import CannotRunError

LEFTOVER_SECONDS = 20  # more than a watcher needs to end the programs of a killed run


@contextmanager
def only_run(var_dir: Path, url: str) -> Iterator[TextIO]:
    """Hold the lock of VAR_DIR. The kernel drops it with the last process that holds the file, so none stays behind.

    Raises CannotRunError where another run has it.
    """
    folder = var_dir / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        if not _locked(lock):
            raise CannotRunError(
                f"Storyreel already runs on {var_dir} ({_holder(lock) or 'it is just starting'}). "
                "Stop that run first, or set VAR_DIR to another folder."
            )
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {url}")
        lock.flush()
        yield lock


def _locked(lock: TextIO) -> bool:
    """Take the lock. Waits while its holder is dead and the watcher still ends what that run left."""
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if _holder_lives(lock) or time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _holder(lock: TextIO) -> str:
    lock.seek(0)
    return lock.read().strip()


def _holder_lives(lock: TextIO) -> bool:
    """Whether the run that wrote its process into the lock is there; also where it has not written it yet."""
    pid = re.match(r"process (\d+)", _holder(lock))
    if pid is None:
        return True
    try:
        os.kill(int(pid[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
