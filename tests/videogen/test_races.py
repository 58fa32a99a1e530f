"""Two things that happen to one block at once. Each test holds the first in its transaction until the second waits."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.urls import reverse

from scenes import actions as writing
from scenes.actions import Place
from scenes.models import Block
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_video, running_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions
from videogen.models import Event, Frame, Status, Video
from videogen.worker import run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


class Beside(threading.Thread):
    """A call on a database connection of its own."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__()
        self.call, self.result = call, None
        self.start()
        time.sleep(0.3)  # long enough to come to where it waits

    def run(self) -> None:
        try:
            self.result = self.call()
        except Exception as error:
            self.result = error
        finally:
            connection.close()

    def answer(self) -> Any:
        self.join(30)
        return self.result


def test_two_candidates_chosen_at_once_leave_the_later_one_chosen(action, alice):
    first, second, _third = (actions.upload_frame(action, "start", picture_file(), alice) for _ in range(3))
    with transaction.atomic():
        assert actions.choose_frame(first)
        other = Beside(lambda: actions.choose_frame(second))
    assert other.answer() is True
    assert list(Frame.objects.filter(is_chosen=True)) == [second]


def test_a_clip_that_is_finished_while_another_take_is_chosen_is_not_lost(action, alice, start_frame):
    first, _second = (finished_video(action, alice) for _ in range(2))
    made = running_video(action, alice)
    with transaction.atomic():
        actions.choose_video(first, alice)
        worker = Beside(lambda: run.make(made, "worker@test"))
        time.sleep(3)
    worker.answer()
    made.refresh_from_db()
    assert (made.status, made.error_code, made.is_current) == (Status.SUCCEEDED, "", True)


def test_a_clip_asked_for_while_its_start_frame_is_deleted_is_told_so(action, alice, start_frame):
    with transaction.atomic():
        actions.delete_frame(start_frame, alice)
        other = Beside(lambda: queued_video(action, alice))
    assert isinstance(other.answer(), actions.StartFrameMissingError)
    assert not Video.objects.exists()


def test_two_clips_asked_for_at_once_are_one_and_the_second_is_told_which(action, alice, bob, start_frame):
    with transaction.atomic():
        first = queued_video(action, alice)
        other = Beside(lambda: queued_video(action, bob))  # of another person: only the block keeps it waiting
    refused = other.answer()
    assert isinstance(refused, actions.AlreadyRunningError)
    assert refused.running == first
    assert list(Video.objects.live()) == [first]


def test_a_result_whose_commit_was_done_but_not_answered_keeps_its_file(action, alice, start_frame):
    video = running_video(action, alice)
    lost = []

    def lose() -> None:
        raise OperationalError("the connection was lost")

    def lose_the_answer(execute, sql, params, many, context):
        if sql.startswith('UPDATE "videogen_video"') and connection.in_atomic_block and not lost:
            lost.append(sql)
            transaction.on_commit(lose)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lose_the_answer):
        run.make(video, "worker@test")
    assert lost
    video.refresh_from_db()
    assert video.status == Status.SUCCEEDED
    assert default_storage.exists(video.file.name)
    assert default_storage.exists(video.poster.name)


def test_a_stop_reaches_a_row_that_goes_back_to_the_queue_at_that_moment(action, alice, start_frame):
    video = running_video(action, alice)
    released = []

    def release_before_the_update(execute, sql, params, many, context):
        if sql.startswith('UPDATE "videogen_video" SET "cancel_requested_at"') and not released:
            released.append(True)
            assert Video.objects.get(pk=video.pk).release("its process died", lost=True)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(release_before_the_update):
        assert actions.cancel(video, alice)
    assert released
    video.refresh_from_db()
    assert video.status == Status.CANCELLED


DELETIONS = {
    "one block": lambda block: ("block_delete", [block.pk], {"post": "yes"}),
    "chosen blocks": lambda block: ("block_changelist", [], chosen(block)),
    "a line of the script": lambda block: ("scene_change", [block.scene_id], script_without(block)),
    "one scene": lambda block: ("scene_delete", [block.scene_id], {"post": "yes"}),
    "chosen scenes": lambda block: ("scene_changelist", [], chosen(block.scene)),
}


def chosen(row) -> dict[str, Any]:
    return {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}


def script_without(block) -> dict[str, Any]:
    scene = block.scene
    return {
        "title": scene.title,
        "location": scene.location_id,
        "blocks-TOTAL_FORMS": "1",
        "blocks-INITIAL_FORMS": "1",
        "blocks-0-id": block.pk,
        "blocks-0-scene": scene.pk,
        "blocks-0-position": block.position,
        "blocks-0-kind": block.kind,
        "blocks-0-text": block.text,
        "blocks-0-DELETE": "on",
    }


@pytest.mark.parametrize("way", DELETIONS)
def test_a_block_deleted_in_the_console_while_a_clip_of_it_is_published_goes_afterwards(
    action, alice, start_frame, way
):
    video = running_video(action, alice)
    view, args, sent = DELETIONS[way](action)
    operator = signed_in(User.objects.create_superuser("operator"))
    deleting = []

    def delete_once_the_block_is_held(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if connection.in_atomic_block and 'FROM "scenes_block"' in sql and not deleting:
            deleting.append(Beside(lambda: operator.post(reverse(f"admin:scenes_{view}", args=args), sent)))
        return result

    with connection.execute_wrapper(delete_once_the_block_is_held):
        run.make(video, "worker@test")
    (deletion,) = deleting
    answer = deletion.answer()
    assert getattr(answer, "status_code", answer) == 302
    assert not Block.objects.filter(pk=action.pk).exists()
    assert not Video.objects.exists()
    assert Event.objects.filter(generation_id=video.pk, to_status="succeeded").count() == 1


@pytest.mark.parametrize("corrected_first", [True, False])
def test_a_name_that_one_corrects_while_another_writes_it_has_a_character(scene, mara, alice, bob, corrected_first):
    # Catches a line that is written for a character who is forgotten at that moment: a 500, or a commit that fails.
    slip = writing.add_block(scene, alice, {"kind": "dialog", "speaker": "Wreen", "text": "Hm."}, Place())
    fog = new_scene(alice, title="Fog")

    def correct() -> Block:
        return writing.change_block(slip, alice, 1, {"speaker": "Mara"})

    def write() -> Block:
        return writing.add_block(fog, bob, {"kind": "dialog", "speaker": "Wreen", "text": "Ha."}, Place())

    first, second = (correct, write) if corrected_first else (write, correct)
    with transaction.atomic():
        first()
        other = Beside(second)
    assert isinstance(other.answer(), Block)
    assert [block.cue for block in Block.objects.select_related("character").order_by("text")] == ["Wreen", "Mara"]
    assert sorted(scene.film.characters.values_list("name", flat=True)) == ["Mara", "Wreen"]
