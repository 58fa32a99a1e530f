"""Taking a message needs nothing of Redis but the message."""

import psutil
import pytest
from celery import current_app
from kombu import Consumer, Queue

from config.broker import connect
from videogen import tasks

pytestmark = pytest.mark.xdist_group("stack")


def test_a_redis_that_stalls_while_a_message_is_done_with_leaves_no_consumer_deaf(redis_server):
    # Catches a worker that takes nothing any more: the acknowledgement fails, and the message counts as taken for ever.
    redis = psutil.Process(redis_server.pid)
    taken = []
    with connect(redis_server.url, timeout=5) as client, current_app.connection_for_read() as connection:
        client.flushall()
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        with Consumer(channel, queues=[Queue("videos")], on_message=taken.append, accept=["json"]):
            for number in (1, 2):
                tasks.run_next.apply_async(args=["videos"], queue="videos")
                connection.drain_events(timeout=5)
                assert len(taken) == number
                redis.suspend()
                try:
                    taken[-1].ack_log_error(current_app.log.get_default_logger(), connection.connection_errors)
                finally:
                    redis.resume()
                assert channel.qos.can_consume()
