"""Process groups: the one way in which the supervisor and its watcher end programs."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Container, Iterable
from contextlib import suppress

KILL_SECONDS = 3  # for the system to clear away what was killed
POLL_SECONDS = 0.02

_GONE = (ProcessLookupError, PermissionError)  # macOS answers PermissionError for a group of zombies
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make this process, on Linux, the parent of what its programs orphan, so that it can reap it.

    Elsewhere, and for the watcher, that is left to the first process of the machine, which in a container may be slow.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(leaders: Container[int | None]) -> None:
    """Reap the adopted processes that have ended; the leaders, whose exit codes are wanted, are left alone."""
    if sys.platform == "linux":
        with suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if ended.si_pid in leaders:
                    return
                os.waitpid(ended.si_pid, 0)


def end(groups: Iterable[int], grace: float) -> None:
    """Ask the leaders to end; after `grace` seconds kill what is left of their groups. Returns when all are empty.

    Only the leader is asked: a Celery child that gets a signal loses its message, while a parent that gets one lets
    the child put its job back first.
    """
    groups = list(groups)
    for leader in groups:
        with suppress(*_GONE):
            os.kill(leader, signal.SIGTERM)
    if not _wait_until_empty(groups, grace):
        kill(groups)


def kill(groups: Iterable[int]) -> None:
    """Kill every process of the groups and wait until they are empty."""
    groups = list(groups)
    for group in groups:
        with suppress(*_GONE):
            os.killpg(group, signal.SIGKILL)
    _wait_until_empty(groups, KILL_SECONDS)


def _wait_until_empty(groups: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not all(_is_empty(group) for group in groups):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _is_empty(group: int) -> bool:
    """Whether no process of the group is left, zombies included. Reaps those that are children of this process."""
    with suppress(ChildProcessError):
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass
    try:
        os.killpg(group, 0)
    except _GONE:
        return True
    return False
