"""kombu's Redis transport, for messages that only wake a worker: none is worth keeping, and none may end a worker.

The rows are the jobs, so nothing is written to Redis when a message is taken or done with (`ack_emulation` is off in
the settings): a Redis that is full or stalls at that moment stops nobody.
"""

import logging
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from itertools import product
from queue import Empty
from typing import Any, cast

from celery import current_app
from kombu.transport import redis
from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import loads
from redis.exceptions import ResponseError

logger = logging.getLogger(__name__)

SHOWN = 80  # bytes of a message that the log repeats
LONGEST = 16 * 1024  # bytes; ours have less than one

_total = 0


def dropped_messages() -> int:
    """How many messages this process dropped since its start."""
    return _total


def drop(item: bytes, reason: str) -> None:
    """Count a message that is thrown away, and say so."""
    global _total
    _total += 1
    logger.warning("A message was dropped (%s): %r", reason, item[:SHOWN])


class BadMessageError(ValueError):
    """The reason why something on the list is no message of ours."""


def read(item: bytes) -> dict[str, Any]:
    """Read a message as Celery writes them, with the headers that ours need and no other. Raises BadMessageError."""
    try:
        message = loads(item.decode()) if len(item) <= LONGEST else None
    except (ValueError, RecursionError):
        message = None
    match message:
        case {
            "body": str() as body,
            "content-type": "application/json",
            "content-encoding": "utf-8",
            "headers": {"task": str() as task, "id": str() as identity, **headers},
            "properties": {
                "body_encoding": "base64",
                "delivery_tag": str(),
                "delivery_info": {"exchange": str(), "routing_key": str()},
            },
        }:
            if task not in current_app.tasks:
                raise BadMessageError("there is no such task")
            _check_arguments(body)
            ours = {"lang": "py", "task": task, "id": identity, "root_id": identity, "expires": headers.get("expires")}
            _check_date(ours["expires"])
            return cast("dict[str, Any]", message) | {"headers": ours}
    raise BadMessageError("it is no message of Celery's")


def _check_arguments(body: str) -> None:
    """Raises BadMessageError unless the body holds a call: positional arguments, named ones, and options."""
    try:
        match loads(b64decode(body, validate=True).decode()):
            case [list(), dict(), dict()]:
                return
    except (ValueError, RecursionError):
        pass
    raise BadMessageError("its body cannot be read")


def _check_date(expires: object) -> None:
    try:
        if expires is not None:
            datetime.fromisoformat(str(expires))
    except ValueError:
        raise BadMessageError("it expires at no time") from None


def _means_no_list(error: ResponseError) -> bool:
    return "WRONGTYPE" in str(error)  # a pipeline puts its own words before it


class Channel(redis.Channel):
    """A channel that takes any bytes off the list, and hands on what is a message."""

    connection_errors: tuple[type[BaseException], ...]  # of the library, whose types lack them
    _queue_cycle: Any
    _flush_brpop_reauth: Any
    _q_for_pri: Any

    def _brpop_read(self, **options: Any) -> bool:
        """Read the answer to BRPOP. The library ends the worker's loop where an item is not JSON."""
        try:
            answer = self.client.parse_response(self.client.connection, "BRPOP", **options)
        except self.connection_errors:
            self.client.connection.disconnect()  # the next round connects again
            raise
        except ResponseError as error:
            if not _means_no_list(error):
                raise
            self._remove_no_lists(self.active_queues)
            raise Empty from error
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()
        if not answer:
            raise Empty
        queue = bytes_to_str(answer[0]).rsplit(self.sep, 1)[0]
        self._queue_cycle.rotate(queue)
        self.deliver(answer[1], queue)
        return True

    def _size(self, queue: str) -> int:
        try:
            return int(super()._size(queue))
        except ResponseError as error:
            if not _means_no_list(error):
                raise
            self._remove_no_lists([queue])
            return 0

    def _remove_no_lists(self, queues: Iterable[str]) -> None:
        """Remove what stands in the place of a queue and is no list: nobody could ever send to it or take from it."""
        with self.conn_or_acquire() as client:
            for queue, priority in product(queues, self.priority_steps):
                key = self._q_for_pri(queue, priority)
                if client.type(key) not in (b"list", b"none"):
                    client.delete(key)
                    drop(key.encode(), "it stood where a list of messages belongs")

    def deliver(self, item: bytes, queue: str) -> None:
        """Hand a message to its consumer; drop what is none, or what its consumer cannot take."""
        try:
            message = read(item)
        except BadMessageError as error:
            drop(item, str(error))
            return
        try:
            self.connection._deliver(message, queue)
        except self.connection_errors + self.connection.channel_errors:
            raise
        except Exception as error:
            drop(item, f"{type(error).__name__}: {error}")
            self.qos.ack(message["properties"]["delivery_tag"])  # or the worker would wait for its end


class Transport(redis.Transport):
    """The transport of redis:// and rediss://, see config.celery."""

    Channel = Channel
