"""What a worker does about its own faults: a deaf ear, a child that hangs, a stop in the middle of something long."""

import signal
import time

import psutil
import pytest

from tests.fixtures.rows import queued_video
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from tests.fixtures.standing import child_of, ended, running, statuses
from videogen import actions, wake
from videogen.models import Event, Status, Video

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture(autouse=True)
def _start(stack, action, dialog, alice):
    for block in (action, dialog):
        actions.upload_frame(block, "start", picture_file(), alice)


def notes(row) -> list[str]:
    return list(Event.objects.filter(generation_id=row.pk).values_list("note", flat=True))


def test_a_lost_message_costs_seconds(kept_worker, action, alice, monkeypatch):
    # Catches a row that waits for the next sweep because nobody heard of it.
    monkeypatch.setattr(wake, "wake_workers", lambda queue: True)
    video = queued_video(action, alice)
    wait_for(lambda: ended(video), 15)
    assert video.status == Status.SUCCEEDED


@pytest.mark.parametrize("model", ["loading", "grasping", "dawdling"])
def test_a_stop_in_the_middle_of_something_long_is_no_loss(stack, action, alice, model):
    # Catches three restarts during a long load, or during other work that looks at nothing, that end in crash_loop.
    worker = stack.worker("videos")
    video = queued_video(action, alice, model=model)
    wait_for(lambda: running(video, step=0) and video.phase == ("loading" if model == "loading" else "decoding"))
    time.sleep(1)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(30)
    took = time.monotonic() - began
    video.refresh_from_db()
    assert (video.status, video.lost_attempts) == (Status.QUEUED, 0)
    assert notes(video)[-1] == "its worker is shutting down"
    assert took < 6, f"{took:.1f} s: make run kills after 6"


@pytest.mark.parametrize("how", ["stopped", "holding the interpreter's lock"])
def test_a_child_that_is_stopped_or_holds_the_lock_is_ended_from_outside(stack, action, alice, held, how):
    # Catches a queue that nobody serves, because the one process that could tell does not run. No sweep runs here.
    worker = stack.worker("videos", LEASE_SECONDS="5", HEARTBEAT_SECONDS="2")
    video = queued_video(action, alice, model="held" if how == "stopped" else "grasping", steps=1)
    wait_for(lambda: running(video, step=int(how == "stopped")))
    child = child_of(worker)
    if how == "stopped":
        child.suspend()
        held.unlink()
    else:
        wait_for(lambda: video.refresh_from_db() or video.phase == "decoding")
        Video.objects.filter(pk=video.pk).update(model="slow", spec=video.spec | {"model": "slow", "steps": 1})
    wait_for(lambda: ended(video), 60)
    assert (video.status, video.lost_attempts) == (Status.SUCCEEDED, 1)
    assert statuses(video) == ["queued", "running", "queued", "running", "succeeded"]
    assert any(note.startswith("it stalled while") for note in notes(video)), notes(video)
    assert not psutil.pid_exists(child.pid)
