"""Writing in a browser: by keyboard alone, two people on one block, a connection that drops, steps back and forth."""

import re

import pytest
from django.contrib.auth.models import User
from guardian.shortcuts import assign_perm
from playwright.sync_api import expect

from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block
from tests.fixtures.browser import PHONE, check_accessibility, choose_custom_size, clip_path, press
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from tests.fixtures.written import at, becomes, script, shown, state, text
from videogen import actions
from videogen.models import Status, Video

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_is_written_by_keyboard_alone(visit, alice, scene):
    page = visit(at(scene), alice)
    page.get_by_role("button", name="Begin to write").press("Enter")
    keys = page.keyboard
    keys.type("The lamp goes out.")
    keys.press("Enter")
    keys.type("Wind.")
    keys.press("Enter")
    keys.press("Tab")  # the next block is a dialog
    keys.type("MARA (V.O.)")
    keys.press("Enter")
    keys.type("(softly)Who is out there?")
    keys.press("Shift+Enter")
    keys.type("Speak!")
    keys.press("Enter")  # after a line the next speaker
    keys.type("Tobias")
    keys.press("Enter")
    keys.type("Only me.")
    keys.press("Enter")
    keys.press("Enter")  # no name: an action
    keys.type("He comes in. He sits down.")
    for _ in "He sits down.":
        keys.press("ArrowLeft")
    keys.press("Enter")  # in the middle: split
    becomes(
        scene,
        "The lamp goes out.",
        "Wind.",
        "Mara (V.O.): (softly) Who is out there?\nSpeak!",
        "Tobias: Only me.",
        "He comes in.",
        "He sits down.",
    )
    state(page, "Saved")
    keys.press("Backspace")  # at the start: joined again
    becomes(scene, *script(scene)[:4], "He comes in. He sits down.")
    assert list(scene.film.characters.values_list("name", flat=True)) == ["Mara", "Tobias"]
    page.get_by_label("Who speaks in block 4").fill("Tobiah")
    page.get_by_label("Who speaks in block 4").press("Enter")
    becomes(scene, *script(scene)[:3], "Tobiah: Only me.", "He comes in. He sits down.")
    state(page, "Saved")
    names = page.locator("#cast-names option")
    assert [name.get_attribute("value") for name in names.all()] == ["Mara", "Tobiah"]  # and Tobias is offered no more
    assert list(scene.film.characters.values_list("name", flat=True)) == ["Mara", "Tobiah"]
    keys.press("Escape")
    keys.press("Tab")  # released: the focus moves on
    expect(page.locator(".block__text:focus")).to_have_count(0)
    expect(page.locator(".film--new")).to_have_count(0)  # each block got its film icon
    check_accessibility(page)
    before = shown(page)
    page.reload()
    assert shown(page) == before


def test_two_people_on_one_block_see_both_texts_and_nothing_is_lost(visit, alice, bob, scene, action):
    assign_perm("change_scene", bob, scene)
    hers, his = visit(at(scene), alice), visit(at(scene), bob)
    text(hers, 1).fill("Mara opens the red door. Wind.")
    becomes(scene, "Mara opens the red door. Wind.")
    text(his, 1).fill("Mara opens the door. Rain.")
    conflict = his.get_by_role("region", name="Two texts of this block")
    expect(conflict).to_contain_text("Mara opens the red door. Wind.")
    expect(conflict.locator("[data-mine] mark")).to_have_text(["Rain."])
    expect(conflict.locator("[data-theirs] mark")).to_have_text(["red", "Wind."])
    state(his, "Not saved, and kept here")
    check_accessibility(his)
    his.reload()  # even so it is there
    assert shown(his) == ["Mara opens the door. Rain."]
    conflict.get_by_role("button", name="Keep both").click()
    becomes(scene, "Mara opens the red door. Wind.", "Mara opens the door. Rain.")
    state(his, "Saved")
    text(hers, 1).fill("Mara closes the door.")
    becomes(scene, "Mara closes the door.", "Mara opens the door. Rain.")
    text(his, 1).fill("Mara stays.")
    conflict.get_by_role("button", name="Keep mine").click()
    becomes(scene, "Mara stays.", "Mara opens the door. Rain.")


