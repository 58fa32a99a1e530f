"""What one press would make of a scene or a film: what, why, how long, and what not."""

import pytest
from django.contrib.auth.models import User
from guardian.shortcuts import assign_perm

from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block, Scene
from tests.fixtures.rows import finished_video, queued_frame, queued_video, running_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, outlook, plans, review
from videogen.models import Frame, Review
from videogen.review import Change
from videogen.specs import SpecError

pytestmark = pytest.mark.postgres


def jobs(plan: plans.Plan) -> list[tuple[Block, str, str]]:
    return [(item.block, item.kind, item.reason) for item in plan.items]


def refused(plan: plans.Plan) -> list[tuple[Block, str, str]]:
    return [(refusal.block, refusal.kind, refusal.code) for refusal in plan.refused]


def planned(person, place, what="both", only="missing", **more) -> plans.Plan:
    return plans.plan(person, place, what=what, only=only, **more)


def many_blocks(scene: Scene, mara, count: int) -> None:
    Block.objects.bulk_create(
        Block(scene=scene, position=number, kind="dialog", character=mara, text=f"Who is out there, number {number}?")
        if number % 2
        else Block(scene=scene, position=number, kind="action", text=f"Mara opens door {number}. Wind over the sea.")
        for number in range(count)
    )


def test_what_is_missing_of_both_is_a_frame_and_the_clip_that_waits_for_it(scene, action, dialog, alice):
    # Catches a plan of both that makes clips only where a frame is there already.
    plan = planned(alice, scene)
    assert jobs(plan) == [
        (action, "frame", "missing"),
        (action, "video", "missing"),
        (dialog, "frame", "missing"),
        (dialog, "video", "missing"),
    ]
    assert [item.after for item in plan.items] == ["", "start", "", "start"]
    assert plan.refused == []


def test_a_clip_without_a_start_frame_is_refused_where_no_frame_is_asked_for(scene, action, dialog, alice, start_frame):
    # Catches a plan of clips that queues one which can only fail.
    plan = planned(alice, scene, "videos")
    assert jobs(plan) == [(action, "video", "missing")]
    assert refused(plan) == [(dialog, "video", "start_frame_missing")]


def test_what_failed_and_what_is_out_of_date_have_their_own_plans(scene, action, dialog, alice, start_frame):
    # Catches "failed" that holds what is only missing, and "outdated" that holds what never was.
    take = finished_video(action, alice)
    assert planned(alice, scene, "both", "failed").items == []
    assert planned(alice, scene, "both", "outdated").items == []
    failing = queued_frame(dialog, alice)
    assert failing.claim("worker")
    assert failing.fail("internal")
    assert jobs(planned(alice, scene, "both", "failed")) == [(dialog, "frame", "failed")]
    actions.upload_frame(action, "start", picture_file(color="red"), alice)
    assert jobs(planned(alice, scene, "videos", "outdated")) == [(action, "video", "outdated")]
    assert take.block == action


def test_new_words_outdate_the_frame_and_its_clip_and_their_prompts_are_composed_anew(scene, action, alice):
    # Catches an outdated clip that is made again from the old words.
    frame = queued_frame(action, alice, prompt="What somebody typed.")
    assert frame.claim("worker")
    assert frame.finish(file="frames/a.png", poster="frames/a.webp", seed=1, sha256="0" * 64)
    assert frame.choose()
    finished_video(action, alice, prompt="What somebody typed.")
    assert planned(alice, scene, "both", "outdated").items == []
    Block.objects.filter(pk=action.pk).update(text="Rain over the sea.")
    plan = planned(alice, scene, "both", "outdated", with_prompts=True)
    assert jobs(plan) == [(action, "frame", "outdated"), (action, "video", "outdated")]
    assert [(item.anew, item.changed, item.after) for item in plan.items] == [
        (True, ("text",), ""),
        (True, ("text",), "start"),
    ]
    assert all("Rain over the sea" in item.spec.prompt for item in plan.items)
    action.refresh_from_db()
    failed = running_video(action, alice, prompt="Of the new words.")
    assert failed.fail("internal")
    (item,) = planned(alice, scene, "videos", "failed").items
    assert (item.anew, item.spec.prompt) == (False, "Of the new words.")


