"""Expected durations, learned from this installation's own finished runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from videogen.models import KINDS, Status, Video, Work
from videogen.phase import Phase
from videogen.pipelines.registry import MODELS

RUNS = 40  # how many of the latest runs of a model are looked at
TELLING = 0.1  # of a first run's steps: the pace of fewer is mostly that of what came before them
NEAREST = 5  # how many of them, the nearest in size, decide


def seconds_for(kind: str, model: str, pixel_steps: int, *, has_end: bool | None = None) -> float | None:
    """Predict the seconds for a job of `pixel_steps` by `model`, None before its first run. One query.

    has_end: of a video, whether it goes to an end frame, which may take many times as long. Only runs like it count.
    """
    return predict(_runs_of(kind, model, has_end), pixel_steps)


def _runs_of(kind: str, model: str, has_end: bool | None) -> list[tuple[int, float]]:
    """Read the latest finished runs of a model: pixel-steps and seconds of each.

    Not those that may have gone on where an attempt before them was lost: their seconds are of a part of the work.
    """
    found = KINDS[kind].objects.filter(
        model=model, status=Status.SUCCEEDED, pixel_steps__gt=0, started_at__isnull=False
    )
    if (info := MODELS.get(kind, {}).get(model)) and info.resumes:  # a rewrite has no pipeline
        found = found.filter(attempt=1)
    if has_end is not None:
        found = found.exclude(end_sha256="") if has_end else found.filter(end_sha256="")
    runs = found.order_by("-finished_at").values_list("pixel_steps", "started_at", "finished_at")[:RUNS]
    return [(size, (end - start).total_seconds()) for size, start, end in runs if end]


def predict(runs: Sequence[tuple[int, float]], pixel_steps: int) -> float | None:
    """Multiply the median rate of the runs nearest in size by `pixel_steps`. runs: (pixel-steps, seconds)."""
    if not runs:
        return None
    nearest = sorted(runs, key=lambda run: max(run[0], pixel_steps) / min(run[0], pixel_steps))[:NEAREST]
    return median(seconds / size for size, seconds in nearest) * pixel_steps


@dataclass(frozen=True, slots=True)
class GenerationProgress:
    """What a card shows of a live generation. Times in seconds; position 1 is next."""

    phase: str
    step: int
    steps: int
    elapsed: float
    eta: float | None
    queue_position: int | None

    @property
    def percent(self) -> int | None:
        """How much of the expected time is over, None where there is no way to tell."""
        if self.eta is not None and self.elapsed + self.eta > 0:
            return min(99, round(100 * self.elapsed / (self.elapsed + self.eta)))
        return round(100 * self.step / self.steps) if self.steps else None


def progress_of(generation: Work) -> GenerationProgress:
    """Return the progress of a generation now; at most two queries, none for a final one."""
    return Forecasts().progress_of(generation)


class Forecasts:
    """The progress of many generations at one moment: one query for each model and for each queue.

    A model's videos with an end frame and those without count as two models.
    """

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str, bool | None], list[tuple[int, float]]] = {}
        self._places: dict[str, dict[UUID, int]] = {}

    def progress_of(self, generation: Work) -> GenerationProgress:
        """Return the progress of one generation; no query for a final one."""
        if not generation.is_live:
            return GenerationProgress(
                generation.phase, generation.step, generation.steps, generation.seconds or 0, None, None
            )
        expected = self.expected_of(generation)
        if generation.status == Status.QUEUED:
            waited = (timezone.now() - generation.created_at).total_seconds()
            return GenerationProgress(generation.phase, 0, 0, waited, expected, self._place(generation))
        elapsed = generation.seconds or 0.0
        left = left_of(elapsed, expected, generation.phase, generation.step, generation.steps)
        return GenerationProgress(generation.phase, generation.step, generation.steps, elapsed, left, None)

    def expected_of(self, generation: Work) -> float | None:
        """Predict how many seconds the whole run of a row takes, None before the first run of its model."""
        has_end = bool(generation.end_sha256) if isinstance(generation, Video) else None
        return self.expect(generation.KIND, generation.model, generation.pixel_steps, has_end)

    def expect(self, kind: str, model: str, pixel_steps: int, has_end: bool | None) -> float | None:
        """Predict as `seconds_for` does, with one query for each model."""
        key = (kind, model, has_end)
        if key not in self._runs:
            self._runs[key] = _runs_of(*key)
        return predict(self._runs[key], pixel_steps)

    def _place(self, generation: Work) -> int | None:
        kind = generation.KIND
        if kind not in self._places:
            order = KINDS[kind].objects.queued_in_order().values_list("pk", flat=True)
            self._places[kind] = {pk: place for place, pk in enumerate(order, start=1)}
        return self._places[kind].get(generation.pk)


def left_of(elapsed: float, expected: float | None, phase: str, step: int, steps: int) -> float | None:
    """Tell how many seconds of a run are left; None where nothing is known of it. elapsed, expected: seconds.

    The pace of the steps corrects an estimate that was too low. It counts little at first, when most of the time so
    far was loading, and alone once the expected time and a quarter of the steps are over: so the seconds left rise in
    a ramp and never in a jump. A first run, which has no expected time, says nothing before its pace tells something.
    """
    share = step / steps if phase == Phase.DENOISING and 0 < step <= steps else 0.0
    if expected is None:
        return elapsed / share - elapsed if share >= TELLING else None
    if not share:
        return max(expected - elapsed, 0.0)
    by_pace, over = elapsed / share, min(elapsed / expected, 1.0) if expected else 1.0
    if over < 1:
        by_pace = max(by_pace, expected)  # a run that is ahead may still have to decode and save
    trust = over**2 * min(4 * share, 1.0)
    return max(expected * (1 - trust) + by_pace * trust - elapsed, 0.0)


def spell_seconds(seconds: float | None) -> str:
    """Spell a duration: 12.4 -> "12 s", 100 -> "1 min 40 s", 3700 -> "1 h 2 min"; nothing for None."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)d s") % {"seconds": rest}
