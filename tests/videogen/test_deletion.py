"""A job that is deleted has a last event, and its files go with it: whoever deletes, by whatever way."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse

from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame, queued_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.media import storage
from videogen.models import Event, Frame, PromptRewrite, Video
from videogen.worker.ledger import violations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

HISTORIES = {  # of everything that `full` makes, by how it ended
    ("", "succeeded", "deleted"),  # the start frame
    ("", "queued", "running", "succeeded", "deleted"),  # the take
    ("", "queued", "deleted"),  # the next one, which waits
    ("", "queued", "running", "deleted"),  # the end frame, which is being made
}


@pytest.fixture
def full(action, alice, start_frame):
    """A block with a picture, a take, a clip that waits, an end frame that is being made and a rewrite that waits."""
    finished_video(action, alice)
    queued_video(action, alice)
    assert queued_frame(action, alice, role="end").claim("worker-1")
    actions.queue_rewrite(action, "video", "Slow push in.", alice)
    assert len(files()) == 4
    return action


def files() -> list[str]:
    return [name for folder in ("frames", "videos") for name in storage.files_below(folder)]


def histories() -> set[tuple[str, ...]]:
    told: dict[Any, list[str]] = {}
    for event in Event.objects.order_by("id"):
        told.setdefault(event.generation_id, [event.from_status]).append(event.to_status)
    return {tuple(steps) for steps in told.values()}


def post(view: str, args: list[Any], sent: dict[str, Any]) -> None:
    operator = signed_in(User.objects.create_superuser("operator"))
    assert operator.post(reverse(f"admin:{view}", args=args), sent).status_code == 302


def chosen(row) -> dict[str, Any]:
    return {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}


WAYS: dict[str, Callable[[Any], object]] = {
    "the console, one block": lambda block: post("scenes_block_delete", [block.pk], {"post": "yes"}),
    "the console, chosen blocks": lambda block: post("scenes_block_changelist", [], chosen(block)),
    "the console, one scene": lambda block: post("scenes_scene_delete", [block.scene_id], {"post": "yes"}),
    "the console, chosen scenes": lambda block: post("scenes_scene_changelist", [], chosen(block.scene)),
    "a shell, the block": lambda block: block.delete(),
    "a shell, all scenes": lambda block: type(block.scene).objects.all().delete(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_deleted_block_or_scene_leaves_a_last_event_of_each_job_and_no_file(full, way):
    # Catches what happened: 8 files stayed after such a deletion, and the ledger called the jobs lost.
    WAYS[way](full)
    assert not Frame.objects.exists()
    assert not Video.objects.exists()
    assert not PromptRewrite.objects.exists()
    assert histories() == HISTORIES
    assert files() == []
    assert violations(settled=True) == []


def test_rows_deleted_by_a_query_are_told_as_well(full):
    Video.objects.all().delete()
    assert len(files()) == 2
    assert violations() == []


def test_the_history_says_who_deleted_a_take(full, bob):
    actions.delete_video(Video.objects.get(is_current=True), bob)
    assert Event.objects.get(to_status="deleted").actor == bob


def test_a_deletion_that_is_undone_leaves_the_files_and_no_event(full):
    with transaction.atomic():
        full.delete()
        transaction.set_rollback(True)
    assert len(files()) == 4
    assert not Event.objects.filter(to_status="deleted").exists()


def test_a_take_that_is_finished_after_it_was_read_for_deletion_takes_its_file_along(action, alice, start_frame):
    # Catches a file that stays because the row named none when it was collected.
    waiting = queued_video(action, alice)
    read_before = Video.objects.get(pk=waiting.pk)
    assert waiting.claim("worker-1")
    name = default_storage.save("videos/x.mp4", picture_file())
    assert waiting.finish(file=name, poster="", size=1, sha256="x", seed=7)
    read_before.delete()
    assert not default_storage.exists(name)
    assert violations() == []


def test_asking_what_a_deletion_would_take_deletes_nothing(full):
    # Catches last events that are written for the console's question whether one is sure.
    operator = signed_in(User.objects.create_superuser("operator"))
    assert operator.get(reverse("admin:scenes_scene_delete", args=[full.scene_id])).status_code == 200
    assert not Event.objects.filter(to_status="deleted").exists()
    assert len(files()) == 4