def test_one_writes_while_another_makes_a_clip_of_the_same_block(
    visit, kept_worker, alice, bob, scene, action, start_frame
):
    # Catches a clip that is lost to a text that is saved meanwhile, or a text to the dialog of a page drawn before.
    for right in ("change_scene", GENERATE_FRAME, GENERATE_VIDEO):
        assign_perm(right, bob, scene)
    hers, his = visit(at(scene), alice), visit(clip_path(action, "video"), bob)
    his.locator("label", has_text=re.compile("^1 s$")).click()
    choose_custom_size(his, 320, 192)
    press(his)
    text(hers, 1).fill("Mara opens the door wide.")
    expect(his.locator("#clip-card video")).to_be_visible()
    text(hers, 1).fill("Mara opens the red door.")
    state(hers, "Saved")
    expect(hers.locator(f"#block-state-{action.pk}")).to_have_attribute("data-state", "stale")  # with no reload
    his.keyboard.press("Escape")
    expect(his.locator("#clip-dialog")).to_be_hidden()
    text(his, 1).fill("Mara opens the blue door.")
    conflict = his.get_by_role("region", name="Two texts of this block")
    expect(conflict.locator("[data-theirs]")).to_have_text("Mara opens the red door.")
    expect(conflict.locator("[data-mine]")).to_have_text("Mara opens the blue door.")
    conflict.get_by_role("button", name="Take theirs").click()
    state(his, "Saved")
    assert shown(his) == ["Mara opens the red door."]
    assert script(scene) == ["Mara opens the red door."]
    made = Video.objects.get()
    assert (made.block_id, made.is_current, made.status) == (action.pk, True, Status.SUCCEEDED)


def test_what_is_typed_while_the_server_is_away_is_back_after_a_reload(visit, alice, scene, action):
    page = visit(at(scene), alice)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('away')); }")
    text(page, 1).fill("Typed in a tunnel.")
    text(page, 1).press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("And this.")
    state(page, "Not saved, and kept here")
    expect(page.locator("#writing")).to_contain_text("cannot be reached")
    assert script(scene) == [action.text]
    page.reload()
    assert shown(page) == ["Typed in a tunnel.", "And this."]
    becomes(scene, "Typed in a tunnel.", "And this.")
    state(page, "Saved")
    page.reload()
    assert shown(page) == ["Typed in a tunnel.", "And this."]
    expect(page.locator("#toasts")).not_to_contain_text("had typed")  # saved once, kept no longer


def test_an_expired_session_keeps_the_text_and_leads_to_the_door(visit, alice, scene, action):
    page = visit(at(scene), alice)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    text(page, 1).fill("Typed too late.")
    expect(page.locator("#writing")).to_contain_text("You are signed out. Nothing you wrote is lost.")
    expect(page.get_by_role("link", name="Sign in again")).to_be_visible()
    page.context.add_cookies(cookies)
    page.goto(at(scene))
    becomes(scene, "Typed too late.")


def test_steps_are_undone_and_done_again_by_keys_and_buttons(visit, alice, scene, action, dialog, start_frame):
    finished_video(action, alice)
    page = visit(at(scene), alice)
    text(page, 2).fill("Who goes there?")
    becomes(scene, action.text, "Mara: Who goes there?")
    state(page, "Saved")
    page.keyboard.press("Alt+ArrowUp")
    becomes(scene, "Mara: Who goes there?", action.text)
    expect(page.locator("#announcer")).to_have_text("Moved. Now block 1 of 2.")
    assert shown(page) == ["Who goes there?", action.text]
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#announcer")).to_have_text("This is the first block already.")
    text(page, 2).focus()
    deletions: list[str] = []
    page.on("request", lambda request: deletions.append(request.url) if request.method == "DELETE" else None)
    page.get_by_role("button", name="Delete this block").click()
    becomes(scene, "Mara: Who goes there?")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    becomes(scene, "Mara: Who goes there?", action.text)
    expect(page.locator(".film--clip")).to_have_count(1)  # its clip came back with it
    state(page, "Saved")
    assert len(deletions) == 1  # an answer without a body is one that arrived
    for wanted in (
        ["Mara: Who goes there?"],
        ["Mara: Who goes there?", action.text],
        [action.text, "Mara: Who goes there?"],
        [action.text, "Mara: Who is out there?"],
    ):
        page.keyboard.press("Control+z")
        becomes(scene, *wanted)
    expect(page.locator("#writing").get_by_role("button", name="Undo")).to_be_hidden()
    assert shown(page) == [action.text, "Who is out there?"]
    page.get_by_role("button", name="Redo").click()
    becomes(scene, action.text, "Mara: Who goes there?")
    expect(text(page, 2)).to_have_value("Who goes there?")


