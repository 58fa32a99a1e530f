"""A model of the life of jobs, and the product beside it, through any order of events: hypothesis looks for the worst.

In one process, without Redis: messages are a list, workers are objects, time is what the rows and two clocks say.
EXAMPLES=500 looks for longer.
"""

import os
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F
from django.test import TestCase
from guardian.shortcuts import assign_perm
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from scenes.models import Block
from tests.fixtures.job_model import LEASE, Clocks, Expected, Hand, Made, clip_of_a_second, publish
from tests.fixtures.rows import frame_spec, video_spec
from tests.fixtures.scene import new_scene, picture_file
from tests.fixtures.storm import settle
from videogen import actions, wake
from videogen.errors import GenerationError
from videogen.models import KINDS, QUEUES, Event, Frame, Job, PromptRewrite, Status, Video, is_waiting, waiting
from videogen.worker import clock, ledger, reconcile, run

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

EXAMPLES = int(os.environ.get("EXAMPLES", "6"))
STEPS = 40
AT_THE_END = (ledger.dead_workers_are_noticed, ledger.success_has_its_file)
QUEUE_OF = {"start": "frames", "end": "frames", "video": "videos", "prompt": "prompts"}
FINAL = ("succeeded", "failed", "cancelled")


ANY = st.integers(0, 99)
PEOPLE = ("alice", "bob")


