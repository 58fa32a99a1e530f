"""What stands above a script: a scene begun by its heading, and its words changed on a page of its own."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import assign_perm

from scenes.models import Scene
from tests.fixtures.people import signed_in
from tests.fixtures.scene import film_of, new_scene


def begun(alice, words: str) -> Scene:
    signed_in(alice).post(reverse("add_scene", args=[film_of(alice).pk]), {"title": words})
    return Scene.objects.order_by("position").last()


def test_a_scene_that_is_begun_by_its_heading_has_its_place(alice):
    # Catches a heading that is kept as a mere title: the scene had no location, and no page gave it one.
    there = film_of(alice).locations.create(name="Radio Room")
    scene = begun(alice, "INT. RADIO ROOM - NIGHT")
    assert (scene.heading, scene.title, scene.location) == ("INT. RADIO ROOM - NIGHT", "Radio Room", there)


@pytest.mark.parametrize("words", ["The Last Lamp", "INT."])
def test_a_title_that_names_no_place_stays_a_title(alice, words):
    # Catches a location without a name, and a title that is taken for a place.
    scene = begun(alice, words)
    assert (scene.title, scene.heading, scene.location) == (words, "", None)
    assert not film_of(alice).locations.exists()


@pytest.mark.parametrize("sign", ["\n", "\x1f", "\x85", "\u2028"])
def test_a_place_is_called_in_one_line_as_its_heading_is(alice, scene, sign):
    # Catches a location whose name holds a line break or a separator that the heading was kept without.
    begun(alice, f"INT. RADIO{sign}ROOM - NIGHT")
    words = sent(scene, heading=f"INT. OIL{sign}CELLAR", location="")
    signed_in(alice).post(reverse("edit_scene", args=[scene.pk]), words)
    names = film_of(alice).locations.filter(name__contains="O").values_list("name", flat=True)
    assert set(names) >= {"RADIO ROOM", "OIL CELLAR"}


def test_a_heading_of_blanks_is_read_at_once(alice, scene):
    # Catches a pattern that looks for dashes from each blank of a run: a form of 20 kB kept a web process for 20 s.
    began = time.monotonic()
    words = sent(scene, heading=f"INT. OIL{' ' * 20_000}CELLAR", location="")
    signed_in(alice).post(reverse("edit_scene", args=[scene.pk]), words)
    scene.refresh_from_db()
    assert (scene.heading, time.monotonic() - began < 5) == ("INT. OIL CELLAR", True)


def test_a_scene_begins_with_no_title_that_its_own_page_would_refuse(alice):
    # Catches a control character that the API refuses, and that stops each later save of the scene's words.
    answer = signed_in(alice).post(reverse("add_scene", args=[film_of(alice).pk]), {"title": "INT. A\x01 - DAY"})
    assert (answer.status_code, "holds a control character (U+0001)" in answer.content.decode()) == (422, True)
    assert not Scene.objects.exists()
    assert not film_of(alice).locations.exists()


def sent(scene: Scene, **more: object) -> dict[str, object]:
    return {"title": scene.title, "heading": scene.heading, "version": scene.version, **more}


def test_whoever_writes_changes_what_stands_above_the_script(alice, scene, mara):
    # Catches a page that shows the words of a scene and saves only some of them.
    url = reverse("edit_scene", args=[scene.pk])
    dan = film_of(alice).characters.create(name="Dan")
    words = {"title": "The Lamp", "heading": "INT. CELLAR - DAY", "number": "4A", "synopsis": "Dark.", "style": "noir"}
    response = signed_in(alice).post(url, sent(scene, **words, location="", characters=[dan.pk]))
    assert response["Location"] == reverse("scene", args=[scene.pk])
    scene.refresh_from_db()
    assert {name: getattr(scene, name) for name in words} == words
    assert (scene.location.name, list(scene.characters.all())) == ("CELLAR", [dan])
    text = signed_in(alice).get(url).content.decode()
    assert '<option value="" selected>The place that the heading names' in text


def test_a_place_that_was_chosen_stays_whatever_the_heading_says(alice, scene):
    # Catches a choice of a location that the heading overrules without a word.
    place = scene.location
    signed_in(alice).post(reverse("edit_scene", args=[scene.pk]), sent(scene, heading="INT. CELLAR", location=place.pk))
    scene.refresh_from_db()
    assert (scene.heading, scene.location) == ("INT. CELLAR", place)
    assert not film_of(alice).locations.filter(name="CELLAR").exists()


def test_words_that_cannot_be_kept_are_said_beside_their_field_and_leave_no_place(alice, scene):
    # Catches a refusal without a reason, and a location made for a heading that was refused.
    more = {"heading": "INT. CELLAR", "number": "1" * 21, "location": ""}
    response = signed_in(alice).post(reverse("edit_scene", args=[scene.pk]), sent(scene, **more))
    assert response.status_code == 422
    assert "Number may hold 20 characters; 21 were given." in response.content.decode()
    assert not film_of(alice).locations.filter(name="CELLAR").exists()


def test_who_was_slower_reads_so_and_keeps_what_they_typed(alice, scene):
    # Catches a save over somebody else's words that nobody was told of, and one that can never be repeated.
    client, url = signed_in(alice), reverse("edit_scene", args=[scene.pk])
    old = sent(scene, synopsis="Mine.")
    assert client.post(url, sent(scene, synopsis="Theirs.")).status_code == 302
    response = client.post(url, old)
    text = response.content.decode()
    assert (response.status_code, "Somebody else changed this scene meanwhile." in text, "Mine." in text) == (
        422, True, True,
    )  # fmt: skip
    version = re.search(r'name="version" value="(\d+)"', text)
    assert client.post(url, old | {"version": version[1]}).status_code == 302
    scene.refresh_from_db()
    assert scene.synopsis == "Mine."


def test_only_whoever_writes_sees_the_page_of_a_scenes_words(alice, bob, charlie, scene):
    # Catches a way to it for somebody who may only look.
    url = reverse("edit_scene", args=[scene.pk])
    assert [signed_in(who).get(url).status_code for who in (alice, bob, charlie)] == [200, 403, 404]
    assert Client().get(url).status_code == 302
    shown = [url in signed_in(who).get(reverse("scene", args=[scene.pk])).content.decode() for who in (alice, bob)]
    assert shown == [True, False]


def test_who_writes_in_one_scene_chooses_of_what_they_see_of_the_film(alice, charlie, scene):
    # Catches names of the places and people of scenes that were not shared, offered to whoever writes in another one.
    film = scene.film
    elsewhere = new_scene(alice, title="The End", location=film.locations.create(name="The Murderer's House"))
    elsewhere.characters.add(who := film.characters.create(name="The Murderer"))
    assign_perm("change_scene", charlie, scene)
    url = reverse("edit_scene", args=[scene.pk])
    shown = [signed_in(person).get(url).content.decode() for person in (charlie, alice)]
    assert [("Murderer" in text, scene.location.name in text) for text in shown] == [(False, True), (True, True)]
    for more in ({"location": elsewhere.location_id}, {"location": scene.location_id, "characters": [who.pk]}):
        signed_in(charlie).post(url, sent(scene, **more))
        scene.refresh_from_db()
        assert (scene.location == elsewhere.location, who in scene.characters.all()) == (False, False)
