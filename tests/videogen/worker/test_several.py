"""Several takes at one press: a chain of jobs, of which nothing is made twice and none is lost."""

import pytest
from django.db import connection

from scenes import actions as writing
from scenes import films
from tests.fixtures.rows import queued_frame, queued_video, video_spec
from tests.fixtures.scene import picture_file
from videogen import actions, prefill
from videogen.models import BlockGenerations, Frame, Status, Video
from videogen.worker import run

pytestmark = pytest.mark.django_db(transaction=True)


def make_one() -> bool:
    """Make what is next in the queue. Returns whether there was anything."""
    row = run.claim_next("videos", "worker-1")
    if row is not None:
        run.make(row, "worker-1")
    return row is not None


def make_all() -> list[Video]:
    while make_one():
        pass
    return list(Video.objects.order_by("created_at"))


def test_three_takes_are_three_jobs_with_seeds_in_a_row_of_which_the_first_is_the_clip(action, alice, start_frame):
    # Catches takes that share a seed, that take the place of the clip one after the other, or that are no series.
    first = queued_video(action, alice, takes=3, seed=2**32 - 2)
    takes = make_all()
    assert [(take.nth, take.number, take.seed, take.is_current) for take in takes] == [
        (1, 1, 2**32 - 2, True), (2, 2, 2**32 - 1, False), (3, 3, 0, False),
    ]  # fmt: skip
    assert {take.series for take in takes} == {first.pk}
    assert len({take.sha256 for take in takes}) == 3


def test_the_next_take_is_queued_in_the_transaction_that_finishes_the_one_before(
    action, alice, start_frame, monkeypatch
):
    # Catches a moment between two takes in which a reader finds nothing live, and a kill in it that ends the chain.
    queued_video(action, alice, takes=2)
    seen = []

    def look(where: str) -> None:
        if where == "finished":
            seen.append((Video.objects.live().count(), connection.in_atomic_block))

    monkeypatch.setattr(run, "reach", look)
    assert make_one()
    assert seen == [(1, True)]


def test_whoever_waits_has_a_turn_between_two_takes(scene, action, dialog, alice, bob, start_frame):
    # Catches a press for four takes that keeps everybody else waiting for all four.
    actions.upload_frame(dialog, "start", picture_file(), bob)
    queued_video(action, alice, takes=3)
    queued_video(dialog, bob)
    assert make_one()
    assert run.claim_next("videos", "worker-1").block == dialog


def test_a_take_that_is_stopped_is_the_last(action, alice, start_frame):
    # Catches Stop that has to be pressed once for each take.
    first = queued_video(action, alice, takes=4)
    assert first.cancel(alice)
    assert [take.status for take in make_all()] == [Status.CANCELLED]


def stop(first) -> None:
    assert first.cancel(first.requested_by)


def take_block_away(first) -> None:
    writing.remove_block(first.block, first.requested_by)


def take_scene_away(first) -> None:
    writing.remove_scene(first.block.scene)


def take_film_away(first) -> None:
    films.remove(first.block.scene.film)


@pytest.mark.parametrize("end", [stop, take_block_away, take_scene_away, take_film_away])
@pytest.mark.parametrize("queue", ["videos", "frames"])
def test_what_ends_a_chain_ends_it_while_a_finished_file_is_stored_too(
    action, alice, start_frame, monkeypatch, end, queue
):
    # Catches three more takes, of a block that is away or of what was stopped, where the one that runs ends first.
    first = queued_video(action, alice, takes=4) if queue == "videos" else queued_frame(action, alice, candidates=4)
    monkeypatch.setattr(run, "reach", lambda where: end(first) if where == "stored" else None)
    row = run.claim_next(queue, "worker-1")
    run.make(row, "worker-1")
    first.refresh_from_db()
    assert first.status == Status.SUCCEEDED  # it was made: only nothing follows
    assert not type(first).objects.live().exists()


def test_all_takes_are_made_from_the_frames_of_the_press(action, alice, start_frame):
    # Catches takes to compare that differ in more than the seed, and one made from a frame that is gone.
    queued_video(action, alice, takes=3)
    assert make_one()
    actions.upload_frame(action, "start", picture_file(color="red"), alice)
    assert make_one()
    one, two = Video.objects.takes().order_by("nth")
    assert one.start_sha256 == two.start_sha256 != Frame.objects.get(is_chosen=True).sha256
    actions.delete_frame(Frame.objects.get(pk=start_frame.pk), alice)
    (third,) = Video.objects.live()
    run.make(run.claim_next("videos", "worker-1"), "worker-1")
    third.refresh_from_db()
    assert third.error_code == "frame_deleted"


def test_a_quota_that_is_used_up_ends_the_chain_and_keeps_what_is_made(action, dialog, alice, settings, start_frame):
    # Catches a refused next take that takes the finished one with it: both are of one transaction.
    queued_video(action, alice, takes=3)
    row = run.claim_next("videos", "worker-1")
    queued_frame(dialog, alice)
    settings.QUOTA_QUEUED = 1
    run.make(row, "worker-1")
    take = Video.objects.get()
    assert (take.status, take.is_current) == (Status.SUCCEEDED, True)


def test_what_is_there_already_is_not_made_again_among_several(action, alice, start_frame):
    # Catches seeds 6 to 8 that make the take with seed 7 a second time.
    queued_video(action, alice, seed=7)
    make_all()
    with pytest.raises(actions.MadeAlreadyError, match="Take 1 was made with these settings and seed 7"):
        queued_video(action, alice, takes=3, seed=5)
    assert not Video.objects.live().exists()
    assert actions.queue_video(action, video_spec(takes=2, seed=8), alice)  # others are free
    make_all()
    again = actions.queue_again(Video.objects.get(seed=8), alice, new_seed=False)
    assert again.spec["takes"] == 1  # that button makes one


def test_the_same_seed_alone_gives_the_bytes_of_a_take_of_several(action, alice, start_frame):
    # Catches a file that says with how many others it was made.
    queued_video(action, alice, takes=2, seed=7)
    first = make_all()[0]
    actions.queue_again(first, alice, new_seed=False)
    assert make_all()[-1].sha256 == first.sha256


def test_a_seed_that_was_counted_on_is_not_offered_as_one_that_somebody_chose(action, alice, start_frame):
    # Catches a form that after three takes holds the seed of the last, with which a second press is refused.
    queued_video(action, alice, takes=2)
    make_all()
    made = BlockGenerations.of(action)
    assert prefill.video_settings(action, made, None)["seed"] is None
    queued_video(action, alice, seed=5)
    assert prefill.video_settings(action, BlockGenerations.of(action), None)["seed"] == 5
