"""Progress, lease and cancel of one running generation, from inside the worker.

The pipeline calls the reporter at every step. The row hears of it at most once a second. Between steps a thread
renews the lease, but only as long as the last progress is fresh for its phase: a hang lets the lease run out, and
ends this process so that Celery starts another in its place.
"""

import logging
import os
import threading
import time
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection

from videogen import estimates
from videogen.errors import Cancelled, Interrupted
from videogen.failpoints import Point, reach
from videogen.models import Job, Status, Worker
from videogen.phase import Phase
from videogen.pipelines import PipelineInfo
from videogen.pipelines.base import OnStep
from videogen.worker.presence import is_draining

logger = logging.getLogger(__name__)

# Seconds without progress after which a phase counts as hung.
PATIENCE = {
    Phase.LOADING: 300,
    Phase.ENCODING: 120,
    Phase.DENOISING: 60,
    Phase.DECODING: 180,
    Phase.SAVING: 120,
}
FIRST_TIME = 10  # times as long, where this machine has not made anything with this model yet
_POINTS: dict[Phase, Point] = {
    Phase.LOADING: "loading",
    Phase.DENOISING: "denoising",
    Phase.DECODING: "decoding",
}
INTERVAL = 1.0  # seconds between two writes from the step callback
HUNG = 75  # exit status of a process that found itself hung


def patience_with(generation: Job) -> dict[Phase, float]:
    """Return the seconds without progress after which each phase of this job counts as hung.

    It grows with the work: no phase takes twice as long as the whole of such a job did elsewhere. What this machine
    never made with this model is given far more: kernels are compiled, files are read for the first time.
    """
    machine = generation.worker.partition("@")[2].rpartition("/")[0]
    runs = generation.rows().filter(model=generation.model, status=Status.SUCCEEDED)
    if not runs.filter(worker__contains=f"@{machine}/").exists():
        return {phase: FIRST_TIME * seconds for phase, seconds in PATIENCE.items()}
    expected = estimates.seconds_for(generation.KIND, generation.model, generation.pixel_steps) or 0
    return {phase: max(seconds, 2 * expected) for phase, seconds in PATIENCE.items()}


class Reporter:
    """Call it with (phase, step, steps). Raises Cancelled or Interrupted when the work should end."""

    def __init__(self, generation: Job) -> None:
        self._generation = generation
        self._now: tuple[Phase, int, int] = (Phase.LOADING, 0, 0)
        self._fresh_at = time.monotonic()
        self._written_at = float("-inf")
        self._slowest_step = 0.0
        self._patience = patience_with(generation)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_lease, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def __call__(self, phase: Phase, step: int = 0, steps: int = 0) -> None:
        now = time.monotonic()
        if phase == self._now[0] == Phase.DENOISING:
            self._slowest_step = max(self._slowest_step, now - self._fresh_at)
        news = phase != self._now[0]
        self._now, self._fresh_at = (phase, step, steps), now
        if is_draining():
            raise Interrupted
        if news or now - self._written_at >= INTERVAL:
            self._written_at = now
            if not self._beat():
                raise Cancelled
        if phase in _POINTS:
            reach(_POINTS[phase])

    def _beat(self) -> bool:
        close_old_connections()
        try:
            return self._generation.beat(*self._now, lease=timedelta(seconds=settings.LEASE_SECONDS))
        except (OperationalError, InterfaceError) as error:
            # The work need not end because the database is away for a moment; the lease decides for how long.
            logger.warning("Progress of %s could not be written: %s", self._generation.pk, error)
            return True

    def _keep_lease(self) -> None:
        try:
            while not self._over.wait(settings.HEARTBEAT_SECONDS):
                phase = self._now[0]
                silent = time.monotonic() - self._fresh_at
                if silent > max(self._patience[phase], 3 * self._slowest_step):
                    logger.critical("%s hangs while %s, silent for %.0f s.", self._generation.pk, phase, silent)
                    with suppress(DatabaseError):  # else whoever follows in this place puts it back
                        self._generation.release_stalled()
                    os._exit(HUNG)
                self._beat()
        finally:
            connection.close()


def noting_loaded(on_step: OnStep, hostname: str, model: PipelineInfo, device: str) -> OnStep:
    """`on_step` that also records which model this worker holds in memory, and on which device.

    A pipeline tells of its loading only when it really loads, and another model has left by then. One without
    weights leaves the record alone: the model of the job before is kept.
    """
    row, told = Worker.objects.filter(name=hostname), None

    def step(phase: Phase, step: int = 0, steps: int = 0) -> None:
        nonlocal told
        on_step(phase, step, steps)
        held = "" if phase is Phase.LOADING else model.label
        if held != told:
            row.update(loaded=held, device=device)
            told = held

    return step if model.checkpoint else on_step
