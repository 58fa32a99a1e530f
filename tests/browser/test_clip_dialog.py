"""The three steps in a browser: from the film icon to a playing clip, and everything that may come between."""

import re

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm, remove_perm
from playwright.sync_api import Page, expect

from scenes.models import GENERATE_VIDEO
from tests.fixtures.browser import PHONE, check_accessibility, choose_custom_size, clip_path, drop_file, press, until
from tests.fixtures.rows import finished_video, real_clip, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame, Status, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.xdist_group("stack")
def test_from_signing_in_to_a_playing_clip(visit, kept_worker, action, alice):
    page = visit(f"/scenes/{action.scene_id}/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("alice's password")
    page.get_by_role("button", name="Sign in").click()
    check_accessibility(page)

    page.locator(f"#film-{action.pk}").press("Enter")
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "start")
    expect(page).to_have_url(re.compile("clip/start/$"))
    expect(page.locator("#clip-title")).to_be_focused()
    assert "opens the door" in page.get_by_label("What the picture shows").input_value()
    page.get_by_text("Advanced").click()
    choose_custom_size(page, 640, 384)
    check_accessibility(page)
    page.locator("#clip-main").press("Enter")
    expect(page.locator("#clip-main")).to_have_text(re.compile("Stop|Generate again"))
    expect(page.locator("#clip-main")).to_have_text(re.compile("Generate again"))
    expect(page.get_by_alt_text("The start frame")).to_be_visible()
    expect(page.locator("#clip-main")).to_be_focused()
    frame = Frame.objects.get()
    assert (frame.width, frame.height, frame.is_chosen) == (640, 384, True)

    page.locator("#clip-next").click()
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "end")
    expect(page.locator("#clip-stage").get_by_text("First", exact=True)).to_be_visible()
    check_accessibility(page)
    page.get_by_role("link", name="Skip", exact=True).click()

    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "video")
    expect(page.get_by_text("will use only the start frame")).to_be_visible()
    page.locator("label", has_text=re.compile("^2 s$")).click()
    page.locator("label", has_text=re.compile("^25$")).click()
    choose_custom_size(page, 320, 192)
    expect(page.locator("#clip-forecast")).to_contain_text("2 s at 25 fps, 50 frames")
    check_accessibility(page)
    press(page)
    video = page.locator("#clip-card video")
    expect(video).to_be_visible()
    until(page, "document.querySelector('#clip-card video').readyState >= 1")
    assert video.evaluate("element => element.duration") == pytest.approx(2.0, abs=0.01)
    video.evaluate("element => element.play()")
    until(page, "document.querySelector('#clip-card video').currentTime > 0.2")
    check_accessibility(page)

    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(f"scenes/{action.scene_id}/$"))
    expect(page.locator(f"#block-state-{action.pk}")).to_have_attribute("data-state", "clip")
    expect(page.locator(f"#film-{action.pk}")).to_be_focused()


@pytest.mark.xdist_group("stack")
def test_a_reload_finds_the_running_clip_and_stop_ends_it(visit, kept_worker, action, alice, start_frame, held):
    page = visit(clip_path(action, "video"), alice)
    page.get_by_label("Pipeline").select_option("held")
    page.locator("#clip_steps").fill("50")
    page.get_by_label("What happens").fill("A very slow push in.")
    choose_custom_size(page, 320, 192)
    press(page)
    progress = page.locator("#clip-progress")
    expect(progress).to_contain_text("step 2/50")
    expect(progress).to_contain_text("so far")

    page.reload()
    expect(progress).to_contain_text("step 2/50")
    expect(page.get_by_label("What happens")).to_have_value("A very slow push in.")
    assert Video.objects.count() == 1

    press(page)
    expect(page.locator("#clip-main")).to_contain_text("Generate")
    expect(progress).not_to_be_visible()
    assert Video.objects.get().status == Status.CANCELLED
    expect(page.get_by_label("What happens")).to_have_value("A very slow push in.")


