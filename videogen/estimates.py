"""How long it will take, learned from this installation's own finished runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.utils import timezone

from videogen.models import KINDS, Generation, Status

RUNS = 40  # how many of the latest runs of a model are looked at
NEAREST = 5  # how many of them, the nearest in size, decide


def seconds_for(kind: str, model: str, work: int) -> float | None:
    """Expected seconds for `work` pixel-steps by `model`, or None before the first run of it. One query."""
    runs = (
        KINDS[kind]
        .objects.filter(model=model, status=Status.SUCCEEDED, work__gt=0, started_at__isnull=False)
        .order_by("-finished_at")
        .values_list("work", "started_at", "finished_at")[:RUNS]
    )
    return predict([(size, (end - start).total_seconds()) for size, start, end in runs if end], work)


def predict(runs: Sequence[tuple[int, float]], work: int) -> float | None:
    """The median rate of the runs nearest in size, times the work. runs: (pixel-steps, seconds)."""
    if not runs:
        return None
    nearest = sorted(runs, key=lambda run: max(run[0], work) / min(run[0], work))[:NEAREST]
    return median(seconds / size for size, seconds in nearest) * work


@dataclass(frozen=True, slots=True)
class Progress:
    """What a card shows of a live generation. Times in seconds; position 1 is next."""

    phase: str
    step: int
    steps: int
    elapsed: float
    eta: float | None
    queue_position: int | None

    @property
    def percent(self) -> int | None:
        """How much of the expected time is over, or None where there is no way to tell."""
        if self.eta is not None and self.elapsed + self.eta > 0:
            return min(99, round(100 * self.elapsed / (self.elapsed + self.eta)))
        return round(100 * self.step / self.steps) if self.steps else None


def progress_of(generation: Generation) -> Progress:
    """The progress of a generation now; at most two queries, none for a final one."""
    if not generation.is_live:
        return Progress(generation.phase, generation.step, generation.steps, generation.seconds or 0, None, None)
    expected = seconds_for(generation.KIND, generation.model, generation.work)
    if generation.status == Status.QUEUED:
        waited = (timezone.now() - generation.created_at).total_seconds()
        return Progress(generation.phase, 0, 0, waited, expected, _place(generation))
    elapsed = generation.seconds or 0.0
    return Progress(generation.phase, generation.step, generation.steps, elapsed, _left(generation, expected), None)


def _left(generation: Generation, expected: float | None) -> float | None:
    elapsed = generation.seconds or 0.0
    if expected is not None and elapsed < expected:
        return expected - elapsed
    # Longer than ever before, or the first run: the pace of the steps so far is what is left to go by.
    if generation.phase == Generation.Phase.DENOISING and 0 < generation.step <= generation.steps:
        return elapsed * (generation.steps - generation.step) / generation.step
    return None


def _place(generation: Generation) -> int | None:
    order = list(KINDS[generation.KIND].objects.queued_in_order().values_list("pk", flat=True))
    return order.index(generation.pk) + 1 if generation.pk in order else None