def test_what_runs_already_and_what_one_may_not_make_is_refused_with_the_reason(
    scene, action, dialog, alice, bob, start_frame
):
    # Catches a plan that offers what pressing Generate would refuse.
    queued_video(action, alice)
    assign_perm(GENERATE_VIDEO, bob, action)
    assign_perm(GENERATE_FRAME, bob, dialog)
    plan = planned(bob, scene)
    assert jobs(plan) == [(dialog, "frame", "missing")]
    assert refused(plan) == [(action, "video", "already_running"), (dialog, "video", "not_allowed")]
    assert "scene_block:video:generate" in plan.refused[1].message


def test_a_clip_waits_for_the_frame_that_is_being_made(scene, action, alice):
    # Catches a clip refused for want of the frame that is on its way.
    frame = queued_frame(action, alice)
    plan = planned(alice, scene, "videos")
    assert [item.awaits for item in plan.items] == [frame]


def test_it_is_made_as_the_dialog_would_begin_it(scene, action, alice, start_frame):
    # Catches a plan with settings of its own: the last ones of the step, and the size of the start frame.
    video = running_video(action, alice, prompt="The lamp turns.", duration=2, seed=7)
    assert video.fail("internal")
    item = planned(alice, scene, "videos", "failed").items[0]
    assert item.spec == video.read_spec()
    other = planned(alice, scene, "videos", "failed", settings={"video": {"duration": 3}}).items[0]
    assert (other.spec.prompt, other.spec.duration) == ("The lamp turns.", 3)
    with pytest.raises(SpecError, match="Duration"):
        planned(alice, scene, "videos", settings={"video": {"duration": 30}})


def test_what_is_over_the_limits_is_refused_in_the_words_of_the_limit(scene, action, alice, settings, start_frame):
    # Catches one block over the limit that fails the whole plan.
    settings.CLIP_PIXEL_BUDGET = 320 * 192 * 100
    (one,) = planned(alice, scene, "videos").refused
    assert one.code == "over_limits"
    assert "this installation allows" in one.message


def test_a_film_s_plan_holds_only_the_scenes_one_sees(scene, action, alice, bob):
    # Catches a viewer of one scene who learns of the blocks of another.
    other = new_scene(alice, title="Elsewhere")
    block = Block.objects.create(scene=other, position=0, kind="action", text="Fog.")
    assert [found for found, _, _ in jobs(planned(alice, scene.film, "frames"))] == [action, block]
    plan = planned(bob, scene.film, "frames")
    assert (plan.items, refused(plan)) == ([], [(action, "frame", "not_allowed")])
    assert plan.is_forbidden


def test_seconds_are_those_of_this_installation_s_own_runs(scene, action, dialog, alice, start_frame):
    # Catches estimates invented where there was no run.
    assert planned(alice, scene, "frames").seconds is None
    frame = queued_frame(dialog, alice, width=1280, height=704)
    assert frame.claim("worker")
    assert frame.finish(file="frames/a.png", poster="frames/a.webp", seed=1, sha256="0" * 64)
    Frame.objects.filter(pk=frame.pk).update(started_at="2026-01-01T00:00:00Z", finished_at="2026-01-01T00:00:10Z")
    Frame.objects.filter(pk=start_frame.pk).update(is_chosen=False)
    plan = planned(alice, scene, "frames")
    assert plan.seconds == pytest.approx(20)


@pytest.mark.parametrize("count", [1, 500])
@pytest.mark.parametrize("who", ["owner", "editor"])
def test_a_plan_asks_as_often_for_500_blocks_as_for_one(scene, mara, alice, bob, who, count, django_assert_num_queries):
    # Catches a query for each block.
    many_blocks(scene, mara, count)
    assign_perm(GENERATE_VIDEO, bob, scene)
    person = User.objects.get(pk=(alice if who == "owner" else bob).pk)
    planned(person, scene)  # what Django keeps of content types
    person = User.objects.get(pk=person.pk)
    with django_assert_num_queries({"owner": 10, "editor": 16}[who]):
        plan = planned(person, scene)
    assert len(plan.items) == 2 * count


