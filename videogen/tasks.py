"""The Celery tasks. A message carries the name of a queue and nothing else."""

import logging
from typing import Any

from celery import Task, shared_task
from django.db import close_old_connections

from videogen import batches, obstacles, webhooks
from videogen.failpoints import reach
from videogen.media import storage, unfinished
from videogen.models import Frame, PeriodicRun, Video, VoiceSample, is_waiting
from videogen.wake import wake_workers
from videogen.worker import checkpoints, current, presence, run, voice
from videogen.worker import reconcile as reconciling
from videogen.worker.hold import hold

logger = logging.getLogger(__name__)


@shared_task(name="videogen.tasks.run_next", bind=True)
def run_next(self: "Task[Any, Any]", queue: str) -> None:
    """Claim the best queued row of `queue` and make it; return quietly when there is none."""
    reach("received")
    close_old_connections()
    if presence.is_draining():
        return
    storage.sweep_parts()  # first: it may be what fills the disk
    unfinished.sweep()
    if trouble := storage.trouble():
        logger.error("No job of %s is claimed: %s", queue, trouble)
        return
    hostname = self.request.hostname or "worker"
    if hold.lasts(hostname):
        return
    worker = presence.identity(hostname)
    run.release_orphan(queue, worker)
    generation = run.claim_next(queue, worker)
    if generation is None:
        return
    reach("claimed")
    if is_waiting(queue):
        wake_workers(queue)  # another worker may be idle; this one will be told again as well
    with current.working_on(generation):
        run.make(generation, hostname)
    reach("recorded")
    if isinstance(generation, Frame) and is_waiting(Video.QUEUE):
        wake_workers(Video.QUEUE)  # its clip may have waited for it
    if isinstance(generation, Frame | Video) and generation.batch_id:
        batches.settle()
    if is_waiting(queue):
        wake_workers(queue)


@shared_task(name="videogen.tasks.reconcile")
def reconcile(by: str = "") -> None:
    """Every few seconds: release expired leases, send lost messages again. by: beat, where it asked for it."""
    close_old_connections()
    reconciling.reconcile()
    reconciling.mark_new_media()
    batches.settle()
    checkpoints.tend()
    PeriodicRun.objects.note(obstacles.SWEEP)
    if by == obstacles.BEAT:
        PeriodicRun.objects.note(obstacles.BEAT)
    webhooks.deliver()


@shared_task(name="videogen.tasks.sweep_files")
def sweep_files() -> None:
    """Every hour: delete what was removed long ago and old exports, and move files without a row to the trash."""
    close_old_connections()
    reconciling.sweep_removed()
    VoiceSample.sweep()
    reconciling.sweep_exports()
    try:
        PeriodicRun.objects.note(obstacles.FILES, reconciling.sweep_files())
    except reconciling.SweepRefusedError as refused:
        logger.error("No file was swept. %s", refused)


@shared_task(name="videogen.tasks.speak")
def speak(sample: int) -> None:
    """Speak a sample of a voice that nobody has spoken yet; return quietly when there is none."""
    close_old_connections()
    waiting = VoiceSample.objects.filter(pk=sample, sound=None, note="").first()
    if waiting is not None:
        voice.make_sample(waiting)
