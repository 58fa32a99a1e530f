"""Messages to workers: one for each queue, and never a wait for whoever asks for a clip."""

import time

import psutil
import pytest

from config.broker import connect
from videogen.wake import wake_workers

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def broker(redis_server):
    with connect(redis_server.url, timeout=5) as client:
        client.flushall()
        yield client
        client.flushall()


@pytest.fixture
def frozen(redis_server):
    process = psutil.Process(redis_server.pid)
    yield process
    process.resume()


def test_one_message_waits_in_a_queue_however_many_rows_do(broker):
    # Catches hundreds of messages for nothing, each of which a worker has to take and put away.
    assert [wake_workers("videos") for _ in range(5)] == [True] * 5
    assert wake_workers("frames")
    assert (broker.llen("videos"), broker.llen("frames")) == (1, 1)


def test_waking_takes_no_longer_than_a_second_and_a_half_while_redis_is_frozen(broker, frozen):
    # Catches a page that hangs with the broker: the promise is 1.5 s for the whole request.
    assert wake_workers("videos")
    broker.flushall()
    for kept in (True, False):  # with a connection from before, and with none
        frozen.suspend()
        began = time.monotonic()
        assert not wake_workers("videos")
        took = time.monotonic() - began
        frozen.resume()
        assert took < 1.0, f"{took:.2f} s with{'' if kept else 'out'} a connection"
    assert wake_workers("videos")
    assert broker.llen("videos") >= 1
