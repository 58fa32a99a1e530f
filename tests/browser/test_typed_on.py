"""What is typed while the form it is typed into is on its way to the server."""

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import clip_path, hold, release, until
from tests.fixtures.rows import finished_video, real_clip

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_typed_after_save_is_not_taken_back_by_the_answer(visit, scene, mara, alice):
    # Catches keystrokes that a slow answer loses, and those behind them that it puts at the end.
    page = visit(f"/films/{scene.film_id}/cast/{mara.pk}/", alice)
    description = page.get_by_label("Look goes into prompts")
    description.fill("A young.")
    held = hold(page, "**/save/")
    page.get_by_role("button", name="Save").click()
    description.press("End")
    description.press("ArrowLeft")
    page.keyboard.type(" kee")
    release(page, held)
    expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    page.keyboard.type("per")
    expect(description).to_have_value("A young keeper.")
    mara.refresh_from_db()
    assert mara.description == "A young."


def test_the_next_note_is_begun_before_the_one_before_is_kept(visit, action, alice, start_frame, tmp_path):
    # Catches the beginning of a note that goes with the form of the note before.
    finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))
    page = visit(clip_path(action, "video"), alice)
    until(page, "document.querySelector('#clip-card video').readyState >= 1")
    note = page.get_by_role("textbox", name="Note")
    held = hold(page, "**/notes/")
    note.fill("Too dark.")
    note.press("Enter")
    note.press("Control+a")
    page.keyboard.type("And ")
    release(page, held)
    expect(page.locator(".notes__note")).to_contain_text("Too dark.")
    page.keyboard.type("loud.")
    expect(note).to_have_value("And loud.")
