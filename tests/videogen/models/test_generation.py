"""The life of a row: every transition, and everything that must not be one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.fixtures.rows import expire_lease, queued_frame, queued_video, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Event, Frame, Status, Video
from videogen.worker.reconcile import reconcile

pytestmark = pytest.mark.postgres

LEASE = timedelta(seconds=60)


def path_of(generation) -> list[tuple[str, str, int]]:
    events = Event.objects.filter(generation_id=generation.pk)
    return [(event.from_status, event.to_status, event.attempt) for event in events]


@pytest.fixture
def video(action, alice, start_frame) -> Video:
    return running_video(action, alice)


def test_a_claim_takes_the_row_once(action, alice, start_frame):
    video = queued_video(action, alice)
    twin = Video.objects.get(pk=video.pk)
    assert video.claim("worker-1")
    assert not twin.claim("worker-2")
    video.refresh_from_db()
    assert (video.status, video.attempt, video.worker) == (Status.RUNNING, 1, "worker-1")
    assert path_of(video) == [("", "queued", 0), ("queued", "running", 1)]


def test_a_worker_that_lost_its_lease_can_neither_beat_nor_finish_nor_fail(video):
    zombie = Video.objects.get(pk=video.pk)
    assert video.release("lost", lost=True)
    again = Video.objects.get(pk=video.pk)
    assert again.claim("worker-2")
    assert not zombie.beat("denoising", 1, 2, LEASE)
    assert not zombie.finish(file="videos/zombie.mp4")
    assert not zombie.fail("internal")
    assert not zombie.cancelled()
    again.refresh_from_db()
    assert (again.status, again.attempt, again.lost_attempts) == (Status.RUNNING, 2, 1)


def test_a_queued_row_is_cancelled_at_once_and_a_running_one_at_its_next_step(action, alice, start_frame):
    queued = queued_video(action, alice)
    assert queued.cancel(alice)
    queued.refresh_from_db()
    assert queued.status == Status.CANCELLED
    running = running_video(action, alice)
    assert running.beat("denoising", 1, 28, LEASE)
    assert running.cancel(alice)
    assert not running.beat("denoising", 2, 28, LEASE)
    assert running.cancelled()
    assert not running.cancel(alice)


def test_the_third_lost_worker_ends_a_row_with_a_sentence(video):
    for attempt in (1, 2):
        assert video.release("lost", lost=True)
        video.refresh_from_db()
        assert video.claim(f"worker-{attempt}")
    assert video.release("lost", lost=True)
    video.refresh_from_db()
    assert (video.status, video.error_code) == (Status.FAILED, "crash_loop")
    assert "3 times" in video.error


def test_a_planned_shutdown_puts_a_row_back_without_counting(video):
    assert video.release("shutdown", lost=False)
    video.refresh_from_db()
    assert (video.status, video.lost_attempts, video.worker, video.started_at) == (Status.QUEUED, 0, "", None)


def test_a_row_that_was_asked_to_stop_is_not_put_back(video, alice):
    video.cancel(alice)
    assert video.release("lost", lost=True)
    video.refresh_from_db()
    assert video.status == Status.CANCELLED


def test_there_is_one_live_video_per_block_and_the_second_click_is_shown_the_first(action, alice, start_frame):
    first = queued_video(action, alice)
    with pytest.raises(actions.AlreadyRunningError) as error:
        queued_video(action, alice)
    assert error.value.running == first
    assert Video.objects.count() == 1


def test_a_start_and_an_end_frame_may_be_made_side_by_side_but_not_two_of_a_role(action, alice):
    queued_frame(action, alice, role="start")
    queued_frame(action, alice, role="end")
    with pytest.raises(actions.AlreadyRunningError):
        queued_frame(action, alice, role="end")
    assert Frame.objects.count() == 2


@pytest.mark.parametrize(
    "nonsense",
    [
        {"status": "paused"},
        {"status": Status.SUCCEEDED},  # without a file
        {"file": "videos/x.mp4"},  # without success
        {"status": Status.FAILED},  # without a code
        {"error_code": "internal"},  # without a failure
        {"is_current": True},  # without being finished
        {"number": 1},  # the same
        {"status": Status.SUCCEEDED, "file": "videos/x.mp4"},  # without a number
    ],
)
def test_the_database_refuses_nonsense(video, nonsense):
    with pytest.raises(IntegrityError), transaction.atomic():
        Video.objects.filter(pk=video.pk).update(**nonsense)


def test_the_queue_serves_people_in_turn(scene, alice, bob, action, dialog, start_frame):
    actions.upload_frame(dialog, "start", picture_file(), alice)
    mine = running_video(action, alice)
    waiting = queued_frame(action, alice, role="start")
    second = queued_video(dialog, alice)
    assert list(Video.objects.queued_in_order()) == [second]
    bobs = queued_frame(dialog, bob, role="start")
    assert list(Frame.objects.queued_in_order()) == [waiting, bobs]
    Frame.objects.filter(pk=waiting.pk).update(requested_by=alice)
    queued_frame(action, alice, role="end").claim("worker-9")
    assert list(Frame.objects.queued_in_order()) == [bobs, waiting]
    assert mine.status == Status.RUNNING


def test_the_reconciler_puts_back_a_row_whose_lease_ran_out_and_is_idempotent(video):
    expire_lease(video)
    assert reconcile() == 1
    video.refresh_from_db()
    assert (video.status, video.lost_attempts) == (Status.QUEUED, 1)
    before = list(Event.objects.values())
    assert reconcile() == 0
    assert list(Event.objects.values()) == before


def test_the_reconciler_leaves_a_row_with_a_lease_alone(video):
    assert reconcile() == 0
    video.refresh_from_db()
    assert video.status == Status.RUNNING
