"""The sheet of a plan and the page of a batch: who sees them, what they say, how often they ask."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import assign_perm

from scenes import actions as writing
from scenes.models import GENERATE_FRAME, Block
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame
from videogen import actions, batches, review
from videogen.models import Batch, Frame, Review, Status, Video
from videogen.review import Change

pytestmark = pytest.mark.postgres

# Each route with its method, and what the owner, somebody who may look, and an outsider get.
MATRIX = {
    "scene_plan": ("get", 200, 200, 404),
    "film_plan": ("get", 200, 200, 404),
    "start_scene": ("post", 302, 403, 404),
    "start_film": ("post", 302, 403, 404),
    "batch": ("get", 200, 404, 404),
    "batch_card": ("get", 200, 404, 404),
    "batch_cancel": ("post", 302, 404, 404),
    "batch_retry": ("post", 200, 404, 404),
    "frame_again": ("post", 200, 403, 404),
}


def begin(scene, by, what="frames", **more) -> Batch:
    return batches.start(scene, by, what=what, only="missing", **more)


@pytest.mark.parametrize("route", MATRIX)
def test_who_may_do_what_with_plans_and_batches(route, scene, action, dialog, alice, bob, charlie):
    # Catches a batch that others than its starter see, and a start without the right to make anything.
    batch = begin(scene, alice, chosen={dialog.pk})
    method, *expected = MATRIX[route]
    args = {"film": [scene.film_id], "scene": [scene.pk], "batch": [batch.pk]}[
        re.findall("film|scene|batch|$", route)[0] or "batch"
    ]
    if route == "frame_again":
        args = [scene.pk, action.pk, batch.pk]
    url = reverse(route, args=args)
    data = {"what": "frames", "only": "missing", "block": str(action.pk)} if method == "post" else {}
    for person, status in zip((charlie, bob, alice), reversed(expected), strict=True):
        assert getattr(signed_in(person), method)(url, data).status_code == status, person
    assert getattr(Client(), method)(url, data).status_code == 302


def sheet(person, scene, **asked) -> str:
    response = signed_in(person).get(reverse("scene_plan", args=[scene.pk]), asked)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_sheet_says_what_why_and_what_not(scene, action, dialog, alice, start_frame):
    # Catches a row without its reason, and a refusal without its sentence.
    finished_video(action, alice)
    queued_frame(dialog, alice)
    body = sheet(alice, scene, what="both", only="missing")
    assert "Start frame: It is being made already." in body
    assert "It begins when its frame is there." in body
    assert f'value="{dialog.pk}" checked' in body
    assert f'value="{action.pk}" checked' not in body
    Block.objects.filter(pk=action.pk).update(text="Rain.")
    body = sheet(alice, scene, what="videos", only="outdated")
    assert "out of date: the words" in body
    assert "The prompt is written anew, from the new words." in body
    assert "There is nothing to make here" in sheet(alice, scene, what="frames", only="failed")


def test_junk_in_the_address_is_the_usual_plan(scene, action, alice):
    # Catches a 500 for an address that somebody edited.
    assert f'value="{action.pk}" checked' in sheet(alice, scene, what="all", only="x", block="y")


def test_one_press_queues_what_is_ticked_and_leads_to_the_batch(scene, action, dialog, alice):
    # Catches a start that makes what was unticked.
    client, url = signed_in(alice), reverse("start_scene", args=[scene.pk])
    response = client.post(url, {"what": "both", "only": "missing", "block": [str(dialog.pk)]})
    batch = Batch.objects.get()
    assert response["Location"] == reverse("batch", args=[batch.pk])
    assert set(Frame.objects.values_list("block", flat=True)) == {dialog.pk}
    assert Video.objects.get().awaits == Frame.objects.get()
    response = client.post(url, {"what": "both", "only": "missing", "block": [str(dialog.pk), str(action.pk)]})
    assert "It is being made already." in response.content.decode()
    assert Batch.objects.count() == 1
    response = client.post(url, {"what": "both", "only": "missing"})
    assert "No block is ticked" in response.content.decode()


def test_what_is_being_made_already_leads_to_the_batch_that_makes_it(scene, action, dialog, alice, bob):
    # Catches a refusal that leads nowhere, and a link to a batch of somebody else, who alone may look at it.
    batch = begin(scene, alice, chosen={dialog.pk})
    asked = {"what": "frames", "only": "missing", "block": [str(action.pk), str(dialog.pk)]}
    text = signed_in(alice).post(reverse("start_scene", args=[scene.pk]), asked).content.decode()
    assert f'<a href="{reverse("batch", args=[batch.pk])}">See how far it is</a>' in text
    assign_perm(GENERATE_FRAME, bob, scene)
    text = sheet(bob, scene, what="frames")
    assert "It is being made already." in text
    assert "See how far it is" not in text


def test_a_block_that_left_the_script_meanwhile_is_told_beside_what_can_be_made_now(scene, action, dialog, alice):
    # Catches a sheet that says "There is nothing to make here", where there is, and not that the ticked block is gone.
    url = reverse("start_scene", args=[scene.pk])
    writing.remove_block(action, alice)
    asked = {"what": "frames", "only": "missing", "block": str(action.pk)}
    text = " ".join(signed_in(alice).post(url, asked).content.decode().split())
    assert f"Nothing was started. “{action.text}” is no longer in the script." in text
    assert f'value="{dialog.pk}"' in text
    assert not Batch.objects.exists()


def test_what_is_ticked_is_started_all_or_not_at_all(scene, action, dialog, alice):
    # Catches the rest of the ticked blocks started without a word about the one that was deleted, and ticks that are
    # lost by the refusal.
    third = Block.objects.create(scene=scene, position=5, kind="action", text="Fog.")
    url = reverse("start_scene", args=[scene.pk])
    writing.remove_block(action, alice)
    asked = {"what": "frames", "only": "missing", "block": [str(action.pk), str(dialog.pk)]}
    text = " ".join(signed_in(alice).post(url, asked).content.decode().split())
    assert f"Nothing was started. “{action.text}” is no longer in the script." in text
    assert not Batch.objects.exists()
    assert f'value="{dialog.pk}" checked' in text
    assert f'value="{third.pk}" checked' not in text


def test_what_was_made_meanwhile_is_told_beside_what_can_be_made_now(scene, action, dialog, alice, start_frame):
    # Catches a sheet that says "There is nothing to make here" of a frame that somebody made since it opened.
    asked = {"what": "frames", "only": "missing", "block": str(action.pk)}
    response = signed_in(alice).post(reverse("start_scene", args=[scene.pk]), asked)
    text = " ".join(response.content.decode().split())
    assert "What was ticked is made already, since this page opened." in text
    assert f'value="{dialog.pk}"' in text


def test_a_limit_is_told_in_the_sheet_and_nothing_is_queued(scene, action, dialog, alice, settings):
    # Catches a 500, or a half of the plan in the queue.
    settings.QUOTA_QUEUED = 1
    asked = {"what": "frames", "only": "missing", "block": [str(action.pk), str(dialog.pk)]}
    response = signed_in(alice).post(reverse("start_scene", args=[scene.pk]), asked)
    assert "These are 2 jobs" in response.content.decode()
    assert not Frame.objects.exists()


def test_the_card_polls_while_anything_runs_and_tells_how_it_ended(scene, action, alice):
    # Catches a page that polls for ever, and a failure that cannot be tried again.
    batch = begin(scene, alice)
    client, url = signed_in(alice), reverse("batch_card", args=[batch.pk])
    body = client.get(url).content.decode()
    assert 'hx-trigger="every 2s"' in body
    assert "Stop all of it" in body
    frame = batch.frames.get()
    assert frame.claim("worker")
    assert frame.fail("internal")
    frame.refresh_from_db()
    body = client.get(url).content.decode()
    assert "hx-trigger" not in body
    assert "Done, but 1 of 1 failed" in " ".join(body.split())
    assert frame.error in body.replace("&#x27;", "'")
    response = client.post(reverse("batch_retry", args=[batch.pk]))
    again = Batch.objects.exclude(pk=batch.pk).get()
    assert response["Location"] == reverse("batch", args=[again.pk])
    assert (again.only, again.frames.get().status) == ("failed", Status.QUEUED)


def test_the_bar_of_a_stopped_batch_is_as_long_as_what_was_made(scene, action, alice):
    # Catches a full bar above "Stopped; 0 of 1 made".
    batch = begin(scene, alice, chosen={action.pk})
    batches.cancel(batch, alice)
    card = signed_in(alice).get(reverse("batch_card", args=[batch.pk])).content.decode()
    assert "Stopped; 0 of 1 made" in card
    assert 'value="0"' in card


def test_a_clip_that_failed_is_told_until_it_is_tried_again(scene, action, alice, start_frame):
    # Catches a tile that forgets the failure of its clip because its frame was made anew, beside "1 failed" above it,
    # or asks for that frame still; and a button that would start nothing, once it was tried again.
    batch = begin(scene, alice, "videos", chosen={action.pk})
    video = batch.videos.get()
    assert video.claim("worker")
    assert video.fail("frame_not_made")
    video.refresh_from_db()
    client, url = signed_in(alice), reverse("batch_card", args=[batch.pk])
    assert video.error in client.get(url).content.decode()
    frame = queued_frame(action, alice)
    assert frame.claim("worker")
    assert frame.finish(file="frames/a.png", poster="frames/a.webp", seed=7, sha256="0" * 64)
    assert video.error in client.get(url).content.decode()  # the frame in use is still the one before
    assert frame.choose()
    body = client.get(url).content.decode()
    assert video.error not in body
    assert ("Frame ready" in body, "Its clip failed before this frame was made. Try it again." in body) == (True, True)
    assert "Make a clip of it" not in body
    assert "Try again only what failed" in body
    client.post(reverse("batch_retry", args=[batch.pk]))
    body = client.get(url).content.decode()
    assert "Its clip failed" not in body
    assert ("Try again only what failed" in body, "Nothing of it is left to try again." in body) == (False, True)


def test_a_batch_of_clips_leads_to_its_clips_and_one_of_frames_to_its_frames(scene, action, alice, start_frame):
    # Catches a clip whose tile offers to make its frame again, and a frame that cannot be, because there is a clip.
    finished_video(action, alice)
    args = {"film": scene.film, "only": "missing", "size": 1, "requested_by": alice}
    client, clip = signed_in(alice), reverse("clip_video", args=[scene.pk, action.pk])
    for what, leads_to_the_clip in (("videos", True), ("frames", False)):
        batch = Batch.objects.create(what=what, **args)
        action.videos.update(batch=batch)
        body = client.get(reverse("batch_card", args=[batch.pk])).content.decode()
        assert (clip in body) is leads_to_the_clip
        assert ("Choose another" in body) is not leads_to_the_clip


def test_frames_that_were_looked_at_become_clips_through_the_plan(scene, action, dialog, alice, start_frame):
    # Catches a grid that offers what has no frame, or has a clip already.
    batch = begin(scene, alice, "videos", chosen={action.pk})
    batches.cancel(batch, alice)
    body = signed_in(alice).get(reverse("batch", args=[batch.pk])).content.decode()
    assert "Make clips of these" in body
    assert re.search(rf'name="block"\s+value="{action.pk}"', body)
    asked = {"what": "videos", "only": "missing", "block": str(action.pk)}
    assert f'value="{action.pk}" checked' in sheet(alice, scene, **asked)


def test_a_frame_is_made_again_with_another_seed(scene, action, alice):
    # Catches a frame made again with the seed that gave the one nobody wanted.
    frame = queued_frame(action, alice, seed=7)
    assert frame.claim("worker")
    assert frame.finish(file="frames/a.png", poster="frames/a.webp", seed=7, sha256="0" * 64)
    batch = Batch.objects.create(film=scene.film, what="frames", only="missing", size=1, requested_by=alice)
    url = reverse("frame_again", args=[scene.pk, action.pk, batch.pk])
    assert signed_in(alice).post(url)["Location"] == reverse("batch", args=[batch.pk])
    assert Frame.objects.get(status="queued").spec["seed"] is None


def test_blocks_that_one_may_no_longer_see_are_gone_from_the_grid(scene, action, alice, bob):
    # Catches a batch that goes on showing a film to who was taken off it.
    assign_perm(GENERATE_FRAME, bob, scene)
    batch = begin(scene, bob)
    client, url = signed_in(bob), reverse("batch", args=[batch.pk])
    assert action.text in client.get(url).content.decode()
    scene.sceneuserpermission_set.all().delete()
    assert action.text not in client.get(url).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_card_asks_as_often_for_30_blocks_as_for_one(scene, alice, count, django_assert_num_queries):
    # Catches a query for each tile of a page that asks again every two seconds.
    Block.objects.bulk_create(
        Block(scene=scene, position=number, kind="action", text="Wind.") for number in range(count)
    )
    batch, client = begin(scene, alice, "both"), signed_in(alice)
    url = reverse("batch_card", args=[batch.pk])
    client.get(url)
    with django_assert_num_queries(12):
        client.get(url)


def test_the_scene_and_the_film_lead_to_the_plan_or_to_what_is_under_way(scene, action, alice):
    # Catches a batch that nobody finds again after leaving its page.
    client = signed_in(alice)
    pages = {"scene": reverse("scene", args=[scene.pk]), "film": reverse("film", args=[scene.film_id])}
    assert reverse("scene_plan", args=[scene.pk]) in client.get(pages["scene"]).content.decode()
    assert reverse("film_plan", args=[scene.film_id]) in client.get(pages["film"]).content.decode()
    batch = begin(scene, alice)
    assert reverse("batch", args=[batch.pk]) in client.get(pages["scene"]).content.decode()


def test_the_sheet_offers_end_frames_and_names_locked_clips_before_the_press(scene, action, dialog, alice, start_frame):
    # Catches end frames that are lost between the sheet and the start, and an approved clip that nobody is told of.
    actions.cancel(queued_frame(action, alice, role="end"), alice)
    assert "End frame</strong>" not in sheet(alice, scene, what="frames")
    body = sheet(alice, scene, what="frames", end_frames="1")
    assert "End frame</strong>" in body
    assert "end_frames" not in sheet(alice, scene, what="videos", end_frames="1")
    form = {"what": "frames", "only": "missing", "end_frames": "1", "block": [str(action.pk)]}
    signed_in(alice).post(reverse("start_scene", args=[scene.pk]), form)
    assert Frame.objects.get(role="end", batch__isnull=False).awaits is None  # its start frame is there
    review.change(finished_video(action, alice), Change(review=Review.APPROVED), alice)
    Block.objects.filter(pk=action.pk).update(text="Rain.")
    body = sheet(alice, scene, what="videos", only="outdated")
    assert "1 locked clip stays as it is" in body
    assert "Take 1 was approved by alice and is locked." in body
    assert "that cannot be made now" not in body