def test_a_block_is_carried_by_its_handle(visit, alice, scene, action, dialog):
    page = visit(at(scene), alice)
    text(page, 1).hover()
    grip = page.locator("[data-handle]").bounding_box()
    below = page.locator(".block").nth(1).bounding_box()
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, below["y"] + below["height"] - 10, steps=5)
    page.mouse.up()
    becomes(scene, "Mara: Who is out there?", action.text)


def test_what_cannot_be_saved_says_why_below_it_and_is_kept(visit, alice, scene, action):
    page = visit(at(scene), alice)
    text(page, 1).fill("x" * 10_001)
    expect(page.locator(".block__fault")).to_have_text("Text may hold 10000 characters; 10001 were given. Shorten it.")
    state(page, "Not saved, and kept here")
    page.reload()
    assert [len(value) for value in shown(page)] == [10_001]


def test_a_line_in_hebrew_ends_at_its_left(visit, alice, scene, mara):
    # Catches a question mark at the beginning of a line that reads from the right, as a line and as a field.
    Block.objects.create(scene=scene, position=0, kind="dialog", character=mara, text="שלום, מי שם?")
    page = visit(at(scene), alice)
    first = "field => [getComputedStyle(field).unicodeBidi, getComputedStyle(field).textAlign]"
    assert text(page, 1).evaluate(first) == ["plaintext", "start"]
    assert page.get_by_label("Who speaks in block 1").evaluate(first) == ["plaintext", "left"]


def test_a_note_of_the_script_stays_beside_its_block_while_that_is_written(visit, alice, scene, action):
    # Catches fields that take the place of the note as well as of the text.
    Block.objects.filter(pk=action.pk).update(notes="Is it loud?")
    page = visit(at(scene), alice)
    text(page, 1).fill("Mara opens the door.")
    becomes(scene, "Mara opens the door.")
    expect(page.locator(".block__notes")).to_have_text("Is it loud?")
    check_accessibility(page)


def test_going_back_shows_what_was_written_since(visit, alice, scene, action):
    # Catches a page that the browser kept as it first came: blocks were missing, and the next words met one's own.
    page = visit(at(scene), alice)
    page.reload()  # with the cookies that the first visit set: a page is kept for the same ones only
    text(page, 1).press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("Rain.")
    becomes(scene, action.text, "Rain.")
    page.get_by_role("link", name=scene.film.title, exact=True).click()
    expect(page.locator(".scene-board__title")).to_be_visible()
    page.go_back()
    expect(text(page, 2)).to_have_value("Rain.")


def test_a_block_that_somebody_deleted_is_kept_as_a_new_one(visit, alice, scene, action, dialog):
    page = visit(at(scene), alice)
    Block.objects.filter(pk=dialog.pk).update(removed_at="2026-01-01T00:00:00Z")
    text(page, 2).fill("I was not done.")
    becomes(scene, action.text, "Mara: I was not done.")
    expect(page.locator("#toasts")).to_contain_text("Somebody else deleted a block you wrote in.")


def test_tab_moves_on_for_who_only_passes_through(visit, alice, scene, action, dialog):
    page = visit(at(scene), alice)
    page.get_by_text("Keys").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert script(scene) == [action.text, "Mara: Who is out there?"]
    assert page.locator(".block--dialog").count() == 1


def test_who_may_not_change_the_scene_has_the_page_as_it_was(visit, bob, scene, action, dialog):
    page = visit(at(scene), bob)
    expect(page.get_by_text(action.text)).to_be_visible()
    assert page.locator("textarea, #writing").count() == 0


def test_a_scene_of_five_hundred_blocks_can_be_written_in(visit, alice: User, scene):
    Block.objects.bulk_create(
        Block(scene=scene, position=place, kind="action", text=f"Line {place}.") for place in range(500)
    )
    page = visit(at(scene), alice)
    spent = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert page.locator(".block__text").count() == 500
    assert spent < 20_000  # ms, on a machine that does other things as well
    text(page, 250).fill("Changed.")
    wait_for(lambda: scene.blocks.get(position=249).text == "Changed.")


def test_on_a_phone_the_fields_are_as_wide_as_the_text(visit, alice, scene, action, dialog):
    page = visit(at(scene), alice, viewport=PHONE)
    actions.upload_frame(action, "start", picture_file(), alice)
    text(page, 2).focus()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check_accessibility(page)
