"""The job that this process makes: for its lines in the log.

Of the process and not of a thread: a worker makes one job at a time, and the thread that keeps its lease logs as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from videogen.models import Job

_job: "Job | None" = None


def job() -> "Job | None":
    """Return the job, None between two."""
    return _job


@contextmanager
def working_on(row: "Job") -> Iterator[None]:
    """Make this the job of the process meanwhile."""
    global _job
    _job = row
    try:
        yield
    finally:
        _job = None
