"""Plans and batches through the API: the contract's answers, and whose a batch is."""

from uuid import uuid4

import pytest

from scenes import actions as writing
from scenes.models import Block
from tests.fixtures.callers import FRAME, PROBLEM, root, send
from tests.fixtures.rows import queued_frame
from tests.fixtures.scene import new_scene
from videogen import actions
from videogen.models import Batch, Frame, Video

pytestmark = pytest.mark.postgres
MISSING = {"what": "both", "only": "missing"}


def generate(client, scene, dry: bool = False, **body):
    return send(client, f"/api/scenes/{scene.pk}/generate{'?dryRun=true' if dry else ''}", MISSING | body)


def test_a_plan_says_what_why_and_what_not_and_makes_nothing(scene, action, dialog, alices):
    # Catches a dry run that queues, and an answer that is not the contract's.
    assert send(alices, f"{root(action)}/frame", {**FRAME, "blockId": str(action.pk)}).status_code == 202
    plan = generate(alices, scene, dry=True).json()
    waiting = {"blockId": str(action.pk), "kind": "video", "role": None, "reason": "missing", "seconds": None}
    assert plan["items"][0] == waiting
    assert [item["kind"] for item in plan["items"]] == ["video", "frame", "video"]
    assert (plan["seconds"], plan["doneAt"]) == (None, None)
    refused = {"blockId": str(action.pk), "kind": "frame", "role": "start", "code": "already_running"}
    assert plan["refused"] == [refused | {"message": "It is being made already."}]
    assert Frame.objects.count() == 1
    assert not Batch.objects.exists()


def test_a_batch_is_started_read_stopped_and_tried_again(scene, action, alices, alice):
    # Catches a batch whose address leads nowhere, and a key that starts it twice.
    response = send(alices, f"/api/scenes/{scene.pk}/generate", MISSING, Idempotency_Key="one")
    assert response.status_code == 202
    batch = response.json()
    assert response["Location"] == batch["url"] == f"/api/batches/{batch['id']}"
    assert (batch["jobs"], batch["queued"], batch["finished"]) == (2, 2, False)
    again = send(alices, f"/api/scenes/{scene.pk}/generate", MISSING, Idempotency_Key="one")
    assert (again.json()["id"], again["Idempotency-Replayed"]) == (batch["id"], "true")
    frame = Frame.objects.get()
    assert frame.claim("worker")
    assert frame.fail("out_of_memory", {"asked": "1280 × 704", "fits": ""})
    (failed,) = alices.get(batch["url"]).json()["failures"]
    assert (failed["kind"], failed["error"]["code"]) == ("frame", "out_of_memory")
    stopped = alices.post(f"{batch['url']}/cancel").json()
    assert (stopped["cancelled"], stopped["finished"]) == (1, True)
    assert alices.post(f"{batch['url']}/cancel").status_code == 409
    retried = alices.post(f"{batch['url']}/retry")
    assert (retried.status_code, retried.json()["jobs"]) == (202, 1)
    assert retried["Location"] == retried.json()["url"] != batch["url"]


def test_a_batch_is_of_who_started_it(scene, action, alices, bobs, charlies):
    # Catches a batch that tells a viewer of one scene about the blocks of others.
    url = generate(alices, scene).json()["url"]
    for client in (bobs, charlies):
        assert client.get(url).status_code == 404
        assert client.post(f"{url}/cancel").status_code == 404
        assert client.post(f"{url}/retry").status_code == 404


def test_a_viewer_reads_the_plan_and_is_told_which_right_is_missing(scene, action, bobs, charlies):
    # Catches a plan hidden from who may look, and one shown to who may not.
    refused = generate(bobs, scene, dry=True).json()["refused"]
    assert {refusal["code"] for refusal in refused} == {"not_allowed"}
    assert generate(charlies, scene, dry=True).status_code == 404
    response = generate(bobs, scene)
    assert (response.status_code, response["Content-Type"]) == (403, PROBLEM)
    assert not Frame.objects.exists()


def test_a_named_block_that_cannot_be_made_refuses_the_whole(scene, action, dialog, alices):
    # Catches a part of what was named being made without a word.
    response = generate(alices, scene, what="videos", blockIds=[str(action.pk), str(dialog.pk)])
    assert (response.status_code, response.json()["code"]) == (422, "plan_refused")
    assert [refusal["code"] for refusal in response.json()["refused"]] == ["start_frame_missing"] * 2
    assert generate(alices, scene, what="videos").json()["code"] == "nothing_to_make"


