"""What lies in the Redis list and was never sent by us ends no worker, and stops none from taking the next job."""

import json
import subprocess

import pytest
from celery import current_app

from config.broker import connect
from tests.fixtures.rows import queued_video
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from videogen import actions
from videogen.models import Status, Worker

pytestmark = pytest.mark.xdist_group("stack")


def envelope(**changes) -> str:
    """A message as Celery sends it, with something changed."""
    properties = {
        "correlation_id": "1",
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "videos"},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": "1",
    }
    message = {
        "body": "W1sidmlkZW9zIl0sIHt9LCB7fV0=",
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": "videogen.tasks.run_next", "id": "1", "root_id": "1"},
        "properties": properties,
    }
    return json.dumps(message | changes)


NO_MESSAGES = [b"null", b"", b"not json", b"\xff\xfe", b"[]", b"3", b"{}", b'"text"', b'{"body": 1}', b"[" * 100_000]
SPOILT = [
    envelope(properties={}),
    envelope(properties=None),
    envelope(headers=None),
    envelope(headers=[]),
    envelope(headers={"task": ["a list"]}),
    envelope(headers={"task": "os.system", "id": "1"}),
    envelope(headers={"task": "videogen.tasks.run_next"}),
    envelope(headers={"task": "videogen.tasks.run_next", "id": "1", "eta": "yesterday"}),
    envelope(headers={"task": "videogen.tasks.run_next", "id": "1", "timelimit": "long"}),
    envelope(headers={"task": "videogen.tasks.run_next", "id": {"a": 1}}),
    envelope(body=None),
    envelope(body="!!"),
    envelope(body="bnVsbA=="),  # null
    envelope(body="W1tdLCBbXSwgW11d"),  # lists where keywords are to be
    envelope(**{"content-type": "application/x-python-serialize"}),
    envelope(**{"content-type": "application/x-nothing"}),
    envelope(**{"content-encoding": "klingon"}),
]


def test_junk_in_the_list_ends_no_worker_and_is_counted(stack, action, alice):
    # Catches a worker that leaves its loop over a message, and one that waits for ever to be done with it.
    actions.upload_frame(action, "start", picture_file(), alice)
    with connect(stack.redis.url, timeout=5) as client:
        client.set("videos", "no list")  # each look at it is an error
        worker = stack.worker("videos")
        wait_for(lambda: not client.exists("videos"))
        for junk in [*NO_MESSAGES, *SPOILT]:
            client.lpush("videos", junk)
        video = queued_video(action, alice)
        wait_for(lambda: video.refresh_from_db() or not video.is_live or worker.poll() is not None)
        assert worker.poll() is None, stack.log("videos")[-3000:]
        assert video.status == Status.SUCCEEDED
        wait_for(lambda: client.llen("videos") == 0)
    wait_for(lambda: Worker.objects.get().dropped_messages >= len(NO_MESSAGES))
    assert "A message was dropped" in stack.log("videos")


def test_a_full_redis_ends_no_worker_and_the_jobs_go_on(stack, action, alice):
    # Catches a worker that needs room in Redis to take a message off it.
    actions.upload_frame(action, "start", picture_file(), alice)
    worker = stack.worker("videos")
    with connect(stack.redis.url, timeout=5) as client:
        try:
            waiting = [queued_video(action, alice, model="slow", steps=1)]
            client.config_set("maxmemory", 1)
            wait_for(lambda: waiting[0].refresh_from_db() or not waiting[0].is_live or worker.poll() is not None)
            assert worker.poll() is None, stack.log("videos")[-3000:]
            assert waiting[0].status == Status.SUCCEEDED
        finally:
            client.config_set("maxmemory", 0)


def test_nobody_can_command_workers_through_redis(stack):
    # Catches remote control left on: whoever may write to Redis could end every worker.
    worker = stack.worker("videos")
    wait_for(lambda: "ready." in stack.log("videos"))
    for _ in range(4):  # what is sent before a worker listens is not heard
        current_app.control.broadcast("shutdown")
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(0.5)
    # A worker that obeys says so at once and ends later: it has a child to end first.
    assert "from remote" not in stack.log("videos")
