"""What was started in one press: all or nothing, in turn with others, and as lasting as a single job."""

import time

import pytest
from django.core.exceptions import PermissionDenied

from scenes import actions as writing
from scenes.models import Block
from tests.fixtures.rows import queued_frame, queued_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, batches, obstacles
from videogen.models import Batch, Event, Frame, Status, Video
from videogen.quotas import QuotaError
from videogen.worker import run
from videogen.worker.ledger import violations
from videogen.worker.reconcile import reconcile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def begin(scene, by, what="both", only="missing", **more) -> Batch:
    return batches.start(scene, by, what=what, only=only, **more)


def make_next(queue: str) -> Frame | Video | None:
    """Claim and make the next row of a queue, as a worker does."""
    row = run.claim_next(queue, "worker-1")
    if row is not None:
        run.make(row, "worker")
        batches.settle()
        row.refresh_from_db()
    return row


SMALL = {"frame": {"width": 320, "height": 192}, "video": {"width": 320, "height": 192, "duration": 1}}


def test_a_clip_is_claimed_only_once_its_frame_is_there_and_begins_with_it(scene, action, alice):
    # Catches a clip that a worker takes before its frame, and one that never learns which frame it was.
    batch = begin(scene, alice, settings=SMALL)
    assert (batch.size, batches.Progress.of(batch).queued) == (2, 2)
    assert make_next("videos") is None
    video = batch.videos.get()
    assert obstacles.why_waiting(video, 10) == "Its start frame is made first."
    frame = make_next("frames")
    assert frame.status == Status.SUCCEEDED
    made = make_next("videos")
    assert (made, made.status) == (video, Status.SUCCEEDED)
    assert (made.start_frame, made.start_sha256) == (frame, frame.sha256)
    assert not made.is_stale(frame, None)
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert batches.Progress.of(batch).succeeded == 2
    assert list(violations([])) == []


@pytest.mark.parametrize("end", ["failed", "cancelled", "deleted"])
def test_a_clip_whose_frame_came_to_nothing_fails_and_says_so(scene, action, alice, end):
    # Catches a clip that waits for ever for a frame that will not come.
    batch = begin(scene, alice, settings=SMALL)
    frame = batch.frames.get()
    if end == "failed":
        assert frame.claim("worker-2")
        assert frame.fail("internal")
    elif end == "cancelled":
        actions.cancel(frame, alice)
    else:
        actions.delete_frame(frame, alice)
    video = make_next("videos")
    assert (video.status, video.error_code) == (
        Status.FAILED,
        "start_frame_missing" if end == "deleted" else "frame_not_made",
    )
    batch.refresh_from_db()
    assert batch.finished_at is not None


def test_trying_again_makes_what_failed_and_nothing_else(scene, action, dialog, alice):
    # Catches a retry that makes the good ones again, or a clip whose frame failed without its frame.
    batch = begin(scene, alice, settings=SMALL)
    first = run.claim_next("frames", "worker-1")
    assert first.fail("internal")
    assert make_next("frames").status == Status.SUCCEEDED
    assert [make_next("videos").status for _ in range(2)] == [Status.FAILED, Status.SUCCEEDED]
    again = batches.retry(batch, alice)
    assert [row.block for row in (*again.frames.all(), *again.videos.all())] == [first.block, first.block]
    assert again.videos.get().spec == batch.videos.get(block=first.block).spec
    assert make_next("frames").status == Status.SUCCEEDED
    assert make_next("videos").status == Status.SUCCEEDED
    assert batches.Progress.of(again).succeeded == 2
    with pytest.raises(batches.NothingToMakeError):
        batches.retry(again, alice)


def test_trying_again_leaves_out_what_was_deleted_since_with_its_scene(scene, action, alice):
    # Catches a retry that is refused for good because one scene of the film's batch is gone.
    other = new_scene(alice, title="Elsewhere")
    Block.objects.create(scene=other, position=0, kind="action", text="Fog.")
    batch = begin(scene.film, alice, "frames")
    while row := run.claim_next("frames", "worker-1"):
        assert row.fail("internal")
    writing.remove_scene(other)
    assert [row.block for row in batches.retry(batch, alice).frames.all()] == [action]


def test_trying_again_makes_the_frame_of_a_clip_whose_frame_was_stopped(scene, action, dialog, alice):
    # Catches "Try again" that is refused for good: the frame was stopped, which is no failure, and its clip failed.
    batch = begin(scene, alice, settings=SMALL)
    actions.cancel(batch.frames.get(block=action), alice)
    assert make_next("frames").status == Status.SUCCEEDED
    assert sorted(make_next("videos").status for _ in range(2)) == [Status.FAILED, Status.SUCCEEDED]
    again = batches.retry(batch, alice)
    assert [row.block for row in (*again.frames.all(), *again.videos.all())] == [action, action]
    assert [make_next(queue).status for queue in ("frames", "videos")] == [Status.SUCCEEDED] * 2


