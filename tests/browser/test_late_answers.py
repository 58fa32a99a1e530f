"""Answers that come late, or in another order than they were asked for."""

import re

import pytest
from playwright.sync_api import Page, expect

from scenes.models import GENERATE_VIDEO, RightRequest
from tests.fixtures.browser import clip_path, hold, hold_answer, release, until
from tests.fixtures.rows import finished_video, queued_frame
from tests.fixtures.scene import new_scene
from tests.fixtures.written import at, becomes, state, text

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_that_comes_late_does_not_change_the_step_somebody_went_to(visit, action, alice, start_frame):
    frame = queued_frame(action, alice)
    page = visit(clip_path(action, "start"), alice)
    held = []
    page.route("**/start/card/**", lambda route: held.append(route))
    while not held:
        page.wait_for_timeout(50)
    frame.cancel(alice)
    page.locator("#clip-step-video").click()
    expect(page.locator("#clip-stage")).to_have_attribute("data-step", "video")
    for route in held:
        route.continue_()
    page.wait_for_timeout(1000)
    expect(page.locator("#clip-stage")).to_have_attribute("data-step", "video")
    expect(page.locator("#clip-step-video")).to_have_attribute("aria-current", "step")


def test_of_two_steps_that_were_pressed_the_later_one_is_shown(visit, action, alice, start_frame):
    # Catches a press that is lost because the answer to the one before took its link out of the page.
    page = visit(clip_path(action, "video"), alice)
    held = hold(page, "**/panel/", count=2)
    for step in ("start", "end"):
        page.locator(f"#clip-step-{step}").click()
    release(page, held, 0)
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "start")
    release(page, held, 1)
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "end")
    expect(page).to_have_url(f"{page.url.partition('/clip/')[0]}/clip/end/")


def test_of_two_films_that_were_pressed_the_later_one_is_opened(visit, action, dialog, alice):
    # Catches the dialog of another block over what somebody types by now.
    page = visit(f"/scenes/{action.scene_id}/", alice)
    held = hold(page, "**/panel/", count=2)
    films = [page.locator(f"#film-{block.pk}") for block in (action, dialog)]
    for film in films:
        film.click()
    release(page, held, 1)
    expect(page.locator("#clip-panel")).to_have_attribute("data-block", str(dialog.pk))
    expect(films[0]).to_have_class(re.compile("htmx-request"))
    release(page, held, 0)
    expect(films[0]).not_to_have_class(re.compile("htmx-request"))
    expect(page.locator("#clip-panel")).to_have_attribute("data-block", str(dialog.pk))
    expect(page).to_have_url(re.compile(clip_path(dialog, "")[:-1]))
    page.keyboard.press("Escape")
    expect(films[1]).to_be_focused()


def test_a_dialog_that_somebody_went_on_to_and_back_from_does_not_open(visit, action, alice):
    # Catches a late answer that opens the dialog on the page somebody went back to, and writes it into the history.
    page = visit(f"/scenes/{action.scene_id}/", alice)
    page.locator(f"#film-{action.pk}").click()
    expect(page.locator("#clip-panel")).to_be_visible()
    page.go_back()
    expect(page.locator("#clip-panel")).not_to_be_attached()
    held = hold(page, "**/panel/")
    page.go_forward()
    expect(page.locator("body")).to_have_class(re.compile("htmx-request"))
    page.go_back()
    release(page, held)
    expect(page.locator("body")).not_to_have_class(re.compile("htmx-request"))
    expect(page.locator("#clip-dialog")).to_be_hidden()
    expect(page).to_have_url(re.compile(f"/scenes/{action.scene_id}/$"))


def test_a_dialog_is_there_again_though_the_browser_tells_late_that_it_was_closed(visit, action, alice):
    # Catches a dialog that goes away again: the browser tells of a closing with the next picture that it draws.
    page = visit(f"/scenes/{action.scene_id}/", alice)
    page.locator(f"#film-{action.pk}").click()
    expect(page.locator("#clip-panel")).to_be_visible()
    page.evaluate("""() => window.addEventListener("close", (event) => {
        if (event.isTrusted) event.stopImmediatePropagation();
    }, { capture: true })""")
    page.go_back()
    expect(page.locator("#clip-dialog")).to_be_hidden()
    held = hold(page, "**/panel/")
    page.go_forward()
    expect(page.locator("body")).to_have_class(re.compile("htmx-request"))
    page.evaluate("document.getElementById('clip-dialog').dispatchEvent(new Event('close'))")
    release(page, held)
    expect(page.locator("#clip-panel")).to_be_visible()
    expect(page).to_have_url(re.compile("/clip/start/$"))


