"""Messages that come while the clip's dialog is open."""

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import PHONE, WIDE, check_accessibility, clip_path
from tests.fixtures.rows import finished_video, queued_video, real_clip

pytestmark = pytest.mark.django_db(transaction=True)

COVERED = """() => [...document.querySelectorAll("#clip-dialog :is(button, a)")].filter((button) => {
  const box = button.getBoundingClientRect();
  if (!box.width || button.closest(".dialog__body, [data-toast]")) return false;
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !button.contains(seen);
}).map((button) => button.outerHTML)"""


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_error_message_covers_no_button(visit, action, alice, viewport):
    page = visit(clip_path(action, "start"), alice, viewport=viewport)
    expect(page.locator("#clip-title")).to_be_focused()
    page.evaluate("storyreel.toast(document.getElementById('toasts').dataset.wordsFailed, 'error')")
    expect(page.locator(".toast--error")).to_be_visible()
    assert page.evaluate(COVERED) == []
    check_accessibility(page)


def test_a_deletion_is_heard_where_messages_are_heard(visit, action, alice, start_frame, tmp_path):
    finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))
    page = visit(clip_path(action, "video"), alice)
    page.get_by_role("button", name="Delete this clip").click()
    page.locator("#clip-confirm").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").filter(has_text="The clip was deleted.")).to_be_visible()


def test_a_stop_is_heard_in_the_live_region(visit, action, alice, start_frame):
    queued_video(action, alice)
    page = visit(clip_path(action, "video"), alice)
    page.locator("#clip-main").click()
    expect(page.get_by_text("The last run was stopped. Nothing was changed.")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("Block 1: Stopped. Nothing was changed")
