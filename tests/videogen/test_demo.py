"""The demo's first clips: queued once, made by the workers, never again. (tests/local waits for them to be made.)"""

import pytest
from django.core.management import call_command

from scenes import demo
from scenes.models import Block, Scene
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.demo import clips_are_due, queue_clips
from videogen.models import Frame, Status, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def blocks() -> list[Block]:
    """The first two blocks of a demo, each with a start frame: what is drawn is drawn in one test only."""
    loaded = demo.load()
    for block in loaded.blocks[:2]:
        actions.upload_frame(block, "start", picture_file(), loaded.users["alice"])
    return loaded.blocks[:2]


@pytest.mark.django_db(transaction=True)  # the heartbeat of what is drawn comes from a connection of its own
def test_the_demo_arrives_with_two_clips_for_the_worker_to_make():
    call_command("democlips", verbosity=0)
    clips = Video.objects.order_by("block__position")
    assert [(clip.status, clip.model, clip.block.position) for clip in clips] == [
        (Status.QUEUED, "animatic", 0),
        (Status.QUEUED, "animatic", 1),
    ]
    assert {clip.block.scene.title for clip in clips} == {"The Last Lamp"}
    assert {clip.start_frame for clip in clips} == set(Frame.objects.filter(is_chosen=True, source="generated"))
    call_command("democlips", verbosity=0)
    assert Video.objects.count() == 2


def test_a_demo_that_had_clips_gets_no_others(blocks):
    for clip in queue_clips():
        actions.delete_video(clip, clip.requested_by)
    assert not clips_are_due()
    assert queue_clips() == []
    assert not Video.objects.exists()


def test_what_people_made_of_the_demo_is_left_as_it_is(blocks):
    frames = list(Frame.objects.order_by("pk").values())
    assert [clip.start_sha256 for clip in queue_clips()] == [frame.sha256 for frame in _chosen(blocks)]
    assert list(Frame.objects.order_by("pk").values()) == frames


def _chosen(blocks: list[Block]) -> list[Frame]:
    return [block.frames.chosen("start").get() for block in blocks]


def test_an_installation_with_scenes_of_its_own_gets_neither_the_demo_nor_clips(scene):
    call_command("democlips", verbosity=0)
    assert list(Scene.objects.all()) == [scene]
    assert not Video.objects.exists()


def test_clips_that_are_refused_do_not_keep_a_start_from_going_on(blocks, caplog):
    Frame.objects.update(is_chosen=False)  # they have candidates, but none in use
    assert queue_clips() == []
    assert "not its clips: This block has no start frame yet." in caplog.text
