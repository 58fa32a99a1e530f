"""The clip's dialog in windows of other shapes: zoomed, and on a large screen. Zoom divides the window's CSS pixels."""

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import clip_path
from tests.fixtures.rows import finished_video, real_clip

pytestmark = pytest.mark.django_db(transaction=True)

# How much of the dialog's height is left to what scrolls in it, once the prompt has been scrolled to.
SHARE_OF_FORM = """() => {
  document.getElementById("clip_prompt").scrollIntoView({ block: "start" });
  const dialog = document.getElementById("clip-dialog").getBoundingClientRect();
  const form = document.querySelector(".clip-dialog__settings").getBoundingClientRect();
  const header = document.querySelector(".clip-dialog__header").getBoundingClientRect();
  const footer = document.querySelector(".clip-dialog__footer").getBoundingClientRect();
  const top = Math.max(form.top, header.bottom, dialog.top);
  return (Math.min(form.bottom, footer.top) - top) / dialog.height;
}"""
# Places side by side in the form: the left edges of its fields. What is hidden stands nowhere.
COLUMNS = """() => new Set([...document.querySelectorAll(".settings__grid > *")]
  .filter((field) => field.getClientRects().length)
  .map((field) => Math.round(field.getBoundingClientRect().left))).size"""
IS_TOO_WIDE = """() => [document.getElementById("clip-dialog"), document.querySelector(".dialog__body")]
  .some((box) => box.scrollWidth > box.clientWidth)"""


@pytest.fixture
def clip(action, alice, start_frame, tmp_path):
    return finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))


@pytest.fixture
def at(visit, action, alice, clip):
    """Look at a step through a window of this size."""

    def look(step: str, width: int, height: int) -> Page:
        page = visit(clip_path(action, step), alice, viewport={"width": width, "height": height})
        expect(page.locator("#clip-title")).to_be_focused()
        return page

    return look


@pytest.mark.parametrize("step", ["start", "end", "video"])
@pytest.mark.parametrize("window", [(960, 540), (720, 450), (640, 360)])
def test_at_200_percent_the_form_keeps_half_of_the_dialogs_height(at, step, window):
    page = at(step, *window)
    assert page.evaluate(SHARE_OF_FORM) >= 0.5
    assert not page.evaluate(IS_TOO_WIDE)


@pytest.mark.parametrize("step", ["start", "end", "video"])
@pytest.mark.parametrize("window", [(360, 225), (320, 256)])
def test_at_400_percent_it_is_one_column_and_the_form_keeps_half(at, step, window):
    page = at(step, *window)
    for fold in page.locator("#clip-form details").all():
        fold.evaluate("element => { element.open = true; }")
    assert page.evaluate(COLUMNS) == 1
    assert not page.evaluate(IS_TOO_WIDE)
    assert page.evaluate(SHARE_OF_FORM) >= 0.5


def test_at_2560_pixels_the_player_grows(at):
    usual = at("video", 1440, 900).locator("#clip-card video").bounding_box()["width"]
    large = at("video", 2560, 1440).locator("#clip-card video").bounding_box()["width"]
    assert large > 1.8 * usual
