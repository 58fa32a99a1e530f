"""What was taken out of scenes and films: who sees it, what it says, and that it comes back with all that was made."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from guardian.shortcuts import assign_perm

from scenes import actions as writing
from scenes import films, left_out, revision
from scenes.models import Block, Scene
from tests.fixtures.pages import look, words_of
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame, Video
from videogen.worker.reconcile import sweep_removed

pytestmark = pytest.mark.postgres

HTMX = {"HX-Request": "true"}
SCRIPT = "INT. KITCHEN - NIGHT\n\nRain.\n\nMARA\nSit down.\n\nEXT. JETTY - DAWN\n\nThe boat is gone.\n\nFog.\n"


@pytest.fixture
def removed(action: Block, alice: User) -> Block:
    """The first block of the scene, with a frame and a clip, deleted by its owner."""
    actions.upload_frame(action, "start", picture_file(), alice)
    finished_video(action, alice)
    return writing.remove_block(action, alice)


def material() -> list[tuple[str, str]]:
    frames = Frame.objects.order_by("sha256").values_list("block__text", "sha256")
    return [*frames, *Video.objects.order_by("sha256").values_list("block__text", "sha256")]


# Route and method; for whom looks, who may write, and an outsider.
MATRIX = {
    "left_out": ("get", 403, 200, 404),
    "left_out_link": ("get", 403, 200, 404),
    "put_back": ("post", 403, 302, 404),
    "clip_file": ("get", 404, 200, 404),
    "clip_poster": ("get", 404, 200, 404),
    "frame_picture": ("get", 404, 200, 404),
    "frame_thumbnail": ("get", 404, 200, 404),
}


@pytest.mark.parametrize("route", MATRIX)
def test_who_may_see_and_put_back_what_was_left_out(route, removed, alice, bob, charlie):
    # Catches a door to deleted material for whoever may only look.
    method, *expected = MATRIX[route]
    row = {"clip": removed.videos.first(), "frame": removed.frames.first()}.get(route.partition("_")[0])
    args = [removed.scene_id, *([removed.pk] if row or route == "put_back" else []), *([row.pk] if row else [])]
    url = reverse(route, args=args)
    for person, status in zip((bob, charlie), (expected[0], expected[2]), strict=True):
        assert getattr(signed_in(person), method)(url).status_code == status, person
    assert getattr(Client(), method)(url).status_code == 302
    assert Block.everything.get(pk=removed.pk).removed_at is not None
    assign_perm("change_scene", bob, removed.scene)  # a right of one's own, not of the owner
    answer = getattr(signed_in(bob), method)(url)
    answer.close()
    assert answer.status_code == expected[1]


def test_nothing_is_sent_of_a_film_that_was_taken_away(removed, alice):
    url = reverse("clip_file", args=[removed.scene_id, removed.pk, removed.videos.first().pk])
    films.remove(removed.scene.film)
    assert signed_in(alice).get(url).status_code == 404


def test_the_page_says_who_took_what_out_and_when_with_its_clip(removed, dialog, alice):
    client = signed_in(alice)
    assert "Left out (1)" in words_of(client.get(reverse("scene", args=[removed.scene_id])))
    page = look(client.get(reverse("left_out", args=[removed.scene_id])))
    assert "Mara opens the door. Wind." in page.text
    assert f"Deleted by alice, {removed.removed_at:%-d %b %Y}" in page.text
    assert f"Can be put back until {removed.removed_at + timedelta(days=30):%-d %b %Y}" in page.text
    clip = removed.videos.first()
    assert reverse("clip_file", args=[removed.scene_id, removed.pk, clip.pk]) in page.html
    assert "Who is out there?" not in page.text


def test_a_scene_with_nothing_left_out_shows_no_link_and_its_page_what_comes_there(scene, action, alice):
    client = signed_in(alice)
    assert (
        reverse("left_out", args=[scene.pk]) + '"' not in client.get(reverse("scene", args=[scene.pk])).content.decode()
    )
    assert "Nothing is left out" in look(client.get(reverse("left_out", args=[scene.pk]))).text


def test_a_block_comes_back_to_its_place_with_its_frames_and_clips(removed, dialog, alice):
    before, client = material(), signed_in(alice)
    url = reverse("put_back", args=[removed.scene_id, removed.pk])
    answer = client.post(url, headers=HTMX)
    assert "Back in the script, as block 1." in answer["HX-Trigger-After-Swap"]
    assert "Nothing is left out" in answer.content.decode()
    assert list(removed.scene.blocks.order_by("position")) == [removed, dialog]
    assert material() == before
    assert client.post(url).status_code == 302  # pressed twice
    assert removed.scene.blocks.count() == 2


def test_a_full_scene_says_why_nothing_comes_back(removed, dialog, alice, monkeypatch):
    monkeypatch.setattr(writing, "MOST_BLOCKS", 1)
    answer = signed_in(alice).post(reverse("put_back", args=[removed.scene_id, removed.pk]), headers=HTMX)
    assert "A scene may have 1 blocks" in answer["HX-Trigger-After-Swap"]
    assert "Mara opens the door. Wind." in answer.content.decode()


@pytest.fixture
def revised(alice: User) -> Scene:
    """The kitchen of a film from which a screenplay left out the line, and the scene at the jetty."""
    film = films.begin(alice, "The Kettle")
    revision.apply(revision.bring(film, alice, "one.fountain", SCRIPT.encode()))
    for number, block in enumerate(Block.objects.filter(scene__film=film)):
        actions.upload_frame(block, "start", picture_file((64, 64 + number)), alice)
        finished_video(block, alice, data=f"clip {number}".encode())
    revision.apply(revision.bring(film, alice, "two.fountain", b"INT. KITCHEN - NIGHT\n\nRain.\n"))
    return film.scenes.get()


def test_what_a_screenplay_left_out_names_it_and_stays(revised, alice):
    page = look(signed_in(alice).get(reverse("left_out", args=[revised.pk])))
    assert "Left out by “two.fountain”, which alice brought," in page.text
    assert "Stays as long as there are frames or clips of it." in page.text


def test_a_left_out_scene_comes_back_whole_where_it_stood(revised, alice):
    # Catches a scene that comes back empty, its blocks still on the shelf.
    film, before, client = revised.film, material(), signed_in(alice)
    page = client.get(reverse("film", args=[film.pk]))
    assert "Left out scenes (1) JETTY EXT. JETTY - DAWN 2 blocks · 2 clips · left out by a screenplay" in words_of(page)
    jetty = left_out.scenes_of(film).get()
    answer = client.post(reverse("restore_scene", args=[film.pk, jetty.pk]), headers=HTMX)
    assert "JETTY\\u201d is back." in answer["HX-Trigger-After-Swap"]
    assert "autofocus" in answer.content.decode()
    assert [scene.title for scene in film.scenes.order_by("position")] == ["KITCHEN", "JETTY"]
    assert [block.text for block in jetty.blocks.order_by("position")] == ["The boat is gone.", "Fog."]
    assert material() == before
    assert "Left out scenes" not in answer.content.decode()


def test_a_left_out_scene_is_offered_to_who_may_write_the_film_alone(revised, alice, bob):
    assign_perm("view_film", bob, revised.film)
    assert "Left out scenes" not in signed_in(bob).get(reverse("film", args=[revised.film_id])).content.decode()


def test_after_thirty_days_what_was_deleted_is_gone_and_what_was_left_out_with_material_is_not(revised, removed, alice):
    # Catches a sweep that deletes a scene which a revised screenplay left out, with all its clips.
    before = Video.objects.exclude(block=removed).count()
    long_ago = timezone.now() - timedelta(days=31)
    for kind in (Scene, Block):
        kind.everything.exclude(removed_at=None).update(removed_at=long_ago)
    assert list(left_out.blocks_of(removed.scene)) == []
    sweep_removed()
    assert Video.objects.count() == before
    assert left_out.scenes_of(revised.film).count() == 1
    assert left_out.blocks_of(revised).count() == 1


def test_the_page_takes_as_many_queries_for_many_blocks(scene, mara, alice):
    def queries(count: int) -> int:
        for number in range(count):
            line = Block.objects.create(
                scene=scene, position=scene.blocks.count(), kind="dialog", character=mara, text=f"{number}"
            )
            actions.upload_frame(line, "start", picture_file((64, 64)), alice)
            finished_video(line, alice)
            writing.remove_block(line, alice)
        client, url = signed_in(alice), reverse("left_out", args=[scene.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert words_of(client.get(url)).count("Deleted by alice") == scene.edits.count()
        return len(caught)

    assert queries(2) == queries(8)
