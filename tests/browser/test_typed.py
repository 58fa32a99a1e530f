"""Nothing typed is lost in a browser, whatever is pressed: Undo beside the field, and Ctrl+Z in it."""

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import clip_path, hold, press, release
from videogen.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_script_and_generate_lose_nothing_typed_undo_and_ctrl_z_give_it_back(
    visit, action, alice, start_frame
):
    page = visit(clip_path(action, "video"), alice)
    prompt = page.locator("#clip_prompt")
    undo = page.locator("#clip-script").get_by_role("button", name="Undo")
    composed = prompt.input_value()

    def type_own() -> None:
        prompt.press("Control+a")
        prompt.press_sequentially("Own words.")

    def from_script() -> None:
        page.get_by_role("button", name="From the script").click()
        expect(prompt).to_have_value(composed)
        expect(undo).to_be_visible()

    type_own()
    from_script()
    undo.click()
    expect(prompt).to_have_value("Own words.")
    expect(undo).to_be_hidden()
    from_script()
    prompt.press("Control+z")
    expect(prompt).to_have_value("Own words.")
    press(page)  # nobody works: the clip waits
    expect(page.locator("#clip-main")).to_contain_text("Stop")
    expect(prompt).to_have_value("Own words.")
    prompt.press("End")
    prompt.press("Control+z")
    expect(prompt).not_to_have_value("Own words.")
    assert Video.objects.get().prompt == "Own words."


def test_what_is_typed_before_the_scripts_are_there_outlives_the_draft_of_before(visit, action, alice, start_frame):
    # Catches a page that comes slowly and puts what was typed an hour ago over what is being typed.
    page = visit(clip_path(action, "video"), alice)
    prompt = page.locator("#clip_prompt")
    prompt.fill("An hour ago.")
    held = hold(page, "**/js/draft.js")
    page.goto(clip_path(action, "video"), wait_until="commit")
    prompt.fill("Now.")
    release(page, held)
    expect(page.locator("#clip-title")).to_be_focused()
    expect(prompt).to_have_value("Now.")
    page.reload()
    expect(prompt).to_have_value("Now.")
