"""The checker itself, shown failing for each rule it guards: a check that cannot fail proves nothing."""

import os
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from tests.fixtures.rows import expire_lease, queued_frame, queued_video, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.media import mp4
from videogen.models import Event, Frame, Status, Video
from videogen.pipelines.base import Rendering
from videogen.worker import ledger, run
from videogen.worker.ledger import violations

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

SIZE = (320, 192)


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> bytes:
    """A second of a clip."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    pictures = Rendering(iter([np.zeros((SIZE[1], SIZE[0], 3), np.uint8)] * 24))
    mp4.write_mp4(path, pictures, width=SIZE[0], height=SIZE[1], frame_rate=24, frames=24)
    return path.read_bytes()


def publish(video: Video, data: bytes, folder: Path) -> Video:
    """End a running video with a clip, as a worker does."""
    path, poster = folder / f"{video.pk}.mp4", folder / f"{video.pk}.webp"
    path.write_bytes(data)
    poster.write_bytes(b"a poster")
    video.seed = 7
    run._publish(video, {"file": path, "poster": poster}, {}, lambda *words: None)
    return Video.objects.get(pk=video.pk)


class World:
    """One row of each way to end, with the files and the history they really have."""

    def __init__(self, block, by, clip: bytes, folder: Path) -> None:
        self.block, self.by = block, by
        self.uploaded = actions.upload_frame(block, "start", picture_file(), by)
        lost = running_video(block, by)
        lost.release("its process died", lost=True)
        lost.refresh_from_db()
        lost.claim("worker-2")
        self.made = publish(lost, clip, folder)
        self.stopped = queued_video(block, by)
        self.stopped.cancel(by)
        self.failed = queued_frame(block, by)
        self.failed.claim("worker-1")
        self.failed.fail("internal")
        gone = running_video(block, by)
        self.deleted = gone.pk
        actions.delete_video(gone, by)
        for row in (self.made, self.stopped, self.failed):
            row.refresh_from_db()

    def events(self, row):
        return Event.objects.filter(generation_id=row.pk)

    def path(self, field) -> Path:
        return Path(default_storage.path(field.name))


@pytest.fixture
def world(action, alice, clip, tmp_path, monkeypatch) -> World:
    monkeypatch.setattr(run, "close_old_connections", lambda: None)  # the test's transaction is on it
    return World(action, alice, clip, tmp_path)


def drop_rule(name: str) -> None:
    """Take away what keeps the database from holding such rows; the test's transaction brings it back."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {name}")


def forget(row) -> None:
    """Remove a row as no program of ours does."""
    type(row).objects.filter(pk=row.pk)._raw_delete("default")


def queue_twice(world: World) -> None:
    queued_video(world.block, world.by)
    drop_rule("video_one_live")
    twin = Video.objects.live().get()
    twin.pk = uuid4()
    twin.save(force_insert=True)
    twin.record_creation()


def share_a_file(world: World) -> None:
    other = Frame.objects.create(
        block=world.block, role="end", status=Status.SUCCEEDED, width=1, height=1, file="a.png", poster="b.png"
    )
    Frame.objects.filter(pk=other.pk).update(
        **{name: getattr(world.uploaded, name) for name in ("file", "poster", "size", "sha256")}
    )
    other.record_creation()


def leave_a_file(world: World, *, old: bool) -> None:
    path = world.path(world.uploaded.file).with_name("stray.png")
    path.write_bytes(b"x")
    if old:
        os.utime(path, (0, 0))


def spoil_bytes(field, world: World, change: Callable[[bytes], bytes]) -> None:
    path = world.path(field)
    path.write_bytes(change(path.read_bytes()))


def run_without_lease(world: World) -> None:
    video = running_video(world.block, world.by)
    Video.objects.filter(pk=video.pk).update(lease_until=Now() - timedelta(seconds=100))


def ask_a_waiting_one_to_stop(world: World) -> None:
    video = queued_video(world.block, world.by)
    Video.objects.filter(pk=video.pk).update(cancel_requested_at=Now())


def shorten_the_clip(world: World) -> None:
    Video.objects.filter(pk=world.made.pk).update(duration=2)


