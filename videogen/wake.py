"""Tell workers that a row waits. A message that is lost costs seconds: workers look at the table themselves."""

import logging
from contextlib import suppress
from typing import Any

from celery import current_app
from django.db import transaction
from kombu import Producer
from kombu.pools import producers
from redis.exceptions import TimeoutError as RedisTimeoutError

from videogen.failpoints import reach

logger = logging.getLogger(__name__)

SECONDS = 0.4  # for an answer of the broker: somebody waits for the page meanwhile
OPTIONS = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "max_retries": 0}


def wake_workers(queue: str) -> bool:
    """See to it that a message waits in the queue, one for all of its rows. False where the broker cannot take one.

    The one message suffices: whoever takes it claims a row, and wakes the next worker where more rows wait.
    """
    return _send("videogen.tasks.run_next", queue, [queue])


def wake_sweep() -> bool:
    """Have lost jobs and downloads looked for now, and not with the next beat. False where no message can be sent."""
    return _send("videogen.tasks.reconcile", "sweep", [])


def wake_speaker(sample: int) -> bool:
    """Have a sample of a voice spoken, by whoever sweeps: no clip in the making has to end first."""
    return _send("videogen.tasks.speak", "sweep", [sample], beside=True)


def _send(task: str, queue: str, arguments: list[Any], *, beside: bool = False) -> bool:
    """Send a message where none waits in the queue; beside: also where one does."""
    for last in (False, True):  # a connection that was kept may be of a broker that has been started again since
        try:
            connection = current_app.connection_for_write(transport_options=OPTIONS)
            with producers[connection].acquire(block=True, timeout=SECONDS) as producer:
                if beside or not _count(producer, queue):
                    current_app.send_task(task, args=arguments, queue=queue, producer=producer, retry=False)
            return True
        except Exception as error:  # whatever the client raises: the row is safe, its worker hears of it later
            if last or _is_frozen(error):
                logger.warning("No message could be sent to queue %s (%s); it will be sent again.", queue, error)
                return False
    return False


def _is_frozen(error: BaseException | None) -> bool:
    """Whether the broker took the connection and does not answer: asking again would only take longer."""
    while error is not None:
        if isinstance(error, RedisTimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _count(producer: Producer, queue: str) -> int:
    """Count the messages that wait in a queue; none where it was never used."""
    channel: Any = producer.channel  # the stubs know the channel of one transport only
    with suppress(*channel.connection.channel_errors):
        return int(channel.queue_declare(queue, passive=True).message_count)
    return 0


def wake_workers_on_commit(queue: str) -> None:
    """Wake the workers once the row can be seen by others; a broker that is down never fails the request."""

    def wake() -> None:
        reach("committed")
        wake_workers(queue)
        reach("woken")

    transaction.on_commit(wake, robust=True)
