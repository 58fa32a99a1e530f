"""What keeps jobs from being made: for /healthz, and for the card of a job that waits."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from videogen.media import storage
from videogen.models import QUEUES, Event, Frame, Job, PeriodicRun, Status, Video, Worker, running_in

PATIENCE = timedelta(seconds=60)  # how long an idle worker may leave a job waiting before it counts as deaf
ORDINARY_WAIT = 5.0  # seconds that every job may wait without a reason
SWEEP, FILES, BEAT = "reconcile", "sweep_files", "beat"  # what PeriodicRun knows
SWEEP_SILENCE = timedelta(seconds=4 * settings.RECONCILE_SECONDS)


def found() -> Iterator[str]:
    """Yield what an operator has to see to, one sentence each. Raises the database's errors."""
    if trouble := storage.trouble():
        yield trouble
    alive = list(Worker.objects.alive())
    for queue in settings.QUEUES:
        listening = [worker for worker in alive if queue in worker.queues]
        if not listening:
            yield f"No worker takes jobs from the queue {queue}."
        elif all(worker.hindrance for worker in listening):
            yield f"The workers of the queue {queue} take no jobs: {listening[0].hindrance}"
        elif _waits_in_vain(queue, len(listening)):
            yield f"Jobs wait in the queue {queue}, and a worker of it does nothing."
    if not PeriodicRun.objects.since(SWEEP, SWEEP_SILENCE):
        yield "Lost jobs are not looked for: beat, or the worker of the queue sweep, is silent."


def _waits_in_vain(queue: str, workers: int) -> bool:
    """Whether a job has waited longer than PATIENCE while fewer jobs run than there are workers."""
    if running_in(queue) >= workers:
        return False
    events = Event.objects.filter(generation_id=OuterRef("pk")).order_by().values("generation_id")
    latest = Subquery(events.annotate(latest=Max("at")).values("latest"))
    return any(
        kind.objects.of_queue(queue)
        .queued()
        .claimable_since(Now() - PATIENCE)
        .annotate(waits_since=latest)
        .filter(waits_since__lt=Now() - PATIENCE)
        .exists()
        for kind in QUEUES[queue]
    )


def why_waiting(row: Job, waited: float) -> str:
    """Say in a film person's words why a row is not being made although its turn may have come; mostly nothing.

    waited: seconds. One query, none for a row that has only just been queued.
    """
    if row.status != Status.QUEUED or waited < ORDINARY_WAIT:
        return ""
    awaited = row.awaits if isinstance(row, Frame | Video) else None
    if awaited is not None and awaited.is_live:
        return (
            _("Its end frame is made first.") if awaited.role == Frame.Role.END else _("Its start frame is made first.")
        )
    listening = [worker for worker in Worker.objects.alive() if row.queue in worker.queues]
    if not listening:
        return _("Nothing is made at the moment: no worker is running. Ask the operator to start one.")
    if all(worker.hindrance for worker in listening):
        return _("Nothing is made at the moment: finished files cannot be kept. Ask the operator to look at the disk.")
    return ""
