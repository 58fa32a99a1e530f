"""When beat sends what, by a clock that nobody sets."""

from datetime import datetime
from time import monotonic
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedstate, schedule

FIRST_SECONDS = 60.0  # after beat's start even the work of every hour is done: beat may never run for an hour


class Every(schedule):
    """Due each so many seconds. Celery's own looks at the time of day: set back an hour, nothing is sent for an hour.

    Kept in memory only: nothing is lost with it, and a file could fill or break.
    """

    def __init__(self, seconds: float, **options: Any) -> None:
        super().__init__(seconds, **options)
        self._due_at = monotonic() + min(seconds, FIRST_SECONDS)

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Tell whether it is due, and in how many seconds to ask again."""
        now = monotonic()
        if now < self._due_at:
            return schedstate(False, self._due_at - now)
        self._due_at = now + self.seconds
        return schedstate(True, self.seconds)

    def __reduce__(self) -> tuple[type["Every"], tuple[float]]:
        return self.__class__, (self.seconds,)


class SteadyScheduler(Scheduler):
    """Beat's scheduler, with its queue of what comes next in order of the same clock."""

    def _when(self, entry: ScheduleEntry, next_time_to_run: float, **options: Any) -> float:
        return monotonic() + next_time_to_run
