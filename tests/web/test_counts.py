"""The counters of a scene: what they count, and that many scenes cost no more than one."""

import pytest

from scenes.models import Block, Scene
from tests.fixtures.rows import finished_video, queued_video, running_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions
from web.counts import Counts, count


def counted(scene: Scene) -> Counts:
    return count([scene])[scene.pk]


def test_a_scene_without_blocks_counts_nothing(scene):
    assert counted(scene) == Counts()


def test_of_candidates_and_takes_only_those_in_use_count(scene, action, dialog, alice):
    for color in ("red", "blue"):
        actions.upload_frame(action, "start", picture_file(color=color), alice)
    actions.upload_frame(action, "end", picture_file(), alice)
    finished_video(action, alice)
    finished_video(action, alice)
    assert counted(scene) == Counts(blocks=2, frames=2, clips=1)


def test_a_block_has_failed_if_its_latest_run_has(scene, action, alice, start_frame):
    running_video(action, alice).fail("disk_full")
    assert counted(scene).failed == 1
    queued_video(action, alice).cancel(alice)  # the last run was stopped: how it ended is no failure
    assert counted(scene).failed == 0
    running_video(action, alice).fail("disk_full")
    finished_video(action, alice)
    assert counted(scene) == Counts(blocks=1, frames=1, clips=1)


@pytest.mark.parametrize("others", [0, 5])
def test_it_takes_as_many_queries_for_one_scene_and_for_many(
    scene, action, alice, start_frame, django_assert_num_queries, others
):
    finished_video(action, alice)
    scenes = [scene, *(new_scene(alice, title=f"Scene {number}") for number in range(others))]
    for other in scenes[1:]:
        block = Block.objects.create(scene=other, position=0, kind="action", text="Rain.")
        actions.upload_frame(block, "start", picture_file(), alice)
    with django_assert_num_queries(4):  # the scenes' characters, frames, videos, blocks; nobody speaks here
        counts = count(scenes)
    assert counts[scene.pk] == Counts(blocks=1, frames=1, clips=1)
    assert [counts[other.pk] for other in scenes[1:]] == [Counts(blocks=1, frames=1)] * others