@pytest.mark.parametrize("named", ["deleted", "elsewhere", "never there"])
def test_a_named_block_that_is_not_there_refuses_the_whole(scene, action, dialog, alices, alice, charlie, named):
    # Catches the others made without a word about the one that is gone, and the words of a block that one may not see.
    if named == "deleted":
        writing.remove_block(dialog, alice)
    elif named == "elsewhere":
        dialog = Block.objects.create(scene=new_scene(charlie), position=0, kind="action", text="A secret.")
    ids = [str(action.pk), str(uuid4() if named == "never there" else dialog.pk)]
    planned = generate(alices, scene, dry=True, what="frames", blockIds=ids).json()
    assert [item["blockId"] for item in planned["items"]] == ids[:1]
    response = generate(alices, scene, what="frames", blockIds=ids)
    assert (response.status_code, response.json()["code"]) == (422, "plan_refused")
    (refused,) = response.json()["refused"]
    assert (refused["blockId"], refused["kind"], refused["code"]) == (ids[1], "frame", "not_there")
    assert ("no longer in the script" in refused["message"]) is (named == "deleted")
    assert "secret" not in response.content.decode()
    assert refused["message"] in response.json()["detail"]
    assert planned["refused"] == [refused]
    assert not Batch.objects.exists()


def test_too_much_is_429_with_the_figures(scene, action, dialog, alices, settings):
    # Catches a part of a plan queued before the limit is met.
    settings.QUOTA_QUEUED = 3
    response = generate(alices, scene)
    assert (response.status_code, response.json()["code"]) == (429, "queue_full")
    assert "These are 4 jobs" in response.json()["detail"]
    assert not Frame.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"what": "all"}, "what"),
        ({"only": None}, "only"),
        ({"blockIds": "x"}, "blockIds"),
        ({"settings": {"sound": {}}}, "settings"),
        ({"settings": {"video": {"prompt": "Rain."}}}, "settings"),
        ({"settings": {"video": {"frameRate": 23}}}, "settings.frameRate"),
        ({"settings": []}, "settings"),
        ({"settings": {"video": {"model": False}}}, "settings.model"),
        ({"speed": 3}, "speed"),
    ],
)
def test_what_is_wrong_with_the_body_is_named(scene, action, alices, body, field):
    # Catches a wrong setting that fails every block instead of the call.
    response = generate(alices, scene, dry=True, **body)
    assert response.status_code == 422
    assert field in [error["field"] for error in response.json()["errors"]]


def test_a_film_s_plan_goes_over_its_scenes_with_the_settings_given(scene, action, alices, start_frame):
    # Catches settings that are read and not used.
    Block.objects.create(scene=scene, position=5, kind="action", text="Fog.")
    body = {"what": "both", "only": "missing", "settings": {"video": {"duration": 2, "frameRate": 25}}}
    response = send(alices, f"/api/films/{scene.film_id}/generate", body)
    assert (response.status_code, response.json()["sceneId"]) == (202, None)
    assert set(Video.objects.values_list("duration", "frame_rate")) == {(2, 25)}
    assert Frame.objects.filter(status="queued").count() == 1


def test_end_frames_are_asked_for_by_name_and_told_apart(scene, action, alices, alice):
    # Catches two frames of a block that a program cannot tell apart, and a word that is taken for yes.
    actions.cancel(queued_frame(action, alice, role="end"), alice)
    items = generate(alices, scene, dry=True, endFrames=True).json()["items"]
    assert [(item["kind"], item["role"]) for item in items] == [("frame", "start"), ("frame", "end"), ("video", None)]
    for wrong, sentence in (
        ({"endFrames": "yes"}, "endFrames must be true or false; “yes” was given."),
        ({"endFrames": True, "what": "videos"}, "endFrames goes with frames or both; videos alone makes no frame."),
    ):
        response = generate(alices, scene, dry=True, **wrong)
        assert response.status_code == 422
        assert response.json()["errors"] == [{"field": "endFrames", "message": sentence}]
    batch = generate(alices, scene, endFrames=True).json()
    assert (batch["jobs"], batch["endFrames"]) == (3, True)
    start = Frame.objects.get(role="start")
    assert start.claim("worker")
    assert start.fail("internal")
    assert alices.get(batch["url"]).json()["failures"][0]["role"] == "start"
