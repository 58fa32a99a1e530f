"""The list of films, a film's page, and what may be done with its scenes there."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from guardian.shortcuts import assign_perm

from scenes import films, revision
from scenes.models import Block, Film, Scene
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import film_of, new_scene, picture_file
from videogen import actions
from videogen.models import Video

# Each route of a film with its method, and what its owner, somebody who sees one scene, and an outsider get.
MATRIX = {
    "film": ("get", 200, 200, 404),
    "edit_film": ("get", 200, 403, 404),
    "film_screenplay": ("get", 200, 403, 404),
    "export_screenplay fountain": ("get", 200, 200, 404),
    "film_revision": ("get", 200, 403, 404),
    "choose_names": ("post", 302, 403, 404),
    "undo_revision": ("post", 302, 403, 404),
    "apply_revision": ("post", 302, 403, 404),
    "forget_revision": ("post", 302, 403, 404),
    "remove_film": ("post", 302, 403, 404),
    "restore_film": ("post", 404, 404, 404),
    "add_scene": ("post", 422, 403, 404),
    "order_scenes": ("post", 409, 403, 404),
    "move_scene earlier": ("post", 200, 403, 404),
    "duplicate_scene": ("post", 200, 403, 404),
    "remove_scene": ("post", 200, 403, 404),
    "restore_scene": ("post", 404, 403, 404),  # it is in its place
}


@pytest.mark.parametrize("route", MATRIX)
def test_who_may_do_what_with_a_film(route, scene, alice, bob, charlie):
    # Catches a route that asks the right of looking where it changes something.
    method, *expected = MATRIX[route]
    name, *words = route.split()
    args = [scene.film_id, *words]
    if name.endswith(("_revision", "_names")):
        args.append(revision.bring(scene.film, alice, "fog.fountain", b"INT. FOG - DAY\n\nRain.\n").pk)
    elif name.endswith("_scene") and name != "add_scene":
        args.insert(1, scene.pk)
    url = reverse(name, args=args)
    for person, status in zip((charlie, bob, alice), reversed(expected), strict=True):  # who may change it comes last
        assert getattr(signed_in(person), method)(url).status_code == status, person
    assert getattr(Client(), method)(url).status_code == 302


def titles(person: User) -> list[str]:
    body = signed_in(person).get("/").content.decode()
    return re.findall(r'class="poster__title"><a href="[^"]+">([^<]+)', body)


def test_each_sees_the_films_that_are_theirs_or_of_which_a_scene_was_shared(scene, alice, bob, charlie):
    Film.objects.create(title="Charlie's own", owner=charlie)
    assert titles(alice) == ["Gull Rock"]
    assert titles(bob) == ["Gull Rock"]
    assert titles(charlie) == ["Charlie&#x27;s own"]


def test_somebody_without_films_reads_what_to_do_and_can_begin_one(charlie):
    client = signed_in(charlie)
    assert "No films yet" in client.get("/").content.decode()
    assert client.post(reverse("new_film"), {"title": ""}).status_code == 422
    response = client.post(reverse("new_film"), {"title": "Fog", "logline": "A ship is late."})
    film = Film.objects.get()
    assert (response["Location"], film.title, film.owner) == (
        f"{reverse('film', args=[film.pk])}#id_title",
        "Fog",
        charlie,
    )


@pytest.mark.parametrize(
    ("typed", "script", "name", "title"),
    [
        ("Fog", "Title: The Last Lamp\n\nEXT. SEA - DAWN\n\nFog.", "rock.fountain", "Fog"),
        ("", "Title: _**The Last Lamp**_\n\nEXT. SEA - DAWN\n\nFog.", "rock.fountain", "The Last Lamp"),
        ("", "EXT. SEA - DAWN\n\nFog.", "gull_rock.fountain", "gull rock"),
    ],
)
def test_a_film_that_begins_with_a_screenplay_is_titled_by_it_where_nobody_did(charlie, typed, script, name, title):
    # Catches a title asked for that stands in the file, and one of the file in place of what was typed.
    client, url = signed_in(charlie), reverse("new_film")
    assert "Left empty, it is that of the screenplay" in client.get(url).content.decode()
    asked = {"title": typed, "file": SimpleUploadedFile(name, script.encode()), "bring": "1"}
    response = client.post(url, asked)
    film = Film.objects.get()
    assert (film.title, film.owner) == (title, charlie)
    assert response["Location"] == reverse("film_revision", args=[film.pk, film.revisions.get().pk])


def test_without_a_title_a_screenplay_is_needed_and_one_that_can_be_read(charlie):
    # Catches an untitled film, and one that is begun for a file that is refused.
    client, url = signed_in(charlie), reverse("new_film")
    response = client.post(url, {"title": "", "bring": "1"})
    assert (response.status_code, "This field is required." in response.content.decode()) == (422, True)
    response = client.post(url, {"title": "", "file": SimpleUploadedFile("rock.fountain", b"%PDF-1.4")})
    assert (response.status_code, "This is a PDF" in response.content.decode()) == (422, True)
    assert not Film.objects.exists()


def test_the_list_has_pages(alice):
    Film.objects.bulk_create(Film(title=f"Film {number}", owner=alice) for number in range(13))
    assert len(titles(alice)) == 12
    for asked, found in (("2", "Page 2 of 2"), ("999", "Page 2 of 2"), ("cat", "Page 1 of 2")):
        assert found in signed_in(alice).get(f"/?page={asked}").content.decode()


def queries(person: User, url: str) -> int:
    client = signed_in(person)
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def with_clip(scene: Scene, alice: User) -> Video:
    block = Block.objects.create(scene=scene, position=7, kind="action", text="Rain.")
    actions.upload_frame(block, "start", picture_file(), alice)
    return finished_video(block, alice)


def fill(film: Film, alice: User) -> None:
    for number in range(3):
        scene = Scene.objects.create(film=film, title=f"Scene {number}", position=number)
        with_clip(scene, alice)


def test_the_list_and_a_film_take_the_same_queries_for_few_as_for_many(alice):
    # Catches a query for each poster, scene, block or clip.
    film = Film.objects.create(title="Few", owner=alice)
    fill(film, alice)
    counts = [queries(alice, "/"), queries(alice, reverse("film", args=[film.pk]))]
    for number in range(3):
        fill(Film.objects.create(title=f"Film {number}", owner=alice), alice)
    for number in range(4, 9):
        with_clip(Scene.objects.create(film=film, title="More", position=number), alice)
    assert [queries(alice, "/"), queries(alice, reverse("film", args=[film.pk]))] == counts == [12, 12]


def test_a_poster_shows_no_clip_and_counts_nothing_of_a_scene_that_was_not_shared(scene, action, alice, bob):
    # Catches a list that tells of scenes which the person cannot open.
    hidden = new_scene(alice, title="Hidden")
    clip = with_clip(hidden, alice)
    page = {who: signed_in(who).get("/").content.decode() for who in (alice, bob)}
    assert str(clip.pk) in page[alice]
    assert (str(clip.pk) in page[bob], "<strong>1</strong> scene" in page[bob]) == (False, True)
    film_page = signed_in(bob).get(reverse("film", args=[scene.film_id])).content.decode()
    assert ("Hidden" in film_page, "The Last Lamp" in film_page) == (False, True)


def test_the_film_page_adds_up_its_clips_and_what_is_out_of_date(scene, action, alice, start_frame):
    clip = finished_video(action, alice)
    Video.objects.filter(pk=clip.pk).update(start_sha256="another")
    body = signed_in(alice).get(reverse("film", args=[scene.film_id])).content.decode()
    assert f'{reverse("clip_poster", args=[scene.pk, action.pk, clip.pk])}"' in body
    assert body.count("<strong>1</strong> out of date") == 2  # of the film, and of its scene


def order_of(film: Film) -> list[str]:
    return list(film.scenes.order_by("position").values_list("title", flat=True))


def test_scenes_are_added_moved_put_in_order_duplicated_taken_away_and_brought_back(scene, action, dialog, alice):
    film, client = scene.film, signed_in(alice)

    def post(name: str, *args: object, **sent: object):
        return client.post(reverse(name, args=[film.pk, *args]), sent)

    added = post("add_scene", title="Fog")
    fog = Scene.objects.get(title="Fog")
    assert added["Location"] == reverse("scene", args=[fog.pk])
    said = post("move_scene", fog.pk, "earlier")["HX-Trigger-After-Swap"]
    assert (order_of(film), "is scene 1 now" in said) == (["Fog", "The Last Lamp"], True)
    post("move_scene", fog.pk, "earlier")  # already the first
    told = post("order_scenes", scene=[str(scene.pk), str(fog.pk)], moved=str(fog.pk))["HX-Trigger-After-Swap"]
    assert "is scene 2 now" in told
    assert order_of(film) == ["The Last Lamp", "Fog"]
    post("duplicate_scene", scene.pk)
    assert order_of(film) == ["The Last Lamp", "The Last Lamp (copy)", "Fog"]
    copy = Scene.objects.get(title="The Last Lamp (copy)")
    assert [(b.kind, b.character, b.text) for b in copy.blocks.all()] == [
        (b.kind, b.character, b.text) for b in (action, dialog)
    ]
    assert set(copy.characters.all()) == set(scene.characters.all())
    assert "Undo" in post("remove_scene", scene.pk).content.decode()
    assert order_of(film) == ["The Last Lamp (copy)", "Fog"]
    assert client.get(reverse("scene", args=[scene.pk])).status_code == 404
    post("restore_scene", scene.pk)
    assert order_of(film) == ["The Last Lamp", "The Last Lamp (copy)", "Fog"]


@pytest.mark.parametrize(
    ("named", "status", "words"),
    [
        (lambda own, other: [own], 409, "name each scene"),
        (lambda own, other: [own, own], 409, "name each scene"),
        (lambda own, other: [own, other], 409, "name each scene"),
        (lambda own, other: ["cat"], 422, "is no scene"),
    ],
)
def test_an_order_with_a_missing_a_foreign_or_a_nonsense_id_changes_nothing(
    scene, alice, charlie, named, status, words
):
    new_scene(alice, title="Fog")
    sent = {"scene": named(str(scene.pk), str(new_scene(charlie, title="Other").pk))}
    response = signed_in(alice).post(reverse("order_scenes", args=[scene.film_id]), sent)
    assert (response.status_code, words in response.content.decode()) == (status, True)
    assert order_of(scene.film) == ["The Last Lamp", "Fog"]


def test_a_film_is_full_at_some_number_of_scenes(scene, alice, monkeypatch):
    monkeypatch.setattr(films, "MOST_SCENES", 1)
    response = signed_in(alice).post(reverse("add_scene", args=[scene.film_id]), {"title": "Fog"})
    assert response.status_code == 422
    assert "has 1 scenes, as many as a film can have" in response.content.decode()
    assert 'value="Fog"' in response.content.decode()  # nothing typed is lost


def test_a_film_is_taken_away_by_its_owner_alone_and_brought_back(scene, alice, bob):
    film = film_of(alice)
    assign_perm("change_film", bob, film)
    assert signed_in(bob).post(reverse("remove_film", args=[film.pk])).status_code == 403
    client = signed_in(alice)
    client.post(reverse("remove_film", args=[film.pk]))
    assert client.get(reverse("scene", args=[scene.pk])).status_code == 404
    assert "Bring back" in client.get("/").content.decode()
    assert signed_in(bob).post(reverse("restore_film", args=[film.pk])).status_code == 404
    assert client.post(reverse("restore_film", args=[film.pk]))["Location"] == reverse("film", args=[film.pk])
    assert titles(alice) == ["Gull Rock"]


def test_what_is_taken_away_stays_for_thirty_days():
    assert Film.KEPT_FOR == Scene.KEPT_FOR == Block.KEPT_FOR == timedelta(days=30)
