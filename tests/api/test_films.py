"""Films by API: begin, read, change, put in order, take away; a screenplay in and out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scenes.models import Block, Film, Revision, Scene
from tests.fixtures.callers import patch, send
from tests.fixtures.people import signed_in
from tests.fixtures.scene import new_scene

SCRIPT = b"INT. GULL ROCK - DUSK\n\nMara opens the door. Wind and rain.\n\nMARA\nWho is out there?\n"


def bring(client, film: Film, data: bytes = SCRIPT, name: str = "rock.fountain", query: str = ""):
    return client.post(f"/api/films/{film.pk}/screenplay{query}", {"file": SimpleUploadedFile(name, data)})


def test_a_film_is_begun_filled_read_and_taken_away_by_its_owner(charlies, charlie, bob):
    begun = send(charlies, "/api/films", {"title": "Fog", "logline": "A ship is late."})
    assert (begun.status_code, begun.json()["owner"], begun.json()["sceneCount"]) == (201, "charlie", 0)
    film = Film.objects.get()
    first = send(charlies, f"/api/films/{film.pk}/scenes", {"title": "Quay", "heading": "EXT. QUAY - DAWN"}).json()
    second = send(charlies, f"/api/films/{film.pk}/scenes", {"title": "Sea"}).json()
    between = send(charlies, f"/api/films/{film.pk}/scenes", {"title": "Boat", "after": first["id"]}).json()
    document = charlies.get(f"/api/films/{film.pk}").json()
    assert [scene["title"] for scene in document["scenes"]] == ["Quay", "Boat", "Sea"]
    order = [second["id"], between["id"], first["id"]]
    changed = patch(charlies, f"/api/films/{film.pk}", {"style": "ink", "sceneIds": order})
    assert (changed.status_code, changed.json()["style"]) == (200, "ink")
    assert [scene["id"] for scene in charlies.get(f"/api/films/{film.pk}").json()["scenes"]] == order
    assert charlies.get("/api/films").json()["items"][0]["sceneCount"] == 3
    assert charlies.delete(f"/api/films/{film.pk}").status_code == 204
    assert charlies.get(f"/api/films/{film.pk}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "title", "required"),
        ({"title": " "}, "title", "required"),
        ({"title": "x" * 201}, "title", "200"),
        ({"title": 7}, "title", "must be text"),
        ({"title": "Fog", "tempo": 3}, "tempo", "tempo"),
    ],
)
def test_what_a_film_cannot_be_called_is_said_beside_the_field(alices, body, field, words):
    response = send(alices, "/api/films", body)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["field"], words in error["message"]) == (422, field, True)
    assert not Film.objects.exists()


def test_an_order_that_is_not_every_scene_changes_nothing(alices, scene):
    response = patch(alices, f"/api/films/{scene.film_id}", {"sceneIds": []})
    assert (response.status_code, response.json()["code"]) == (409, "changed_meanwhile")


def test_a_screenplay_is_tried_and_then_brought_and_read_back(alices, scene, action, dialog):
    tried = bring(alices, scene.film, query="?dryRun=true")
    assert (tried.status_code, tried.json()["scenes"][0]["blocks"]["changed"]) == (200, 1)
    action.refresh_from_db()
    assert (action.text, Revision.objects.count()) == ("Mara opens the door. Wind.", 0)
    done = bring(alices, scene.film)
    assert (done.status_code, done.json()["scenes"][0]["status"]) == (201, "changed")
    action.refresh_from_db()
    assert action.text == "Mara opens the door. Wind and rain."
    text = alices.get(f"/api/films/{scene.film_id}/screenplay.fountain")
    assert ("Wind and rain." in text.content.decode(), text["Content-Type"]) == (True, "text/plain; charset=utf-8")
    assert text["Content-Disposition"] == 'attachment; filename="gull-rock.fountain"'
    assert alices.get(f"/api/films/{scene.film_id}/screenplay.pdf").status_code == 422


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [(b"%PDF", 422, "screenplay_invalid"), (b"x" * (5 * 2**20 + 2**17), 413, "file_too_large")],
)
def test_a_file_that_cannot_be_read_changes_nothing(alices, scene, data, status, code):
    response = bring(alices, scene.film, data)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["errors"][0]["field"] == "file"
    assert not Revision.objects.exists()


def test_only_what_the_caller_sees_is_read(alice, bob, scene, action):
    hidden = new_scene(alice, title="Hidden", heading="INT. HIDDEN - DAY")
    Block.objects.create(scene=hidden, position=0, kind="action", text="Nobody knows.")
    client = signed_in(bob)
    document = client.get(f"/api/films/{scene.film_id}").json()
    assert [found["title"] for found in document["scenes"]] == ["The Last Lamp"]
    assert document["film"]["sceneCount"] == client.get("/api/films").json()["items"][0]["sceneCount"] == 1
    assert "Nobody knows" not in client.get(f"/api/films/{scene.film_id}/screenplay.fountain").content.decode()
    assert Scene.objects.count() == 2


SLIP = b"INT. GULL ROCK - DUSK\n\nMARA\nWho is out there?\n\nMARRA\nSpeak!\n"


def test_a_doubtful_name_is_listed_and_decided(alices, scene, dialog, mara):
    # Catches a plan without the doubt, and a choice that only the dry run follows.
    url = f"/api/films/{scene.film_id}/screenplay"
    tried = alices.post(f"{url}?dryRun=true", {"file": SimpleUploadedFile("rock.fountain", SLIP)}).json()
    message = "“MARRA” speaks once. It may be “Mara”, misspelt."
    doubt = {"name": "MARRA", "line": 6, "message": message, "suggestion": "Mara", "chosen": "MARRA"}
    assert (tried["names"], tried["characters"]) == ([doubt], ["MARRA"])
    sent = {"file": SimpleUploadedFile("rock.fountain", SLIP), "names": '{"marra": "MARA"}'}
    done = alices.post(url, sent)
    assert (done.status_code, done.json()["names"][0]["chosen"], done.json()["characters"]) == (201, "Mara", [])
    assert {block.character for block in scene.blocks.all()} == {mara}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1]", "must be a JSON object"),
        ('{"MARRA": 7}', "“7” was given"),
        ('{"MARRA": "OLGA"}', "“MARRA” cannot become “OLGA”"),
        ('{"OLGA": ""}', "Nobody called “OLGA” speaks"),
    ],
)
def test_a_choice_that_cannot_be_is_named_with_its_value_and_nothing_changes(alices, scene, mara, names, words):
    # Catches a choice that is dropped without a word.
    sent = {"file": SimpleUploadedFile("rock.fountain", SLIP), "names": names}
    refused = alices.post(f"/api/films/{scene.film_id}/screenplay", sent)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, refused.json()["code"], error["field"]) == (422, "names_invalid", "names")
    assert words in error["message"]
    assert not Block.objects.exists()
    assert not Revision.objects.exists()
