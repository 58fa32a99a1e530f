"""What the player plays: every block once, in order, each as long as its clip or its line."""

import pytest
from django.test import Client
from django.urls import reverse

from scenes.models import Block
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene
from videogen.pacing import hold_seconds

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("route", ["scene_play", "film_play"])
def test_who_may_look_may_play(route, scene, action, alice, bob, charlie):
    # Catches a playlist that tells an outsider what is said.
    url = reverse(route, args=[scene.pk if route == "scene_play" else scene.film_id])
    statuses = [signed_in(person).get(url).status_code for person in (alice, bob, charlie)]
    assert (statuses, Client().get(url).status_code) == ([200, 200, 404], 302)


def test_a_block_is_a_clip_a_picture_or_its_words(scene, action, dialog, alice, start_frame):
    # Catches a block left out because nothing was made of it, and a clip shown for the length of its line.
    shots = signed_in(alice).get(reverse("scene_play", args=[scene.pk])).json()["shots"]
    assert [(shot["block"], bool(shot["picture"]), shot["clip"]) for shot in shots] == [
        (str(action.pk), True, ""),
        (str(dialog.pk), False, ""),
    ]
    assert (shots[1]["speaker"], shots[1]["words"]) == ("Mara", "Who is out there?")
    take = finished_video(action, alice, duration=2, frame_rate=25)
    shot = signed_in(alice).get(reverse("scene_play", args=[scene.pk])).json()["shots"][0]
    assert shot["clip"] == reverse("clip_file", args=[scene.pk, action.pk, take.pk])
    assert (shot["seconds"], shot["rate"]) == (2, 25)


def test_a_film_is_its_scenes_in_order_of_those_one_sees(scene, action, alice, bob):
    # Catches a film that plays to a viewer what was not shared.
    other = new_scene(alice, title="Elsewhere")
    Block.objects.create(scene=other, position=0, kind="action", text="Fog.")
    url = reverse("film_play", args=[scene.film_id])
    assert [shot["scene"] for shot in signed_in(alice).get(url).json()["shots"]] == ["The Last Lamp", "Elsewhere"]
    assert [shot["scene"] for shot in signed_in(bob).get(url).json()["shots"]] == ["The Last Lamp"]


@pytest.mark.parametrize("count", [1, 40])
def test_it_asks_as_often_for_40_blocks_as_for_one(scene, alice, count, django_assert_num_queries):
    # Catches a query for each shot of a film.
    Block.objects.bulk_create(
        Block(scene=scene, position=number, kind="action", text="Wind.") for number in range(count)
    )
    client, url = signed_in(alice), reverse("scene_play", args=[scene.pk])
    with django_assert_num_queries(6):  # session, person, scene, blocks, frames, videos
        client.get(url)


@pytest.mark.parametrize(
    ("kind", "text", "seconds"),
    [
        ("dialog", "No.", 1.0),
        ("dialog", "Who is out there?", 1.7),
        ("dialog", "word " * 400, 60.0),
        ("dialog", "誰がそこにいるの", 2.3),
        ("action", "Wind.", 3.0),
        ("action", "word " * 200, 3.0),
    ],
)
def test_a_line_is_held_as_long_as_it_takes_to_say(scene, mara, kind, text, seconds):
    # Catches a long line that is gone before it is read, and a short one that stands for ever.
    speaker = mara if kind == "dialog" else None
    assert hold_seconds(Block(scene=scene, kind=kind, text=text, character=speaker)) == pytest.approx(seconds, abs=0.5)
