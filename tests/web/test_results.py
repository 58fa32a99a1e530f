"""What can be done with candidates and takes: choosing, deleting, stopping, making again, handing on."""

import json

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from guardian.shortcuts import assign_perm
from PIL import Image

from tests.fixtures.pages import HTMX, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame, queued_video, real_clip, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame, Status, Video

pytestmark = pytest.mark.postgres


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


@pytest.fixture
def second(action, alice, start_frame) -> Frame:
    """A later candidate, which is the one in use."""
    return actions.upload_frame(action, "start", picture_file(color="red"), alice)


def test_a_click_on_a_candidate_shows_it_and_offers_its_use(browser, action, start_frame, second):
    page = look(browser.get(here("clip_stage", action, "start"), {"show": start_frame.pk}))
    assert "Use this" in page.text
    assert page.ids[f"clip-candidate-{start_frame.pk}"]["aria-current"] == "true"
    assert "aria-current" not in page.ids[f"clip-candidate-{second.pk}"]
    full = look(browser.get(here("clip_start", action), {"show": start_frame.pk}))
    assert "Use this" in full.text
    assert "Use this" not in look(browser.get(here("clip_start", action), {"show": "nonsense"})).text


def test_using_a_candidate_takes_it_instead_of_the_other(browser, action, start_frame, second):
    response = browser.post(here("clip_choose_frame", action, "start", start_frame.pk))
    assert response.url == here("clip_start", action)
    assert action.frames.chosen("start").get() == start_frame


def test_a_candidate_of_another_block_or_role_is_not_there(browser, action, dialog, start_frame):
    assert browser.post(here("clip_choose_frame", dialog, "start", start_frame.pk)).status_code == 404
    assert browser.post(here("clip_choose_frame", action, "end", start_frame.pk)).status_code == 404
    assert browser.post(here("clip_delete_frame", dialog, "start", start_frame.pk)).status_code == 404


def test_a_picture_that_is_not_finished_cannot_be_used(browser, action, alice):
    frame = queued_frame(action, alice)
    page = look(browser.post(here("clip_choose_frame", action, "start", frame.pk), headers=HTMX))
    assert "This picture is not finished yet." in page.text