@pytest.mark.xdist_group("stack")
def test_closing_the_dialog_loses_nothing_the_ring_goes_on(visit, kept_worker, action, alice, start_frame, held):
    page = visit(f"/scenes/{action.scene_id}/", alice)
    page.locator(f"#film-{action.pk}").click()
    page.get_by_label("Pipeline").select_option("held")
    page.locator("#clip_steps").fill("2")
    choose_custom_size(page, 320, 192)
    page.locator("label", has_text=re.compile("^1 s$")).click()
    press(page)
    expect(page.locator("#clip-main")).to_contain_text("Stop")
    page.get_by_role("link", name="Close").click()
    state = page.locator(f"#block-state-{action.pk}")
    expect(state).to_have_attribute("data-state", "running")
    held.unlink()
    expect(state).to_have_attribute("data-state", "clip")
    page.locator(f"#film-{action.pk}").click()
    expect(page.locator("#clip-card video")).to_be_visible()


def test_the_trash_asks_first_and_leaves_the_frames(visit, action, alice, start_frame, tmp_path):
    finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))
    page = visit(clip_path(action, "video"), alice)
    trash = page.get_by_role("button", name="Delete this clip")
    trash.click()
    dialog = page.locator("#clip-confirm")
    expect(dialog).to_contain_text("The frames stay")
    check_accessibility(page)
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).not_to_be_visible()
    assert Video.objects.count() == 1
    trash.click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#clip-card")).not_to_be_attached()
    expect(page.get_by_alt_text("The start frame")).to_be_visible()
    expect(page.locator("#clip-step-video")).to_contain_text("to do")
    assert not Video.objects.exists()
    assert Frame.objects.get() == start_frame


def test_what_is_typed_outlives_steps_closing_and_reloading(visit, action, alice, start_frame):
    page = visit(f"/scenes/{action.scene_id}/", alice)
    page.locator(f"#film-{action.pk}").click()
    prompt = page.get_by_label("What happens")
    prompt.fill("Typed with care.")
    page.get_by_role("textbox", name="Seed").fill("not a number")
    page.locator("label", has_text=re.compile("^8 s$")).click()
    page.locator("#clip-step-start").click()
    page.get_by_label("What the picture shows").fill("Another text.")
    page.locator("#clip-step-video").click()
    expect(prompt).to_have_value("Typed with care.")
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#clip-panel")).not_to_be_attached()
    page.reload()
    page.locator(f"#film-{action.pk}").click()
    expect(prompt).to_have_value("Typed with care.")
    expect(page.get_by_label("8 s", exact=True)).to_be_checked()
    press(page)
    error = page.locator("#clip_seed_error")
    expect(error).to_contain_text(
        "Seed must be a whole number from 0 to 4294967295, or empty; “not a number” was given."
    )
    expect(page.locator("#clip_seed")).to_be_focused()
    expect(prompt).to_have_value("Typed with care.")
    check_accessibility(page)
    page.locator("#clip-step-start").click()
    expect(page.get_by_label("What the picture shows")).to_have_value("Another text.")


def sign_out_and_in(page: Page, name: str) -> None:
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(f"{name}'s password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".menu__name")).to_have_text(name)


def test_the_next_account_in_a_tab_does_not_see_what_the_one_before_typed(visit, action, alice, bob, start_frame):
    assign_perm(GENERATE_VIDEO, bob, action)
    page = visit(f"/scenes/{action.scene_id}/", alice)
    prompt = page.get_by_label("What happens")
    page.locator(f"#film-{action.pk}").click()
    offered = prompt.input_value()
    prompt.fill("A secret of Alice’s.")
    for name, text in (("bob", offered), ("alice", "A secret of Alice’s.")):
        page.keyboard.press("Escape")
        sign_out_and_in(page, name)
        page.goto(f"/scenes/{action.scene_id}/")
        page.locator(f"#film-{action.pk}").click()
        expect(prompt).to_be_visible()  # an Escape before the dialog has opened closes nothing
        expect(prompt).to_have_value(text)


def test_back_closes_the_dialog_and_forward_opens_it_again(visit, action, alice, start_frame):
    page = visit(f"/scenes/{action.scene_id}/", alice)
    page.locator(f"#film-{action.pk}").click()
    expect(page).to_have_url(re.compile("clip/video/$"))
    page.go_back()
    expect(page.locator("#clip-dialog")).not_to_be_visible()
    expect(page).to_have_url(re.compile(f"scenes/{action.scene_id}/$"))
    page.go_forward()
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "video")


