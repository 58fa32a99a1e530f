"""Takes in the dialog: said what they are worth, compared, locked; and who may."""

from datetime import timedelta

import pytest
from django.test import Client
from guardian.shortcuts import assign_perm

from tests.fixtures.pages import HTMX, VIDEO, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_video
from videogen import notes, review
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
    assert "Take 1 is marked for a retake." in answer["HX-Trigger-After-Swap"]
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
    assert "clip-review-lock" not in approved.ids
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
    beside_url = here("clip_review_compared", action, first.pk)
    for url, method in ((press_url, "post"), (beside_url, "post"), (look_url, "get")):
        assert getattr(signed_in(charlie), method)(url).status_code == 404
        assert getattr(Client(), method)(url).status_code == 302
    assert signed_in(bob).get(look_url).status_code == 200
    assert signed_in(bob).post(press_url, {"review": "retake"}).status_code == 403
    assert signed_in(bob).post(beside_url, {"review": "retake"}).status_code == 403
    assert beside_url not in look(signed_in(bob).get(look_url)).html
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


def say(browser: Client, take: Video, pair: tuple[Video, Video], **said: str):
    left, right = pair
    sent = {"left": left.pk, "right": right.pk, **said}
    return browser.post(here("clip_review_compared", take.block, take.pk), sent, headers=HTMX)


def test_what_is_said_beside_one_another_shows_on_both_sides(browser, action, first, second):
    # Catches an approval on the left after which the right side still offers one, and a press that turns them round.
    answer = say(browser, first, (first, second), review="approved")
    page = look(answer)
    assert "Take 1 is approved and locked. It is the clip." in answer["HX-Trigger-After-Swap"]
    assert page.ids["compare-left-approved"]["aria-pressed"] == "true"
    assert page.is_disabled("compare-right-approved")
    assert "Take 1 was approved by alice and is locked. Take the approval back first." in page.text
    assert "“Approved” by alice" in page.text
    assert "compare-left-lock" not in page.ids
    assert {"compare-choice", "compare-left", "compare-right"} <= set(page.ids)
    assert all(page.ids[name]["hx-swap-oob"] == "true" for name in ("compare-choice", "compare-left", "compare-right"))
    refused = look(say(browser, second, (first, second), review="approved"))
    assert refused.text.count("Take 1 was approved by alice and is locked.") == 2  # the refusal, and the reason
    assert (
        look(say(browser, second, (first, second), starred="yes")).ids["compare-right-star"]["aria-pressed"] == "true"
    )
    assert "cannot be said of a take" in look(say(browser, second, (first, second), review="great")).text
    plain = browser.post(here("clip_review_compared", action, second.pk), {"locked": "yes", "left": second.pk})
    assert plain.url == f"{here('clip_compare', action)}?left={second.pk}&right="


def test_the_history_says_who_said_what_of_the_shown_take(browser, action, bob, first, second):
    # Catches a history of another take, and a change of the lock that is told as a review.
    assign_perm("scene_block:video:generate", bob, action)
    for who, change in (
        (bob, Change(locked=True)),
        (bob, Change(locked=False)),
        (bob, Change(review=Review.FOR_REVIEW)),
        (bob, Change(review=Review.NONE)),
    ):
        review.change(first, change, who)
    shown = look(browser.get(here("clip_stage", action, "video"), {"show": first.pk})).text
    for words in ("“For review” taken back by bob", "“For review” by bob", "unlocked by bob", "locked by bob"):
        assert words in shown
    assert "History of reviews" not in look(browser.get(here("clip_stage", action, "video"))).text
    assert "unlocked by bob" in look(browser.get(here("clip_compare", action))).text


def test_two_takes_cost_the_same_however_much_was_said_and_noted(
    browser, action, alice, first, second, django_assert_num_queries
):
    # Catches a query for each note or each change.
    for more in (0, 4):
        for frame in range(more):
            notes.write(first, alice, frame, "Slower.", {"strokes": [{"color": "red", "points": [[0, 0]]}]})
            review.change(first, Change(review=Review.RETAKE if frame % 2 else Review.FOR_REVIEW), alice)
        with django_assert_num_queries(8):  # of these the head of the page three
            browser.get(here("clip_compare", action))


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


def test_three_takes_are_one_press_with_the_estimate_of_all_and_the_place_of_each(browser, action, alice, start_frame):
    # Catches an estimate of one of three, a card that does not say which, and a number that the form forgets.
    take = finished_video(action, alice)
    take.mine.update(started_at=take.created_at, finished_at=take.created_at + timedelta(seconds=4))
    asked = {**VIDEO, "takes": "3"}
    told = look(browser.get(here("clip_estimate", action), asked)).text
    assert "3 takes of 1 s at 24 fps, 24 frames each" in told
    assert "about 12 s" in told
    answer = browser.post(here("clip_video", action), asked, headers=HTMX)
    assert "Take 1 of 3" in answer.content.decode()
    assert Video.objects.live().get().spec["takes"] == 3
    assert look(browser.get(here("clip_step_panel", action, "video"))).ids["clip_takes_0"]["value"] == "1"


def test_what_of_a_press_is_done_is_offered_for_comparison(browser, action, alice, start_frame):
    # Catches takes of one press that stand in the strip like any others, and one that is missing without a word.
    first = finished_video(action, alice, takes=3, seed=3)
    second = finished_video(action, alice, seed=4)
    stage = here("clip_stage", action, "video")
    page = look(browser.get(stage, {"show": first.pk}))
    assert "Of 3 takes that were asked for, 1 can be seen" in page.text
    second.mine.update(series=first.pk, nth=2, spec={**second.spec, "takes": 3})
    page = look(browser.get(stage))
    assert "Takes 1 and 2 were made at one press, each with another seed." in page.text
    assert f"?left={first.pk}&amp;right={second.pk}" in page.html


def test_takes_that_would_be_the_same_are_refused_at_their_field_in_the_form(browser, action, start_frame):
    # Catches three clips of a static shot, the same to the byte but for the seed written in them.
    answer = browser.post(here("clip_video", action), {**VIDEO, "prompt": "Static shot.", "takes": "3"}, headers=HTMX)
    assert "Takes must be 1 with this prompt; “3” was given." in answer.content.decode()
    assert not Video.objects.exists()