class Jobs(RuleBasedStateMachine):
    """Each rule is something that happens, to the model and to the product; the invariants compare the two."""

    made: Made
    clocks: Clocks
    messages: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.people = {name: User.objects.create_user(name) for name in PEOPLE}
        self.scene = new_scene(self.people["alice"], title="The Last Lamp")
        for right in ("view_scene", "scene_block:frame:generate", "scene_block:video:generate"):
            assign_perm(right, self.people["bob"], self.scene)
        self.blocks = [self.new_block(), self.new_block()]
        self.messages.clear()
        self.hands = [Hand("one"), Hand("two"), Hand("three")]
        self.expected: dict[UUID, Expected] = {}
        self.accepted: set[UUID] = set()
        self.skew = 0.0
        clock_of_sweep = clock.Clock()
        clock_of_sweep.was_set()
        reconcile._clock = clock_of_sweep

    def new_block(self) -> Block:
        position = Block.objects.count() + Event.objects.count()
        block = Block.objects.create(scene=self.scene, position=position, kind="action", text="Wind.")
        actions.upload_frame(block, "start", picture_file(), self.people["alice"])
        return block

    # --- Five rules, each of many kinds: hypothesis leaves out whole rules in some stories ------------------------

    @precondition(lambda self: self.expected)
    @rule(
        how=st.sampled_from(["cancel", "cancel", "delete", "delete_block", "deactivate"]), which=ANY, bob=st.booleans()
    )
    def change(self, how: str, which: int, bob: bool) -> None:
        if how == "cancel":
            self.cancel(which, PEOPLE[bob])
        elif how == "delete":
            self.delete(which)
        elif how == "delete_block":
            self.delete_block(which % 2)
        else:
            self.deactivate(bob)

    @precondition(lambda self: any(hand.row is None for hand in self.hands) and (self.messages or self.expected))
    @rule(which=ANY, hand=ANY)
    def take(self, which: int, hand: int) -> None:
        """A worker takes a message; where none is left, it has looked at the table by itself."""
        if not self.messages:
            self.messages.extend(queue for queue in QUEUES if is_waiting(queue))
        if self.messages:
            self.take_message(which, hand)

    @precondition(lambda self: any(hand.row is not None for hand in self.hands))
    @rule(how=st.sampled_from(["beat", "finish", "finish_unasked", "fail", "stop_worker", "kill_worker"]), which=ANY)
    def act(self, how: str, which: int) -> None:
        if how.startswith("finish"):
            self.finish(which, beats=how == "finish")
        elif how == "kill_worker":
            self.kill_worker(which, parent=which % 2 == 0)
        else:
            getattr(self, how)(which)

    @precondition(lambda self: self.messages or self.expected)
    @rule(what=st.sampled_from(["lost", "doubled", "later", "clock", "sweep", *3 * ["leases"]]), which=ANY)
    def happen(self, what: str, which: int) -> None:
        if what == "lost" and self.messages:
            self.messages.pop(which % len(self.messages))
        elif what == "doubled" and self.messages:
            self.messages.append(self.messages[which % len(self.messages)])
        elif what == "later":
            self.wait_for(70 if which % 2 else 15)
        elif what == "clock":
            self.set_clock(120 if which % 2 else -3600)
        elif what == "leases":
            self.lose_leases(taken=which % 4 > 0)
        else:
            self.sweep()

    # --- What people do -----------------------------------------------------------------------------------------

    @precondition(lambda self: sum(row.live for row in self.expected.values()) < 4)
    @rule(block=st.integers(0, 1), what=st.sampled_from(sorted(QUEUE_OF)), person=st.sampled_from(PEOPLE))
    def submit(self, block: int, what: str, person: str) -> None:
        place, by = self.blocks[block], self.people[person]
        taken = [row for row in self.expected.values() if (row.what, row.block) == (what, place.pk) and row.live]
        make: Callable[[], Job] = {
            "start": lambda: actions.queue_frame(place, frame_spec(role="start"), by),
            "end": lambda: actions.queue_frame(place, frame_spec(role="end"), by),
            "video": lambda: actions.queue_video(place, video_spec(), by),
            "prompt": lambda: actions.queue_rewrite(place, "video", "Slow push in.", by),
        }[what]
        with self.committed(), transaction.atomic():
            if what == "video" and not place.frames.filter(role="start", is_chosen=True).exists():
                with pytest.raises(actions.StartFrameMissingError):
                    make()
                return
            if taken:
                with pytest.raises(actions.AlreadyRunningError) as refused:
                    make()
                assert self.expected[refused.value.running.pk] is taken[0]
                return
            row = make()
        self.expected[row.pk] = Expected(what, place.pk, person)
        self.accepted.add(row.pk)
        assert QUEUE_OF[what] in self.messages

    def cancel(self, which: int, person: str) -> None:
        row, expected = self.pick(which)
        assert actions.cancel(row, self.people[person]) == expected.live
        if expected.status == "running" and not expected.stalled:
            expected.asked = True
        elif expected.live:
            expected.asked, expected.status = expected.status == "running", "cancelled"

    def delete(self, which: int) -> None:
        row, _expected = self.pick(which)
        with self.committed():
            if isinstance(row, PromptRewrite):
                row.delete()
            else:
                actions._delete(row, self.people["alice"])
        del self.expected[self.last]

    def delete_block(self, block: int) -> None:
        gone = self.blocks[block]
        key = gone.pk
        with self.committed():
            Block.objects.filter(pk=key).delete()
        self.expected = {pk: row for pk, row in self.expected.items() if row.block != key}
        self.blocks[block] = self.new_block()

    def deactivate(self, active: bool) -> None:
        User.objects.filter(username="bob").update(is_active=active)
        self.people["bob"].refresh_from_db()

    # --- What workers do ----------------------------------------------------------------------------------------

    def take_message(self, which: int, hand: int) -> None:
        queue = self.messages.pop(which % len(self.messages))
        idle = [hand for hand in self.hands if hand.row is None]
        self.work(idle[hand % len(idle)], queue)

    def work(self, hand: Hand, queue: str) -> None:
        """What videogen.tasks.run_next does until the pipeline begins."""
        for orphan in list(run.held_by(queue, hand.identity)):
            self.expected[orphan.pk].release(lost=True)
        run.release_orphan(queue, hand.identity)
        order = [row.pk for row in waiting(queue, 99)]
        row = run.claim_next(queue, hand.identity)
        assert (row.pk if row else None) == (order[0] if order else None)
        if row is None:
            return
        hand.row = row
        self.expected[row.pk].claim()
        self.check_turn(row)
        if is_waiting(queue):
            self.messages.append(queue)
        if User.objects.get(username=self.expected[row.pk].person).is_active:
            run._check_right(row)
            return
        with pytest.raises(GenerationError, match="not_allowed"):
            run._check_right(row)
        assert row.fail("not_allowed")
        self.expected[row.pk].status = "failed"
        hand.row = None

    def check_turn(self, row: Job) -> None:
        """Nobody who waits for the same kind has fewer running jobs, and nothing of the same person is older."""
        mine = self.expected[row.pk]
        same = [other for other in self.expected.values() if QUEUE_OF[other.what] == QUEUE_OF[mine.what]]
        runs = {name: sum(other.status == "running" and other.person == name for other in same) for name in PEOPLE}
        others = {other.person for other in same if other.status == "queued"}
        assert all(runs[mine.person] - 1 <= runs[name] for name in others)
        older = type(row).objects.filter(
            status="queued", cancel_requested_at=None, requested_by=row.requested_by, created_at__lt=row.created_at
        )
        assert not older.exists()

    def busy(self, which: int) -> tuple[Hand, Job, Expected | None]:
        """A worker with a job, and the model of the job where it is still this worker's."""
        hands = [hand for hand in self.hands if hand.row is not None]
        # One that sleeps on a row which another holds by now comes first, every other time.
        hands.sort(key=lambda hand: which % 2 and self.holds(hand))
        hand = hands[0 if which % 2 else which % len(hands)]
        row = hand.row
        assert row is not None
        return hand, row, self.expected[row.pk] if self.holds(hand) else None

    def holds(self, hand: Hand) -> bool:
        """Whether the row of a worker is still its own."""
        expected = self.expected.get(hand.row.pk)
        return expected is not None and (expected.status, expected.attempt) == ("running", hand.row.attempt)

    def beat(self, which: int) -> None:
        hand, row, mine = self.busy(which)
        renewed = row.beat("denoising", 1, 8, LEASE)
        assert renewed == (mine is not None and not mine.asked)
        if renewed:
            mine.lease, mine.silence = 60.0, 0.0
        else:
            assert row.cancelled() == (mine is not None)
            if mine is not None:
                mine.status = "cancelled"
            hand.row = None

    def finish(self, which: int, beats: bool) -> None:
        hand, row, mine = self.busy(which)
        publish(row, self.made, beats=beats)
        if mine is not None:
            mine.status = "cancelled" if mine.asked and beats else "succeeded"
        hand.row = None

    def fail(self, which: int) -> None:
        hand, row, mine = self.busy(which)
        assert row.fail("internal") == (mine is not None)
        if mine is not None:
            mine.status = "failed"
        hand.row = None

    def stop_worker(self, which: int) -> None:
        hand, row, mine = self.busy(which)
        assert row.release("its worker is shutting down", lost=False) == (mine is not None)
        if mine is not None:
            mine.release(lost=False)
        hand.row, hand.pid = None, hand.pid + 1

    def kill_worker(self, which: int, parent: bool) -> None:
        hand, _row, _mine = self.busy(which)
        hand.row, hand.pid = None, hand.pid + parent

    # --- What goes wrong around them ------------------------------------------------------------------------------

    def wait_for(self, seconds: int) -> None:
        self.clocks.running += seconds
        self.shift(seconds)

    def set_clock(self, seconds: int) -> None:
        self.skew += seconds
        self.shift(seconds)

    def shift(self, seconds: float) -> None:
        """Let the wall's clock go on: what is written in the rows becomes older by that."""
        self.clocks.wall += timedelta(seconds=seconds)
        by = timedelta(seconds=seconds)
        for kind in KINDS.values():
            held = kind.objects.filter(status=Status.RUNNING)
            held.update(heartbeat_at=F("heartbeat_at") - by, lease_until=F("lease_until") - by)
        for row in self.expected.values():
            row.go_on(seconds)

    def lose_leases(self, taken: bool) -> None:
        """The worst for a worker that only sleeps: its row goes back, and perhaps to another."""
        self.wait_for(70)
        self.sweep()
        while taken and self.messages and (idle := [hand for hand in self.hands if hand.row is None]):
            self.work(idle[0], self.messages.pop())

    def sweep(self) -> None:
        stalled = [row for row in self.expected.values() if row.stalled] if abs(self.skew) <= 5 else []
        self.skew = 0.0
        assert reconcile.reconcile() == len(stalled)
        for row in stalled:
            row.release(lost=True)
        assert {queue for queue in QUEUES if is_waiting(queue)} <= set(self.messages)
        before = Event.objects.count()
        if stalled:
            assert reconcile.reconcile() == 0
            assert Event.objects.count() == before

    # --- What must be true at every moment ------------------------------------------------------------------------

    @invariant()
    def the_rows_are_as_the_model_and_no_rule_of_the_ledger_is_broken(self) -> None:
        books = ledger.Ledger.read(self.accepted)
        uploads = {row.pk for row in books.rows if row.attempt == 0 and row.status == Status.SUCCEEDED}
        found = {row.pk: (row.status, row.attempt, row.lost_attempts) for row in books.rows if row.pk not in uploads}
        assert found == {key: (row.status, row.attempt, row.lost) for key, row in self.expected.items()}
        assert [words for rule_ in ledger.RULES if rule_ not in AT_THE_END for words in rule_(books)] == []

    def teardown(self) -> None:
        """Let everything end: what was accepted and not deleted is over, and its files are there."""
        try:
            self.end()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)
            shutil.rmtree(django_settings.MEDIA_ROOT, ignore_errors=True)

    def end(self) -> None:
        self.shift(LEASE.total_seconds() + 10)
        self.clocks.running += LEASE.total_seconds() + 10
        for _clock_was_set in range(2):
            reconcile.reconcile()
        for _job in range(200):
            rows = [run.claim_next(queue, "last@here/1") for queue in QUEUES]
            for row in filter(None, rows):
                publish(row, self.made, beats=True)
            if not any(rows):
                break
        assert settle() == []
        left = {row.pk for kind in KINDS.values() for row in kind.objects.filter(status__in=FINAL)}
        assert self.expected.keys() <= left

    # --- How ------------------------------------------------------------------------------------------------------

    def committed(self) -> Any:
        """What waits for a commit happens at the end of this block: the whole example is one transaction."""
        return TestCase.captureOnCommitCallbacks(execute=True)

    def pick(self, which: int) -> tuple[Job, Expected]:
        """A row, freshly read, and the model of it."""
        self.last = list(self.expected)[which % len(self.expected)]
        expected = self.expected[self.last]
        kind = {"video": Video, "prompt": PromptRewrite}.get(expected.what, Frame)
        return kind.objects.get(pk=self.last), expected


def test_no_order_of_events_breaks_the_promise(monkeypatch, tmp_path):
    # Catches what no single fault shows: a stop between two lost attempts, a clock set in between.
    messages: list[str] = []
    clocks = Clocks()

    def wake_workers(queue: str) -> bool:
        if queue not in messages:
            messages.append(queue)
        return True

    for module in (wake, reconcile):
        monkeypatch.setattr(module, "wake_workers", wake_workers)
    monkeypatch.setattr(clock, "database_time", lambda: clocks.wall)
    monkeypatch.setattr(clock, "monotonic", lambda: clocks.running)
    monkeypatch.setattr(reconcile, "_clock", clock.Clock())
    monkeypatch.setattr(run, "close_old_connections", lambda: None)
    machine = type(
        "Machine",
        (Jobs,),
        {"made": Made(tmp_path, clip_of_a_second(tmp_path / "clip.mp4")), "clocks": clocks, "messages": messages},
    )
    began = time.monotonic()
    run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS))
    print(f"{EXAMPLES} stories of up to {STEPS} events in {time.monotonic() - began:.1f} s on {connection.vendor}")
