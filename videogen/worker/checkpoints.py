"""Downloads and verifications that were asked for in the console, made by the worker of the queue sweep.

In a thread beside its sweeps: a download takes hours, and lost jobs are looked for meanwhile. One at a time; what a
process that ends leaves undone is taken up by the next one, which goes on inside the file (docs/decisions/0067).
"""

import logging
import threading
import time
from importlib import import_module
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from videogen.models import CheckpointJob
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.published import PUBLISHED
from videogen.pipelines.weights import installed, verify
from videogen.pipelines.weights.progress import DownloadProgress

logger = logging.getLogger(__name__)

HUB = "videogen.pipelines.weights.hub"  # imported when something is to be done: it needs the extra ltx
BEAT_SECONDS = 1.0
MOST_NAMED = 3  # broken files that a sentence names

_thread: threading.Thread | None = None


class StoppedError(Exception):
    """Somebody asked to pause or cancel, or another worker has the job. how: "pause", "cancel" or "lost"."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


def tend() -> None:
    """Put back what a dead worker left, and begin the oldest job that waits. Returns at once."""
    global _thread
    for job in CheckpointJob.objects.forsaken():
        job.release()
    if _thread is not None and _thread.is_alive():
        return
    for job in CheckpointJob.objects.filter(status=CheckpointJob.Status.QUEUED).order_by("created_at"):
        if job.claim():
            _thread = threading.Thread(target=_run, args=(job,), name="checkpoint", daemon=True)
            _thread.start()
            return


def _run(job: CheckpointJob) -> None:
    try:
        make(job)
    except DatabaseError:
        logger.exception("%s could not be recorded", job)  # its lease runs out, and it is done again
    finally:
        connection.close()


def make(job: CheckpointJob) -> None:
    """Make a claimed job and record how it ended."""
    close_old_connections()
    status = CheckpointJob.Status
    if lacking := installed.missing_libraries():
        job.end(status.FAILED, error=f"Not installed: {', '.join(lacking)}. Run “make install” and restart Storyreel.")
        return
    hub = import_module(HUB)
    checkpoint = PUBLISHED[job.field].named if job.field in PUBLISHED else None
    if checkpoint is None:
        job.end(status.FAILED, error="The setting that names this checkpoint is empty.")
        return
    try:
        changes = (
            _download(hub, job, checkpoint) if job.action == job.Action.DOWNLOAD else _verify(hub, job, checkpoint)
        )
    except StoppedError as stopped:
        if stopped.how == job.Stop.CANCEL and job.action == job.Action.DOWNLOAD:
            hub.discard(checkpoint)
        if stopped.how != "lost":
            job.end(status.PAUSED if stopped.how == job.Stop.PAUSE else status.CANCELLED)
    except hub.DownloadError as error:
        job.end(status.FAILED, error=str(error))
    except Exception:
        logger.exception("%s failed", job)
        job.end(status.FAILED, error="It failed for a reason that is in the log of the worker.")
    else:
        job.end(status.FAILED if changes.get("error") else status.SUCCEEDED, **changes)


def _download(hub: Any, job: CheckpointJob, checkpoint: Checkpoint) -> dict[str, Any]:
    reporter = _Reporter(job)
    reporter.told(0, 0, "asking the model hub")
    planned = hub.plan(checkpoint)
    hub.drop(planned, job.broken)
    missing, total = planned.missing, planned.total
    hub.check_room(missing)
    hub.fetch(planned, _Progress(total, total - missing, reporter))
    hub.adopt(planned)
    return {"done": total, "total": total, "broken": []}


def _verify(hub: Any, job: CheckpointJob, checkpoint: Checkpoint) -> dict[str, Any]:
    folder = installed.folder_of(checkpoint)
    if folder is None:
        return {"error": f"The files of {checkpoint} are not on this machine. Download them first."}
    commit = installed.commit_of(folder)
    published = hub.published(checkpoint, commit) if commit else None
    progress = _Progress(verify.size_of(folder), 0, _Reporter(job))
    broken = dict(verify.faults(folder, published, progress.advance))
    if not broken:
        return {"broken": [], "verified_at": timezone.now()}
    named = "; ".join(f"{name} {wrong}" for name, wrong in list(broken.items())[:MOST_NAMED])
    more = f"; and {len(broken) - MOST_NAMED} more" if len(broken) > MOST_NAMED else ""
    remedy = "Download fetches them anew, and nothing else." if commit else f"Copy them into {folder} again."
    return {"broken": list(broken), "error": f"Not as published: {named}{more}. {remedy}", "verified_at": None}


class _Reporter:
    """Writes how far a job is, at most once a second. Raises StoppedError where it is to end."""

    def __init__(self, job: CheckpointJob) -> None:
        self._job = job
        self._next = 0.0

    def told(self, done: int, total: int, words: str) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + BEAT_SECONDS
        close_old_connections()
        try:
            stop = self._job.beat(done, total, words)
        except DatabaseError as error:  # it may be back at the next beat; the lease decides for how long
            logger.warning("The progress of %s could not be written: %s", self._job, error)
            return
        if stop != "":
            raise StoppedError(stop or "lost")


class _Progress(DownloadProgress):
    """Counts bytes as the command does, and tells the row."""

    def __init__(self, total: int, here: int, reporter: _Reporter) -> None:
        super().__init__(total, here, lambda text: None, terminal=False)
        self._reporter = reporter

    def show(self) -> None:
        """Tell the row how far it is. Raises StoppedError."""
        self._reporter.told(self.done, self.total, self.line())
