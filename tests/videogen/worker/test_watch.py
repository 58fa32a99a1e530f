"""When a worker finds itself deaf, and how a hang is told."""

from types import SimpleNamespace

import pytest
from celery.worker import state

from config.broker import connect
from config.celery import app
from tests.fixtures.rows import expire_lease, queued_video, running_video
from videogen.models import Status
from videogen.worker import watch

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.django_db(transaction=True)]

NAME = "videos@here/4711"


@pytest.fixture
def deaf(redis_server, monkeypatch):
    """A worker of the queue videos that takes no message; it has no child and no loop."""
    amqp = SimpleNamespace(queues=SimpleNamespace(consume_from={"videos": None}))
    consumer = SimpleNamespace(app=SimpleNamespace(amqp=amqp), pool=None, hostname="videos@here")
    monkeypatch.setattr(state, "should_stop", None)
    with connect(redis_server.url, timeout=5) as client:
        client.flushall()
    return watch.Watch(consumer, NAME)


def test_a_worker_that_leaves_a_job_waiting_for_a_minute_ends_and_says_so(
    deaf, action, alice, start_frame, monkeypatch, caplog
):
    # Catches a worker that lives, hears nothing, and is restarted by nobody.
    deaf.look()
    queued_video(action, alice)
    deaf.look()
    assert state.should_stop is None
    monkeypatch.setattr(watch, "DEAF_SECONDS", 0.0)
    deaf.look()
    assert state.should_stop == watch.DEAF
    assert "Jobs wait and this worker has not taken one" in caplog.text


@pytest.mark.parametrize("reason", ["it has a job", "nothing waits", "its disk is full", "the broker is away"])
def test_a_worker_that_has_a_reason_to_take_nothing_goes_on(
    deaf, action, dialog, alice, start_frame, settings, monkeypatch, reason
):
    monkeypatch.setattr(watch, "DEAF_SECONDS", 0.0)
    if reason != "nothing waits":
        queued_video(action, alice)
    if reason == "it has a job":
        action.videos.get().claim(NAME)
    if reason == "its disk is full":
        settings.DISK_RESERVE_BYTES = 2**62
    if reason == "the broker is away":
        monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1")
    deaf.look()
    deaf.look()
    assert state.should_stop is None


def test_a_row_whose_lease_ran_out_under_a_living_parent_is_put_back_as_stalled(
    deaf, action, alice, start_frame, monkeypatch
):
    video = running_video(action, alice, worker=NAME)
    expire_lease(video)
    deaf.look()
    video.refresh_from_db()
    assert video.status == Status.RUNNING  # the clock may have been set: a living child renews its lease
    monkeypatch.setattr(watch, "BEAT_SECONDS", 0.0)
    deaf.look()
    video.refresh_from_db()
    assert (video.status, video.lost_attempts) == (Status.QUEUED, 1)


def test_a_job_that_stalls_three_times_is_told_as_stalled_and_not_as_a_lost_worker(action, alice, start_frame):
    # Catches "the worker was lost 3 times", which sends an operator to look for a machine that is well.
    video = queued_video(action, alice)
    for _ in range(3):
        video.refresh_from_db()
        assert video.claim(NAME)
        video.mine.update(phase="decoding")
        assert video.release_stalled()
    video.refresh_from_db()
    assert (video.status, video.error_code) == (Status.FAILED, "stalled")
    assert video.error.startswith("The worker stopped making progress while decoding.")
