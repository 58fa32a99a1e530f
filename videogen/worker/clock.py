"""Notices a clock that was set. Leases are compared with the clock of the database, which can be set like any other."""

from datetime import datetime, timedelta
from time import monotonic

from django.db import connection
from django.utils import timezone

TOLERANCE = timedelta(seconds=5)


class Clock:
    """Of one process: compares what passed on the database's clock with what really passed."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None

    def was_set(self) -> bool:
        """Whether the clock was set, forward or back, since the last question. False for the first."""
        now, at = database_time(), monotonic()
        last, self._last = self._last, (now, at)
        if last is None:
            return False
        return abs((now - last[0]) - timedelta(seconds=at - last[1])) > TOLERANCE


def database_time() -> datetime:
    """Ask the database for its time."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
            return datetime.fromisoformat(cursor.fetchone()[0])
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found if timezone.is_aware(found) else found.replace(tzinfo=timezone.get_default_timezone())