def test_a_take_that_was_pressed_is_not_shown_in_another_step(visit, action, alice, start_frame):
    # Catches the stage of the step before in the one that was pressed first and came first.
    first, _second = (finished_video(action, alice) for _ in range(2))
    page = visit(clip_path(action, "video"), alice)
    held = [hold(page, pattern) for pattern in ("**/panel/", "**/stage/**")]
    page.locator("#clip-step-end").click()
    page.locator(f"#clip-take-{first.pk}").click()
    release(page, held[0], 0)
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "end")
    with page.expect_response("**/stage/**"):
        release(page, held[1], 0)
    page.locator("#clip-step-start").click()
    expect(page.locator("#clip-stage")).to_have_attribute("data-step", "start")


def test_a_step_that_was_pressed_does_not_open_the_dialog_that_was_closed_meanwhile(visit, action, alice, start_frame):
    # Catches a late answer that brings back what somebody has left.
    page = visit(clip_path(action, "video"), alice)
    held = hold(page, "**/panel/")
    page.locator("#clip-step-start").click()
    page.keyboard.press("Escape")
    expect(page.locator("#clip-dialog")).to_be_hidden()
    with page.expect_response("**/panel/"):
        release(page, held, 0)
    page.locator(f"#film-{action.pk}").click()
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "video")


def test_an_answer_that_comes_at_the_moment_of_closing_leaves_no_empty_dialog(visit, action, alice, start_frame):
    # Catches a dialog that is open and empty: an answer between the closing and the event that tells of it.
    page = visit(clip_path(action, "video"), alice)
    page.evaluate("""() => document.addEventListener(
        "htmx:beforeOnLoad", () => document.getElementById("clip-dialog").close(), { capture: true, once: true },
    )""")
    page.locator("#clip-step-start").click()
    expect(page.locator("#clip-panel")).not_to_be_attached()
    expect(page.locator("#clip-dialog")).to_be_hidden()


def test_a_block_that_is_gone_when_its_pictures_would_come_is_not_told_of(visit, alice, scene):
    # Catches "That did not work" after two blocks were joined: the film of the second one was still asked for.
    page = visit(at(scene), alice)
    page.get_by_role("button", name="Begin to write").click()
    held = hold(page, "**/state/", count=2)
    for words in ("Wind.", "Rain."):
        page.keyboard.type(words)
        page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    becomes(scene, "Wind.", "Rain.")
    state(page, "Saved")  # the page knows: the pictures of both are asked for
    page.keyboard.press("Home")
    page.keyboard.press("Backspace")
    becomes(scene, "Wind. Rain.")
    for number in range(2):
        with page.expect_response("**/state/"):
            release(page, held, number)
    expect(page.locator(".film--new")).to_have_count(0)
    expect(page.locator("#toasts > *")).to_have_count(0)


def test_each_of_many_new_blocks_gets_its_pictures_on_a_slow_line(visit, alice, scene):
    # Catches the icon that never comes: of three requests in one queue the one in the middle was dropped.
    page = visit(at(scene), alice)
    page.get_by_role("button", name="Begin to write").click()
    held = hold(page, "**/state/", count=3)
    lines = ("Wind.", "Rain.", "Snow.")
    for words in lines:
        page.keyboard.type(words)
        page.keyboard.press("Enter")
    becomes(scene, *lines)
    for number in range(3):
        release(page, held, number)
    expect(page.locator(".film:not(.film--new)")).to_have_count(3)


def test_a_block_of_which_the_page_hears_that_it_is_gone_before_it_was_undone_is_not_told_of(visit, alice, scene):
    # Catches "That did not work" beside an Undo that worked: what it removed was still asked for, and not there.
    page = visit(at(scene), alice)
    page.get_by_role("button", name="Begin to write").click()
    pictures, undone = hold(page, "**/state/"), hold_answer(page, "**/undo")
    page.keyboard.type("Wind.")
    becomes(scene, "Wind.")
    state(page, "Saved")
    page.keyboard.press("Control+z")
    becomes(scene)
    with page.expect_response("**/state/"):
        release(page, pictures)
    release(page, undone)
    expect(page.locator(".block__text")).to_have_count(0)
    expect(page.locator("#toasts > *")).to_have_count(0)


def test_what_is_typed_while_an_undo_is_on_its_way_stays(visit, alice, scene, action, dialog):
    # Catches keystrokes that the answer to Undo writes over, in the block that it changes and in one that it removes.
    page = visit(at(scene), alice)
    text(page, 1).fill("Rain.")
    becomes(scene, "Rain.", "Mara: Who is out there?")
    state(page, "Saved")
    held = hold(page, "**/undo")
    text(page, 1).press("Control+z")
    page.keyboard.type(" Fog.")
    release(page, held)
    becomes(scene, "Rain. Fog.", "Mara: Who is out there?")
    page.keyboard.press("Enter")
    page.keyboard.type("Wind.")
    becomes(scene, "Rain. Fog.", "Wind.", "Mara: Who is out there?")
    state(page, "Saved")
    page.unroute("**/undo")
    held = hold(page, "**/undo")
    page.keyboard.press("Control+z")
    page.keyboard.type(" Snow.")
    release(page, held)
    becomes(scene, "Rain. Fog.", "Wind. Snow.", "Mara: Who is out there?")