def test_the_clock_time_counts_what_waits_and_who_works():
    # Catches a time that forgets the queue, the second worker, or that a clip begins after its frame.
    waiting = outlook.Waiting
    assert outlook.play([waiting(1, 10, key="a"), waiting(2, 10, key="b")], [0.0]) == {"a": 10, "b": 20}
    assert outlook.play([waiting(1, 10, key="a"), waiting(2, 10, key="b")], [0.0, 5.0]) == {"a": 10, "b": 15}
    assert outlook.play([waiting(1, 30), waiting(2, 10, key="a"), waiting(3, 30)], [0.0]) == {"a": 40}
    assert outlook.play([waiting(1, 10, 20, "late"), waiting(2, 5, key="first")], [0.0]) == {"first": 5, "late": 30}
    assert outlook.play([waiting(1, 10, key="a")], []) == {}
    end = waiting(2, 10, key="end", after="start")
    assert outlook.play([waiting(1, 10, key="start"), end], [0.0, 0.0]) == {"start": 10, "end": 20}


def steps(plan: plans.Plan) -> list[tuple[Block, str, str]]:
    return [(item.block, item.step, item.after) for item in plan.items]


def made_frame(block: Block, by: User, **asked) -> Frame:
    frame = queued_frame(block, by, **asked)
    assert frame.claim("worker")
    assert frame.finish(file="frames/a.png", poster="frames/a.webp", seed=1, sha256="0" * 64)
    assert frame.choose()
    return frame


def test_end_frames_are_in_it_only_where_asked_for_and_where_there_was_one(scene, action, dialog, alice):
    # Catches a plan that gives every block an end frame, or that leaves out the one that failed.
    for only in ("missing", "failed", "outdated"):
        assert "end" not in [step for _, step, _ in steps(planned(alice, scene, only=only))]
    assert "end" not in [step for _, step, _ in steps(planned(alice, scene, end_frames=True))]
    end = queued_frame(action, alice, role="end", prompt="Another place.")
    assert end.claim("worker")
    assert end.fail("internal")
    assert steps(planned(alice, scene, end_frames=True, chosen={action.pk})) == [
        (action, "start", ""),
        (action, "end", "start"),
        (action, "video", "end"),
    ]
    plan = planned(alice, scene, "frames", "failed", end_frames=True)
    assert (steps(plan), refused(plan)) == ([], [(action, "frame", "start_frame_missing")])
    actions.upload_frame(action, "start", picture_file(), alice)
    (item,) = planned(alice, scene, "frames", "failed", end_frames=True, with_prompts=True).items
    assert (item.step, item.spec.role, item.spec.prompt) == ("end", "end", "Another place.")
    assert planned(alice, scene, "videos", "failed", end_frames=True).items == []


def test_an_end_frame_is_made_anew_with_its_start_frame_but_not_one_that_was_brought(scene, action, dialog, alice):
    # Catches an end frame of the old words behind a start frame of the new ones, and an upload that is replaced.
    for block in (action, dialog):
        made_frame(block, alice)
    made_frame(action, alice, role="end")
    actions.upload_frame(dialog, "end", picture_file(), alice)
    scene.blocks.update(text="Rain over the sea.")
    plan = planned(alice, scene, "frames", "outdated", end_frames=True)
    assert steps(plan) == [(action, "start", ""), (action, "end", "start"), (dialog, "start", "")]


def test_a_clip_waits_for_the_end_frame_that_is_being_made_where_end_frames_are_asked_for(scene, action, alice):
    # Catches a clip without the end frame that somebody has just begun.
    actions.upload_frame(action, "start", picture_file(), alice)
    end = queued_frame(action, alice, role="end")
    assert [item.awaits for item in planned(alice, scene, end_frames=True).items] == [end]
    assert [item.awaits for item in planned(alice, scene).items] == [None]


def test_a_locked_clip_stays_and_is_named_with_who_approved_it(scene, action, dialog, alice, bob):
    # Catches an approved clip that is made again in vain, and its frames that are taken from under it.
    for block in (action, dialog):
        made_frame(block, alice)
        finished_video(block, alice)
    review.change(action.videos.get(), Change(review=Review.APPROVED), bob)
    review.change(dialog.videos.get(), Change(locked=True), alice)
    scene.blocks.update(text="Rain over the sea.")
    for what in ("both", "videos"):
        plan = planned(alice, scene, what, "outdated")
        assert (jobs(plan), refused(plan)) == ([], [(action, "video", "locked"), (dialog, "video", "locked")])
    assert [told.message for told in plan.refused] == [
        "Take 1 was approved by bob and is locked. Take the approval back first.",
        "Take 1 was locked by alice. Unlock it first.",
    ]
    assert [step for _, step, _ in steps(planned(alice, scene, "frames", "outdated"))] == ["start", "start"]
