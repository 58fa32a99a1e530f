"""What a job keeps between its attempts: one file, which goes with the job."""

import os

import pytest

from tests.fixtures.rows import expire_lease, running_video
from tests.fixtures.scene import picture_file
from tests.fixtures.storm import parts
from videogen import actions
from videogen.media import unfinished
from videogen.media.unfinished import Unfinished
from videogen.worker.ledger import violations
from videogen.worker.reconcile import reconcile

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(action, alice):
    actions.upload_frame(action, "start", picture_file(), alice)
    return running_video(action, alice)


def test_what_was_kept_goes_when_its_job_is_over_and_not_before(video, alice):
    # Catches a file that goes with the process that wrote it, and one that stays for ever.
    kept = Unfinished(video)
    kept.keep(b"third step")
    kept.keep(b"fourth step")
    assert kept.path.read_bytes() == b"fourth step"
    assert parts() == [kept.path]
    os.utime(kept.path, (0, 0))
    expire_lease(video)
    reconcile()  # queued again
    assert unfinished.sweep() == 0
    assert [found.rule for found in violations()] == []
    video.refresh_from_db()
    actions.cancel(video, alice)
    assert unfinished.sweep() == 1
    assert parts() == []


def test_what_was_half_written_goes_after_an_hour_and_other_files_stay(video):
    folder = Unfinished(video).path.parent
    half, new, other = folder / f"{video.pk}-1.part", folder / f"{video.pk}-2.part", folder / "notes.part"
    for path in (half, new, other):
        path.write_bytes(b"x")
    os.utime(half, (0, 0))
    assert unfinished.sweep() == 1
    assert sorted(parts()) == sorted([new, other])


def test_a_disk_that_is_full_leaves_what_was_kept_before(video, monkeypatch):
    kept = Unfinished(video)
    kept.keep(b"third step")

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(unfinished, "sync", full)
    with pytest.raises(OSError, match="No space"):
        kept.keep(b"fourth step")
    assert kept.path.read_bytes() == b"third step"
    assert parts() == [kept.path]


def test_nothing_is_asked_of_the_database_where_nothing_is_kept(video, django_assert_num_queries):
    with django_assert_num_queries(0):
        unfinished.sweep()
