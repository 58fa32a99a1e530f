"""The candidates of a frame, as a program meets them."""

import pytest

from scenes.models import Block
from tests.fixtures.callers import base, patch
from tests.fixtures.rows import queued_frame
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame

pytestmark = pytest.mark.postgres


@pytest.fixture
def two(action: Block, alice) -> tuple[Frame, Frame]:
    """Two start frames, of which the second is in use, and an end frame."""
    first, second, _ = (actions.upload_frame(action, role, picture_file(), alice) for role in ("start", "start", "end"))
    return first, second


def address(row: Frame, role: str = "start") -> str:
    return f"{base(row.block)}/frames/{role}/candidates/{row.pk}"


def chosen(client, block: Block) -> dict[str, bool]:
    return {item["id"]: item["chosen"] for item in client.get(f"{base(block)}/frames/start/candidates").json()}


def test_another_candidate_is_used_and_read_as_the_frame(alices, action, alice, two):
    # Catches pictures that a program can ask for several of and then never reach, and a list with what is not finished.
    first, second = two
    queued_frame(action, alice, role="start")
    assert chosen(alices, action) == {str(second.pk): True, str(first.pk): False}
    answer = patch(alices, address(first), {"chosen": True})
    assert (answer.status_code, answer.json()["chosen"], answer.json()["id"]) == (200, True, str(first.pk))
    assert chosen(alices, action) == {str(second.pk): False, str(first.pk): True}


def test_a_candidate_is_deleted_and_none_takes_its_place(alices, action, two):
    # Catches a deletion that reaches other pictures of the step.
    first, second = two
    assert alices.delete(address(second)).status_code == 204
    assert chosen(alices, action) == {str(first.pk): False}
    assert alices.delete(address(second)).status_code == 404


@pytest.mark.parametrize("body", [{"chosen": False}, {}, {"chosen": None}, {"chosen": "yes"}, {"chosen": 1}])
def test_that_none_is_chosen_cannot_be_asked_for(alices, action, two, body):
    # Catches a step without a frame in use, for a value nobody meant.
    response = patch(alices, address(two[0]), body)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "chosen")
    assert chosen(alices, action)[str(two[1].pk)]


def test_a_frame_of_the_other_role_or_one_being_made_is_no_candidate(alices, action, alice, two):
    # Catches a lookup by id alone.
    live = queued_frame(action, alice, role="end")
    for where in (address(two[0], "end"), address(live, "end"), address(live)):
        assert patch(alices, where, {"chosen": True}).status_code == 404
        assert alices.delete(where).status_code == 404


@pytest.mark.parametrize("more", [0, 4])
def test_the_list_costs_the_same_queries_however_many(alices, action, alice, two, more, django_assert_num_queries):
    # Catches a query for each picture: for what has changed, or for its place in the queue.
    for _ in range(more):
        actions.upload_frame(action, "start", picture_file(), alice)
    with django_assert_num_queries(5):
        assert len(chosen(alices, action)) == 2 + more
