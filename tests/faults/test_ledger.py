"""The checker itself, shown failing for each rule it guards."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.ledger import violations
from tests.fixtures.rows import expire_lease, queued_video, running_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Event, Frame

pytestmark = pytest.mark.postgres


@pytest.fixture
def frame(action, alice) -> Frame:
    return actions.upload_frame(action, "start", picture_file(), alice)


def test_a_clean_ledger_has_no_violations(frame, action, alice):
    video = queued_video(action, alice)
    video.cancel(alice)
    gone = running_video(action, alice)
    accepted = [frame.pk, video.pk, gone.pk]
    actions.delete_video(gone, alice)
    assert violations(accepted) == []


def test_an_accepted_row_that_is_gone_without_being_deleted_is_noticed(frame, action, alice):
    video = queued_video(action, alice)
    lost = video.pk
    type(video).objects.filter(pk=lost).delete()
    assert violations([lost]) == [f"{lost} was accepted and is lost"]
    assert violations([frame.pk, uuid4()])[0].endswith("was accepted and is lost")


def test_a_row_that_never_ends_is_noticed(frame, action, alice):
    video = queued_video(action, alice)
    assert violations([]) == [f"{video} is not over"]


def test_a_missing_a_shortened_and_a_changed_file_are_noticed(frame):
    path = Path(frame.file.path)
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    assert violations([]) == [f"{frame} has a file of another size"]
    path.write_bytes(data[:-1] + b"x")
    assert violations([]) == [f"{frame} has a file with other bytes"]
    path.unlink()
    assert violations([]) == [f"{frame} has no file"]


def test_a_file_without_a_row_is_noticed(frame):
    path = Path(frame.file.path).with_name("stray.png")
    path.write_bytes(b"x")
    assert violations([]) == ["stray.png belongs to no row"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda events: events.filter(to_status="queued").update(to_status="failed"), "went from  to failed"),
        (lambda events: events.filter(from_status="queued").delete(), "does not end with"),
        (lambda events: events.filter(from_status="").update(to_status="running"), "went from  to running"),
        (lambda events: events.filter(from_status="queued").update(from_status="running"), "gap in its history"),
    ],
)
def test_a_history_that_could_not_have_happened_is_noticed(frame, action, alice, spoil, words):
    video = queued_video(action, alice)
    video.cancel(alice)
    spoil(Event.objects.filter(generation_id=video.pk))
    assert any(words in violation for violation in violations([]))


def test_attempts_that_do_not_rise_are_noticed(frame, action, alice):
    video = running_video(action, alice)
    video.release("lost", lost=True)
    video.refresh_from_db()
    video.claim("worker-2")
    video.fail("internal")
    assert violations([]) == []
    Event.objects.filter(generation_id=video.pk, to_status="running").update(attempt=1)
    assert violations([]) == [f"{video.pk} has attempts that do not rise: [1, 1]"]


def test_a_reconcile_that_still_finds_work_is_noticed(frame, action, alice):
    video = running_video(action, alice)
    expire_lease(video)
    assert "another reconcile changed something" in violations([])
