"""Answers that wait for a change: how long, for what, and how many at once."""

import threading
import time

import pytest
from django.db import connection, connections
from guardian.shortcuts import remove_perm

from api import long_poll
from tests.fixtures.callers import base
from tests.fixtures.rows import queued_frame, queued_video, running_video
from videogen.models import Video
from videogen.phase import Phase

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


class Call(threading.Thread):
    """A request in a thread of its own, as a server would serve it."""

    def __init__(self, client, url: str) -> None:
        super().__init__()
        self.client, self.url = client, url
        self.start()

    def run(self) -> None:
        began = time.monotonic()
        self.response = self.client.get(self.url)
        self.seconds = time.monotonic() - began
        connection.close()

    def answer(self):
        self.join(40)
        return self.response


def until(count: int) -> None:
    """Wait until so many wait."""
    for _ in range(400):
        if long_poll.watch.waiting == count:
            return
        time.sleep(0.01)
    raise AssertionError(f"{long_poll.watch.waiting} wait, not {count}")


def test_what_changes_is_answered_at_once(alices, action, start_frame, alice):
    video = queued_video(action, alice)
    call = Call(alices, f"{base(action)}/video?wait=30")
    until(1)
    assert video.claim("worker-1")
    answer = call.answer()
    assert answer.json()["status"] == "running"
    assert call.seconds < 3
    until(0)


def test_a_new_phase_is_a_change_and_a_step_is_none(alices, action, start_frame, alice):
    video = running_video(action, alice)
    call = Call(alices, f"{base(action)}/video?wait=30")
    until(1)
    Video.objects.update(step=5, steps=28)
    time.sleep(4 * long_poll.LONGEST)
    assert long_poll.watch.waiting == 1
    Video.objects.filter(pk=video.pk).update(phase=Phase.DENOISING)
    assert call.answer().json()["progress"] | {"etaSeconds": 0} == {
        "phase": "denoising",
        "step": 5,
        "steps": 28,
        "etaSeconds": 0,
        "queuePosition": None,
    }


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """For how long each request that waits was to wait, in seconds."""
    asked: list[float] = []
    wait = long_poll.watch.wait

    def noting(row, seconds: float) -> bool:
        asked.append(seconds)
        return wait(row, seconds)

    monkeypatch.setattr(long_poll.watch, "wait", noting)
    return asked


def test_nothing_happening_is_answered_when_the_time_is_over(alices, action, start_frame, alice, waits):
    queued_video(action, alice)
    began = time.monotonic()
    assert alices.get(f"{base(action)}/video?wait=1").json()["status"] == "queued"
    assert time.monotonic() - began >= 1
    assert waits == [1]


def test_what_is_final_is_answered_without_waiting(alices, action, start_frame, alice, waits):
    queued_video(action, alice)
    alices.post(f"{base(action)}/video/cancel")
    assert alices.get(f"{base(action)}/video?wait=30").json()["status"] == "cancelled"
    assert waits == []


def test_frames_can_be_waited_for_as_well(alices, action, start_frame, alice, waits):
    assert alices.get(f"{base(action)}/frames/start?wait=30").json()["status"] == "succeeded"
    assert waits == []
    frame = queued_frame(action, alice, role="start")
    call = Call(alices, f"{base(action)}/frames/start?wait=30")
    until(1)
    assert frame.claim("worker-1")
    assert call.answer().json()["status"] == "running"
    assert waits == [30]


def test_a_video_that_is_deleted_meanwhile_is_gone(alices, action, start_frame, alice):
    queued_video(action, alice)
    call = Call(alices, f"{base(action)}/video?wait=30")
    until(1)
    Video.objects.all().delete()
    assert call.answer().status_code == 404


def test_a_right_that_is_taken_away_meanwhile_is_gone(bob, bobs, action, start_frame, alice):
    video = queued_video(action, alice)
    call = Call(bobs, f"{base(action)}/video?wait=30")
    until(1)
    remove_perm("view_scene", bob, action.scene)
    assert video.claim("worker-1")
    assert call.answer().status_code == 404


def test_one_more_than_there_are_places_is_answered_at_once(alices, action, start_frame, alice, monkeypatch):
    monkeypatch.setattr(long_poll, "watch", long_poll.Watch(2))
    queued_video(action, alice)
    calls = [Call(alices, f"{base(action)}/video?wait=30") for _ in range(2)]
    until(2)
    assert not long_poll.watch.wait(Video.objects.get(), 30)  # it would say that it waited
    assert alices.get(f"{base(action)}/video?wait=30").json()["status"] == "queued"
    Video.objects.get().claim("worker-1")
    assert [call.answer().json()["status"] for call in calls] == ["running", "running"]
    assert alices.get(f"{base(action)}/video?wait=1").status_code == 200  # the places are free again


def test_whoever_waits_holds_no_connection_to_the_database(action, start_frame, alice):
    video = queued_video(action, alice)
    held = []

    def wait() -> None:
        Video.objects.get()
        assert connections["default"].connection is not None
        long_poll.watch.wait(video, 1)
        held.append(connections["default"].connection)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    assert held == [None]


def test_a_server_that_is_asked_to_end_answers_everybody(alices, action, start_frame, alice, monkeypatch):
    queued_video(action, alice)
    call = Call(alices, f"{base(action)}/video?wait=30")
    until(1)
    monkeypatch.setattr(long_poll.watch, "is_stopping", lambda: True)
    assert call.answer().json()["status"] == "queued"
    assert call.seconds < 3
