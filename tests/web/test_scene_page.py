"""The scene page, the list of scenes and a block's fragment: who sees them, what they say, how often they ask."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from guardian.shortcuts import assign_perm

from scenes import films
from scenes.actions import remove_scene
from scenes.models import GENERATE_VIDEO, Block, Scene
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_video, running_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions

pytestmark = pytest.mark.postgres

HTMX = {"HX-Request": "true"}


@pytest.fixture(params=["scene", "scene_counts", "block_state", "location_picture", "portrait"])
def route(request, action: Block, mara) -> str:
    scene = action.scene
    scene.location.image.save("rock.png", picture_file((640, 360)))
    mara.portrait.save("mara.png", picture_file((300, 500)))
    args = {"block_state": [action.pk], "portrait": [mara.pk]}.get(request.param, [])
    return reverse(request.param, args=[scene.pk, *args])


def page(user: User, scene: Scene) -> str:
    response = signed_in(user).get(reverse("scene", args=[scene.pk]))
    assert response.status_code == 200
    return response.content.decode()


def fragment(user: User, block: Block) -> str:
    response = signed_in(user).get(reverse("block_state", args=[block.scene_id, block.pk]))
    assert response.status_code == 200
    return response.content.decode()


# --- Who may see what --------------------------------------------------------------------------------------------


def test_the_owner_and_whoever_may_look_see_it(route, alice, bob):
    assert signed_in(alice).get(route).status_code == 200
    assert signed_in(bob).get(route).status_code == 200


def test_an_outsider_is_told_it_is_not_there(route, charlie):
    assert signed_in(charlie).get(route).status_code == 404


def test_a_visitor_is_led_to_the_door(route):
    response = Client().get(route)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={route.replace('/', '%2F')}")


def test_a_visitor_s_fragment_leads_the_whole_page_to_the_door(route):
    response = Client().get(route, headers=HTMX)
    assert "/login/" in response["HX-Redirect"]


def test_pages_are_for_looking_only(route, alice):
    assert signed_in(alice).post(route).status_code == 405


def test_a_character_of_another_scene_is_not_shown_through_this_one(scene, alice, mara):
    mara.portrait.save("mara.png", picture_file())
    other = new_scene(alice, title="Elsewhere")
    assert signed_in(alice).get(reverse("portrait", args=[other.pk, mara.pk])).status_code == 404


# --- The script ---------------------------------------------------------------------------------------------------


def test_the_page_reads_like_a_screenplay(scene, action, dialog, alice):
    body = page(alice, scene)
    assert "EXT. GULL ROCK – DUSK" in body
    assert '<p class="block__text">Mara opens the door. Wind.</p>' in body
    assert re.search(r'block__speaker">Mara</h3>\s*<p class="block__line block__text">Who is out there\?</p>', body)


def test_text_is_never_taken_for_markup(scene, alice):
    Block.objects.create(scene=scene, position=0, kind="action", text="<script>alert(1)</script>")
    body = page(alice, scene)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "<script>alert" not in body


def test_nothing_in_the_page_is_inline(scene, action, alice):
    body = page(alice, scene)
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=", body)


FILES = re.compile(r'<(?:script src|link rel="stylesheet" href)="/static/([^"]+)"')


def test_the_page_and_the_deep_link_load_each_file_once_and_in_the_same_order(scene, action, alice):
    here = FILES.findall(page(alice, scene))
    deep = signed_in(alice).get(reverse("clip_video", args=[scene.pk, action.pk])).content.decode()
    assert FILES.findall(deep) == here
    assert len(set(here)) == len(here)
    # dialog.js says that a panel has come: whoever waits for that is there before; prompt.js reads what they restored
    names = ["draft", "settings", "drop-file", "frame-player", "progress", "dialog", "prompt"]
    assert [name for name in here if name in {f"js/{name}.js" for name in names}] == [f"js/{name}.js" for name in names]
    assert {name for name in here if name.startswith("js/")} >= {"js/app.js", "js/scene.js", "js/player.js"}


def test_the_page_keeps_the_content_security_policy(scene, alice):
    policy = signed_in(alice).get(reverse("scene", args=[scene.pk]))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_scene_without_blocks_says_so(scene, alice):
    assert "This scene has no blocks yet" in page(alice, scene)


# --- A block's state --------------------------------------------------------------------------------------------------


def state_of(body: str) -> str:
    return re.search(r'data-state="(\w+)"', body)[1]


def test_a_block_goes_from_no_frame_to_a_clip_that_is_out_of_date(action, alice):
    assert state_of(fragment(alice, action)) == "none"
    actions.upload_frame(action, "start", picture_file(), alice)
    assert state_of(fragment(alice, action)) == "frame"
    queued_video(action, alice).cancel(alice)
    assert state_of(fragment(alice, action)) == "frame"
    video = finished_video(action, alice)
    body = fragment(alice, action)
    assert state_of(body) == "clip"
    assert reverse("clip_file", args=[action.scene_id, action.pk, video.pk]) in body
    actions.upload_frame(action, "start", picture_file(color="red"), alice)
    assert state_of(fragment(alice, action)) == "stale"


def test_a_live_block_asks_again_and_a_final_one_does_not(action, alice, start_frame):
    assert "every" not in fragment(alice, action)
    video = running_video(action, alice)
    body = fragment(alice, action)
    assert state_of(body) == "running"
    assert 'hx-trigger="every 2s, refresh"' in body
    assert video.fail("disk_full")
    body = fragment(alice, action)
    assert state_of(body) == "failed"
    assert "every" not in body
    assert "The disk of the worker is full." in body


def test_the_ring_shows_how_far_the_work_is(action, alice, start_frame):
    video = running_video(action, alice)
    assert "ring--unknown" in fragment(alice, action)
    type(video).objects.filter(pk=video.pk).update(phase="denoising", step=7, steps=28)
    body = fragment(alice, action)
    assert 'stroke-dasharray="25 100"' in body
    assert "25 %" in body


def test_a_failure_is_over_once_something_newer_was_made(action, alice, start_frame):
    assert running_video(action, alice).fail("disk_full")
    actions.upload_frame(action, "start", picture_file(color="blue"), alice)
    assert state_of(fragment(alice, action)) == "frame"


def test_who_may_generate_gets_a_link_and_who_may_not_the_reason(scene, action, alice, bob):
    link = f'href="{reverse("clip", args=[scene.pk, action.pk])}"'
    for body in (page(alice, scene), fragment(alice, action)):
        assert link in body
        assert "aria-disabled" not in body
    for body in (page(bob, scene), fragment(bob, action)):
        assert link not in body
        assert f'aria-describedby="why-{action.pk}"' in body
        assert "scene_block:video:generate" in body


def test_a_right_on_one_block_opens_that_block_alone(scene, action, dialog, bob):
    assign_perm(GENERATE_VIDEO, bob, dialog)
    body = page(bob, scene)
    assert reverse("clip", args=[scene.pk, dialog.pk]) in body
    assert f'href="{reverse("clip", args=[scene.pk, action.pk])}"' not in body


def test_a_block_of_another_scene_is_not_found_through_this_one(scene, action, alice):
    other = new_scene(alice, title="Elsewhere")
    assert signed_in(alice).get(reverse("block_state", args=[other.pk, action.pk])).status_code == 404


def test_the_counters_count_pictures_clips_and_failures(scene, action, dialog, alice):
    def counted() -> str:
        body = signed_in(alice).get(reverse("scene_counts", args=[scene.pk])).content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", body).split())

    assert counted() == "2 blocks 0 frames 0 clips"
    actions.upload_frame(action, "start", picture_file(), alice)
    actions.upload_frame(action, "end", picture_file(color="red"), alice)
    finished_video(action, alice)
    assert counted() == "2 blocks 2 frames 1 clip"
    actions.upload_frame(dialog, "start", picture_file(), alice)
    assert running_video(dialog, alice).fail("disk_full")
    assert counted() == "2 blocks 3 frames 1 clip 1 failed"


def test_the_page_leads_to_the_scenes_beside_it_that_the_person_may_see(scene, action, alice, bob):
    # Catches a way to a scene that was not shared, or to one that was taken away.
    first, away, shared, last = (new_scene(alice, title=title) for title in ("First", "Away", "Shared", "Last"))
    films.set_scene_order(scene.film, [first.pk, scene.pk, away.pk, shared.pk, last.pk])
    remove_scene(away)
    assign_perm("view_scene", bob, last)
    found = {who.username: re.findall(r'href="([^"]+)" rel="(prev|next)"', page(who, scene)) for who in (alice, bob)}
    to = {row.title: reverse("scene", args=[row.pk]) for row in (first, shared, last)}
    assert found == {"alice": [(to["First"], "prev"), (to["Shared"], "next")], "bob": [(to["Last"], "next")]}


# --- The same number of queries, however long the scene -----------------------------------------------------------


def queries(user: User, path: str) -> int:
    client = signed_in(user)
    client.get(path)  # what the first visit leaves in a cache is not counted
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def lengthen(scene: Scene, to: int, by: User) -> None:
    speaker = scene.characters.first()
    for position in range(scene.blocks.count(), to):
        kind = {"kind": "dialog", "character": speaker} if position % 2 else {"kind": "action"}
        block = Block.objects.create(scene=scene, position=position, text=f"Line {position}", **kind)
        if position in (1, to - 1):
            actions.upload_frame(block, "start", picture_file(), by)
            finished_video(block, by)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_the_page_takes_as_many_queries_for_two_blocks_as_for_forty(scene, alice, bob, who):
    path, user = reverse("scene", args=[scene.pk]), {"alice": alice, "bob": bob}[who]
    lengthen(scene, 2, alice)
    two = queries(user, path)
    lengthen(scene, 40, alice)
    assert queries(user, path) == two


def test_the_owner_s_page_takes_thirteen_queries(scene, alice):
    lengthen(scene, 2, alice)
    # session, person, scene, blocks, frames, videos, the scene's characters; the counters count what was read. For who
    # writes: whether there is a step to undo, the names of the film's characters, and how many blocks are left out.
    # Whether a batch of theirs is under way. The scenes before and behind.
    # For the menu: whether a request waits for anybody.
    assert queries(alice, reverse("scene", args=[scene.pk])) == 13


def test_rights_on_single_blocks_cost_no_query_each(scene, alice, bob):
    path = reverse("scene", args=[scene.pk])
    lengthen(scene, 2, alice)
    assign_perm(GENERATE_VIDEO, bob, scene.blocks.first())
    two = queries(bob, path)
    lengthen(scene, 40, alice)
    for block in scene.blocks.all():
        assign_perm(GENERATE_VIDEO, bob, block)
    assert queries(bob, path) == two


def test_a_poll_costs_the_same_whatever_was_made(scene, action, alice):
    path = reverse("block_state", args=[scene.pk, action.pk])
    nothing = queries(alice, path)
    for color in ("red", "green", "blue"):
        actions.upload_frame(action, "start", picture_file(color=color), alice)
    running_video(action, alice)
    assert queries(alice, path) == nothing


def test_a_failed_and_then_stopped_run_is_not_spoken_as_clip_ready(action, alice, start_frame):
    finished_video(action, alice)
    running_video(action, alice).fail("disk_full")
    again = queued_video(action, alice)
    asks = re.search(r'hx-get="([^"]+)"', fragment(alice, action))[1]  # what the page asks while it is made
    again.cancel(alice)
    assert 'data-words="Block 1: Stopped. Nothing was changed"' in signed_in(alice).get(asks).content.decode()
    assert 'data-words="Block 1: Clip ready"' in fragment(alice, action)
    finished_video(action, alice)
    assert 'data-words="Block 1: Clip ready"' in signed_in(alice).get(asks).content.decode()


def test_what_a_model_needs_is_said_in_full_and_only_to_whom_can_do_something_about_it(scene, alice):
    def foot() -> str:
        html = signed_in(alice).get(f"/scenes/{scene.pk}/").content.decode()
        return " ".join(html[html.index("What makes the pictures here") :].split())

    assert "Animatic" in foot()
    assert "GPU" not in foot()
    alice.is_staff = True
    alice.save()
    assert "LTX-2.3 needs a GPU and about 101 GB of disk" in foot()
    assert "manage.py" in foot() or "make install" in foot()
