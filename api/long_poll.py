"""Long polling: requests that wait for a row to change. One thread asks the database for all of them."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, connection, models

logger = logging.getLogger(__name__)

# Seconds between two queries: SHARE of the time that the newest waiter has waited, within the bounds. A change is seen
# soon in the first seconds, and long waits cost few queries.
SHORTEST, LONGEST, SHARE = 0.02, 0.25, 0.02
Look = tuple[str, str]  # status and phase: a change of either ends the waiting, a step does not


@dataclass(eq=False, slots=True)
class _Waiter:
    model: type[models.Model]
    pk: UUID
    seen: Look
    since: float = field(default_factory=time.monotonic)
    changed: threading.Event = field(default_factory=threading.Event)


class Watch:
    """Lets up to `slots` threads of this process wait for rows to change, at the price of one query for all of them."""

    def __init__(self, slots: int) -> None:
        self._free = threading.Semaphore(slots)
        self._lock = threading.Lock()
        self._waiters: set[_Waiter] = set()
        self._is_watching = False
        self.is_stopping: Callable[[], bool] = lambda: False

    def wait(self, row: Any, seconds: float) -> bool:
        """Wait until the row has another status or phase, or is gone, or `seconds` have passed.

        Returns False at once when all slots are taken. The caller's database connection is closed meanwhile.
        """
        if not self._free.acquire(blocking=False):
            return False
        waiter = _Waiter(type(row), row.pk, (row.status, row.phase))
        try:
            if not connection.in_atomic_block:
                connection.close()
            self._enter(waiter)
            waiter.changed.wait(seconds)
        finally:
            with self._lock:
                self._waiters.discard(waiter)
            self._free.release()
        return True

    @property
    def waiting(self) -> int:
        """How many threads wait now."""
        return len(self._waiters)

    def _enter(self, waiter: _Waiter) -> None:
        with self._lock:
            self._waiters.add(waiter)
            if not self._is_watching:
                self._is_watching = True
                threading.Thread(target=self._watch, name="waiting", daemon=True).start()

    def _watch(self) -> None:
        """Look at the rows until nobody waits any more, on a database connection of the thread's own."""
        pause = threading.Event()
        try:
            while waiters := self._present():
                for waiter in self._changed(waiters):
                    waiter.changed.set()
                pause.wait(_pause(waiters))
        finally:
            connection.close()

    def _present(self) -> list[_Waiter]:
        with self._lock:
            self._is_watching = bool(self._waiters)
            return list(self._waiters)

    def _changed(self, waiters: list[_Waiter]) -> list[_Waiter]:
        if self.is_stopping():
            return waiters  # the server is asked to end: everybody gets their answer now
        try:
            now = _looks(waiters)
        except Error as error:
            logger.warning("Waiting for changes failed (%s); those who wait are answered as things stand.", error)
            connection.close()
            return waiters
        return [waiter for waiter in waiters if now.get(waiter.pk) != waiter.seen]


def _pause(waiters: list[_Waiter]) -> float:
    waited = time.monotonic() - max(waiter.since for waiter in waiters)
    return min(LONGEST, max(SHORTEST, SHARE * waited))


def _looks(waiters: list[_Waiter]) -> dict[UUID, Look]:
    """Read status and phase of each row; a row that is gone is missing."""
    wanted: dict[type[models.Model], set[UUID]] = defaultdict(set)
    for waiter in waiters:
        wanted[waiter.model].add(waiter.pk)
    found: dict[UUID, Look] = {}
    for model, pks in wanted.items():
        rows = model._default_manager.filter(pk__in=pks).values_list("pk", "status", "phase")
        found |= {pk: (status, phase) for pk, status, phase in rows}
    return found


watch = Watch(settings.WAIT_SLOTS)
