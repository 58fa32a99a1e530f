"""The three steps through the client: what each shows, what pressing Generate does, and what comes back."""

import pytest
from django.test import Client
from django.utils.html import escape
from guardian.shortcuts import assign_perm

from tests.fixtures.pages import FRAME, HTMX, VIDEO, here, holds_what_was_typed, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame, queued_video, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame, Status, Video
from videogen.specs import DEFAULT_NEGATIVE_PROMPT


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


def test_opening_leads_to_the_first_thing_that_is_missing(browser, action, alice):
    assert browser.get(here("clip", action)).url == here("clip_start", action)
    frame = queued_frame(action, alice, role="end")
    assert browser.get(here("clip", action)).url == here("clip_end", action)
    frame.cancel(alice)


def test_opening_a_block_with_a_start_frame_leads_to_the_video(browser, action, start_frame):
    assert browser.get(here("clip", action)).url == here("clip_video", action)
    assert look(browser.get(here("clip_panel", action))).ids["clip-panel"]["data-step"] == "video"


def test_step_1_begins_with_a_prompt_of_the_block_its_location_and_who_is_named(browser, action, mara):
    page = look(browser.get(here("clip_start", action)))
    for words in ("opens the door", "yellow raincoat", "lighthouse above a dark sea", "Flat illustration"):
        assert words in page.value("prompt")
    assert page.values["include_location"] == ["on"]
    assert page.values["character_ids"] == [str(mara.pk)]
    assert page.value("size") == "1280x704"
    assert "Animatic" in page.text
    assert "does not use this" not in page.text  # a setting that does nothing is not shown


def test_step_3_offers_all_eight_settings_with_their_defaults(browser, action, start_frame):
    page = look(browser.get(here("clip_video", action)))
    assert page.value("prompt").startswith("Slow push in. The young keeper opens the door.")
    assert page.value("negative_prompt") == DEFAULT_NEGATIVE_PROMPT
    assert (page.value("duration"), page.value("frame_rate")) == ("5", "24")
    assert (page.value("steps"), page.value("guidance_scale"), page.value("seed")) == ("28", "3", "")
    assert page.value("size") == "1280x704"
    assert "5 s at 24 fps, 120 frames" in page.text


def test_the_resolutions_of_the_list_come_with_their_portrait_twins(browser, action):
    html = browser.get(here("clip_video", action)).content.decode()
    for width, height in ((768, 512), (1024, 576), (1280, 704), (1280, 720), (1920, 1080)):
        assert f'value="{width}x{height}"' in html
        assert f'value="{height}x{width}"' in html


def test_an_upright_start_frame_makes_the_clip_upright_to_begin_with(browser, action, alice):
    actions.upload_frame(action, "start", picture_file((320, 640)), alice)
    assert look(browser.get(here("clip_video", action))).value("size") == "704x1280"


def test_without_a_start_frame_the_video_cannot_be_asked_for_and_the_way_is_shown(browser, action):
    page = look(browser.get(here("clip_video", action)))
    assert page.is_disabled("clip-main")
    assert page.ids["clip-main"]["aria-describedby"] == "clip-no-start"
    assert "banner--warning" in (page.ids["clip-no-start"]["class"] or "")
    assert "The start frame is missing" in page.text
    assert "Go to step 1" in page.text
    refused = browser.post(here("clip_video", action), VIDEO | {"prompt": "All of this was typed."})
    assert look(refused).value("prompt") == "All of this was typed."
    assert "no start frame" in look(refused).text
    assert not Video.objects.exists()


def test_without_an_end_frame_the_video_can_be_asked_for_and_a_quiet_word_says_so(browser, action, start_frame):
    page = look(browser.get(here("clip_video", action)))
    assert page.ids["clip-no-end"]["class"] == "banner"
    assert "will use only the start frame" in page.text
    assert not page.is_disabled("clip-main")