def test_a_picture_of_ones_own_is_taken_as_soon_as_it_is_chosen_or_dropped(visit, action, alice, tmp_path):
    path = tmp_path / "mine.png"
    path.write_bytes(picture_file().read())
    page = visit(clip_path(action, "start"), alice)
    page.locator("#clip-image").set_input_files(path)
    expect(page.get_by_alt_text("The start frame")).to_be_visible()
    expect(page.locator("#clip-next")).to_be_visible()
    drop_file(page, "#clip-stage", "mine.png", "no picture")
    expect(page.get_by_role("alert")).to_contain_text("could not be read")
    check_accessibility(page)


def test_candidates_are_looked_at_before_one_is_used(visit, action, alice, start_frame):
    second = actions.upload_frame(action, "start", picture_file(color="red"), alice)
    page = visit(clip_path(action, "start"), alice)
    page.locator(f"#clip-candidate-{start_frame.pk}").click()
    page.get_by_role("button", name="Use this").click()
    expect(page.locator(f"#clip-candidate-{start_frame.pk}")).to_contain_text("In use")
    second.refresh_from_db()
    assert not second.is_chosen


def test_the_player_steps_by_single_frames(visit, action, alice, start_frame, tmp_path):
    finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))
    page = visit(clip_path(action, "video"), alice)
    number = page.locator("[data-frame-number]")
    expect(number).to_have_text("frame 1/4")
    page.get_by_role("button", name="One frame forward").click()
    expect(number).to_have_text("frame 2/4")
    page.keyboard.press(".")
    expect(number).to_have_text("frame 3/4")
    page.keyboard.press(",")
    expect(number).to_have_text("frame 2/4")


@pytest.mark.xdist_group("stack")
def test_the_whole_road_works_without_javascript(visit, kept_worker, action, alice):
    page = visit(f"/scenes/{action.scene_id}/", alice, java_script_enabled=False)
    page.locator(f"#film-{action.pk}").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_text("Advanced").click()
    choose_custom_size(page, 320, 192)
    press(page)

    def reload_until(locator) -> None:
        for _ in range(100):
            if locator.count():
                return
            page.wait_for_timeout(300)
            page.reload()
        raise AssertionError("It never came.")

    reload_until(page.get_by_alt_text("The start frame"))
    page.locator("#clip-next").click()
    page.get_by_role("link", name="Skip", exact=True).click()
    choose_custom_size(page, 320, 192)
    page.locator("label", has_text=re.compile("^1 s$")).click()
    press(page)
    reload_until(page.locator("#clip-card video"))
    assert Video.objects.get().duration == 1


@pytest.mark.parametrize("step", ["start", "end", "video"])
@pytest.mark.parametrize(("scheme", "viewport"), [("light", PHONE), ("dark", PHONE), ("light", None)])
def test_every_step_is_accessible_in_every_light_and_width(
    visit, action, alice, start_frame, tmp_path, step, scheme, viewport
):
    finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))
    options = {"viewport": viewport} if viewport else {}
    page = visit(clip_path(action, step), alice, color_scheme=scheme, **options)
    check_accessibility(page)
    assert page.evaluate("document.getElementById('clip-dialog').scrollWidth <= innerWidth")


def test_who_may_only_look_can_follow_what_is_made(visit, action, alice, bob, start_frame):
    page = visit(clip_path(action, "video"), bob)
    expect(page.locator("#clip-main")).to_be_disabled()
    expect(page.locator("#clip-why-not")).to_contain_text("scene_block:video:generate")
    check_accessibility(page)


