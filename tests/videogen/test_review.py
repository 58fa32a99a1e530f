"""Review of takes: what approving, locking and taking back do, and what a lock refuses, whoever asks."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from scenes.models import Block
from tests.fixtures.rows import finished_video, queued_video, running_video
from videogen import actions, review
from videogen.models import Review, ReviewEvent, Status, Video
from videogen.review import Change, LockedError

pytestmark = pytest.mark.postgres


@pytest.fixture
def first(action: Block, alice: User, start_frame: Any) -> Video:
    return finished_video(action, alice)


@pytest.fixture
def approved(first: Video, action: Block, alice: User) -> Video:
    """Take 1, approved, though take 2 was the clip."""
    finished_video(action, alice)
    return review.change(first, Change(review=Review.APPROVED), alice)


def test_approving_makes_a_take_the_clip_and_locks_it(approved, action, alice):
    # Catches an approval of one take while the film shows another.
    assert action.videos.current().get() == approved
    approved.refresh_from_db()
    assert (approved.review, approved.locked, approved.reviewed_by, approved.locked_by) == (
        *(Review.APPROVED, True),
        *(alice, alice),
    )
    assert approved.reviewed_at is not None


def ways_to_lose_it(block: Block, approved: Video, alice: User) -> dict[str, Any]:
    other = block.videos.exclude(pk=approved.pk).get()
    return {
        "delete the take": lambda: actions.delete_video(approved, alice),
        "delete the video of the block": lambda: actions.clear_video(block, alice),
        "delete from a shell": approved.delete,
        "delete from a shell, several": lambda: Video.objects.filter(block=block).delete(),
        "use another": lambda: actions.choose_video(other, alice),
        "approve another": lambda: review.change(other, Change(review=Review.APPROVED), alice),
        "unlock it": lambda: review.change(approved, Change(locked=False), alice),
    }


def test_nothing_takes_an_approved_take_away_and_the_refusal_names_who_approved(approved, action, alice, subtests):
    # Catches a way of deleting or replacing what was approved that does not ask the lock.
    queued_video(action, alice)
    action.videos.live().get().cancel(alice)
    Video.objects.filter(status=Status.CANCELLED).delete()
    for name, way in ways_to_lose_it(action, approved, alice).items():
        with subtests.test(name):
            with (
                pytest.raises(LockedError, match=r"Take 1 was approved by alice and is locked\."),
                transaction.atomic(),
            ):
                way()
            approved.refresh_from_db()
            assert (approved.is_current, approved.locked, action.videos.count()) == (True, True, 2)


def test_a_new_take_is_made_but_does_not_take_the_place_of_the_approved_one(approved, action, alice):
    # Catches a worker that fails, or replaces the clip, when it finishes beside a locked take.
    video = running_video(action, alice)
    assert video.finish(file="x.mp4", size=1, sha256="0" * 64, seed=3)
    assert not video.make_current()
    assert action.videos.current().get() == approved
    assert action.videos.takes().count() == 3


def test_taking_the_approval_back_unlocks(approved, action, alice):
    # Catches a lock that stays behind when its approval is gone, so that nobody can delete the take any more.
    back = review.change(approved, Change(review=Review.RETAKE), alice)
    assert (back.review, back.locked, back.is_current) == (Review.RETAKE, False, True)
    actions.delete_video(back, alice)
    assert not action.videos.filter(pk=approved.pk).exists()


def test_a_lock_without_approval_holds_and_is_opened_by_hand(first, action, alice, bob):
    # Catches a sentence that names the reviewer where somebody else locked.
    review.change(first, Change(locked=True), bob)
    review.change(first, Change(review=Review.FOR_REVIEW), alice)
    with pytest.raises(LockedError, match=r"Take 1 was locked by bob\. Unlock it first\."):
        actions.delete_video(first, alice)
    review.change(first, Change(locked=False), alice)
    actions.delete_video(first, alice)


def test_asking_for_what_is_so_already_changes_nobody_s_name(approved, bob):
    # Catches an approval that becomes the next person's because they pressed it again.
    again = review.change(approved, Change(review=Review.APPROVED, locked=True), bob)
    assert again.reviewed_by != bob
    assert ReviewEvent.objects.count() == 1


def test_who_approved_is_known_when_take_block_and_person_are_gone(approved, action, alice):
    # Catches a history that goes with what it tells of.
    review.change(approved, Change(review=Review.NONE), alice)
    User.objects.filter(pk=alice.pk).update(username="alice-z")
    pk, number = approved.pk, approved.number
    action.delete()
    told = list(ReviewEvent.objects.values_list("take_id", "number", "actor_name", "was", "review", "locked"))
    assert told == [
        (pk, number, "alice", "none", "approved", True),
        (pk, number, "alice", "approved", "none", False),
    ]


def test_a_block_is_deleted_with_its_locked_takes(approved, action):
    # Catches a lock that keeps the sweep of removed blocks from ending.
    action.delete()
    assert not Video.objects.exists()


def test_unused_takes_are_cleared_but_what_is_locked_or_has_a_star_stays(first, action, alice):
    # Catches the console's clearing of old takes deleting what somebody marked.
    starred = review.change(finished_video(action, alice), Change(starred=True), alice)
    locked = finished_video(action, alice)
    finished_video(action, alice)
    Video.objects.filter(pk=locked.pk).update(locked=True)
    assert actions.delete_unused_takes(timezone.now(), alice, 10) == 1
    assert set(action.videos.filter(is_current=False)) == {starred, locked}


def test_what_is_not_finished_is_not_reviewed(first, action, alice):
    # Catches a review of a row that has nothing to watch.
    video = queued_video(action, alice)
    with pytest.raises(review.NotFinishedError):
        review.change(video, Change(review=Review.APPROVED), alice)


@pytest.mark.parametrize("wrong", [{"locked": False}, {"is_current": False}])
def test_the_database_refuses_an_approval_that_is_not_locked_or_not_the_clip(approved, wrong):
    # Catches a write past videogen.review that leaves an approved take unprotected.
    with pytest.raises(IntegrityError, match="video_approved_is_locked"), transaction.atomic():
        Video.objects.filter(pk=approved.pk).update(**wrong)