@pytest.mark.parametrize("step", ["start", "end"])
def test_generate_queues_a_frame_with_exactly_what_was_asked(browser, action, alice, mara, step):
    if step == "end":
        actions.upload_frame(action, "start", picture_file(), alice)
    sent = FRAME | {"character_ids": [str(mara.pk)], "seed": "42", "negative_prompt": "fog"}
    response = browser.post(here(f"clip_{step}", action), sent)
    assert response.url == here(f"clip_{step}", action)
    frame = Frame.objects.live().get()
    assert (frame.role, frame.status, frame.requested_by) == (step, Status.QUEUED, alice)
    spec = frame.read_spec()
    assert (spec.prompt, spec.negative_prompt, spec.seed) == ("A lamp goes out.", "fog", 42)
    assert (spec.width, spec.height, spec.include_location) == (320, 192, True)
    assert spec.character_ids == (str(mara.pk),)


def test_chips_switched_off_leave_the_picture(browser, action):
    browser.post(here("clip_start", action), {key: value for key, value in FRAME.items() if key != "include_location"})
    spec = Frame.objects.get().read_spec()
    assert (spec.include_location, spec.character_ids) == (False, ())


def test_generate_queues_a_video_with_exactly_what_was_asked(browser, action, start_frame):
    sent = VIDEO | {"duration": "8", "frame_rate": "30", "size": "1920x1080", "guidance_scale": "7.5", "seed": "0"}
    assert browser.post(here("clip_video", action), sent).status_code == 302
    spec = Video.objects.get().read_spec()
    assert (spec.duration, spec.frame_rate, spec.frames) == (8, 30, 240)
    assert (spec.width, spec.height, spec.guidance_scale, spec.seed) == (1920, 1080, 7.5, 0)


def test_generate_turns_into_stop_and_the_panel_polls(browser, action, start_frame):
    response = browser.post(here("clip_video", action), VIDEO, headers=HTMX)
    page = look(response)
    assert "Stop" in page.text
    assert page.ids["clip-progress"]["hx-trigger"] == "every 1s"
    assert "next in line" in page.text
    assert response["HX-Trigger-After-Swap"] == f'{{"block-changed": {{"block": "{action.pk}"}}}}'


def test_a_second_press_makes_no_second_job_and_loses_nothing_typed(browser, action, start_frame):
    browser.post(here("clip_video", action), VIDEO)
    again = browser.post(here("clip_video", action), VIDEO | {"prompt": "Typed in the other tab."}, headers=HTMX)
    page = look(again)
    assert "being made already" in page.text
    assert page.value("prompt") == "Typed in the other tab."
    assert Video.objects.count() == 1


def test_a_reload_or_a_deep_link_finds_the_running_job(browser, action, alice, start_frame):
    video = running_video(action, alice, prompt="Pan left.", seed=5)
    video.mine.update(phase="denoising", step=12, steps=28)
    page = look(browser.get(here("clip_video", action)))
    assert "step 12/28" in page.text
    assert page.value("prompt") == "Pan left."
    assert page.value("seed") == "5"


