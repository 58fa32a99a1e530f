"""Takes in a browser: approved by key, and two played as one."""

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import PHONE, check_accessibility, clip_path, until
from tests.fixtures.rows import finished_video, real_clip
from videogen.models import Review, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def takes(action, alice, start_frame, tmp_path) -> tuple[Video, Video]:
    clip = real_clip(tmp_path / "clip.mp4")
    return finished_video(action, alice, clip), finished_video(action, alice, clip, prompt="Pan left.")


def times(page: Page) -> list[float]:
    return page.evaluate("[...document.querySelectorAll('[data-compare] video')].map((video) => video.currentTime)")


def test_a_approves_r_asks_for_a_retake_and_neither_takes_anything_back(visit, takes, action, alice):
    # Catches a key that is typed into the prompt and approves, or a second A that takes the approval back.
    page = visit(clip_path(action, "video"), alice)
    page.get_by_label("What happens").press("a")
    expect(page.locator("#clip-review-approved")).to_have_attribute("aria-pressed", "false")
    page.locator("#clip-title").focus()
    page.keyboard.press("a")
    expect(page.locator("#clip-review-approved")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcer")).to_have_text("Take 2 is approved and locked. It is the clip.")
    page.keyboard.press("a")
    page.locator(f"#clip-take-{takes[0].pk}").click()
    expect(page.locator("#clip-review-approved")).to_be_disabled()
    page.keyboard.press("a")
    page.keyboard.press("r")
    expect(page.locator("#clip-review-retake")).to_have_attribute("aria-pressed", "true")
    check_accessibility(page)
    assert list(Video.objects.order_by("number").values_list("review", flat=True)) == [Review.RETAKE, Review.APPROVED]


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "light"}], ids=["wide", "phone"])
def test_two_takes_play_step_and_are_moved_through_together(visit, takes, action, alice, options):
    # Catches two players that come apart, and a transport that moves one of them.
    page = visit(f"{clip_path(action, 'video')}takes/compare/", alice, **options)
    expect(page.get_by_role("group", name="Both takes")).to_be_visible()
    expect(page.locator("[data-frame]")).to_have_text("frame 1 of 4")
    page.keyboard.press(".")
    page.get_by_role("button", name="One frame forward").click()
    expect(page.locator("[data-frame]")).to_have_text("frame 3 of 4")
    assert times(page) == pytest.approx([2.5 / 24, 2.5 / 24], abs=0.001)
    page.get_by_role("slider", name="Frame").press("ArrowLeft")
    expect(page.locator("[data-frame]")).to_have_text("frame 2 of 4")
    page.get_by_role("button", name="Play both").click()
    until(page, "[...document.querySelectorAll('[data-compare] video')].every((video) => video.ended)")
    expect(page.get_by_role("button", name="Play both")).to_have_attribute("aria-pressed", "false")
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_note_is_pinned_to_the_frame_that_is_shown(visit, takes, action, alice):
    # Catches a note that is pinned to frame 1 whatever was looked at, and a number that does not lead back.
    page = visit(clip_path(action, "video"), alice)
    until(page, "document.querySelector('#clip-card video').readyState >= 1")
    page.locator("#clip-title").focus()
    for number in (2, 3):
        page.keyboard.press(".")
        expect(page.locator("[data-frame-number]")).to_have_text(f"frame {number}/4")
    page.get_by_role("textbox", name="Note").fill("A and R are typed here.")
    page.keyboard.press("Enter")
    expect(page.locator(".notes__note")).to_contain_text("A and R are typed here.")
    until(page, "document.querySelector('#clip-card video').readyState >= 1")
    page.get_by_role("button", name="frame 3").click()
    expect(page.locator("[data-frame-number]")).to_have_text("frame 3/4")
    check_accessibility(page)
    assert takes[1].pinned_notes.get().frame == 2
