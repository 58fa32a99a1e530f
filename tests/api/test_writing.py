"""Writing by program: what is answered, what a conflict tells, and what happens to what is being made."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from scenes import actions as writing
from scenes.models import Block, Film, Scene
from scenes.wording import BLOCK_WORDS
from tests.fixtures.callers import base, patch, put, root, send
from tests.fixtures.rows import finished_video, queued_video
from tests.fixtures.scene import new_scene
from videogen.models import Event, Frame, Status, Video
from videogen.worker.reconcile import sweep_removed

pytestmark = pytest.mark.postgres


def test_a_block_is_written_and_read(alices, scene, action, mara):
    sent = {"kind": "dialog", "text": "Hm.", "speaker": "mara (V.O.)", "parenthetical": "low", "after": str(action.pk)}
    response = send(alices, root(action), sent)
    assert response.status_code == 201
    written = response.json()
    assert {**written, "id": ""} == {
        "id": "",
        "number": 2,
        "kind": "dialog",
        "text": "Hm.",
        "characterId": str(mara.pk),
        "speaker": "Mara",
        "extension": "V.O.",
        "parenthetical": "low",
        "isDual": False,
        "notes": "",
        "version": 1,
    }
    read = alices.get(f"/api/scenes/{scene.pk}").json()["blocks"][1]
    assert {name: read[name] for name in written} == written


def test_a_conflict_holds_what_stands_there_now(alices, alice, action):
    assert patch(alices, base(action), {"version": 1, "text": "First."}).json()["version"] == 2
    late = patch(alices, base(action), {"version": 1, "text": "Second."})
    assert late.status_code == 409
    problem = late.json()
    assert (problem["code"], problem["current"]["text"], problem["current"]["version"]) == (
        *("changed_meanwhile", "First."),
        2,
    )
    assert problem["current"]["removed"] is False
    other = send(alices, f"{base(action)}/split", {"version": 1, "text": "a", "rest": "b"})
    assert (other.status_code, other.json()["current"]["version"]) == (409, 2)
    scene = f"/api/scenes/{action.scene_id}"
    assert patch(alices, scene, {"version": 1, "heading": "INT. CAVE - DAY"}).json()["heading"] == "INT. CAVE - DAY"
    assert patch(alices, scene, {"version": 1, "title": "Old"}).json()["current"]["version"] == 2


def test_an_order_that_lacks_a_block_is_a_conflict(alices, action, dialog):
    missing = put(alices, f"{root(action)}/order", {"blockIds": [str(dialog.pk)]})
    assert (missing.status_code, missing.json()["code"]) == (409, "changed_meanwhile")
    assert str(action.pk) in missing.json()["detail"]
    ids = [str(dialog.pk), str(action.pk)]
    assert put(alices, f"{root(action)}/order", {"blockIds": ids}).json() == {"blockIds": ids}
    assert [block["id"] for block in alices.get(f"/api/scenes/{action.scene_id}").json()["blocks"]] == ids


BAD = [
    ({"kind": "action"}, "text", "Text is empty"),
    ({"text": "x"}, "kind", "Kind must be dialog or action; “nothing” was given."),
    ({"kind": "action", "text": "x" * 10_001}, "text", "10001 were given"),
    ({"kind": "dialog", "text": "x", "speaker": "n" * 300}, "speaker", "Name may hold 200 characters; 300 were given"),
    ({"kind": "dialog", "text": "x"}, "speaker", "Who speaks?"),
    ({"kind": "dialog", "text": "x", "characterId": "mara"}, "characterId", "must be an id of 36 characters"),
    ({"kind": "action", "text": "x", "after": 7}, "after", "must be an id"),
    ({"kind": "action", "text": "x", "isDual": "yes"}, "isDual", "must be true or false; “yes” was given"),
    ({"kind": "action", "text": "x", "parentetical": "y"}, "parentetical", "Did you mean parenthetical?"),
    ({"kind": "action", "text": "a\ud800b"}, "text", "U+D800"),
]


@pytest.mark.parametrize(("body", "field", "words"), BAD, ids=lambda value: str(value)[:24].encode("unicode_escape"))
def test_what_cannot_be_written_is_named(alices, action, body, field, words):
    response = send(alices, root(action), body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert words in response.json()["errors"][0]["message"]
    assert Block.objects.count() == 1


@pytest.mark.parametrize("version", [None, 0, -1, "1", 1.5, True, 10**300])
def test_a_version_that_is_none_is_named(alices, action, version):
    response = patch(alices, base(action), {"text": "x", **({} if version is None else {"version": version})})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["version"]


@pytest.mark.parametrize("ids", [None, "x", [1], ["x"], [str(uuid4())] * 2])
def test_an_order_of_no_ids_is_named(alices, action, ids):
    response = put(alices, f"{root(action)}/order", {"blockIds": ids})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["blockIds"]


def test_the_document_holds_the_limits(alices):
    document = alices.get("/api/openapi.json").json()["components"]["schemas"]["NewBlock"]
    assert document["properties"]["text"]["maxLength"] == BLOCK_WORDS["text"].limit == 10_000
    assert document["required"] == ["kind", "text"]


def test_what_is_being_made_of_a_removed_block_is_stopped_and_its_clip_comes_back(alices, action, alice, start_frame):
    clip = finished_video(action, alice)
    live = queued_video(action, alice)
    assert alices.delete(base(action)).status_code == 204
    live.refresh_from_db()
    assert live.status == Status.CANCELLED
    assert alices.get(f"{base(action)}/video").status_code == 404
    assert alices.post(f"{base(action)}/restore").json()["id"] == str(action.pk)
    assert alices.get(f"{base(action)}/frames/start").json()["id"] == str(start_frame.pk)
    live.delete()
    assert alices.get(f"{base(action)}/video").json()["id"] == str(clip.pk)


def test_a_step_back_that_removes_a_block_stops_what_is_made_of_it(alices, action, alice, start_frame):
    block = send(alices, root(action), {"kind": "action", "text": "New."}).json()
    row = Block.objects.get(pk=block["id"])
    Frame.objects.filter(pk=start_frame.pk).update(block=row)
    live = queued_video(row, alice)
    step = alices.post(f"/api/scenes/{action.scene_id}/undo").json()
    assert step == {
        "blocks": [],
        "removed": [block["id"]],
        "order": [str(action.pk)],
        "canUndo": False,
        "canRedo": True,
    }
    live.refresh_from_db()
    assert live.status == Status.CANCELLED
    (again,) = alices.post(f"/api/scenes/{action.scene_id}/redo").json()["blocks"]
    assert again == {**block, "version": 3}


def test_what_is_written_of_a_scene_can_be_read_again_and_leads_to_its_film(alices, scene):
    # Catches a word of a scene that can be sent and never read, and a scene whose film cannot be found.
    words = {"title": "Lamp", "number": "12A", "heading": "INT. CAVE - DAY", "synopsis": "Dark.", "notes": "Bats."}
    changed = patch(alices, f"/api/scenes/{scene.pk}", {"version": 1, "style": "ink", **words}).json()
    for told in (changed, alices.get(f"/api/scenes/{scene.pk}").json(), alices.get("/api/scenes").json()["items"][0]):
        assert {name: told[name] for name in words} == words
        assert (told["style"], told["filmId"]) == ("ink", str(scene.film_id))


def test_what_stands_there_now_is_told_as_reading_it_tells_it(alices, scene):
    # Catches times that are spelt in another way than everywhere else.
    read = patch(alices, f"/api/scenes/{scene.pk}", {"version": 1, "style": "ink"}).json()
    refused = patch(alices, f"/api/scenes/{scene.pk}", {"version": 1, "style": "oil"}).json()
    assert refused["current"] == {**read, "removed": False}


def test_a_removed_scene_stops_its_work_and_comes_back_for_thirty_days(alices, action, alice, start_frame):
    live = queued_video(action, alice)
    path = f"/api/scenes/{action.scene_id}"
    assert alices.delete(path).status_code == 204
    live.refresh_from_db()
    assert live.status == Status.CANCELLED
    assert [alices.get(path).status_code, alices.post(f"{path}/undo").status_code] == [404, 404]
    assert alices.post(f"{path}/restore").status_code == 200
    assert alices.get(path).status_code == 200
    alices.delete(path)
    Scene.everything.update(removed_at=timezone.now() - timedelta(days=31))
    assert alices.post(f"{path}/restore").status_code == 404


# --- What is kept for thirty days ---------------------------------------------------------------------------------


def age(*rows) -> None:
    """Make it look as if these had been removed 31 days ago."""
    for row in rows:
        type(row).everything.filter(pk=row.pk).update(removed_at=timezone.now() - timedelta(days=31))


def test_the_sweep_deletes_what_was_removed_long_ago_and_keeps_the_shelf(scene, action, dialog, alice, start_frame):
    shelved = Block.objects.create(scene=scene, position=2, kind="action", text="Left out, with a clip.")
    bare = Block.objects.create(scene=scene, position=3, kind="action", text="Left out, with nothing.")
    clip = finished_video(action, alice)
    Frame.objects.filter(pk=start_frame.pk).update(block=shelved)
    writing.remove_block(dialog, alice)
    age(action, shelved, bare)
    Block.everything.filter(pk__in=[shelved.pk, bare.pk]).update(shelved=True)
    assert sweep_removed() == 2
    assert set(Block.everything.all()) == {dialog, shelved}
    assert not Video.objects.filter(pk=clip.pk).exists()
    assert Event.objects.filter(generation_id=clip.pk).last().to_status == "deleted"  # with a record, as any deletion
    assert sweep_removed() == 0


def test_the_sweep_deletes_scenes_and_films_with_all_that_is_in_them(scene, action, dialog, mara, alice, charlie):
    age(scene)
    kept = new_scene(charlie, title="Another's")
    assert sweep_removed() == 1
    assert not Block.everything.exists()
    age(Film.objects.get(owner=alice))
    assert sweep_removed() == 1
    assert list(Scene.everything.all()) == [kept]
