"""Locations and characters over the API: what is answered, and how each wrong field is named."""

from io import BytesIO

import pytest
from PIL import Image

from scenes.models import Block, Character, Location
from tests.fixtures.callers import patch, send, upload
from tests.fixtures.scene import film_of, picture_file


def base(scene, kind: str = "characters") -> str:
    return f"/api/films/{scene.film_id}/{kind}"


def errors(response) -> dict[str, str]:
    assert response.status_code == 422
    return {error["field"]: error["message"] for error in response.json()["errors"]}


def test_the_lists_tell_words_pictures_and_scenes(scene, dialog, mara, alices):
    scene.film.characters.create(name="Ada")
    voice = {"voiceKind": "", "voicePitch": 0, "voicePace": 100, "voiceEngine": ""}
    assert alices.get(base(scene)).json() == [
        {
            "id": str(Character.objects.get(name="Ada").pk),
            "name": "Ada",
            "description": "",
            "voice": "",
            **voice,
            "pictureUrl": None,
            "sceneIds": [],
        },
        {
            "id": str(mara.pk),
            "name": "Mara",
            "description": "a young keeper in a yellow raincoat",
            "voice": "low",
            **voice,
            "pictureUrl": None,
            "sceneIds": [str(scene.pk)],
        },
    ]
    place = alices.get(base(scene, "locations")).json()[0]
    assert set(place) == {"id", "name", "description", "pictureUrl", "sceneIds", "groundLine"}


def test_one_is_added_and_changed_in_part(scene, alices):
    added = send(alices, base(scene), {"name": "Ada", "voice": "bright"})
    assert (added.status_code, added.json()["voice"]) == (201, "bright")
    changed = patch(alices, f"{base(scene)}/{added.json()['id']}", {"description": "tall"})
    assert (changed.json()["voice"], changed.json()["description"]) == ("bright", "tall")
    assert Character.objects.get(name="Ada").description == "tall"


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({}, "name", "Name is missing."),
        ({"name": ""}, "name", "Name is missing."),
        ({"name": 300 * "x"}, "name", "has 300 characters; at most 200 can be taken."),
        ({"name": 7}, "name", "name must be text; “7” was given."),
        ({"name": None}, "name", "Name is missing."),
        ({"name": "Mara"}, "name", "There is “Mara” already."),
        ({"name": "A\u0000da"}, "name", "Null characters"),
        ({"name": "Ada", "age": "9"}, "age", "There is no field"),
        ({"name": "Ada", "description": 2001 * "x"}, "description", "has 2001 characters"),
    ],
)
def test_a_wrong_field_is_named(scene, mara, alices, sent, field, words):
    found = errors(send(alices, base(scene), sent))
    assert words in found[field]
    assert Character.objects.count() == 1


def test_a_ground_line_is_set_taken_away_and_named_where_it_cannot_be(scene, alices):
    # Catches a line outside the picture, and a body without it that takes it away.
    url = f"{base(scene, 'locations')}/{scene.location_id}"
    assert patch(alices, url, {"groundLine": 0.75}).json()["groundLine"] == 0.75
    assert patch(alices, url, {"description": "wet"}).json()["groundLine"] == 0.75
    for value in (1.2, -1, "low", True, [0.5]):
        assert (
            "must be a number from 0 to 1"
            in errors(patch(alices, url, {"name": "Quay", "groundLine": value}))["groundLine"]
        )
    assert (Location.objects.get().ground_line, Location.objects.get().name) == (0.75, "Gull Rock")
    assert patch(alices, url, {"groundLine": None}).json()["groundLine"] is None
    added = send(alices, base(scene, "locations"), {"name": "Quay", "groundLine": 1})
    assert (added.status_code, added.json()["groundLine"]) == (201, 1)
    assert "There is no field" in errors(send(alices, base(scene), {"name": "Ada", "groundLine": 1}))["groundLine"]


def test_an_old_look_that_is_too_long_keeps_nobody_from_changing_the_name(scene, mara, alices):
    Character.objects.filter(pk=mara.pk).update(description=3000 * "x")
    assert patch(alices, f"{base(scene)}/{mara.pk}", {"name": "Mara II"}).status_code == 200
    mara.refresh_from_db()
    assert (mara.name, len(mara.description)) == ("Mara II", 3000)


def test_what_a_line_needs_is_409(scene, dialog, mara, alices):
    response = alices.delete(f"{base(scene)}/{mara.pk}")
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
    assert "Mara speaks 1 line" in response.json()["detail"]
    Block.objects.all().delete()
    assert alices.delete(f"{base(scene)}/{mara.pk}").status_code == 204
    assert alices.delete(f"{base(scene)}/{mara.pk}").status_code == 404


def test_a_picture_is_cropped_around_its_focus_and_read_with_the_token(scene, alices, bobs, charlies):
    place = f"{base(scene, 'locations')}/{scene.location_id}/picture"
    answer = upload(alices, f"{place}?focus=1", picture_file((640, 720)))
    url = answer.json()["pictureUrl"]
    for client in (alices, bobs):
        assert Image.open(BytesIO(client.get(url).content)).size == (640, 360)
    assert charlies.get(url).status_code == 404
    for focus in ("2", "nan", "left"):
        assert upload(alices, f"{place}?focus={focus}").status_code == 422
    refused = upload(alices, place, picture_file((90, 1000)))
    assert "cropped to 16:9 it would have 90 × 51 pixels" in errors(refused)["image"]
    assert errors(upload(alices, place, b"no picture"))["image"]


def test_a_forged_id_of_another_film_is_not_there(scene, mara, alices, charlie, charlies):
    stranger = film_of(charlie).characters.create(name="Stranger")
    mine = f"{base(scene)}/{stranger.pk}"
    theirs = f"/api/films/{film_of(charlie).pk}/characters/{mara.pk}"
    wrong_kind = f"{base(scene, 'locations')}/{mara.pk}"
    for client, url in ((alices, mine), (charlies, theirs), (alices, wrong_kind), (alices, theirs)):
        assert patch(client, url, {"name": "Taken"}).status_code == 404
        assert client.delete(url).status_code == 404
        assert upload(client, f"{url}/picture").status_code == 404
    assert set(Character.objects.values_list("name", flat=True)) == {"Mara", "Stranger"}
    assert Location.objects.get().name == "Gull Rock"
