"""Downloads and verifications as jobs: the row is asked for, a worker makes it, and it can be paused and cancelled."""

from pathlib import Path

import pytest
from django.utils import timezone

from tests.fixtures.hub import NAME, files, folder, weights
from tests.fixtures.hub_server import Repository
from tests.fixtures.stack import wait_for
from videogen.models import CheckpointJob
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed
from videogen.worker import checkpoints

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("stack")]

Status = CheckpointJob.Status
SHARD = "transformer/model-2-of-2.safetensors"


@pytest.fixture(autouse=True)
def _told_always(monkeypatch) -> None:
    monkeypatch.setattr(checkpoints, "BEAT_SECONDS", 0.0)


def made(action: str = "download") -> CheckpointJob:
    """A job that was asked for and made by this process."""
    assert CheckpointJob.ask("ltx", action, NAME, None)
    return run()


def run() -> CheckpointJob:
    job = CheckpointJob.objects.get(field="ltx")
    assert job.claim()
    checkpoints.make(job)
    job.refresh_from_db()
    return job


def stop_at(monkeypatch, share: float, how: str) -> None:
    """Have somebody stop the job once so much of it is done."""
    beat = CheckpointJob.beat

    def asking(job, done, total, words):
        if total and done >= share * total:
            CheckpointJob.ask_to_stop("ltx", how)
        return beat(job, done, total, words)

    monkeypatch.setattr(CheckpointJob, "beat", asking)


def blobs() -> list[Path]:
    return list(installed.repository_of(Checkpoint(NAME)).glob("blobs/*"))


def test_a_download_is_made_and_a_verification_finds_nothing(hub):
    hub.repositories[NAME].commit(files())
    job = made()
    assert (job.status, job.error, job.share) == (Status.SUCCEEDED, "", 100)
    assert installed.missing_files(folder(), anew=True) == []
    job = made("verify")
    assert job.status == Status.SUCCEEDED
    assert job.verified_at is not None


def test_a_download_that_was_paused_goes_on_inside_the_file(hub, monkeypatch):
    hub.repositories[NAME].commit(files())
    hub.rate = 2 * 10**6
    with monkeypatch.context() as patch:
        stop_at(patch, 0.3, "pause")
        job = made()
    assert (job.status, job.stop) == (Status.PAUSED, "")
    before = hub.sent
    assert before > 10**6
    hub.rate = 0
    assert made().status == Status.SUCCEEDED
    assert hub.sent - before < sum(map(len, files().values())) - 10**6
    assert CheckpointJob.objects.get().attempt == 2


def test_a_download_that_is_cancelled_leaves_nothing_also_after_a_pause(hub, monkeypatch):
    # Catches gigabytes that nothing names and nobody finds.
    hub.repositories[NAME].commit(files())
    hub.rate = 2 * 10**6
    with monkeypatch.context() as patch:
        stop_at(patch, 0.3, "pause")
        made()
    assert blobs()
    assert CheckpointJob.ask_to_stop("ltx", "cancel")
    assert run().status == Status.CANCELLED
    assert blobs() == []


def test_cancelling_an_upgrade_leaves_the_installation(hub, monkeypatch):
    hub.repositories[NAME].commit(files())
    made()
    hub.repositories[NAME].commit(files() | {SHARD: weights(10**6, 9)})
    hub.rate = 10**6
    with monkeypatch.context() as patch:
        stop_at(patch, 0.8, "cancel")
        assert made().status == Status.CANCELLED
    assert made("verify").status == Status.SUCCEEDED


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("gated", "is given only to people who accepted its terms. Sign in at"),
        ("room", "1000000.0 GB are to be fetched and "),
        ("libraries", "Not installed: no_such_library. Run “make install” and restart Storyreel."),
    ],
)
def test_what_a_download_lacks_is_told_before_it_begins(hub, monkeypatch, trouble, told):
    repository: Repository = hub.repositories[NAME]
    repository.commit(files())
    repository.gated = trouble == "gated"
    if trouble == "room":
        repository.declared[SHARD] = 10**15
    elif trouble == "libraries":
        monkeypatch.setattr(installed, "LIBRARIES", ("no_such_library",))
    job = made()
    assert job.status == Status.FAILED
    assert told in job.error
    assert not blobs()


def test_a_broken_file_is_named_and_the_next_download_fetches_it_alone(hub):
    hub.repositories[NAME].commit(files())
    made()
    path = (folder() / SHARD).resolve()
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    job = made("verify")
    assert job.error == (
        f"Not as published: {SHARD} does not have the hash it was published with. Download fetches them anew, and "
        "nothing else."
    )
    before = hub.sent
    assert made().status == Status.SUCCEEDED
    assert hub.sent - before == len(files()[SHARD])
    assert made("verify").status == Status.SUCCEEDED


def test_one_job_at_a_time_and_a_lost_one_is_put_back_and_its_old_worker_changes_nothing(hub):
    # Catches two processes that write into the same files, and a job that runs for ever.
    assert CheckpointJob.ask("ltx", "download", NAME, None)
    assert not CheckpointJob.ask("ltx", "verify", NAME, None)
    lost, again = (CheckpointJob.objects.get(field="ltx") for _ in range(2))
    assert lost.claim()
    assert not again.claim()
    assert list(CheckpointJob.objects.forsaken()) == []
    CheckpointJob.objects.update(heartbeat_at=timezone.now() - 2 * CheckpointJob.LEASE)
    for job in CheckpointJob.objects.forsaken():
        job.release()
    again = CheckpointJob.objects.get(field="ltx")
    assert again.claim()
    assert lost.beat(1, 2, "") is None
    assert not lost.end(Status.SUCCEEDED)
    assert CheckpointJob.objects.get().status == Status.RUNNING


def test_the_worker_of_the_sweep_makes_it_beside_its_sweeps(stack, hub):
    # Catches a job that nobody takes, and one that keeps lost clips from being found.
    hub.repositories[NAME].commit(files())
    assert CheckpointJob.ask("ltx", "download", NAME, None)
    stack.worker("sweep")  # asks for a sweep when it is ready
    wait_for(lambda: CheckpointJob.objects.get().status == Status.SUCCEEDED, 60)
    assert folder().is_dir()
