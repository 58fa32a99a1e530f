"""A place for finished files that is closed: the queue is kept, not burnt."""

import errno
from time import monotonic

import pytest
from django.core.files.storage import InMemoryStorage
from django.utils import timezone

from tests.fixtures.rows import frame_spec
from videogen import actions, tasks
from videogen.errors import StorageAwayError
from videogen.models import Frame, Status, Worker
from videogen.tasks import run_next
from videogen.worker import hold, run

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


class Closed(InMemoryStorage):
    """Refuses as often as it is told to."""

    refusals: list[OSError] = []

    def _save(self, name, content):
        if self.refusals:
            raise self.refusals.pop(0)
        return super()._save(name, content)


@pytest.fixture
def refuse(settings, monkeypatch):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Closed"}}
    monkeypatch.setattr(Closed, "refusals", [])
    monkeypatch.setattr(run, "STORE_SECONDS", 0)
    fresh = hold.Hold()
    for module in (hold, run, tasks):
        monkeypatch.setattr(module, "hold", fresh)
    return lambda *errors: Closed.refusals.extend(errors)


@pytest.fixture
def queued(action, dialog, alice):
    places = [(block, role) for block in (action, dialog) for role in ("start", "end")]
    return [actions.queue_frame(block, frame_spec(role=role), alice) for block, role in places]


@pytest.fixture
def worker() -> Worker:
    now = timezone.now()
    return Worker.objects.create(name="worker", queues=["frames"], started_at=now, seen_at=now)


def statuses() -> list[str]:
    return sorted(Frame.objects.values_list("status", flat=True))


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EIO])
def test_a_closed_disk_fails_no_job_and_ends_claiming_until_it_opens(refuse, queued, worker, number, monkeypatch):
    # Catches six queued rows that fail within a third of a second.
    refuse(*[OSError(number, "closed")] * 100)
    for _ in range(6):
        run_next("frames")
    assert statuses() == ["queued"] * 4
    assert max(Frame.objects.values_list("attempt", flat=True)) == 1  # nothing is made only to be thrown away
    assert max(Frame.objects.values_list("lost_attempts", flat=True)) == 0
    worker.refresh_from_db()
    assert worker.hindrance == "Finished files cannot be kept: closed"
    Closed.refusals.clear()
    run_next("frames")  # it is not time to look again
    assert statuses() == ["queued"] * 4
    monkeypatch.setattr(hold.hold, "_until", 0.0)
    for _ in range(4):
        run_next("frames")
    worker.refresh_from_db()
    assert (statuses(), worker.hindrance) == (["succeeded"] * 4, "")


def test_each_look_at_a_closed_disk_doubles_the_time_to_the_next(refuse, worker, monkeypatch):
    refuse(*[OSError(errno.EROFS, "closed")] * 100)
    waits = []
    for _ in range(8):
        monkeypatch.setattr(hold, "monotonic", lambda: 1000.0)
        assert hold.hold.begin("worker")
        waits.append(hold.hold._until - 1000)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]


def test_a_file_that_alone_cannot_be_kept_ends_after_three_attempts(refuse, queued, monkeypatch):
    # Catches one job that keeps the whole queue waiting for ever.
    def store(path, name, on_read):
        raise OSError(errno.EACCES, "this one only")

    monkeypatch.setattr(run.storage, "store", store)
    for _ in range(3):
        run_next("frames")
    ended = Frame.objects.exclude(status=Status.QUEUED).get()
    assert (ended.status, ended.error_code, ended.attempt) == (Status.FAILED, "storage_closed", 3)
    assert "could not be kept" in ended.error


def test_a_bucket_that_is_away_for_a_moment_costs_no_attempt(refuse, queued, monkeypatch):
    # Catches minutes of work on a GPU that are thrown away because the bucket restarted.
    monkeypatch.setattr(run, "STORE_SECONDS", 60)
    refuse(StorageAwayError("The bucket does not answer."), StorageAwayError("The bucket answers 503."))
    run_next("frames")
    made = Frame.objects.exclude(status=Status.QUEUED).get()
    assert (made.status, made.attempt) == (Status.SUCCEEDED, 1)


def test_a_person_can_stop_a_job_that_waits_for_the_bucket(refuse, queued, alice, monkeypatch):
    monkeypatch.setattr(run, "STORE_SECONDS", 60)

    def store(path, name, on_read):
        Frame.objects.get(status=Status.RUNNING).cancel(alice)
        raise StorageAwayError("The bucket does not answer.")

    monkeypatch.setattr(run.storage, "store", store)
    begun = monotonic()
    run_next("frames")
    assert statuses() == ["cancelled", "queued", "queued", "queued"]
    assert monotonic() - begun < 30, "and not when the waiting is over"
