"""What the parent process of a worker looks after: that its child lives and works, and that no row waits unheard.

The child cannot tell of itself when it is stopped, or when a library holds the interpreter's lock. Its lease tells: it
is renewed by the child only, and only while there is progress (videogen.worker.progress).
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from celery.worker import state
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from videogen.media import storage
from videogen.models import PLANNED_STOP, QUEUES, Job, Worker, held_by, is_waiting
from videogen.wake import wake_workers

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
BEAT_SECONDS = 1.2 * settings.HEARTBEAT_SECONDS  # a child that lives renews its lease in less
DEAF_SECONDS = 60.0  # rows wait and this worker does nothing
DEAF = 76  # exit status of a worker that hears nothing; whoever started it starts it again


class Watch:
    """The looks of one worker. Times are monotonic: a clock that is set changes nothing."""

    def __init__(self, consumer: Any, worker: str) -> None:
        self.hostname = str(consumer.hostname)
        self._consumer = consumer
        self._worker = worker
        self._queues = sorted(set(consumer.app.amqp.queues.consume_from) & set(QUEUES))
        self._in_vain_since: float | None = None
        self._beats: dict[tuple[UUID, datetime | None], float] = {}  # heartbeats, and when each was first seen
        self._held: dict[UUID, Job] = {}  # at the last look
        self._taken: dict[UUID, Job] = {}  # held before, and since put back or claimed by somebody else

    def begin(self) -> None:
        """Look every few seconds from now on, in the worker's own loop."""
        if self._queues:
            self._consumer.timer.call_repeatedly(LOOK_SECONDS, self.look)

    def look(self) -> None:
        """End a child that hangs, wake this worker for rows it has not heard of, end it where it stays deaf."""
        close_old_connections()
        try:
            if not self._end_hung_child():
                self._look_for_taken()
                self._look_for_waiting()
        except DatabaseError as error:
            logger.warning("The table could not be looked at: %s", error)

    def children(self) -> list[int]:
        """The process ids of the processes that compute: one."""
        pool = getattr(self._consumer.pool, "_pool", None)
        return [process.pid for process in getattr(pool, "_pool", [])]

    def end_child_within_grace(self, leave: Callable[[], None]) -> None:
        """See to it that the row goes back to the queue before whoever stops this worker loses patience."""
        if self._queues:
            end_within_grace(self.children(), self._queues, self._worker, leave)

    def _end_hung_child(self) -> bool:
        """Kill the child whose lease ran out and put its row back, as a loss. Whether there was one.

        A clock that was set does not count: a child that lives renews its lease within HEARTBEAT_SECONDS.
        """
        now = time.monotonic()
        beats = {(row.pk, row.heartbeat_at): row for queue in self._queues for row in held_by(queue, self._worker)}
        self._beats = {beat: self._beats.get(beat, now) for beat in beats}
        silent = [row for beat, row in beats.items() if now - self._beats[beat] > BEAT_SECONDS]
        hung = [row for row in silent if row.mine.stalled().exists()]
        if not hung:
            return False
        logger.critical("The process that makes %s has stopped without an end; it is killed.", hung[0])
        kill(self.children())
        for row in hung:
            row.release_stalled()
        return True

    def _look_for_taken(self) -> None:
        """End a child that at two looks was busy with a row which somebody else had put back."""
        held = {row.pk: row for queue in self._queues for row in held_by(queue, self._worker)}
        gone = {key: row for key, row in (self._held | self._taken).items() if key not in held}
        taken = {key: row for key, row in gone.items() if row.rows().live().filter(pk=key).exists()}
        if state.active_requests and not held and taken.keys() & self._taken.keys():
            row = next(iter(taken.values()))
            logger.critical("The process still makes %s, which was taken away; it is killed.", row)
            kill(self.children())
            taken = {}
        self._held, self._taken = held, taken if state.active_requests else {}

    def _look_for_waiting(self) -> None:
        if not self._leaves_waiting():
            self._in_vain_since = None
            return
        now = time.monotonic()
        self._in_vain_since = self._in_vain_since or now
        if now - self._in_vain_since > DEAF_SECONDS:
            logger.critical("Jobs wait and this worker has not taken one for %.0f s. It ends.", DEAF_SECONDS)
            kill(self.children())
            vars(state)["should_stop"] = DEAF  # its types know no number there

    def _holds_off(self) -> bool:
        """Whether the child failed to keep a file. It is woken all the same, to look again when it is time to."""
        holds = Worker.objects.filter(name=self.hostname).exclude(fault="").exists()
        if holds:
            for queue in self._queues:
                wake_workers(queue)
        return holds

    def _leaves_waiting(self) -> bool:
        """Whether a row waits that this worker should have taken; it is woken for it."""
        if (
            storage.trouble()
            or self._holds_off()
            or any(True for queue in self._queues for _row in held_by(queue, self._worker))
        ):
            return False
        waiting = [queue for queue in self._queues if is_waiting(queue)]
        # A broker that takes no message is not a worker that hears none.
        return bool(waiting) and all(list(map(wake_workers, waiting)))


def kill(children: Iterable[int]) -> None:
    """Kill processes without asking."""
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def end_within_grace(
    children: Iterable[int], queues: Iterable[str], worker: str, leave: Callable[[], None]
) -> threading.Thread:
    """Have a thread wait until the child has put its row back by itself; else kill it, put the row back, and leave.

    That the worker was asked to stop is no loss, whatever the child was doing. `leave` ends this process: Celery would
    wait for the child's answer.
    """

    def wait() -> None:
        give_up = time.monotonic() + settings.WORKER_STOP_SECONDS
        while (held := _held(queues, worker)) and time.monotonic() < give_up:
            time.sleep(0.2)
        if held:
            logger.warning("The process that makes %s does not stop by itself; it is killed.", held[0])
            kill(children)
            for row in held:
                row.release(PLANNED_STOP, lost=False)
            leave()
        connection.close()

    thread = threading.Thread(target=wait, name="stop", daemon=True)
    thread.start()
    return thread


def _held(queues: Iterable[str], worker: str) -> list[Job]:
    close_old_connections()
    with suppress(DatabaseError):
        return [row for queue in queues for row in held_by(queue, worker)]
    return []