def test_it_is_all_or_nothing(scene, action, dialog, alice, settings):
    # Catches a plan of which a part is queued before the limit is met, and a limit told without its figures.
    settings.QUOTA_QUEUED = 3
    with pytest.raises(QuotaError, match="These are 4 jobs, and you may have waiting 3 more"):
        begin(scene, alice)
    assert not Frame.objects.exists()
    assert not Batch.objects.exists()
    assert not Event.objects.exists()
    queued_frame(dialog, alice)
    with pytest.raises(batches.PlanChangedError, match="being made already"):
        begin(scene, alice, "frames", chosen={action.pk, dialog.pk})
    assert not Batch.objects.exists()
    assert begin(scene, alice, "frames").size == 1


def test_nothing_to_make_and_no_right_to_make_it_are_told_apart(scene, action, alice, bob, start_frame):
    # Catches an empty batch, and a viewer who is told that there is nothing to do.
    with pytest.raises(batches.NothingToMakeError):
        begin(scene, alice, "frames")
    with pytest.raises(PermissionDenied, match="scene_block:video:generate"):
        begin(scene, bob, "videos")


def test_stopping_a_batch_stops_all_that_waits_and_asks_what_runs(scene, action, dialog, alice):
    # Catches a clip that begins because its frame was stopped.
    batch = begin(scene, alice)
    running = run.claim_next("frames", "worker-1")
    assert batches.cancel(batch, alice) == 4
    progress = batches.Progress.of(batch)
    assert (progress.cancelled, progress.running) == (3, 1)
    assert run.claim_next("videos", "worker-1") is None
    assert running.cancelled()
    assert reconcile() == 0
    assert batches.settle() == 1
    assert batches.settle() == 0  # told once


def test_of_50_blocks_of_one_person_and_one_of_another_the_other_s_is_next(scene, action, mara, alice, bob):
    # Catches a batch that keeps everybody else waiting until it is through.
    Block.objects.bulk_create(
        Block(scene=scene, position=number, kind="action", text=f"Wind {number}.") for number in range(1, 51)
    )
    batch = begin(scene, alice, "frames", chosen=set(scene.blocks.exclude(pk=action.pk).values_list("pk", flat=True)))
    assert batch.size == 50
    assert run.claim_next("frames", "worker-1").requested_by == alice
    theirs = queued_frame(action, bob)
    assert run.claim_next("frames", "worker-2") == theirs


def test_a_lost_worker_s_clip_keeps_the_frame_it_began_with(scene, action, alice):
    # Catches a second attempt with another picture than the first, of which it may go on.
    begin(scene, alice, settings=SMALL)
    make_next("frames")
    video = run.claim_next("videos", "worker-1")
    assert video.take_frames()
    assert video.release("its process died", lost=True)
    actions.upload_frame(action, "start", picture_file(color="red"), alice)
    made = make_next("videos")
    assert made.start_sha256 == video.start_sha256


def test_200_jobs_are_queued_with_few_queries(scene, alice, django_assert_max_num_queries):
    # Catches an insert for each job, which holds the database of one machine for seconds.
    Block.objects.bulk_create(
        Block(scene=scene, position=number, kind="action", text=f"Wind {number}.") for number in range(100)
    )
    begun = time.perf_counter()
    with django_assert_max_num_queries(60):
        assert begin(scene, alice).size == 200
    print(f"200 jobs: {time.perf_counter() - begun:.2f} s")
    assert Event.objects.filter(to_status="queued").count() == 200


def test_a_clip_that_is_queued_alone_waits_for_nothing(action, alice, start_frame):
    # Catches the wait of a batch reaching into the dialog.
    video = queued_video(action, alice)
    assert run.claim_next("videos", "worker-1") == video


def test_an_end_frame_waits_for_its_start_frame_and_the_clip_for_both(scene, action, alice):
    # Catches an end frame that is drawn from the old start frame by a second worker, and a clip without it.
    end = queued_frame(action, alice, role="end", prompt="Another place.")
    actions.cancel(end, alice)
    batch = begin(scene, alice, settings=SMALL, end_frames=True)
    assert (batch.size, batch.end_frames) == (3, True)
    start = run.claim_next("frames", "worker-1")
    assert start.role == "start"
    end = batch.frames.get(role="end")
    assert run.claim_next("frames", "worker-2") is None
    assert obstacles.why_waiting(end, 10) == "Its start frame is made first."
    run.make(start, "worker-1")
    assert make_next("videos") is None
    assert obstacles.why_waiting(batch.videos.get(), 10) == "Its end frame is made first."
    assert make_next("frames") == end
    made = make_next("videos")
    assert (made.status, made.start_frame, made.end_frame) == (Status.SUCCEEDED, start, end)
    assert not made.is_stale(*Frame.objects.order_by("-role").filter(is_chosen=True))


def test_an_end_frame_without_its_start_frame_fails_with_its_clip_and_both_are_tried_again(scene, action, alice):
    # Catches a retry that forgets that end frames were asked for.
    actions.cancel(queued_frame(action, alice, role="end"), alice)
    batch = begin(scene, alice, settings=SMALL, end_frames=True)
    assert run.claim_next("frames", "worker-1").fail("internal")
    assert (make_next("frames").error_code, make_next("videos").error_code) == ("frame_not_made", "frame_not_made")
    again = batches.retry(batch, alice)
    assert [row.role for row in again.frames.order_by("-role")] == ["start", "end"]
    assert again.videos.get().awaits.role == "end"
    batches.cancel(again, alice)
    assert batches.Progress.of(again).cancelled == 3