def test_a_browser_does_not_show_what_it_has_kept_once_the_right_is_gone(visit, action, alice, bob, start_frame):
    picture = reverse("frame_picture", args=[action.scene_id, action.pk, start_frame.pk])
    page = visit("/", bob)
    fetch = "url => fetch(url).then(answer => answer.status)"
    assert page.evaluate(fetch, picture) == 200
    remove_perm("view_scene", bob, action.scene)
    assert page.evaluate(fetch, picture) == 404


def test_enter_in_a_number_field_does_what_generate_does_and_ctrl_enter_does_it_in_the_prompt(
    visit, action, alice, start_frame
):
    page = visit(f"/scenes/{action.scene_id}/", alice)
    page.locator(f"#film-{action.pk}").click()  # what the film icon opens comes by htmx, not with the page
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for step in ("start", "video", "end"):  # it opens at the clip
        page.locator(f"#clip-step-{step}").click()
        expect(page.locator("#clip-panel")).to_have_attribute("data-step", step)
        page.route(f"**/clip/{step}/", lambda route: route.fulfill(status=204))
        if step == "start":
            page.get_by_text("Advanced").click()
        for field, keys in (("seed", "Enter"), ("prompt", "Control+Enter")):
            with page.expect_response(f"**/clip/{step}/"):
                page.locator(f"#clip_{field}").press(keys)
            expect(page.locator("#clip-main")).to_be_enabled()
        assert [url.rpartition("/clip/")[2] for url in sent] == [f"{step}/"] * 2
        sent.clear()


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=3)
    page.mouse.up()


def test_text_selected_out_of_the_dialog_leaves_it_open_and_a_press_beside_it_closes_it(visit, action, alice):
    page = visit(clip_path(action, "start"), alice)
    dialog = page.locator("#clip-dialog")
    expect(page.locator("#clip-title")).to_be_focused()
    box = page.locator("#clip_prompt").bounding_box()
    inside, beside = (box["x"] + 150, box["y"] + 20), (5, box["y"] + 20)
    drag(page, inside, beside)
    drag(page, beside, inside)
    assert page.evaluate("document.getElementById('clip-dialog').open")
    drag(page, beside, beside)
    expect(dialog).not_to_be_visible()


def test_a_text_field_somebody_resized_keeps_its_size_after_a_poll_without_a_console_error(visit, action, alice):
    page = visit(clip_path(action, "start"), alice)
    field = page.locator("#clip_prompt")
    field.evaluate("element => { element.style.height = '310px'; }")  # as the browser does while a corner is drawn
    press(page)
    expect(page.locator("#clip-main")).to_contain_text("Stop")
    Frame.objects.get().cancel(alice)
    expect(page.locator("#clip-main")).to_contain_text("Generate")
    assert field.bounding_box()["height"] == 310
    page.get_by_role("button", name="From the script").click()
    expect(page.locator("#clip-prompt-field.htmx-request")).not_to_be_attached()
    page.locator("#clip-step-end").click()
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "end")
    assert field.bounding_box()["height"] < 310, "another step's field is another field"
    page.locator("#clip-step-start").click()
    expect(page.locator("#clip-panel")).to_have_attribute("data-step", "start")
    assert field.bounding_box()["height"] == 310


def test_the_bar_of_a_run_never_goes_back(visit, action, alice, start_frame):
    # Catches a bar that jumps from half to a fifth where the estimate turns out too low.
    video = running_video(action, alice)
    video.mine.update(phase="denoising", step=50, steps=100)
    page = visit(clip_path(action, "video"), alice)
    for step, shown in ((50, 50), (20, 50), (70, 70)):
        video.mine.update(step=step)
        expect(page.locator("#clip-progress")).to_contain_text(f"step {step}/100")
        expect(page.locator("#clip-progress progress")).to_have_js_property("value", shown)
