"""In a browser: words that change mark the clip, the prompt follows on a press; what is left out is put back."""

import pytest
from playwright.sync_api import expect

from scenes.models import Block
from tests.fixtures.browser import PHONE, check_accessibility, clip_path
from tests.fixtures.rows import finished_video, queued_frame
from tests.fixtures.scene import picture_file
from videogen import actions

pytestmark = pytest.mark.django_db(transaction=True)


def test_words_changed_on_the_page_mark_the_clip_at_once(visit, alice, action, start_frame):
    # Catches a page that shows "Clip ready" until it is loaded again.
    finished_video(action, alice)
    page = visit(f"/scenes/{action.scene_id}/", alice)
    expect(page.locator(".film__state")).to_contain_text("Clip ready")
    page.get_by_label("Text of block 1", exact=True).fill("Mara closes the door. Rain.")
    expect(page.locator(".film__state")).to_contain_text("Out of date")
    expect(page.locator("#counts")).to_contain_text("1 out of date")
    expect(page.get_by_text("Changed since the clip was made: the words.")).to_be_visible()
    check_accessibility(page)


def test_the_prompt_follows_the_new_words_on_a_press_and_undo_gives_back_the_old(visit, alice, action, mara):
    # Catches chips of people that stay as they were, or that Undo forgets.
    Block.objects.filter(pk=action.pk).update(text="The lamp turns.")
    action.refresh_from_db()
    queued_frame(action, alice, prompt="The lamp turns, slowly.").cancel(alice)
    frame = queued_frame(action, alice, prompt="The lamp turns, slowly.")
    frame.cancel(alice)
    start = actions.upload_frame(action, "start", picture_file(), alice)
    type(start).objects.filter(pk=start.pk).update(made_from=frame.made_from, made_digests=frame.made_digests)
    Block.objects.filter(pk=action.pk).update(text="Mara opens the door.")
    page = visit(clip_path(action, "start"), alice)
    prompt, chip = page.locator("#clip_prompt"), page.get_by_label("Mara")
    chip.uncheck()
    expect(prompt).to_have_value("The lamp turns, slowly.")
    page.get_by_role("button", name="Update the prompt from the new words").press("Enter")
    expect(prompt).not_to_have_value("The lamp turns, slowly.")
    expect(chip).to_be_checked()
    check_accessibility(page)
    page.locator("#clip-script").get_by_role("button", name="Undo").click()
    expect(prompt).to_have_value("The lamp turns, slowly.")
    expect(chip).not_to_be_checked()


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark"}])
def test_a_deleted_block_is_put_back_by_keyboard(visit, alice, action, dialog, start_frame, options):
    # Catches a link that does not count what was just deleted, and a focus that is lost with the pressed button.
    finished_video(action, alice)
    page = visit(f"/scenes/{action.scene_id}/", alice, **options)
    expect(page.locator("#left-out")).to_be_empty()
    page.get_by_label("Text of block 1", exact=True).focus()
    page.get_by_role("button", name="Delete this block").click()
    link = page.get_by_role("link", name="Left out (1)")
    link.press("Enter")
    page.wait_for_url("**/left-out/")  # with its scripts: without them, a form leads to a new page
    expect(page.get_by_role("heading", name="Left out of “The Last Lamp”")).to_be_visible()
    check_accessibility(page)
    page.get_by_role("button", name="Put back: Mara opens the door. Wind.").press("Enter")
    expect(page.get_by_text("Back in the script, as block 1.")).to_be_visible()
    back = page.get_by_role("link", name="Back to the scene")
    expect(back).to_be_focused()
    check_accessibility(page)
    back.press("Enter")
    expect(page.locator(".block__text")).to_have_count(2)
    expect(page.locator(".film__state").first).to_contain_text("Clip ready")