# What breaks each rule. A key is the rule's name, with a word where one rule can be broken in several ways.
MUTATIONS: dict[str, Callable[[World], object]] = {
    "accepted_is_kept": lambda world: forget(world.stopped),
    "accepted_is_kept: a success": lambda world: forget(world.made),
    "steps_are_legal": lambda world: world.events(world.stopped).filter(to_status="queued").update(to_status="failed"),
    "steps_are_legal: two ends": lambda world: Event.objects.create(
        generation_id=world.made.pk, kind="video", attempt=2, from_status="succeeded", to_status="succeeded"
    ),
    "history_has_no_gap": lambda world: world.events(world.made).filter(note="its process died").delete(),
    "history_has_no_gap: no beginning": lambda world: world.events(world.failed).filter(from_status="").delete(),
    "history_ends_as_the_row": lambda world: world.events(world.made).filter(to_status="succeeded").delete(),
    "history_ends_as_the_row: none": lambda world: world.events(world.made).delete(),
    "attempts_rise": lambda world: world.events(world.made).filter(to_status="running").update(attempt=1),
    "attempts_rise: the row": lambda world: Video.objects.filter(pk=world.made.pk).update(attempt=3),
    "lost_attempts_are_bounded": lambda world: Video.objects.filter(pk=world.made.pk).update(lost_attempts=4),
    "success_has_its_file": lambda world: world.path(world.made.file).unlink(),
    "success_has_its_file: size": lambda world: spoil_bytes(world.made.file, world, lambda data: data[:-1]),
    "success_has_its_file: bytes": lambda world: spoil_bytes(world.made.file, world, lambda data: data[:-1] + b"x"),
    "success_has_its_file: length": shorten_the_clip,
    "success_has_its_file: poster": lambda world: world.path(world.uploaded.poster).unlink(),
    "files_have_one_owner": share_a_file,
    "files_have_a_row": lambda world: leave_a_file(world, old=True),
    "one_is_live_in_a_place": queue_twice,
    "dead_workers_are_noticed": run_without_lease,
    "waiting_can_be_claimed": ask_a_waiting_one_to_stop,
    "everything_is_over": lambda world: queued_video(world.block, world.by),
    "nothing_lies_about": lambda world: leave_a_file(world, old=False),
    "sweep_finds_nothing": lambda world: expire_lease(running_video(world.block, world.by)),
}


def rule_of(mutation: str) -> str:
    return mutation.partition(":")[0]


def test_a_clean_ledger_has_no_violations(world):
    accepted = {world.made.pk, world.deleted, world.stopped.pk}
    assert violations(accepted) == []
    assert violations(accepted, settled=True) == []


def test_what_waits_and_runs_in_good_health_is_no_violation(world, dialog):
    queued_video(world.block, world.by)
    queued_frame(dialog, world.by).claim("worker-1")
    leave_a_file(world, old=False)
    assert violations() == []


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def put_back(kept: dict[Path, bytes], folder: Path) -> None:
    """Have exactly these files in the folder again."""
    found = files_below(folder)
    for path in found.keys() - kept.keys():
        path.unlink()
    for path, data in kept.items():
        if found.get(path) != data:
            path.write_bytes(data)


def test_a_broken_rule_is_noticed(world, settings, subtests):
    # Catches a rule that holds whatever happens. Each is broken alone, or the rule would be needed by no test.
    kept = files_below(settings.MEDIA_ROOT)
    for mutation, spoil in MUTATIONS.items():
        with subtests.test(mutation), transaction.atomic():  # making the world takes ten times as long
            assert violations(settled=True) == []
            spoil(world)
            assert rule_of(mutation) in {violation.rule for violation in violations(settled=True)}
            transaction.set_rollback(True)
        put_back(kept, settings.MEDIA_ROOT)


def test_every_rule_is_shown_failing():
    rules = {rule.__name__ for rule in (*ledger.RULES, *ledger.SETTLED)}
    assert {rule_of(mutation) for mutation in MUTATIONS} == rules


@pytest.mark.parametrize("rule", ["steps_are_legal", "history_has_no_gap", "attempts_rise"])
def test_the_history_of_what_was_deleted_is_checked_as_well(world, rule):
    events = Event.objects.filter(generation_id=world.deleted)
    if rule == "steps_are_legal":
        events.filter(to_status="running").update(from_status="failed")
    elif rule == "history_has_no_gap":
        events.filter(to_status="running").delete()
    else:
        events.filter(to_status="running").update(attempt=F("attempt") + 1)
    assert rule in {violation.rule for violation in violations()}


def test_the_command_tells_of_what_a_database_forgot_and_ends_with_1(world, tmp_path, monkeypatch):
    # Catches a restored backup that lacks jobs: their history is gone with them, only whoever asked knows of them.
    monkeypatch.setattr("videogen.management.commands.check_nothing_lost.SECOND_LOOK", 0)
    out, err = StringIO(), StringIO()
    call_command("check_nothing_lost", stdout=out)
    assert "5 accepted jobs: none lost" in out.getvalue()
    lost = uuid4()
    accepted = tmp_path / "accepted"
    accepted.write_text(f"{world.made.pk}\n{lost}\n\n")
    with pytest.raises(CommandError, match=r"^1 fault in 6 accepted jobs"):
        call_command("check_nothing_lost", "--accepted", str(accepted), stderr=err)
    assert err.getvalue() == f"accepted_is_kept: {lost} was accepted and is lost.\n"
    accepted.write_text("all of them")
    with pytest.raises(CommandError, match="no file of ids"):
        call_command("check_nothing_lost", "--accepted", str(accepted))


def test_what_was_in_progress_at_one_look_only_is_no_violation(world, monkeypatch):
    # Catches an alarm over a file that was removed, or a row that moved, between two queries.
    looks = [[ledger.Violation("success_has_its_file", "it was deleted just now")], []]
    monkeypatch.setattr(ledger, "violations", lambda *accepted, **options: looks.pop(0))
    monkeypatch.setattr("videogen.management.commands.check_nothing_lost.SECOND_LOOK", 0)
    call_command("check_nothing_lost", stdout=StringIO())
    assert looks == []
