"""Taking a scene home in a browser: from the press, by a real worker, to the file."""

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import PHONE, check_accessibility
from tests.fixtures.callers import timeline_of
from tests.fixtures.cuts import take_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_scene_is_exported_with_the_keyboard_and_the_file_has_its_name(
    visit, stack, scene, action, dialog, alice, start_frame, tmp_path
):
    # Catches a card that does not notice its end, a format that the keyboard cannot choose, and a nameless download.
    take_of(action, alice, tmp_path)
    stack.worker("exports")
    page = visit(f"/scenes/{scene.pk}/", alice)
    page.get_by_role("link", name="Export").click()
    expect(page.get_by_text("1 clip, 1 card with words.")).to_be_visible()
    page.get_by_role("radio", name=re.compile("^Film")).focus()
    expect(page.get_by_label("Captions")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=re.compile("^Clips"))).to_be_checked()
    expect(page.get_by_label("Captions")).to_be_hidden()
    page.get_by_role("button", name="Export").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "Gull Rock - The Last Lamp.zip"
    check_accessibility(page)


def test_why_a_timeline_is_refused_is_in_sight(visit, scene, action, alice):
    # Catches a page that comes back at its top, with the reason far below: nothing seems to have happened.
    page = visit(f"/scenes/{scene.pk}/exports/", alice, viewport=PHONE)
    junk = {"name": "junk.otio", "mimeType": "application/json", "buffer": b"{nonsense"}
    page.get_by_label("Choose a file, or drop it here").set_input_files(junk)
    reason = page.get_by_role("alert")
    expect(reason).to_have_text("This is no OpenTimelineIO file. Save the timeline as .otio and bring that.")
    expect(reason).to_be_in_viewport()


def test_the_page_fits_a_phone_and_is_read_aloud(visit, scene, action, alice):
    # Catches a format that a screen reader does not name, and a page wider than a phone.
    page = visit(f"/scenes/{scene.pk}/exports/", alice, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    check_accessibility(page)


def test_a_timeline_is_brought_applied_and_undone_on_a_phone(visit, scene, action, dialog, alice):
    # Catches a name that makes its page wider than a phone, and an Undo that the page does not lead to.
    page = visit(f"/scenes/{scene.pk}/exports/", alice, viewport=PHONE)
    name = f"{'cut-of-the-boat-' * 8}.otio"
    data = timeline_of(dialog, action).encode()
    page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": "text/plain", "buffer": data}])
    page.get_by_role("button", name="Apply").press("Enter")
    expect(page.get_by_text("is applied: order and lengths are as it says.")).to_be_visible()
    assert list(scene.blocks.order_by("position")) == [dialog, action]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    check_accessibility(page)
    page.get_by_role("button", name="Undo it").press("Enter")
    expect(page.get_by_text("was applied and undone")).to_be_visible()
    assert list(scene.blocks.order_by("position")) == [action, dialog]
    check_accessibility(page)
    page.get_by_role("link", name="Export").last.click()
    expect(page.get_by_role("heading", name="Brought before")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
