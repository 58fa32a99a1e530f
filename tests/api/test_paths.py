"""The query of an address: what an operation does not know, or cannot take, is named."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scenes.models import Scene
from tests.fixtures.scene import film_of

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("name", ["dry_run", "dryrun", "DRYRUN"])
def test_a_question_that_is_misspelt_changes_nothing(alices, alice, name):
    # Catches a plan that is carried out because nobody read the parameter that asked for the plan alone.
    before = set(Scene.objects.all())
    script = SimpleUploadedFile("rock.fountain", b"INT. GULL ROCK - DUSK\n\nRain.\n")
    response = alices.post(f"/api/films/{film_of(alice).pk}/screenplay?{name}=true", {"file": script})
    (error,) = response.json()["errors"]
    assert (response.status_code, response.json()["code"], error["field"]) == (422, "invalid", name)
    assert f"“{name}”. Did you mean dryRun?" in error["message"]
    assert set(Scene.objects.all()) == before


def test_every_unknown_parameter_is_named_up_to_a_few(alices):
    # Catches an answer that repeats thousands of names, or one that tells of the first only.
    response = alices.get("/api/scenes?page=1&page_size=2&" + "&".join(f"x{number}=1" for number in range(40)))
    fields = [error["field"] for error in response.json()["errors"]]
    assert (response.status_code, fields[0], len(fields)) == (422, "page_size", 8)
    assert "Did you mean pageSize?" in response.json()["detail"]


def test_who_is_nobody_is_told_that_first(client):
    # Catches parameters that are judged before the caller is known.
    assert client.get("/api/scenes?nonsense=1").status_code == 401


def test_what_was_given_is_in_the_sentence(alices):
    # Catches a limit without the value that broke it.
    message = alices.get("/api/scenes?pageSize=201").json()["errors"][0]["message"]
    assert message == "pageSize should be less than or equal to 200; “201” was given."
