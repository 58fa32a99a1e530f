"""What only pipelines that film have: strengths of the frames, sound; hidden beside the others, told of each take."""

import pytest
from django.test import Client

from tests.fixtures.pages import VIDEO, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Video


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


def test_what_a_pipeline_lacks_is_not_shown_and_what_it_has_is_folded_away(browser, action, start_frame, settings):
    assert "hidden" in look(browser.get(here("clip_video", action))).ids["clip_advanced"]
    settings.VIDEO_MODEL = "ltx2.3"
    page = look(browser.get(here("clip_video", action)))
    assert "hidden" not in page.ids["clip_advanced"]
    assert page.ids["clip_advanced"]["data-hidden-by"] == "animatic"
    assert (page.value("start_strength"), page.values["sound"]) == ("1", ["true"])
    assert "end_strength" not in page.values  # there is no end frame that it could hold


@pytest.mark.parametrize(("sent", "sound"), [(["false", "true"], True), (["false"], False), ([], True)])
def test_the_switch_for_sound_sends_off_as_well_as_on(browser, action, start_frame, sent, sound):
    browser.post(here("clip_video", action), VIDEO | {"sound": sent})
    assert Video.objects.get().read_spec().sound is sound
    assert look(browser.get(here("clip_video", action))).values.get("sound", []) == (["true"] if sound else [])


def test_a_bad_strength_is_seen_even_beside_a_pipeline_that_has_none(browser, action, start_frame):
    page = look(browser.post(here("clip_video", action), VIDEO | {"end_strength": "1.5"}))
    assert "hidden" not in page.ids["clip_advanced"]
    assert "open" in page.ids["clip_advanced"]
    assert page.value("end_strength") == "1.5"
    assert "End strength must be a number from 0 to 1; “1.5” was given." in page.text


def test_strengths_are_told_of_a_take_and_come_back_with_its_settings(browser, action, alice, start_frame, settings):
    settings.VIDEO_MODEL = "ltx2.3"
    actions.upload_frame(action, "end", picture_file(color="red"), alice)
    take = finished_video(action, alice, model="ltx2.3", start_strength=0.6, end_strength=0.85)
    page = look(browser.get(here("clip_video", action)))
    assert "<dt>Start strength</dt><dd>0.6</dd></div><div><dt>End strength</dt><dd>0.85</dd>" in page.html
    assert (page.value("start_strength"), page.value("end_strength")) == ("0.6", "0.85")
    again = actions.queue_again(take, alice, new_seed=True).read_spec()
    assert (again.start_strength, again.end_strength) == (0.6, 0.85)