def test_deleting_a_candidate_removes_it_and_its_file(
    browser, action, start_frame, second, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        page = look(browser.post(here("clip_delete_frame", action, "start", second.pk), headers=HTMX))
    assert list(action.frames.all()) == [start_frame]
    assert not default_storage.exists(second.file.name)
    assert default_storage.exists(start_frame.file.name)
    assert str(second.pk) not in page.html


def test_stopping_a_frame_that_waits_ends_it_at_once(browser, action, alice):
    frame = queued_frame(action, alice)
    assert browser.post(here("clip_cancel_frame", action, "start")).url == here("clip_start", action)
    frame.refresh_from_db()
    assert frame.status == Status.CANCELLED


def test_stopping_a_clip_that_runs_asks_it_to_end_and_says_so(browser, action, alice, start_frame):
    video = running_video(action, alice)
    page = look(browser.post(here("clip_cancel_video", action), headers=HTMX))
    assert "Stopping" in page.text
    video.refresh_from_db()
    assert (video.status, video.is_stopping) == (Status.RUNNING, True)


def test_stopping_what_has_ended_changes_nothing(browser, action, alice, start_frame):
    video = finished_video(action, alice)
    assert browser.post(here("clip_cancel_video", action)).status_code == 302
    video.refresh_from_db()
    assert video.status == Status.SUCCEEDED


@pytest.mark.parametrize(("seed", "expected"), [("new", None), ("same", 77)])
def test_the_same_settings_make_another_take(browser, action, alice, start_frame, seed, expected):
    take = finished_video(action, alice, prompt="Pan left, handheld.", seed=77)
    assert browser.post(here("clip_again", action, take.pk), {"seed": seed}).status_code == 302
    again = Video.objects.live().get()
    assert again.read_spec().seed == expected
    assert {**again.spec, "seed": 0} == {**take.spec, "seed": 0}


def test_a_new_seed_that_would_give_the_same_bytes_makes_nothing_and_says_why(browser, action, alice, start_frame):
    take, url = finished_video(action, alice, prompt="Static shot."), here("clip_video", action)
    page = look(browser.get(url))
    assert page.is_disabled("clip-new-seed")
    assert "The seed changes nothing here" in page.text
    refused = look(browser.post(here("clip_again", action, take.pk), {"seed": "new"}, headers=HTMX))
    assert "The seed changes nothing here" in refused.text
    assert not Video.objects.live().exists()
    # With another start frame it is another clip, and where anything moves the seed times it.
    actions.upload_frame(action, "start", picture_file(color="red"), alice)
    assert not look(browser.get(url)).is_disabled("clip-new-seed")
    finished_video(action, alice, prompt="Pan left.")
    assert not look(browser.get(url)).is_disabled("clip-new-seed")


def test_again_while_something_runs_or_without_a_start_frame_says_why(browser, action, alice, start_frame):
    take = finished_video(action, alice)
    queued = queued_video(action, alice)
    assert "being made already" in look(browser.post(here("clip_again", action, take.pk), headers=HTMX)).text
    queued.cancel(alice)
    actions.delete_frame(start_frame, alice)
    assert "no start frame" in look(browser.post(here("clip_again", action, take.pk), headers=HTMX)).text


def test_an_earlier_take_can_be_looked_at_and_used(browser, action, alice, start_frame):
    first, last = finished_video(action, alice), finished_video(action, alice)
    page = look(browser.get(here("clip_stage", action, "video"), {"show": first.pk}))
    assert "Use this take" in page.text
    assert browser.post(here("clip_choose_take", action, first.pk)).status_code == 302
    assert action.videos.current().get() == first
    queued = queued_video(action, alice)
    refused = look(browser.post(here("clip_choose_take", action, queued.pk), headers=HTMX))
    assert "This take is not finished yet." in refused.text
    last.refresh_from_db()
    assert not last.is_current


def test_deleting_the_clip_says_before_what_goes_and_what_stays(browser, action, alice, start_frame):
    finished_video(action, alice)
    take = finished_video(action, alice)
    text = look(browser.get(here("clip_video", action))).text
    assert "Delete this clip?" in text
    assert "The frames stay, and so does the other take." in text
    assert take.is_current


def test_deleting_the_clip_takes_it_out_of_sight_and_keeps_the_frames(
    browser, action, alice, start_frame, django_capture_on_commit_callbacks
):
    first, take = finished_video(action, alice), finished_video(action, alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(here("clip_delete_take", action, take.pk)).url == here("clip_video", action)
    assert list(action.videos.all()) == [first]
    assert browser.get(here("clip_file", action, take.pk)).status_code == 404
    assert default_storage.exists(take.file.name)  # until nobody can bring it back any more
    assert default_storage.exists(start_frame.file.name)
    assert action.frames.chosen("start").get() == start_frame


def test_take_numbers_never_change_and_are_not_given_again(browser, action, dialog, alice, start_frame):
    first, second, third = (finished_video(action, alice) for _ in range(3))
    browser.post(here("clip_delete_take", action, second.pk))
    page = look(browser.get(here("clip_video", action)))
    assert ["Take 1" in page.text, "Take 3" in page.text] == [True, True]
    assert [f"clip-take-{take.pk}" in page.ids for take in (first, second, third)] == [True, False, True]
    browser.post(here("clip_delete_take", action, third.pk))
    assert finished_video(action, alice).number == 4
    actions.upload_frame(dialog, "start", picture_file(), alice)
    assert finished_video(dialog, alice).number == 1
    first.refresh_from_db()
    assert first.number == 1


def test_deleting_while_it_runs_takes_the_row_from_the_worker(browser, action, alice, start_frame):
    video = running_video(action, alice)
    assert browser.post(here("clip_delete_take", action, video.pk)).status_code == 302
    assert not video.finish(file="late.mp4")
    assert not Video.objects.exists()


def test_deleting_needs_its_own_right(action, alice, start_frame, bob, charlie):
    take = finished_video(action, alice)
    url = here("clip_delete_take", action, take.pk)
    assign_perm("scene_block:video:generate", bob, action)
    page = look(signed_in(bob).get(here("clip_video", action)))
    assert "scene_block:video:delete" in page.text
    assert url not in page.html
    assert signed_in(bob).post(url).status_code == 403
    assert signed_in(charlie).post(url).status_code == 404
    assign_perm("scene_block:video:delete", bob, action)
    assert signed_in(bob).post(url).status_code == 302
    assert not Video.objects.exists()


def test_the_last_frame_of_a_clip_becomes_the_next_blocks_start(browser, action, dialog, alice, start_frame, tmp_path):
    assert "clip_from_clip" not in look(browser.get(here("clip_start", dialog))).html
    finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))
    url = here("clip_from_clip", dialog, "start")
    assert url in look(browser.get(here("clip_start", dialog))).html
    assert url in look(browser.get(here("clip_video", action))).html
    assert browser.post(url).url == here("clip_start", dialog)
    frame = dialog.frames.chosen("start").get()
    assert (frame.source, frame.width, frame.height) == ("clip", 320, 192)
    with frame.file.open() as file:
        red, green, _blue = Image.open(file).convert("RGB").getpixel((160, 96))
    assert green > 150 > 60 > red


