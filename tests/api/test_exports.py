"""Exports for programs: asked for, waited for, fetched, deleted."""

import pytest
from django.urls import reverse

from scenes.models import Block
from tests.fixtures.callers import bring_timeline, program, send
from tests.fixtures.cuts import take_of
from tests.fixtures.people import signed_in
from tests.fixtures.scene import new_scene
from videogen import export_jobs
from videogen.exports.spec import ExportSpec
from videogen.models import Export
from videogen.worker import progress, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def alices(alice):
    return program(alice)


@pytest.fixture
def made(monkeypatch):
    """Make what waits, as a worker does."""
    for module in (run, progress):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)

    def make() -> None:
        run.make(run.claim_next("exports", "exports@here/1"), "exports@here")

    return make


def test_an_export_is_asked_for_read_fetched_and_deleted(alices, scene, action, alice, start_frame, made, tmp_path):
    # Catches an address or a name in the answer that leads nowhere.
    take_of(action, alice, tmp_path)
    answer = send(alices, f"/api/scenes/{scene.pk}/exports", {"format": "mp4", "captions": "track", "firstFrame": 1})
    assert (answer.status_code, answer["Location"]) == (202, f"/api/exports/{answer.json()['id']}")
    told = answer.json()
    assert (told["status"], told["format"], told["captions"], told["firstFrame"]) == ("queued", "mp4", "track", 1)
    assert (told["sceneId"], told["filmId"], told["url"]) == (str(scene.pk), str(scene.film_id), None)
    made()
    told = alices.get(answer["Location"]).json()
    assert (told["status"], told["name"]) == ("succeeded", "Gull Rock - The Last Lamp.mp4")
    assert told["keptUntil"] > told["finishedAt"]
    file = alices.get(told["url"])
    assert (file.status_code, file["Content-Type"]) == (200, "video/mp4")
    assert 'filename="Gull Rock - The Last Lamp.mp4"' in file["Content-Disposition"]
    assert len(b"".join(file.streaming_content)) == told["size"]
    part = alices.get(told["url"], headers={"range": "bytes=0-9"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 0-9/{told['size']}")
    assert len(b"".join(part.streaming_content)) == 10
    assert alices.delete(answer["Location"]).status_code == 204
    assert alices.get(told["url"]).status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "format", "Format must be"),
        ({"format": "avi"}, "format", "“avi” was given"),
        ({"format": "mp4", "captions": "loud"}, "captions", "burned, track or none"),
        ({"format": "mp4", "width": 640}, "height", "go together"),
        ({"format": "mp4", "width": 641, "height": 480}, "width", "even number"),
        ({"format": "mp4", "frameRate": 23}, "frameRate", "24, 25 or 30"),
        ({"format": "mp4", "firstFrame": -1}, "firstFrame", "from 0 to 999999"),
        ({"format": "mp4", "stills": "yes"}, "stills", "true or false"),
        ({"format": "mp4", "colour": "red"}, "colour", "no field"),
    ],
)
def test_a_setting_out_of_bounds_is_named(alices, scene, action, body, field, words):
    # Catches a 500, or a film of another size than was asked for.
    answer = send(alices, f"/api/scenes/{scene.pk}/exports", body)
    assert answer.status_code == 422
    assert words in {error["field"]: error["message"] for error in answer.json()["errors"]}[field]
    assert not Export.objects.exists()


def test_what_cannot_be_exported_is_told_with_a_code(alices, scene, dialog):
    # Catches a refusal that a program cannot tell from a broken request.
    answer = send(alices, f"/api/scenes/{scene.pk}/exports", {"format": "zip"})
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_export")
    dialog.text = "誰だ"
    dialog.save()
    answer = send(alices, f"/api/scenes/{scene.pk}/exports", {"format": "mp4", "captions": "burned"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "captions")


def test_a_second_one_leads_to_the_first(alices, scene, action):
    # Catches two exports of a program that tried again.
    first = send(alices, f"/api/scenes/{scene.pk}/exports", {"format": "csv"})
    second = send(alices, f"/api/scenes/{scene.pk}/exports", {"format": "csv"})
    assert (second.status_code, second.json()["runningUrl"]) == (409, first["Location"])
    url, body = f"/api/scenes/{scene.pk}/exports", {"format": "pdf"}
    for other in ({"layout": "list"}, {"layout": "single"}):  # another file: made as well
        assert send(alices, url, body | other).status_code == 202
    keyed = [send(alices, url, body, Idempotency_Key="a-key") for _try in range(2)]
    assert keyed[0].json()["id"] == keyed[1].json()["id"]


def test_the_file_is_for_whoever_may_see_the_scene(scene, action, alice, bob, charlie, made, client):
    # Catches a link to a film that works for everybody who has it.
    row = export_jobs.queue_export(scene, ExportSpec(format="csv"), alice)
    url = reverse("export_file", args=[row.pk])
    assert signed_in(bob).get(url).status_code == 404  # nothing there yet
    made()
    answer = signed_in(bob).get(url)
    assert (answer.status_code, b"".join(answer.streaming_content)[:3]) == (200, b"\xef\xbb\xbf")
    assert signed_in(charlie).get(url).status_code == 404
    assert client.get(url).status_code == 302


def test_a_film_s_timeline_says_which_scenes_it_moves(alices, scene, action, alice):
    # Catches a dry run that tells of blocks only, or that moves something.
    fog = new_scene(alice, title="Fog")
    block = Block.objects.create(scene=fog, position=0, kind="action", text="Fog.")
    url = f"/api/films/{scene.film_id}/timeline"
    for dry, status, moved in (("?dryRun=true", 200, 2), ("", 201, 2), ("?dryRun=true", 200, 0)):
        answer = bring_timeline(alices, block, f"{url}{dry}", action)
        assert (answer.status_code, answer.json()["movedScenes"]) == (status, moved)
    told = [(found["title"], found["placeWas"], found["place"]) for found in answer.json()["scenes"]]
    assert told == [("Fog", 1, 1), ("The Last Lamp", 2, 2)]


def test_an_applied_timeline_is_undone_by_its_id(alices, scene, action, dialog):
    # Catches an Undo that only the page has, and a refusal that a program cannot tell from another.
    url = f"/api/scenes/{scene.pk}/timeline"
    assert bring_timeline(alices, dialog, f"{url}?dryRun=true", action).json()["timelineId"] is None
    made = bring_timeline(alices, dialog, url, action).json()["timelineId"]
    told = alices.post(f"/api/timelines/{made}/undo").json()
    assert (told["id"], told["fileName"], told["sceneId"]) == (made, "cut.otio", str(scene.pk))
    assert told["undoneAt"]
    assert list(scene.blocks.order_by("position")) == [action, dialog]
    again = alices.post(f"/api/timelines/{made}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_undo")
