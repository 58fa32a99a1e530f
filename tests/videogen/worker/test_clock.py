"""Clocks that are set, forward and back."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from django.db.models import F
from django.utils import timezone

from config import schedule
from tests.fixtures.rows import queued_video, running_video
from videogen.models import Status, Worker
from videogen.worker import clock, reconcile

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

HOUR = timedelta(hours=1)


class Clocks:
    """A clock on the wall that can be set, and one that only runs."""

    def __init__(self) -> None:
        self.wall, self.running = datetime(2030, 1, 1, tzinfo=UTC), 1000.0

    def go_on(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.running += seconds


@pytest.fixture
def clocks(monkeypatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(clock, "database_time", lambda: clocks.wall)
    monkeypatch.setattr(clock, "monotonic", lambda: clocks.running)
    monkeypatch.setattr(reconcile, "_clock", clock.Clock())
    return clocks


def set_clock(generation, by: timedelta) -> None:
    """What is written in the row, seen from a clock that was set by so much."""
    generation.mine.update(heartbeat_at=F("heartbeat_at") - by, lease_until=F("lease_until") - by)


def status(row) -> str:
    row.refresh_from_db()
    return row.status


@pytest.mark.parametrize("by", [timedelta(seconds=120), -HOUR], ids=["forward 120 s", "back an hour"])
def test_a_clock_that_is_set_takes_no_job_from_a_worker_that_lives(action, alice, start_frame, clocks, by):
    # Catches a healthy job that is taken away in the middle of a silent decode.
    video = running_video(action, alice)
    reconcile.reconcile()
    clocks.go_on(15)
    clocks.wall += by
    set_clock(video, by)
    assert reconcile.reconcile() == 0
    assert video.beat("decoding", 0, 0, lease=timedelta(seconds=60))  # within ten seconds, as always
    clocks.go_on(15)
    assert reconcile.reconcile() == 0
    assert status(video) == Status.RUNNING


@pytest.mark.parametrize("by", [timedelta(seconds=120), -HOUR], ids=["forward 120 s", "back an hour"])
def test_a_worker_that_died_is_noticed_at_the_next_look_after_the_clock_was_set(action, alice, start_frame, clocks, by):
    video = running_video(action, alice)
    reconcile.reconcile()
    clocks.go_on(15)
    clocks.wall += by
    set_clock(video, by)
    reconcile.reconcile()
    clocks.go_on(15)
    assert reconcile.reconcile() == 1
    assert status(video) == Status.QUEUED


def test_a_machine_that_restarts_an_hour_behind_releases_its_jobs_at_once(action, alice, start_frame, clocks):
    # Catches a lease that lasts an hour: the block answers "already running", and nobody can stop it.
    video = running_video(action, alice)
    set_clock(video, -HOUR)
    assert reconcile.reconcile() == 1
    assert status(video) == Status.QUEUED


def test_stopping_a_job_of_a_dead_worker_is_final_at_once(action, alice, start_frame):
    video = running_video(action, alice, worker="videos@here/11")
    set_clock(video, -HOUR)
    assert video.cancel(alice)
    assert status(video) == Status.CANCELLED
    assert queued_video(action, alice).status == Status.QUEUED


@pytest.mark.parametrize(("pid", "silent", "ends"), [(11, 0, False), (11, 60, True), (12, 0, True)])
def test_a_worker_that_was_replaced_or_has_fallen_silent_counts_as_dead(action, alice, start_frame, pid, silent, ends):
    now = timezone.now()
    seen = now - timedelta(seconds=silent)
    Worker.objects.create(name="videos@here", pid=pid, queues=["videos"], started_at=now, seen_at=seen)
    video = running_video(action, alice, worker="videos@here/11")
    assert video.cancel(alice)
    assert status(video) == (Status.CANCELLED if ends else Status.RUNNING)


def test_a_clock_set_back_an_hour_stops_no_schedule(monkeypatch):
    # Catches a beat that sends nothing for an hour, while lost jobs stay lost.
    clocks = Clocks()
    monkeypatch.setattr(schedule, "monotonic", lambda: clocks.running)
    app = Celery(set_as_current=False)
    app.now = lambda: clocks.wall
    sent: list[float] = []

    class Noting(schedule.SteadyScheduler):
        producer = None  # no broker

        def apply_entry(self, entry, producer=None):
            sent.append(clocks.running)

    entry = {"task": "any", "schedule": schedule.Every(15)}
    scheduler = Noting(app, schedule={}, lazy=True)
    scheduler.update_from_dict({"reconcile": entry})
    for second in range(120):
        if second == 40:
            clocks.wall -= HOUR
        scheduler.tick()
        clocks.go_on(1)
    assert sent == [1000 + 15 * times for times in range(1, 8)]


def test_the_work_of_every_hour_is_done_soon_after_a_start(monkeypatch):
    # Catches a beat that is restarted every half hour and never sweeps.
    clocks = Clocks()
    monkeypatch.setattr(schedule, "monotonic", lambda: clocks.running)
    hourly = schedule.Every(3600)
    assert not hourly.is_due(clocks.wall).is_due
    clocks.go_on(61)
    assert hourly.is_due(clocks.wall) == (True, 3600)
    assert not hourly.is_due(clocks.wall).is_due