def test_what_changes_while_the_answer_to_the_change_before_is_on_its_way_is_shown(visit, alice, scene, action, dialog):
    # Catches "Left out (1)" beside two blocks that are: the second question left the page with the first answer.
    page = visit(at(scene), alice)
    held = hold_answer(page, "**/left-out/link/")
    for number in (2, 1):
        text(page, number).focus()
        page.get_by_role("button", name="Delete this block").click()
        becomes(scene, *[action.text][: number - 1])
    state(page, "Saved")
    release(page, held)
    expect(page.get_by_role("link", name="Left out (2)")).to_be_visible()


def count_refreshes(page: Page) -> None:
    page.evaluate("""() => {
        window.refreshes = 0;
        window.addEventListener("refresh", () => { window.refreshes += 1; }, { capture: true });
    }""")


def test_the_forecast_is_of_the_settings_as_they_are_in_the_end(visit, alice, action, start_frame):
    # Catches the frames of 1 s beside the 2 s that were chosen before the answer to the first choice was there.
    page = visit(clip_path(action, "video"), alice)
    count_refreshes(page)
    held = hold_answer(page, "**/estimate/**")
    for number, seconds in enumerate(("1 s", "2 s"), start=1):
        page.locator("label", has_text=re.compile(f"^{seconds}$")).click()
        until(page, f"window.refreshes === {number}")
    release(page, held)
    expect(page.locator("#clip-forecast")).to_contain_text("2 s at")


def test_the_list_of_people_shows_both_of_two_requests_that_were_granted_in_a_row(
    visit, alice, bob, charlie, scene, action
):
    # Catches a request that still waits for an answer which it has got.
    for person in (bob, charlie):
        RightRequest.objects.create(film=scene.film, scene=scene, person=person, right=GENERATE_VIDEO)
    page = visit(f"/scenes/{scene.pk}/people/", alice)
    count_refreshes(page)
    held = hold_answer(page, "**/people/panel/")
    for number, name in enumerate(("bob", "charlie"), start=1):
        page.get_by_role("button", name=f"Grant {name}").click()
        until(page, f"window.refreshes === {number}")
    release(page, held)
    expect(page.locator("#people-requests")).to_have_count(0)


def test_both_of_two_choices_that_were_made_in_a_row_decide_on_the_plan(visit, alice, scene, action):
    # Catches the second choice that is lost with the form when the answer to the first one comes.
    page = visit(f"/scenes/{scene.pk}/plan/", alice)
    held = hold_answer(page, "**/plan/?**")
    with page.expect_request("**/plan/?**"):
        page.get_by_role("radio", name="Clips", exact=True).check()
    page.get_by_role("radio", name="Out of date").check()
    release(page, held)
    expect(page).to_have_url(re.compile("what=videos&only=outdated"))
    expect(page.get_by_role("radio", name="Out of date")).to_be_checked()


def test_a_sentence_is_said_of_each_of_two_changes_pressed_in_a_row(visit, alice, scene):
    # Catches what is told to a button that the answer before took out of the page: nobody would hear of it.
    others = [new_scene(alice, title=title) for title in ("Fog", "Dawn")]
    page = visit(f"/films/{scene.film_id}/", alice)
    held = [hold(page, f"**/{other.pk}/later/") for other in (scene, others[0])]
    for name in ("Move The Last Lamp later", "Move Fog later"):
        page.get_by_role("button", name=name).click()
    release(page, held[0])
    expect(page.locator("#announcer")).to_have_text("“The Last Lamp” is scene 2 now.")
    release(page, held[1])
    expect(page.locator("#announcer")).to_have_text("“Fog” is scene 2 now.")
    expect(page.locator(".scene-board__title")).to_contain_text(["The Last Lamp", "Fog", "Dawn"])  # shown as well


def test_a_page_left_open_does_not_ask_for_ever_for_a_block_that_is_gone(visit, alice, action):
    # Catches a request every two seconds, and a line in the log, for as long as somebody's page stays open.
    queued_frame(action, alice)
    page = visit(at(action.scene), alice)
    page.clock.install()
    page.reload()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/state/" in request.url else None)
    action.delete()
    with page.expect_response("**/state/?live"):
        page.clock.run_for(2000)
    page.clock.run_for(10_000)
    page.evaluate("fetch('/films/')")  # whatever was asked before it has been told of by now
    assert len(asked) == 1
