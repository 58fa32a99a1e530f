"""The whole road of a job through a real broker and a real worker, and what happens to it when things break."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from local.programs import end
from tests.fixtures.rows import expire_lease, frame_spec, queued_frame, queued_video, video_spec
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from tests.fixtures.standing import child_of, ended, running, statuses
from tests.fixtures.storm import parts
from videogen import actions
from videogen.media import mp4
from videogen.models import Frame, Status, Video
from videogen.wake import wake_workers
from videogen.worker.ledger import violations
from videogen.worker.reconcile import reconcile

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _nothing_lost(stack) -> Iterator[None]:
    """After every test here the ledger is clean: nothing lost, nothing double, nothing left lying about."""
    yield
    assert violations(settled=True) == []


@pytest.fixture
def start(stack, action, alice):
    return actions.upload_frame(action, "start", picture_file(), alice)


def test_a_frame_and_a_video_are_made_by_a_worker(kept_worker, action, alice):
    frame = queued_frame(action, alice)
    wait_for(lambda: ended(frame))
    assert frame.error == ""
    assert (frame.status, frame.is_chosen) == (Status.SUCCEEDED, True)
    video = queued_video(action, alice)
    wait_for(lambda: ended(video))
    assert (video.status, video.error) == (Status.SUCCEEDED, "")
    facts = mp4.probe(Path(video.file.path))
    assert (facts.frames, facts.width, facts.height) == (24, 320, 192)
    assert video.is_current
    assert video.seed is not None
    assert statuses(video) == ["queued", "running", "succeeded"]
    assert parts() == []


def test_a_stop_takes_effect_within_a_step_and_the_next_job_runs(kept_worker, action, alice, start):
    video = queued_video(action, alice, model="slow", steps=50)
    wait_for(lambda: running(video))
    assert actions.cancel(video, alice)
    wait_for(lambda: ended(video), 3)
    assert video.status == Status.CANCELLED
    again = queued_video(action, alice, model="slow", steps=1)
    wait_for(lambda: ended(again))
    assert again.status == Status.SUCCEEDED


def test_an_unknown_failure_is_one_sentence_for_people_and_one_traceback_in_the_log(kept_worker, action, alice, start):
    video = queued_video(action, alice, model="failing")
    wait_for(lambda: ended(video))
    assert (video.status, video.error_code) == (Status.FAILED, "internal")
    assert "secret" not in video.error
    assert "a secret of the inside" in kept_worker.log("frames-videos")


def test_a_known_failure_says_what_to_do(kept_worker, action, alice, start):
    video = queued_video(action, alice, model="hungry")
    wait_for(lambda: ended(video))
    assert video.error == "The device ran out of memory at 1920x1080, 8 s. 1280x720 fits."


def test_a_killed_process_is_replaced_and_its_job_finishes_under_a_new_attempt(stack, action, alice, start, held):
    worker = stack.worker("videos")
    video = queued_video(action, alice, model="held", steps=1)
    wait_for(lambda: running(video))
    child_of(worker).kill()
    held.unlink()
    wait_for(lambda: ended(video))
    assert (video.status, video.attempt, video.lost_attempts) == (Status.SUCCEEDED, 2, 1)
    assert statuses(video) == ["queued", "running", "queued", "running", "succeeded"]
    assert parts() == []


def test_what_a_killed_job_left_on_the_disk_goes_before_the_next_job_once_it_is_old(stack, action, alice, start, held):
    worker = stack.worker("videos")
    video = queued_video(action, alice, model="held", steps=1)
    wait_for(lambda: running(video))
    (left,) = (settings.MEDIA_ROOT / "parts").iterdir()
    child_of(worker).kill()
    held.unlink()
    wait_for(lambda: ended(video))
    assert left.exists()
    os.utime(left, (0, 0))
    again = queued_video(action, alice, model="slow", steps=1)
    wait_for(lambda: ended(again))
    assert not left.exists()


def test_a_job_that_always_kills_its_process_ends_after_three_attempts(stack, action, alice, start):
    stack.worker("videos")
    video = queued_video(action, alice, model="crashing")
    wait_for(lambda: ended(video))
    assert (video.status, video.error_code, video.attempt) == (Status.FAILED, "crash_loop", 3)


def test_a_shutdown_puts_the_job_back_and_another_worker_finishes_it(stack, action, alice, start):
    worker = stack.worker("videos", name="first")
    video = queued_video(action, alice, model="slow", steps=30)
    wait_for(lambda: running(video))
    worker.send_signal(signal.SIGTERM)
    worker.wait(10)
    video.refresh_from_db()
    assert (video.status, video.lost_attempts) == (Status.QUEUED, 0)
    Video.objects.filter(pk=video.pk).update(spec=video.spec | {"steps": 1})
    stack.worker("videos", name="second")
    reconcile()
    wait_for(lambda: ended(video))
    assert video.status == Status.SUCCEEDED


def test_a_worker_whose_group_was_killed_loses_its_lease_and_the_job_is_made_by_another(
    stack, action, alice, start, held
):
    worker = stack.worker("videos", name="first")
    video = queued_video(action, alice, model="held", steps=1)
    wait_for(lambda: running(video))
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    held.unlink()
    assert reconcile() == 0  # the lease still holds
    expire_lease(video)
    stack.worker("videos", name="second")
    assert reconcile() == 1
    wait_for(lambda: ended(video))
    assert (video.status, video.attempt) == (Status.SUCCEEDED, 2)


def test_a_frozen_worker_that_wakes_after_its_lease_publishes_nothing(stack, action, alice, start, held):
    frozen = stack.worker("videos", name="frozen")
    video = queued_video(action, alice, model="held", steps=1)
    wait_for(lambda: running(video))
    child = child_of(frozen)
    child.suspend()
    frozen.send_signal(signal.SIGSTOP)
    held.unlink()
    expire_lease(video)
    stack.worker("videos", name="awake")
    assert reconcile() == 1
    wait_for(lambda: ended(video))
    child.resume()
    frozen.send_signal(signal.SIGCONT)
    wait_for(lambda: not any((settings.MEDIA_ROOT / "parts").iterdir()))  # its folder goes when it has ended the job
    video.refresh_from_db()
    assert (video.status, video.attempt) == (Status.SUCCEEDED, 2)
    videos = list((settings.MEDIA_ROOT / "videos").rglob(f"{video.pk}*.mp4"))
    assert [path.name for path in videos] == [f"{video.pk}-2.mp4"]


def test_a_job_asked_for_while_the_broker_is_down_is_kept_and_made_later(stack, action, alice, start, redis_server):
    end([stack.redis], grace=5)
    video = queued_video(action, alice)
    assert video.status == Status.QUEUED
    stack.redis.start()
    stack.redis.wait_until_it_answers()
    stack.worker("videos")
    reconcile()
    wait_for(lambda: ended(video))
    assert video.status == Status.SUCCEEDED


def test_messages_sent_twice_and_for_nothing_change_nothing(stack, action, alice, start):
    for _ in range(5):
        wake_workers("videos")
    video = queued_video(action, alice)
    wake_workers("videos")
    stack.worker("videos", name="one")
    stack.worker("videos", name="two")
    wait_for(lambda: ended(video))
    assert statuses(video) == ["queued", "running", "succeeded"]


def test_a_video_deleted_while_it_is_made_leaves_no_row_and_no_file(kept_worker, action, alice, start):
    video = queued_video(action, alice, model="slow", steps=30)
    wait_for(lambda: running(video))
    actions.delete_video(video, alice)
    after = queued_video(action, alice, model="slow", steps=1)
    wait_for(lambda: ended(after))
    assert Video.objects.get() == after
    files = list((settings.MEDIA_ROOT / "videos").rglob("*.mp4"))
    assert [path.name for path in files] == [f"{after.pk}-1.mp4"]
    assert Frame.objects.get() == start


def test_a_right_taken_away_while_waiting_is_refused_when_the_work_begins(stack, action, alice, start):
    video = queued_video(action, alice)
    alice.is_active = False
    alice.save()
    stack.worker("videos")
    wait_for(lambda: ended(video))
    assert (video.status, video.error_code) == (Status.FAILED, "not_allowed")


def test_the_same_spec_and_seed_give_the_same_bytes(kept_worker, action, alice, start):
    hashes = []
    for _ in range(2):
        frame = actions.queue_frame(action, frame_spec(seed=7, role="end"), alice)
        wait_for(lambda frame=frame: ended(frame))
        video = actions.queue_video(action, video_spec(seed=7), alice)
        wait_for(lambda video=video: ended(video))
        hashes.append((frame.sha256, video.sha256))
    assert hashes[0] == hashes[1]
    assert all(hashes[0])


def test_a_job_that_waited_while_the_limits_were_lowered_ends_with_a_sentence(stack, action, alice, start):
    video = queued_video(action, alice)
    Video.objects.filter(pk=video.pk).update(spec=video.spec | {"duration": 9})
    stack.worker("videos")
    wait_for(lambda: ended(video))
    assert (video.status, video.error_code) == (Status.FAILED, "over_limits")
    assert "Duration must be a whole number of seconds from 1 to 8; “9” was given." in video.error
