"""Step 2: what it takes of the words, and what it asks for first."""

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


def test_step_2_says_what_of_the_words_the_people_and_the_place_is_used_once_there_is_a_start_frame(
    browser, action, alice
):
    words = "of the words it takes the camera move"
    shown = [look(browser.get(here(name, action))).text.lower() for name in ("clip_start", "clip_end")]
    actions.upload_frame(action, "start", picture_file(), alice)
    shown += [look(browser.get(here(name, action))).text.lower() for name in ("clip_start", "clip_end")]
    assert [words in text for text in shown] == [False, False, False, True]


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
