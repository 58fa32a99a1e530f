"""Scenes for programs: the list by pages, and a scene whole, at a fixed number of queries."""

import pytest
from guardian.shortcuts import assign_perm

from scenes.models import GENERATE_VIDEO, Block, Scene
from tests.fixtures.rows import queued_frame, queued_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions

pytestmark = pytest.mark.postgres


def test_the_scene_holds_its_blocks_with_what_was_made_of_them(alices, scene, action, dialog, mara, alice, start_frame):
    video = queued_video(action, alice)
    frame = queued_frame(dialog, alice, role="end")
    document = alices.get(f"/api/scenes/{scene.pk}").json()
    assert (document["title"], document["owner"], document["location"]["name"]) == (
        "The Last Lamp",
        "alice",
        "Gull Rock",
    )
    assert [character["name"] for character in document["characters"]] == ["Mara"]
    first, second = document["blocks"]
    assert (first["number"], first["kind"], first["text"]) == (1, "action", "Mara opens the door. Wind.")
    assert (first["startFrame"]["id"], first["endFrame"]) == (str(start_frame.pk), None)
    assert (first["video"]["id"], first["video"]["progress"]["queuePosition"]) == (str(video.pk), 1)
    assert (second["kind"], second["characterId"]) == ("dialog", str(mara.pk))
    assert (second["endFrame"]["id"], second["video"]) == (str(frame.pk), None)


def test_each_block_says_what_the_caller_may_do_with_it(bobs, bob, scene, action, dialog):
    assign_perm(GENERATE_VIDEO, bob, action)
    document = bobs.get(f"/api/scenes/{scene.pk}").json()
    looking = {
        "view": True,
        "change": False,
        "generateFrame": False,
        "generateVideo": False,
        "deleteVideo": False,
        "share": False,
    }
    assert document["can"] == looking
    assert document["blocks"][0]["can"] == looking | {"generateFrame": True, "generateVideo": True}
    assert document["blocks"][1]["can"] == looking


def _fill(scene: Scene, count: int, alice) -> None:
    for number in range(count):
        block = Block.objects.create(scene=scene, position=number, kind="action", text="Rain.")
        for role in ("start", "end"):
            actions.upload_frame(block, role, picture_file((64, 64)), alice)
        queued_video(block, alice)
        queued_frame(block, alice)


@pytest.mark.parametrize("count", [1, 12])
def test_a_scene_costs_the_same_queries_however_many_blocks_are_live(
    scene, alice, bob, alices, bobs, count, django_assert_num_queries
):
    _fill(scene, count, alice)
    alices.get(f"/api/scenes/{scene.pk}")  # notes the use of the token, and what Django keeps of content types
    with django_assert_num_queries(10):
        document = alices.get(f"/api/scenes/{scene.pk}").json()
    assert len(document["blocks"]) == count
    assert all(block["startFrame"]["status"] == "queued" for block in document["blocks"])
    bobs.get(f"/api/scenes/{scene.pk}")
    with django_assert_num_queries(22):
        assert len(bobs.get(f"/api/scenes/{scene.pk}").json()["blocks"]) == count


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_queries_however_many_scenes(alice, alices, count, django_assert_num_queries):
    for number in range(count):
        new_scene(alice, title=f"Scene {number}")
    alices.get("/api/scenes")
    with django_assert_num_queries(5):
        assert alices.get("/api/scenes").json()["count"] == count


def test_the_list_comes_in_pages_and_a_page_past_the_last_is_empty(alice, alices):
    for number in range(5):
        new_scene(alice, title=f"Scene {number}")
    titles = []
    for page in (1, 2, 3, 4):
        answer = alices.get(f"/api/scenes?page={page}&pageSize=2").json()
        assert (answer["count"], answer["page"], answer["pageSize"]) == (5, page, 2)
        titles.append([item["title"] for item in answer["items"]])
    assert titles == [["Scene 4", "Scene 3"], ["Scene 2", "Scene 1"], ["Scene 0"], []]


@pytest.mark.parametrize("query", ["page=0", "page=x", "pageSize=201", "pageSize=", "page=9" + "9" * 4400, "page=1e1"])
def test_a_page_that_cannot_be_is_named(alices, query):
    response = alices.get(f"/api/scenes?{query}")
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [query.partition("=")[0]]


@pytest.mark.parametrize(
    "path", ["nothing", "scenes/", "scenes/not-an-id", "scenes/00000000-0000-0000-0000-000000000000"]
)
def test_an_address_that_leads_nowhere_is_a_problem_document(alices, path):
    response = alices.get(f"/api/{path}")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


def test_the_head_of_an_answer_can_be_asked_for_alone(alices, scene):
    # Catches HEAD refused where GET is answered, and one that says another thing.
    for path, status in ((f"/api/scenes/{scene.pk}", 200), ("/api/scenes/nothing", 404)):
        head, whole = alices.head(path), alices.get(path)
        assert (head.status_code, head["Content-Type"]) == (status, whole["Content-Type"])
        assert head.content == b""
