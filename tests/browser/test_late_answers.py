"""Answers that come late, or in another order than they were asked for."""

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import clip_path, hold, release
from tests.fixtures.rows import finished_video, queued_frame
from tests.fixtures.scene import new_scene, picture_file
from tests.fixtures.written import at, becomes
from videogen import actions

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


def test_the_forecast_is_that_of_the_settings_that_were_chosen_last(visit, action, alice, start_frame):
    # Catches a forecast of other settings: the answer to the choice before took out what was to ask for the next one.
    page = visit(clip_path(action, "video"), alice)
    held = hold(page, "**/estimate/**")
    page.locator("label", has_text=re.compile("^2 s$")).click()
    forecast = page.locator("#clip-forecast")
    expect(forecast).to_have_class(re.compile("htmx-request"))
    page.locator("label", has_text=re.compile("^25$")).click()
    page.evaluate("new Promise((done) => setTimeout(done, 300))")  # timers come in order: the page has heard of the 25
    release(page, held)
    expect(forecast).to_contain_text("2 s at 25 fps, 50 frames")


def test_a_film_shows_what_happened_while_an_answer_from_before_was_on_its_way(visit, action, alice):
    # Catches the state of before, which stays until the page is loaded anew.
    page = visit(f"/scenes/{action.scene_id}/", alice)
    before = []
    page.route("**/state/", lambda route: before.append((route, route.fetch())), times=1)
    changed = f"htmx.trigger(document.body, 'block-changed', {{ block: {str(action.pk)!r} }})"
    page.evaluate(changed)
    while not before:
        page.wait_for_timeout(50)
    actions.upload_frame(action, "start", picture_file(), alice)
    page.evaluate(changed)
    [(route, answer)] = before
    route.fulfill(response=answer)
    expect(page.locator(f"#block-state-{action.pk}")).to_have_attribute("data-still", re.compile("frames"))
