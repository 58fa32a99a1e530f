"""Where a block stands, and what its forms begin with."""

import pytest
from django.template.loader import get_template
from django.urls import resolve

from tests.fixtures.rows import finished_video, queued_frame, queued_video, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import BlockGenerations
from web import dialog as clip_dialog
from web.dialog import EndStep, Step, VideoStep


def states(block) -> list[str]:
    return [step.state for step in clip_dialog.steps(block, BlockGenerations.of(block), "start")]


def test_the_steps_follow_what_happens_to_the_block(action, alice):
    assert states(action) == ["todo", "todo", "todo"]
    frame = queued_frame(action, alice)
    assert states(action) == ["running", "todo", "todo"]
    frame.cancel(alice)
    actions.upload_frame(action, "start", picture_file(), alice)
    assert states(action) == ["done", "todo", "todo"]
    video = running_video(action, alice)
    assert states(action) == ["done", "todo", "running"]
    video.fail("internal")
    assert states(action) == ["done", "todo", "failed"]
    finished_video(action, alice)
    assert states(action) == ["done", "todo", "done"]


@pytest.mark.parametrize("key", ["start", "end", "video"])
def test_every_address_of_a_step_is_one_of_its_block_and_of_no_other_step(action, key):
    step = Step.of(action, key)
    names = [name for name in dir(step) if name.endswith("url")]
    assert len(names) >= 9
    for name in names:
        match = resolve(getattr(step, name))
        assert (match.kwargs["scene_id"], match.kwargs["block_id"]) == (action.scene_id, action.pk)
        assert match.kwargs.get("step", key) == key


@pytest.mark.parametrize("key", ["start", "end", "video"])
def test_the_templates_of_a_step_are_there(action, key):
    step = Step.of(action, key)
    get_template(step.form_template)
    get_template(step.stage_template)


def test_a_step_says_which_frame_it_misses(action, start_frame):
    cases = {
        ("start", None, None): "",
        ("end", None, None): "videogen/_start_frame_first.html",
        ("end", start_frame, None): "",
        ("video", None, None): "videogen/_start_frame_missing.html",
        ("video", start_frame, None): "videogen/_end_frame_missing.html",
        ("video", start_frame, start_frame): "",
    }
    for (key, start, end), expected in cases.items():
        assert Step.of(action, key).notice_template(start, end) == expected


def test_a_failure_is_history_once_something_new_was_asked_for(action, alice, start_frame):
    running_video(action, alice).fail("internal")
    assert BlockGenerations.of(action).failure("video") is not None
    queued_video(action, alice)
    assert BlockGenerations.of(action).failure("video") is None


def test_the_signature_changes_with_every_beginning_stop_and_end(action, alice, start_frame):
    seen = [BlockGenerations.live_of(action).signature]
    video = queued_video(action, alice)
    seen.append(BlockGenerations.live_of(action).signature)
    video.claim("worker-1")
    seen.append(BlockGenerations.live_of(action).signature)
    video.cancel(alice)
    seen.append(BlockGenerations.live_of(action).signature)
    assert BlockGenerations.of(action).signature == seen[-1]
    video.cancelled()
    seen.append(BlockGenerations.live_of(action).signature)
    assert (seen[0], seen[-1]) == ("", "")
    assert len(set(seen)) == 4


def test_progress_alone_leaves_the_signature_as_it_is(action, alice, start_frame):
    video = running_video(action, alice)
    before = BlockGenerations.live_of(action).signature
    video.mine.update(phase="denoising", step=9)
    assert BlockGenerations.live_of(action).signature == before


def test_material_is_read_in_two_queries(action, alice, start_frame, django_assert_num_queries):
    finished_video(action, alice)
    with django_assert_num_queries(2):
        made = BlockGenerations.of(action)
        assert made.current
        assert made.chosen("start") == start_frame
        assert made.results("video")


def test_the_speaker_is_in_the_cast_even_if_the_scene_forgot(dialog, mara):
    dialog.scene.characters.clear()
    assert dialog.cast == [mara]


def test_the_end_frame_begins_with_the_settings_of_the_start_frame(action, alice):
    queued_frame(action, alice, prompt="Rain.", seed=5, width=640, height=384)
    form = EndStep(action).first_form(BlockGenerations.of(action), None)
    assert form.initial["seed"] == 5
    assert "Wind." in form.initial["prompt"]  # but with words of its own: the end of what happens
    assert (form.initial["size"], form.initial["width"]) == ("custom", 640)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1920, 1080), "1920x1080"), ((704, 1280), "704x1280"), ((300, 200), "1280x704"), ((200, 300), "704x1280")],
)
def test_the_clip_begins_with_the_size_of_its_start_frame_where_that_is_offered(action, alice, size, expected):
    actions.upload_frame(action, "start", picture_file(size), alice)
    assert VideoStep(action).first_form(BlockGenerations.of(action), None).initial["size"] == expected


def test_neighbours_are_the_blocks_before_and_after(action, dialog):
    assert clip_dialog.neighbour(action, after=True) == dialog
    assert clip_dialog.neighbour(dialog, after=False) == action
    assert clip_dialog.neighbour(dialog, after=True) is None
    assert clip_dialog.neighbour(action, after=False) is None
