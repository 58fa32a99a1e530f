"""What is said about the time a job will take."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.fixtures.rows import queued_frame, queued_video, running_video
from videogen.estimates import predict, progress_of, seconds_for
from videogen.models import Status, Video

pytestmark = pytest.mark.postgres


def finished(block, by, seconds: float) -> Video:
    video = running_video(block, by)
    video.finish(file="videos/x.mp4")
    end = timezone.now()
    Video.objects.filter(pk=video.pk).update(started_at=end - timedelta(seconds=seconds), finished_at=end)
    return video


def test_nothing_is_promised_before_the_first_run(action, alice, start_frame):
    video = queued_video(action, alice)
    assert seconds_for("video", "animatic", video.pixel_steps) is None
    assert progress_of(video).eta is None


def test_the_runs_nearest_in_size_decide():
    runs = [(100, 1.0)] * 5 + [(10_000, 50.0)] * 5
    assert predict(runs, 120) == pytest.approx(1.2)
    assert predict(runs, 8_000) == pytest.approx(40.0)


def test_the_estimate_of_the_next_run_is_what_the_last_one_took(action, alice, start_frame):
    finished(action, alice, 12.0)
    again = queued_video(action, alice)
    assert progress_of(again).eta == pytest.approx(12.0, abs=0.1)
    assert seconds_for("video", "animatic", again.pixel_steps * 2) == pytest.approx(24.0, abs=0.1)


def test_a_running_job_counts_down_and_past_its_estimate_goes_by_its_steps(action, alice, start_frame):
    finished(action, alice, 10.0)
    video = running_video(action, alice)
    Video.objects.filter(pk=video.pk).update(started_at=timezone.now() - timedelta(seconds=4))
    video.refresh_from_db()
    assert progress_of(video).eta == pytest.approx(6.0, abs=0.3)
    assert progress_of(video).percent == pytest.approx(40, abs=3)
    Video.objects.filter(pk=video.pk).update(
        started_at=timezone.now() - timedelta(seconds=20), phase="denoising", step=20, steps=30
    )
    video.refresh_from_db()
    assert progress_of(video).eta == pytest.approx(10.0, abs=0.3)


def test_the_place_in_the_queue_is_the_order_it_will_be_served_in(action, dialog, alice, bob):
    first, second = queued_frame(action, alice), queued_frame(dialog, alice)
    assert progress_of(first).queue_position == 1
    assert progress_of(second).queue_position == 2
    first.claim("worker-1")
    first.refresh_from_db()
    assert first.status == Status.RUNNING
    assert progress_of(first).queue_position is None
    assert progress_of(second).queue_position == 1


def test_the_progress_of_a_live_row_costs_two_queries_and_of_a_final_one_none(
    action, alice, start_frame, django_assert_num_queries
):
    video = queued_video(action, alice)
    with django_assert_num_queries(2):
        progress_of(video)
    video.claim("worker-1")
    with django_assert_num_queries(1):
        progress_of(video)
    video.finish(file="videos/x.mp4")
    video.refresh_from_db()
    with django_assert_num_queries(0):
        progress_of(video)