BAD = {
    "duration": ("0", "9", "1.5", "abc", "-1", "1e1"),
    "frame_rate": ("23", "60", "x"),
    "steps": ("0", "51", "2.5", "many", "9" * 400),
    "guidance_scale": ("0.5", "20.1", "nan", "inf", "x"),
    "start_strength": ("-0.1", "1.1", "nan", "half"),
    "end_strength": ("2", "-1"),
    "seed": ("-1", "4294967296", "1.5", "abc", "\u0661\u0662x"),
    "width": ("63", "321", "4098", "wide", "1e400"),
    "height": ("0", "-64", "65"),
    "size": ("1x1", "1280x705", "x", "1280", "<script>"),
    "model": ("ltx9000", "../x"),
    "prompt": ("", "   ", "x" * 4001, "x" * 100_000, "a\x00b", "bell\x07"),
    "negative_prompt": ("x" * 4001, "a\x00b"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_comes_back_beside_its_field_with_everything_typed(browser, action, start_frame, subtests, name):
    for number, value in enumerate(BAD[name]):
        typed = VIDEO | {"prompt": "Typed with care.", "negative_prompt": "fog", "seed": "11", name: value}
        for headers in (HTMX,) if number else ({}, HTMX):  # the whole page holds the same panel
            with subtests.test(value[:40]):
                page = look(browser.post(here("clip_video", action), typed, headers=headers))
                holds_what_was_typed(page, name, typed)
                assert not Video.objects.exists()


def test_a_frame_cannot_show_somebody_of_another_scene(browser, action):
    stranger = "00000000-0000-4000-8000-000000000000"
    page = look(browser.post(here("clip_start", action), FRAME | {"character_ids": [stranger]}))
    assert f"Character “{stranger}” does not belong to this scene." in page.text
    page = look(browser.post(here("clip_start", action), FRAME | {"character_ids": ["'; drop table"]}))
    assert "does not belong to this scene" in page.text
    assert not Frame.objects.exists()


def test_a_size_too_large_for_the_clip_is_said_beside_the_resolution(browser, action, start_frame, settings):
    settings.CLIP_PIXEL_BUDGET = 1920 * 1080 * 24
    page = look(browser.post(here("clip_video", action), VIDEO | {"size": "1920x1080", "duration": "2"}))
    assert "1356 × 762 fits; a shorter clip may be larger." in page.text
    assert "clip_size_error" in page.ids


def test_what_was_typed_is_shown_as_text_and_never_run(browser, action, start_frame):
    nasty = '"><script>alert(1)</script>'
    html = browser.post(here("clip_video", action), VIDEO | {"seed": nasty, "prompt": nasty}).content.decode()
    assert nasty not in html
    assert escape(nasty) in html


def test_a_failed_run_says_why_and_what_to_do(browser, action, alice, start_frame):
    video = running_video(action, alice)
    video.fail("out_of_memory", {"asked": "1920x1080, 8 s", "fits": "1280x720 fits."})
    page = look(browser.get(here("clip_video", action)))
    assert "The device ran out of memory at 1920x1080, 8 s. 1280x720 fits." in page.text
    assert "failed" in page.text


def test_a_finished_clip_shows_its_settings_and_what_made_it(browser, action, alice, start_frame):
    video = finished_video(action, alice, prompt="Tilt up.", seed=123456)
    page = look(browser.get(here("clip_video", action)))
    for words in ("seed 123456", "320 × 192, 1 s at 24 fps", "Animatic", "Tilt up.", "Same settings, new seed"):
        assert words in page.text
    assert here("clip_file", action, video.pk) in page.html
    assert "Use last frame as next start" not in page.text  # this is the scene's last block


def test_a_clip_made_from_frames_that_have_changed_says_so(browser, action, alice, start_frame):
    finished_video(action, alice)
    words = "Since this take was made, this has changed: The start frame was a picture is another picture"
    assert words not in look(browser.get(here("clip_video", action))).text
    actions.upload_frame(action, "start", picture_file(color="red"), alice)
    assert words in look(browser.get(here("clip_video", action))).text


def test_the_estimate_answers_for_the_settings_as_they_are_typed(browser, action, start_frame):
    url = here("clip_estimate", action)
    page = look(browser.get(url, {**VIDEO, "duration": "3", "frame_rate": "25"}))
    assert "3 s at 25 fps, 75 frames" in page.text
    assert "Seed must be" in look(browser.get(url, {**VIDEO, "seed": "abc"})).text
    assert "5 s at 24 fps" in look(browser.get(url)).text


def test_the_prompt_can_be_composed_again_for_the_characters_switched_on(browser, action, mara):
    url = here("clip_prompt", action, "start")
    assert "yellow raincoat" not in (look(browser.get(url)).ids["clip-script"]["data-script"] or "")
    switched_on = look(browser.get(url, {"character_ids": [str(mara.pk)]}))
    assert "yellow raincoat" in (switched_on.ids["clip-script"]["data-script"] or "")
    # The words alone: a field that is swapped has lost what was typed, and what Ctrl+Z would give back.
    assert "clip_prompt" not in switched_on.ids
    assert "Undo" in switched_on.text


# --- Polling ---------------------------------------------------------------------------------------------------


def poll_url(page) -> str:
    return page.ids["clip-progress"]["hx-get"] or ""


@pytest.mark.parametrize("others", [0, 5])
def test_a_poll_costs_seven_queries_however_much_there_is(
    browser, action, dialog, alice, start_frame, django_assert_num_queries, others
):
    for _ in range(others):
        finished_video(action, alice)
        actions.upload_frame(action, "end", picture_file(), alice)
    queued_video(action, alice)
    url = poll_url(look(browser.get(here("clip_video", action))))
    with django_assert_num_queries(7):  # session, person, block, frames, videos, past runs, queue
        page = look(browser.get(url, headers=HTMX))
    assert list(page.ids) == ["clip-progress"]


@pytest.mark.parametrize(("step", "queries"), [("start", 8), ("end", 8), ("video", 10)])
def test_a_dialog_is_opened_with_eight_to_ten_queries(
    browser, action, alice, start_frame, django_assert_num_queries, step, queries
):
    # Catches a rewrite of the prompt that is read twice: for the words in the field, and for the line below it.
    with django_assert_num_queries(queries):
        browser.get(here("clip_step_panel", action, step), headers=HTMX)


def test_a_running_job_polls_with_six_queries(browser, action, alice, start_frame, django_assert_num_queries):
    running_video(action, alice)
    url = poll_url(look(browser.get(here("clip_video", action))))
    with django_assert_num_queries(6):
        browser.get(url, headers=HTMX)


def test_a_final_card_polls_no_more_and_tells_the_page_behind(browser, action, alice, start_frame):
    video = running_video(action, alice)
    url = poll_url(look(browser.get(here("clip_video", action))))
    video.fail("internal")
    response = browser.get(url, headers=HTMX)
    page = look(response)
    assert "hx-trigger" not in page.ids["clip-progress"]
    assert response["HX-Retarget"] == "#clip-stage"
    assert str(action.pk) in response["HX-Trigger-After-Swap"]
    assert {"clip-stage", "clip-steps", "clip-notices", "clip-action"} <= set(page.ids)
    assert "clip-form" not in page.ids  # somebody may be typing in it
    assert "Something went wrong on our side" in page.text


def test_a_step_looks_out_for_the_others_too(browser, action, alice):
    frame = queued_frame(action, alice)
    page = look(browser.get(here("clip_video", action)))
    assert "The start frame is still being made" in page.text
    url = poll_url(page)
    assert look(browser.get(url, headers=HTMX)).text == ""
    frame.cancel(alice)
    assert "The start frame is missing" in look(browser.get(url, headers=HTMX)).text


# --- Who may -----------------------------------------------------------------------------------------------------

LOOKS = ("clip", "clip_panel", "clip_start", "clip_end", "clip_video", "clip_estimate")


def test_looking_is_for_those_who_see_the_scene(action, start_frame, alice, bob, charlie, subtests):
    alices, bobs, charlies = (signed_in(person) for person in (alice, bob, charlie))
    for name in LOOKS:
        url = here(name, action)
        with subtests.test(name):
            assert alices.get(url).status_code in (200, 302)
            assert bobs.get(url).status_code in (200, 302)
            assert charlies.get(url).status_code == 404
            assert Client().get(url).status_code == 302
            assert Client().get(url, headers=HTMX)["HX-Redirect"].startswith("/")


@pytest.mark.parametrize("step", ["start", "end", "video"])
def test_fragments_are_for_those_who_see_the_scene(step, action, start_frame, alice, bob, charlie, subtests):
    alices, bobs, charlies = (signed_in(person) for person in (alice, bob, charlie))
    for fragment in ("clip_step_panel", "clip_stage", "clip_card", "clip_prompt"):
        url = here(fragment, action, step)
        with subtests.test(fragment):
            assert alices.get(url).status_code == 200
            assert bobs.get(url).status_code == 200
            assert charlies.get(url).status_code == 404


@pytest.mark.parametrize(("name", "sent"), [("clip_start", FRAME), ("clip_end", FRAME), ("clip_video", VIDEO)])
def test_generating_asks_for_the_right(name, sent, action, start_frame, bob, charlie):
    assert signed_in(bob).post(here(name, action), sent).status_code == 403
    refused = signed_in(bob).post(here(name, action), sent, headers=HTMX)
    assert (refused.status_code, "Ask the scene's owner" in refused.content.decode()) == (403, True)
    assert signed_in(charlie).post(here(name, action), sent).status_code == 404
    assert Client().post(here(name, action), sent).status_code == 302
    assert not Video.objects.exists()
    assert Frame.objects.filter(source="generated").count() == 0


@pytest.mark.parametrize("step", ["start", "end", "video"])
def test_who_may_only_look_sees_everything_and_why_nothing_can_be_pressed(step, action, alice, start_frame, bob):
    finished_video(action, alice)
    page = look(signed_in(bob).get(here(f"clip_{step}", action)))
    assert page.is_disabled("clip-main")
    assert page.ids["clip-main"]["aria-describedby"] == "clip-why-not"
    assert "Ask the scene's owner for the right scene_block" in page.text
    assert "clip-image" not in page.ids
    assert "popovertarget" not in page.html


def test_the_right_to_frames_alone_opens_steps_1_and_2_but_not_3(action, start_frame, bob):
    assign_perm("scene_block:frame:generate", bob, action)
    browser = signed_in(bob)
    assert browser.post(here("clip_start", action), FRAME).status_code == 302
    assert browser.post(here("clip_video", action), VIDEO).status_code == 403
    assert look(browser.get(here("clip_video", action))).is_disabled("clip-main")
    assert not look(browser.get(here("clip_end", action))).is_disabled("clip-main")


def test_a_block_of_another_scene_is_not_there(action, dialog, alice):
    url = here("clip_video", action).replace(str(action.scene_id), str(dialog.pk))
    assert signed_in(alice).get(url).status_code == 404


@pytest.mark.parametrize(("step", "sent"), [("start", FRAME), ("end", FRAME), ("video", VIDEO)])
def test_generate_leaves_the_form_in_place_so_that_nothing_typed_is_lost(browser, action, start_frame, step, sent):
    def shows_the_form(response) -> bool:
        return "clip_prompt" in look(response).ids

    # A textarea that is swapped has forgotten what Ctrl+Z would give back. Only errors in the form are worth it.
    url = here(f"clip_{step}", action)
    assert shows_the_form(browser.post(url, sent | {"seed": "x"}, headers=HTMX))
    answer = browser.post(url, sent, headers=HTMX)
    assert (answer["HX-Retarget"], shows_the_form(answer)) == ("#clip-stage", False)
    assert shows_the_form(browser.post(url, sent | {"had_errors": "1"}, headers=HTMX))


def test_a_form_with_errors_says_so_when_it_is_sent_again(browser, action, start_frame):
    url = here("clip_video", action)
    assert 'name="had_errors"' not in look(browser.get(url)).html
    assert 'name="had_errors"' in look(browser.post(url, VIDEO | {"seed": "x"}, headers=HTMX)).html


def test_a_frame_of_another_shape_than_the_clip_shows_before_what_will_be_cut(browser, action, alice, start_frame):
    def cut(**settings) -> str:
        return look(browser.get(here("clip_estimate", action), VIDEO | settings)).text

    assert "cut" not in cut()  # 320 x 192, as the start frame
    upright = cut(width="192", height="320")
    assert "The start frame is 320 × 192, the clip 192 × 320: 64 % of it is cut, left and right." in upright
    assert "of it is cut, top and bottom" in cut(width="640", height="192")
    opened = look(browser.get(here("clip_video", action)))  # at 1280 x 704 to begin with
    assert "The start frame is 320 × 192, the clip 1280 × 704: 8 % of it is cut, top and bottom." in opened.text
    order = ["clip_size", "clip-cuts", "clip-stage"]  # beside the resolution: below the takes it is out of sight
    assert [name for name in opened.ids if name in order] == order
    actions.upload_frame(action, "end", picture_file((192, 320)), alice)
    assert "The end frame is 192 × 320" in cut()
    assert "cut" not in cut(width="x")  # what is wrong with it is said beside it
