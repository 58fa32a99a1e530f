"""How the queues and the takes stand, in numbers: for /metrics and the console's start page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from videogen.models import LIVE, QUEUES, Status


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue. Times in seconds, None where there is nothing to measure."""

    queue: str
    queued: int
    running: int
    oldest_queued: float | None  # since the job that waits longest was asked for
    oldest_heartbeat: float | None  # since the running job that has been silent longest was heard of


def queue_states(now: datetime) -> list[QueueState]:
    """Return how each queue stands; a query for each kind of row in each queue. now: the database's time."""
    return [_state(queue, now) for queue in QUEUES]


def _state(queue: str, now: datetime) -> QueueState:
    queued, running = Q(status=Status.QUEUED), Q(status=Status.RUNNING)
    rows = [
        kind.objects.of_queue(queue)
        .filter(status__in=LIVE)
        .order_by()
        .aggregate(
            queued=Count("pk", filter=queued),
            running=Count("pk", filter=running),
            asked_at=Min("created_at", filter=queued),
            heard_at=Min("heartbeat_at", filter=running),
        )
        for kind in QUEUES[queue]
    ]
    return QueueState(
        queue,
        sum(row["queued"] for row in rows),
        sum(row["running"] for row in rows),
        _age(now, [row["asked_at"] for row in rows]),
        _age(now, [row["heard_at"] for row in rows]),
    )


def _age(now: datetime, times: list[datetime | None]) -> float | None:
    known = [time for time in times if time is not None]
    return max(0.0, (now - min(known)).total_seconds()) if known else None
