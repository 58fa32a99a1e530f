"""Steps 1 and 2: four candidates at once, what an end frame follows, and what it asks for first."""

import pytest
from django.test import Client

from tests.fixtures.pages import FRAME, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


def test_only_step_2_asks_whether_the_frame_is_like_the_start_frame_and_leaves_it_to_what_was_changed(
    browser, action, alice
):
    """Chosen without a word, it threw away the prompt, the people and the place of the end frame."""
    start, end = (look(browser.get(here(name, action))) for name in ("clip_start", "clip_end"))
    assert "clip_like_start" not in start.ids
    assert "clip_like_start" in end.ids
    actions.upload_frame(action, "start", picture_file(), alice)
    for sent, kept in (("", None), ("true", True), ("false", False)):
        browser.post(here("clip_end", action), {**FRAME, "like_start": sent})
        frame = Frame.objects.get(role="end")
        assert frame.spec["like_start"] is kept
        actions.delete_frame(frame, alice)


def test_a_setting_that_the_animatic_does_not_use_is_hidden_until_its_value_is_wrong(browser, action):
    """Hidden with an error in it, it would keep the form from going on without a word."""
    address = here("clip_start", action)
    for sent, is_hidden in (({}, True), ({"steps": "many", "had_errors": "1"}, False)):
        html = (
            browser.post(address, {**FRAME, **sent}).content.decode() if sent else browser.get(address).content.decode()
        )
        field = html[: html.index('for="clip_steps"')].rpartition("data-hidden-by")[2]
        assert ("hidden>" in field) is is_hidden


def test_four_candidates_are_asked_for_with_one_press(browser, action):
    page = look(browser.get(here("clip_step_panel", action, "start")))
    assert page.ids["clip-four"]["name"] == "candidates"
    browser.post(here("clip_start", action), {**FRAME, "candidates": page.ids["clip-four"]["value"]})
    assert Frame.objects.get().spec["candidates"] == 4


def test_step_2_without_a_start_frame_says_why_nothing_can_be_generated_and_makes_nothing(browser, action, alice):
    page = look(browser.get(here("clip_step_panel", action, "end")))
    assert page.is_disabled("clip-main")
    assert page.ids["clip-main"]["aria-describedby"] == "clip-no-start"
    assert "clip-no-start" in page.ids
    assert "Skip" in page.text
    assert "no start frame yet" in look(browser.post(here("clip_end", action), FRAME)).text
    assert not Frame.objects.exists()


def test_skip_stands_in_step_2_only_while_there_is_no_end_frame(browser, action, alice):
    actions.upload_frame(action, "end", picture_file(), alice)
    page = look(browser.get(here("clip_step_panel", action, "end")))
    assert "clip-next" in page.ids
    assert "Skip" not in page.text
    actions.upload_frame(action, "start", picture_file(), alice)
    assert "Skip" not in look(browser.get(here("clip_step_panel", action, "end"))).text
