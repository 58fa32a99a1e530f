"""How a block stands is said alike by the scene page, its counters, the dialog and the API."""

import pytest
from django.urls import reverse

from tests.fixtures.callers import base
from tests.fixtures.pages import here
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame, queued_video, running_video
from videogen.models import BlockGenerations

SENTENCE = "The disk of the worker is full."

pytestmark = pytest.mark.postgres


@pytest.fixture
def told(alice, alices, action, start_frame):
    """Ask all four: page, counters and dialog, whether they show a failure; the API, for its status."""

    def tell() -> tuple[bool, bool, bool, str]:
        browser = signed_in(alice)
        page = browser.get(reverse("block_state", args=[action.scene_id, action.pk])).content.decode()
        counters = browser.get(reverse("scene_counts", args=[action.scene_id])).content.decode()
        stage = browser.get(here("clip_stage", action, "video")).content.decode()
        status = alices.get(f"{base(action)}/video").json()["status"]
        return "film--failed" in page and SENTENCE in page, "failed" in counters, SENTENCE in stage, status

    return tell


def test_a_failed_run_is_told_by_all_four(told, action, alice):
    running_video(action, alice).fail("disk_full")
    assert told() == (True, True, True, "failed")


def test_a_failed_run_that_was_followed_by_a_stopped_one_is_told_by_none(told, action, alice):
    running_video(action, alice).fail("disk_full")
    queued_video(action, alice).cancel(alice)
    assert told() == (False, False, False, "cancelled")


def test_a_failure_after_a_finished_take_is_told_by_all_four(told, action, alice):
    finished_video(action, alice)
    running_video(action, alice).fail("disk_full")
    assert told() == (True, True, True, "failed")


def test_a_take_that_was_finished_after_a_failure_is_the_end_of_it(told, action, alice):
    running_video(action, alice).fail("disk_full")
    finished_video(action, alice)
    assert told() == (False, False, False, "succeeded")


def test_a_run_that_was_stopped_in_another_step_hides_no_failure(told, action, alice):
    running_video(action, alice).fail("disk_full")
    queued_frame(action, alice, role="end").cancel(alice)
    assert told() == (True, True, True, "failed")


def test_the_rows_that_say_how_a_block_stands_say_the_same_as_all_rows(action, alice, start_frame):
    def stands(made: BlockGenerations) -> list[object]:
        steps = ("start", "end", "video")
        return [*(made.standing(step) for step in steps), *(made.last_run(step) for step in steps), made.last_failure]

    for event in (finished_video, lambda *row: running_video(*row).fail("disk_full"), queued_video):
        event(action, alice)
        few = BlockGenerations.from_rows(action.frames.standing(), action.videos.standing())
        assert stands(few) == stands(BlockGenerations.of(action))
