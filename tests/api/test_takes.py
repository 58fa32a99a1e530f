"""The takes of a block, as a program meets them."""

import pytest

from scenes.models import Block
from tests.fixtures.callers import base, patch, take
from tests.fixtures.rows import finished_video, queued_video
from videogen import actions
from videogen.models import Video

pytestmark = pytest.mark.postgres


@pytest.fixture
def two(action: Block, alice, start_frame) -> tuple[Video, Video]:
    """Two takes, of which the second is the clip."""
    return finished_video(action, alice, seed=3), finished_video(action, alice, prompt="Pan left.")


def address(row: Video) -> str:
    return f"{base(row.block)}/takes/{row.pk}"


def test_takes_are_listed_with_their_settings_and_what_was_said_of_them(alices, action, alice, two):
    # Catches a take without its number, or a row that is no take, in the list.
    queued_video(action, alice)
    newest, oldest = alices.get(f"{base(action)}/takes").json()
    names = ("number", "current", "review", "reviewedBy", "reviewedAt", "locked", "starred", "seed", "outdated")
    assert [oldest[name] for name in names] == [1, False, "none", None, None, False, False, 3, []]
    assert (newest["number"], newest["current"], newest["prompt"]) == (2, True, "Pan left.")


@pytest.mark.parametrize("more", [0, 4])
def test_the_list_costs_the_same_queries_however_many_takes(
    alices, action, alice, bob, two, more, django_assert_num_queries
):
    # Catches a query for each take: for who reviewed it, or for what has changed.
    for _ in range(more):
        finished_video(action, alice)
    Video.objects.update(reviewed_by=bob)
    with django_assert_num_queries(6):
        assert len(alices.get(f"{base(action)}/takes").json()) == 2 + more


def test_a_take_is_approved_and_then_nothing_takes_its_place(alices, action, two):
    # Catches a lock that the API does not tell as 409 with the name.
    first, second = two
    approved = patch(alices, address(first), {"review": "approved", "starred": True})
    assert approved.status_code == 200
    told = approved.json()
    assert (told["current"], told["review"], told["reviewedBy"], told["locked"], told["starred"]) == (
        *(True, "approved", "alice", True),
        True,
    )
    for refused in (
        patch(alices, address(second), {"current": True}),
        patch(alices, address(first), {"locked": False}),
        patch(alices, address(second), {"review": "approved"}),
        alices.delete(f"{base(action)}/video"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "locked")
        assert "Take 1 was approved by alice" in refused.json()["detail"]
    assert action.videos.takes().count() == 2
    assert patch(alices, address(first), {"review": "none"}).json()["locked"] is False
    assert patch(alices, address(second), {"current": True}).json()["current"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current": False}, "current"),
        ({"current": 1}, "current"),
        ({"review": "great"}, "review"),
        ({"review": ["approved"]}, "review"),
        ({"locked": "yes"}, "locked"),
        ({"reviw": "none"}, "reviw"),
    ],
)
def test_what_is_no_word_or_no_yes_is_named_and_nothing_is_changed(alices, two, body, field):
    # Catches a wrong field that is ignored while the rest of the change is made.
    response = patch(alices, address(two[0]), {"starred": True} | body)
    assert response.status_code == 422
    assert [found["field"] for found in response.json()["errors"]] == [field]
    assert not Video.objects.filter(starred=True).exists()


def test_a_take_of_another_block_or_one_that_is_not_finished_is_not_there(alices, action, dialog, alice, two):
    # Catches a take that is reached past the block whose rights were checked.
    assert patch(alices, f"{base(dialog)}/takes/{two[0].pk}", {"starred": True}).status_code == 404
    live = queued_video(action, alice)
    assert patch(alices, address(live), {"starred": True}).status_code == 404


def test_the_form_and_the_api_refuse_alike(alices, action, two, alice):
    # Catches a second opinion of what a lock refuses.
    first, _second = two
    patch(alices, take(action), {"locked": True})
    told = patch(alices, address(first), {"current": True}).json()["detail"]
    with pytest.raises(actions.ActionError) as refused:
        actions.choose_video(first, alice)
    assert str(refused.value) == told


def test_what_is_not_there_is_told_in_a_sentence_for_people(alices, action, two):
    # Catches an answer with the name of a model: "No Video matches the given query."
    nowhere = "00000000-0000-0000-0000-000000000000"
    take, links = f"{base(action)}/takes/{nowhere}", f"/api/scenes/{action.scene_id}/guest-links"
    answers = [
        alices.delete(take),
        patch(alices, take, {"starred": True}),
        alices.post(f"{take}/restore"),
        alices.get(f"{take}/notes"),
        patch(alices, f"{address(two[0])}/notes/999", {"done": True}),
        alices.delete(f"{links}/{nowhere}"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.json()["detail"].split(" ")[0] in ("This", "No")
        assert "matches" not in answer.json()["detail"]
