"""Takes in the dialog: said what they are worth, compared, locked; and who may."""

import pytest
from django.test import Client
from guardian.shortcuts import assign_perm

from tests.fixtures.pages import HTMX, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_video
from videogen import review
from videogen.models import Review, Video
from videogen.review import Change
from web.takes_compared import differences

pytestmark = pytest.mark.postgres


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


@pytest.fixture
def first(action, alice, start_frame) -> Video:
    return finished_video(action, alice, prompt="A lamp goes out slowly.", seed=5)


@pytest.fixture
def second(first, action, alice) -> Video:
    """The later take, which is the clip."""
    return finished_video(action, alice, prompt="A lamp goes out at once.", duration=2, seed=6)


def press(browser: Client, take: Video, **said: str):
    return browser.post(here("clip_review_take", take.block, take.pk), said, headers=HTMX)


def test_a_press_is_told_and_the_take_stays_in_sight(browser, action, first, second):
    # Catches a mark on an older take after which the dialog shows another one, or says nothing.
    answer = press(browser, first, review="retake")
    page = look(answer)
    assert "Take 1 is marked for a retake." in answer["HX-Trigger"]
    assert page.ids["clip-review-retake"]["aria-pressed"] == "true"
    assert page.ids[f"clip-take-{first.pk}"]["aria-current"] == "true"
    assert look(press(browser, first, review="none")).ids["clip-review-retake"]["aria-pressed"] == "false"
    assert browser.post(here("clip_review_take", action, first.pk), {"starred": "yes"}).url == (
        f"{here('clip_video', action)}?show={first.pk}"
    )


def test_an_approved_take_says_by_whom_and_offers_nothing_that_would_lose_it(browser, action, first, second):
    # Catches a button that is shown and refused: delete, use another, approve another.
    approved = look(press(browser, first, review="approved"))
    assert "Approved: alice" in approved.text
    assert "Take 1 was approved by alice and is locked." in approved.text
    assert here("clip_delete_take", action, first.pk) not in approved.html
    assert "clip-lock" not in approved.ids
    other = look(browser.get(here("clip_stage", action, "video"), {"show": second.pk}))
    assert "Use this take" not in other.text
    assert other.is_disabled("clip-review-approved")
    assert not other.is_disabled("clip-review-retake")
    assert "Take 1 was approved by alice and is locked." in other.text


@pytest.mark.parametrize("name", ["clip_choose_take", "clip_delete_take", "clip_review_take"])
def test_the_dialog_refuses_with_the_sentence_of_the_lock(browser, action, alice, first, second, name):
    # Catches a page that was loaded before the approval and answers with a fault or goes through.
    review.change(first, Change(review=Review.APPROVED), alice)
    take = first if name == "clip_delete_take" else second
    answer = browser.post(here(name, action, take.pk), {"review": "approved"}, headers=HTMX)
    assert "Take 1 was approved by alice and is locked." in look(answer).text
    assert action.videos.current().get() == first
    assert action.videos.count() == 2


def test_a_word_that_is_none_is_refused_and_what_is_not_finished_is_not_there(browser, action, alice, first):
    # Catches a form that takes any word into the column.
    assert "cannot be said of a take" in look(press(browser, first, review="great")).text
    first.refresh_from_db()
    assert first.review == Review.NONE
    assert press(browser, queued_video(action, alice), review="retake").status_code == 404


def test_reviewing_is_for_who_may_generate_and_looking_for_who_may_look(action, alice, bob, charlie, first, second):
    # Catches a review by somebody who may only look, and a comparison shown to an outsider.
    press_url, look_url = here("clip_review_take", action, first.pk), here("clip_compare", action)
    for url, method in ((press_url, "post"), (look_url, "get")):
        assert getattr(signed_in(charlie), method)(url).status_code == 404
        assert getattr(Client(), method)(url).status_code == 302
    assert signed_in(bob).get(look_url).status_code == 200
    assert signed_in(bob).post(press_url, {"review": "retake"}).status_code == 403
    assert signed_in(alice).get(press_url).status_code == 405
    page = look(signed_in(bob).get(here("clip_video", action)))
    assert press_url not in page.html
    assign_perm("scene_block:video:generate", bob, action)
    assert signed_in(bob).post(press_url, {"review": "retake"}).status_code == 302


def test_the_clip_and_the_newest_other_are_compared_unless_two_are_named(
    contexts, browser, action, alice, first, second
):
    # Catches a take that is compared with itself, and an id that is none.
    third = finished_video(action, alice)
    second.make_current()
    for asked, pair in (
        ({}, (second, third)),
        ({"left": first.pk}, (first, second)),
        ({"left": first.pk, "right": third.pk}, (first, third)),
        ({"left": second.pk, "right": second.pk}, (second, third)),
        ({"left": "nonsense"}, (second, third)),
    ):
        assert browser.get(here("clip_compare", action), asked).context["pair"] == pair


def test_what_differs_is_listed_and_nothing_else(browser, action, first, second):
    # Catches a difference that is not shown, and a setting that is the same in the list.
    found = {str(row.name): (row.left, row.right) for row in differences(first, second)}
    assert found == {
        "Prompt": (
            "A lamp goes out <mark>slowly.</mark>",
            "A lamp goes out <mark>at once.</mark>",
        ),
        "Seed": ("5", "6"),
        "Duration": ("1 s", "2 s"),
    }
    page = look(browser.get(here("clip_compare", action), {"left": first.pk}))
    assert "What differs" in page.text
    assert here("clip_file", action, first.pk) in page.html
    assert here("clip_file", action, second.pk) in page.html


def test_takes_that_are_the_same_are_said_to_be(browser, action, alice, first):
    # Catches an empty table where there is nothing to tell.
    finished_video(action, alice, prompt="A lamp goes out slowly.", seed=5)
    assert "same, to the byte" in look(browser.get(here("clip_compare", action))).text


def test_one_take_alone_is_not_compared(browser, action, first):
    # Catches a fault where there is no second take.
    assert "Two takes are needed" in look(browser.get(here("clip_compare", action))).text
    assert here("clip_compare", action) not in look(browser.get(here("clip_video", action))).html
