"""When a plan would be done, given who works and what waits already: the queue played through in advance."""

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from videogen.estimates import Forecasts, left_of
from videogen.models import KINDS, Status, Worker
from videogen.plans import Item, Plan

Key = tuple[UUID, str]  # a block and a step


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job in the queue. turn: its round (see GenerationQuerySet.queued_in_order). ready: in seconds from now.

    key: of a job of the plan. after: the job among these that it waits for.
    """

    turn: int
    seconds: float
    ready: float = 0.0
    key: Key | None = None
    after: Key | None = None


def play(jobs: Iterable[Waiting], free: Sequence[float]) -> dict[Key, float]:
    """Give jobs to workers in the order of their rounds. Returns when those with a key end, in seconds from now.

    free: when each worker is done with what it makes now. A job that is not ready yet leaves its turn to the next.
    """
    workers = list(free)
    heapq.heapify(workers)
    order = sorted(jobs, key=lambda job: job.turn)  # stable: within a round as they came
    done: dict[Key, float] = {}

    def ready(job: Waiting) -> float:
        return max(job.ready, done.get(job.after, math.inf) if job.after else 0.0)

    while order and workers:
        at = heapq.heappop(workers)
        place = next((place for place, job in enumerate(order) if ready(job) <= at), None)
        if place is None:
            at = min(map(ready, order))
            place = next(place for place, job in enumerate(order) if ready(job) <= at)
        job = order.pop(place)
        heapq.heappush(workers, at + job.seconds)
        if job.key is not None:
            done[job.key] = at + job.seconds
    return done


def done_at(plan: Plan, person: User) -> datetime | None:
    """Tell when everything of a plan would be made, were it started now. None where nobody can tell: before a model's
    first run, or without a worker. A fixed number of queries.
    """
    if not plan.items or plan.seconds is None:
        return None
    forecasts = Forecasts()
    workers = Counter(queue for worker in Worker.objects.alive() for queue in worker.queues)
    frames, videos = ([item for item in plan.items if item.kind == kind] for kind in ("frame", "video"))
    ends: dict[Key, float] = {}
    if frames:
        ends = _ends("frame", frames, {}, person, workers["frames"], forecasts)
    last = max(ends.values(), default=0.0)
    if videos:
        found = _ends("video", videos, ends, person, workers["videos"], forecasts)
        last = max(found.values(), default=0.0) if found else 0.0
        ends = found
    return timezone.now() + timedelta(seconds=last) if ends else None


def _ends(
    kind: str,
    items: Sequence[Item],
    ready: Mapping[Key, float],
    person: User,
    workers: int,
    forecasts: Forecasts,
) -> dict[Key, float]:
    """Play the queue of a kind with these jobs behind what waits in it. Two queries, one more for each model."""
    running = list(KINDS[kind].objects.filter(status=Status.RUNNING))
    left = [
        left_of(row.seconds or 0.0, forecasts.expected_of(row), row.phase, row.step, row.steps) or 0.0
        for row in running
    ]
    free = sorted([*left, *([0.0] * max(0, workers - len(left)))])[: max(workers, 0)]
    waiting = list(KINDS[kind].objects.queued_in_order().defer("spec"))
    jobs = [Waiting(row.round, forecasts.expected_of(row) or 0.0) for row in waiting]
    mine = sum(row.requested_by_id == person.pk for row in (*running, *waiting))
    jobs += [
        Waiting(
            mine + number,
            item.seconds or 0.0,
            ready.get((item.block.pk, item.after), 0.0),
            (item.block.pk, item.step),
            (item.block.pk, item.after) if item.after and kind == "frame" else None,
        )
        for number, item in enumerate(items, start=1)
    ]
    return play(jobs, free)
