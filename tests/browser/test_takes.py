"""Takes in a browser: approved by key, two played as one, drawn on."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import PHONE, check_accessibility, clip_path, hold, release, until
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


def test_keys_pressed_before_the_takes_are_here_are_done_when_they_come(visit, takes, action, alice):
    # Catches a key of the first moment that is lost, with an error of the script.
    page = visit("/", alice)
    held = hold(page, "**/clip.mp4", count=2)
    page.goto(f"{clip_path(action, 'video')}takes/compare/", wait_until="domcontentloaded")
    page.keyboard.press(".")
    for number in (0, 1):
        release(page, held, number)
    expect(page.locator("[data-frame]")).to_have_text("frame 2 of 4")


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


def test_a_note_is_pinned_to_the_frame_whose_number_was_typed(visit, takes, action, alice):
    # Catches a typed number that is put back to the frame that happened to be shown, as the words are begun.
    page = visit(clip_path(action, "video"), alice)
    until(page, "document.querySelector('#clip-card video').readyState >= 1")
    page.get_by_label("Note on frame").fill("25")
    page.get_by_role("textbox", name="Note").fill("There are only 24.")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Note on frame")).to_have_value("25")
    expect(page.locator("#clip-note-frame:invalid")).to_be_focused()
    page.get_by_label("Note on frame").fill("3")
    page.get_by_role("textbox", name="Note").fill("")
    page.get_by_role("textbox", name="Note").fill("The lamp is darker.")
    expect(page.locator("[data-frame-number]")).to_have_text("frame 3/4")
    page.keyboard.press("Enter")
    expect(page.locator(".notes__note")).to_contain_text("The lamp is darker.")
    assert takes[1].pinned_notes.get().frame == 2


def test_what_is_approved_beside_another_cannot_be_deleted_or_replaced(visit, takes, action, alice):
    # Catches a key that approves the take on the other side, and a page loaded before the approval that undoes it.
    first, second = takes
    before = visit(f"{clip_path(action, 'video')}?show={second.pk}", alice)
    page = visit(f"{clip_path(action, 'video')}takes/compare/?left={second.pk}&right={first.pk}", alice)
    expect(page.get_by_role("group", name="Both takes")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("s")
    expect(page.locator("#compare-right-star")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("a")
    expect(page.locator("#compare-right-approved")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcer")).to_have_text("Take 1 is approved and locked. It is the clip.")
    page.keyboard.press("a")
    said = "Take 1 was approved by alice and is locked. Take the approval back first."
    expect(page.locator("#compare-left")).to_contain_text(said)
    expect(page.locator("#compare-left-approved")).to_be_disabled()
    page.keyboard.press("1")
    page.keyboard.press("l")
    expect(page.locator("#compare-left-lock")).to_have_attribute("aria-pressed", "true")
    page.locator("#compare-left-lock").press("Enter")
    expect(page.locator("#compare-left-lock")).to_be_focused()
    expect(page.locator("#compare-left-lock")).to_have_attribute("aria-pressed", "false")
    page.locator("#compare-right .history summary").click()
    expect(page.locator("#compare-right .history")).to_contain_text("“Approved” by alice")
    check_accessibility(page)
    before.locator("#clip-review-approved").click()
    expect(before.get_by_role("alert")).to_have_text(said)
    dialog = visit(f"{clip_path(action, 'video')}?show={first.pk}", alice)
    expect(dialog.get_by_role("button", name="Delete this clip")).to_be_disabled()
    expect(dialog.locator("#clip-why-not-delete")).to_contain_text(said)
    dialog.locator(f"#clip-take-{second.pk}").click()
    expect(dialog.locator("#clip-review-why-not")).to_contain_text(said)
    expect(dialog.get_by_role("button", name="Use this take")).to_have_count(0)
    marks = Video.objects.order_by("number").values_list("review", "locked", "starred", "is_current")
    assert list(marks) == [(Review.APPROVED, True, True, True), (Review.NONE, False, False, False)]


def test_what_an_answer_brings_works_at_once(visit, takes, action, alice):
    # Catches a form that is sent as a whole page because it was pressed before it was wired: nothing is announced then.
    first, second = takes
    page = visit(f"{clip_path(action, 'video')}takes/compare/?left={second.pk}&right={first.pk}", alice)
    page.evaluate("""() => {
        const approveOnceStarred = new MutationObserver(() => {
            if (document.querySelector("#compare-right-star").ariaPressed !== "true") return;
            approveOnceStarred.disconnect();
            document.querySelector("#compare-right-approved").click();
        });
        approveOnceStarred.observe(document.body, { childList: true, subtree: true });
    }""")
    page.locator("#compare-right-star").click()
    expect(page.locator("#compare-right-approved")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcer")).to_have_text("Take 1 is approved and locked. It is the clip.")


def test_of_two_buttons_that_are_pressed_one_soon_after_the_other_both_do_their_work(visit, takes, action, alice):
    # Catches an approval that is lost: the answer to the first press takes the form of the second out of the page.
    first, second = takes
    page = visit(f"{clip_path(action, 'video')}takes/compare/?left={second.pk}&right={first.pk}", alice)
    held = hold(page, "**/review/")
    page.locator("#compare-right-star").click()
    page.keyboard.press("a")
    release(page, held)
    expect(page.locator("#compare-right-star")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#compare-right-approved")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcer")).to_have_text("Take 1 is approved and locked. It is the clip.")


def drag(page: Page, *places: tuple[float, float]) -> None:
    """Draw a stroke through these places of the picture, in its widths and heights."""
    box = page.locator("#clip-card [data-drawing]").bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def numbers_of(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", path)]


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "light"}], ids=["wide", "phone"])
def test_what_is_drawn_on_a_frame_is_there_after_a_reload(visit, takes, action, alice, options):
    # Catches a drawing on another frame than the one that was shown, one that a press beside it loses, and lines of the
    # server that are not those of the script.
    page = visit(clip_path(action, "video"), alice, **options)
    until(page, "document.querySelector('#clip-card video').readyState >= 2")
    page.get_by_role("button", name="One frame forward").click()
    expect(page.locator("[data-frame-number]")).to_have_text("frame 2/4")
    page.get_by_role("button", name="Draw on this frame").click()
    expect(page.get_by_role("button", name="One frame forward")).to_be_disabled()
    lines = page.locator("#clip-card [data-drawing] path")
    drag(page, (0.2, 0.2), (0.4, 0.2))
    drag(page, (0.5, 0.5), (0.5, 0.5))
    page.get_by_role("button", name="Yellow").click()
    drag(page, (0.25, 0.5), (0.75, 0.5))
    expect(lines).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(lines).to_have_count(2)
    page.get_by_role("button", name="Clear").click()
    expect(lines).to_have_count(0)
    drag(page, (0.25, 0.5), (0.75, 0.5))
    check_accessibility(page)
    page.get_by_role("button", name="Star").click()
    expect(page.locator("#clip-review-star")).to_have_attribute("aria-pressed", "true")
    expect(lines).to_have_count(1)
    live = numbers_of(lines.get_attribute("d"))
    page.get_by_role("textbox", name="Note").fill("The horizon is lower.")
    page.get_by_role("textbox", name="Note").press("Enter")
    expect(page.locator(".notes__note")).to_contain_text("The horizon is lower.")
    expect(lines).to_have_count(1)
    page.reload()
    until(page, "document.querySelector('#clip-card video').readyState >= 2")
    expect(lines).to_have_count(0)
    page.get_by_role("button", name="frame 2").click()
    expect(lines).to_have_count(1)
    expect(lines).to_have_attribute("stroke", "#ffd60a")
    assert numbers_of(lines.get_attribute("d")) == pytest.approx(live, abs=0.05)
    box, picture = lines.bounding_box(), page.locator("#clip-card video").bounding_box()
    assert box["x"] + box["width"] / 2 == pytest.approx(picture["x"] + picture["width"] / 2, abs=3)
    assert box["width"] == pytest.approx(picture["width"] / 2, abs=6)  # its round ends included
    page.get_by_role("button", name="One frame back").click()
    expect(lines).to_have_count(0)
    page.get_by_role("button", name="Draw on this frame").click()
    drag(page, (0.2, 0.2), (0.4, 0.2))
    page.keyboard.press("Escape")
    expect(lines).to_have_count(0)
    expect(page.locator("#clip-dialog")).to_be_visible()
    note = takes[1].pinned_notes.get()
    assert (note.frame, [stroke["color"] for stroke in note.drawing["strokes"]]) == (1, ["yellow"])
    assert note.drawing["strokes"][0]["points"][0] == pytest.approx([0.25, 0.5], abs=0.01)
