"""What is said about the time a job will take."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.fixtures.rows import queued_frame, queued_video, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.estimates import left_of, predict, progress_of, seconds_for
from videogen.models import Status, Video

pytestmark = pytest.mark.postgres


def finished(block, by, seconds: float, **changes) -> Video:
    video = running_video(block, by, **changes)
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


def test_a_run_that_may_have_gone_on_where_another_was_lost_teaches_nothing(action, alice, start_frame):
    # Catches an estimate that learns from the second half of a clip.
    for model, learned in (("ltx2.3", 30.0), ("animatic", 17.0)):  # the animatic always begins anew
        for seconds, attempt in ((30.0, 1), (4.0, 2)):
            take = finished(action, alice, seconds, model=model)
            Video.objects.filter(pk=take.pk).update(attempt=attempt)
        assert seconds_for("video", model, take.pixel_steps) == pytest.approx(learned, abs=0.1)


def test_the_estimate_knows_the_end_frame(action, dialog, alice, start_frame):
    # A camera over one picture takes a fraction of a morph between two: neither says anything of the other.
    finished(action, alice, 4.0)
    actions.upload_frame(action, "end", picture_file(), alice)
    with_end = queued_video(action, alice)
    assert progress_of(with_end).eta is None
    assert seconds_for("video", "animatic", with_end.pixel_steps, has_end=True) is None
    with_end.cancel(alice)
    finished(action, alice, 20.0)
    assert progress_of(queued_video(action, alice)).eta == pytest.approx(20.0, abs=0.1)
    actions.upload_frame(dialog, "start", picture_file(), alice)
    assert progress_of(queued_video(dialog, alice)).eta == pytest.approx(4.0, abs=0.1)


def test_what_is_left_of_a_run_does_not_jump_where_the_estimate_was_wrong():
    # Expected are 4 s, at its pace it takes 28: it comes to say so within 7 s, not all at once after 4.
    tenths = [
        left_of(elapsed=tenth / 10, expected=4.0, phase="denoising", step=tenth, steps=280) or 0
        for tenth in range(1, 280)
    ]
    assert max(abs(later - before) for before, later in itertools.pairwise(tenths)) < 1
    assert tenths[0] == pytest.approx(3.9, abs=0.1)
    assert tenths[69] == pytest.approx(21.0, abs=0.2)


def test_the_first_run_of_its_kind_says_nothing_before_a_tenth_of_its_steps():
    # 4 s until the first of 96 steps, then 37 s of steps: the pace of the first alone would say 6 minutes.
    first = [left_of(elapsed=4 + step * 0.39, expected=None, phase="denoising", step=step, steps=96) for step in (1, 9)]
    assert first == [None, None]
    assert (left_of(elapsed=8, expected=None, phase="denoising", step=10, steps=96) or 0) < 2.1 * 33


def test_loading_before_the_steps_does_not_upset_a_good_estimate():
    # 100 s, of which 30 load, 50 denoise and 20 decode: the pace of the first steps would say 350.
    for elapsed in range(31, 100):
        denoising = elapsed <= 80
        step = min(elapsed - 30, 50)
        left = left_of(elapsed, 100.0, "denoising" if denoising else "decoding", step, 50)
        assert left == pytest.approx(100 - elapsed, abs=15), elapsed


def test_past_its_estimate_and_its_steps_a_run_is_nearly_done_and_not_the_first():
    assert left_of(elapsed=12, expected=10.0, phase="saving", step=0, steps=0) == 0


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
