"""The order of a queue: people in turn. The place that a card shows is the place at which the row is served."""

from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from scenes.models import Block
from tests.fixtures.rows import expire_lease, queued_frame
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.estimates import Forecasts
from videogen.models import Frame
from videogen.worker.reconcile import reconcile
from videogen.worker.run import claim_next

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Queue:
    """Frames of several people, each in a block of its own, and workers that claim them."""

    def __init__(self, scene) -> None:
        self.scene = scene
        self.workers = 0

    def ask(self, person, count: int = 1) -> list[Frame]:
        first = self.scene.blocks.count()
        blocks = [
            Block.objects.create(scene=self.scene, position=first + n, kind="action", text="Wind.")
            for n in range(count)
        ]
        return [queued_frame(block, person) for block in blocks]

    def claim(self) -> Frame | None:
        self.workers += 1
        row: Any = claim_next("frames", f"worker-{self.workers}")
        return row

    def places(self) -> list[Frame]:
        """The rows by the place that their cards show."""
        forecasts = Forecasts()
        waiting = Frame.objects.filter(status="queued")
        placed = {forecasts.progress_of(row).queue_position: row for row in waiting}
        assert sorted(placed) == list(range(1, len(placed) + 1))
        return [placed[place] for place in sorted(placed)]

    def serve_all(self) -> list[Frame]:
        """Claim and end one row after the other, as one worker does."""
        served = []
        while row := self.claim():
            served.append(row)
            assert row.fail("internal")
        return served


@pytest.fixture
def queue(scene) -> Queue:
    return Queue(scene)


def names(rows) -> str:
    return " ".join(row.requested_by.username for row in rows)


def test_the_one_job_of_another_is_next_after_fifty_of_one_person(queue, alice, bob):
    # Catches one worker that makes all fifty first: between two of them nothing of Alice's runs.
    queue.ask(alice, 50)
    first = queue.claim()
    (other,) = queue.ask(bob)
    assert queue.places()[0] == other
    first.fail("internal")
    assert queue.places()[0] == other
    assert queue.claim() == other


def test_one_worker_serves_people_in_turn_and_each_in_the_order_they_asked(queue, alice, bob, charlie):
    queue.ask(alice, 4)
    queue.ask(bob, 2)
    queue.ask(charlie)
    served = queue.serve_all()
    assert names(served) == "alice bob charlie alice bob alice alice"
    mine = [row.created_at for row in served if row.requested_by == alice]
    assert all(early < late for early, late in pairwise(mine))


def test_the_place_shown_is_true_at_every_moment_for_one_worker(queue, alice, bob, charlie):
    # Catches a number that jumps back: with one worker and nobody new, each row moves up by one with each claim.
    queue.ask(alice, 3)
    queue.ask(bob, 3)
    queue.claim()
    queue.ask(charlie, 2)
    expected = queue.places()
    Frame.objects.get(status="running").fail("internal")
    while expected:
        assert queue.places() == expected
        row = queue.claim()
        assert row == expected.pop(0)
        assert queue.places() == expected
        assert row.fail("internal")


def test_the_place_shown_is_true_at_every_moment_for_workers_that_claim_side_by_side(queue, alice, bob, charlie):
    queue.ask(alice, 4)
    queue.claim()
    queue.claim()
    queue.ask(bob, 3)
    queue.ask(charlie, 2)
    expected = queue.places()
    assert names(expected) == "bob charlie bob charlie alice bob alice"
    while expected:
        assert queue.claim() == expected.pop(0)
        assert queue.places() == expected


def test_who_was_served_last_waits_until_the_others_were(queue, alice, bob):
    queue.ask(alice)
    queue.ask(bob)
    assert names(queue.serve_all()) == "alice bob"
    queue.ask(bob)
    queue.ask(alice)
    assert names(queue.serve_all()) == "alice bob"


def test_a_job_that_lost_its_worker_is_no_turn_that_its_person_had(queue, alice, bob):
    queue.ask(alice, 2)
    queue.ask(bob, 2)
    lost = queue.claim()
    expire_lease(lost)
    assert reconcile() == 1
    assert queue.claim() == lost


def test_pictures_of_ones_own_are_no_turn(queue, action, alice, bob):
    actions.upload_frame(action, "end", picture_file(), alice)
    assert Frame.objects.get().started_at <= timezone.now()
    queue.ask(alice)
    queue.ask(bob)
    assert names(queue.serve_all()) == "alice bob"


def test_the_order_of_a_full_queue_costs_one_query(queue, alice, bob, django_assert_num_queries):
    queue.ask(alice, 30)
    queue.ask(bob, 5)
    with django_assert_num_queries(1):
        list(Frame.objects.queued_in_order().values_list("pk", flat=True))