def test_a_clip_that_is_not_there_or_cannot_be_read_says_so(browser, action, dialog, alice, start_frame):
    url = here("clip_from_clip", dialog, "start")
    assert "has no clip yet" in look(browser.post(url)).text
    assert "has no clip yet" in look(browser.post(here("clip_from_clip", action, "start"))).text
    finished_video(action, alice, b"this is no clip")
    assert "could not be read" in look(browser.post(url, headers=HTMX)).text


PRESSES = ["clip_cancel_video", "clip_choose_take", "clip_again", "clip_delete_take"]


@pytest.mark.parametrize("name", PRESSES)
def test_pressing_is_for_those_who_hold_the_right(name, action, alice, start_frame, bob, charlie):
    take = finished_video(action, alice)
    url = here(name, action, *([] if name == "clip_cancel_video" else [take.pk]))
    assert signed_in(bob).post(url).status_code == 403
    assert signed_in(charlie).post(url).status_code == 404
    assert Client().post(url).status_code == 302
    assert signed_in(alice).get(url).status_code == 405
    assert Video.objects.get() == take


@pytest.mark.parametrize("name", ["clip_choose_frame", "clip_delete_frame", "clip_cancel_frame", "clip_from_clip"])
def test_pressing_on_frames_is_for_those_who_hold_the_right(name, action, start_frame, bob, charlie, alice):
    more = [start_frame.pk] if name in ("clip_choose_frame", "clip_delete_frame") else []
    url = here(name, action, "start", *more)
    assert signed_in(bob).post(url).status_code == 403
    assert signed_in(charlie).post(url).status_code == 404
    assert Client().post(url).status_code == 302
    assert signed_in(alice).get(url).status_code == 405
    assert Frame.objects.get() == start_frame


def test_a_stop_is_said_in_words_until_the_next_run(browser, action, alice, start_frame):
    queued_video(action, alice)
    page = look(browser.post(here("clip_cancel_video", action), headers=HTMX))
    assert "The last run was stopped. Nothing was changed." in page.text
    assert "was stopped" not in look(browser.get(here("clip_stage", action, "start"))).text
    finished_video(action, alice)
    assert "was stopped" not in look(browser.get(here("clip_stage", action, "video"))).text


@pytest.mark.parametrize("kind", ["clip", "picture"])
def test_a_deletion_is_said_in_words(browser, action, alice, start_frame, kind):
    def delete(**headers):
        start_frame.choose()
        clip = finished_video(action, alice)
        candidate = actions.upload_frame(action, "start", picture_file(), alice)
        addresses = {
            "clip": here("clip_delete_take", action, clip.pk),
            "picture": here("clip_delete_frame", action, "start", candidate.pk),
        }
        return browser.post(addresses[kind], follow=not headers, headers=headers or None)

    told = json.loads(delete(**HTMX).headers["HX-Trigger-After-Swap"])
    assert told["block-changed"] == {"block": str(action.pk)}
    assert told["toast"]["words"].startswith(f"The {kind} was deleted.")
    assert f"The {kind} was deleted." in look(delete()).text
