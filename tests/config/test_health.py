"""/healthz: what it tells to whom, and when it is a 503."""

import os
import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from local.state_file import StateFile
from tests.fixtures.rows import queued_video
from tests.fixtures.scene import picture_file
from videogen import actions, tasks
from videogen.models import Event, PeriodicRun, Worker

pytestmark = pytest.mark.django_db

STATES = [
    {"name": "web", "state": "running", "restarts": 0, "last_end": ""},
    {"name": "beat", "state": "restarting", "restarts": 2, "last_end": "exit code 3"},
]


@pytest.fixture
def programs_file(settings, tmp_path):
    settings.PROGRAMS_FILE = tmp_path / "programs.json"
    return settings.PROGRAMS_FILE


def test_the_programs_of_a_run_are_told_with_their_restarts(client, programs_file):
    StateFile(programs_file).write(STATES)
    assert client.get("/healthz").json()["programs"] == [
        {"name": "web", "state": "running", "restarts": 0},
        {"name": "beat", "state": "restarting", "restarts": 2},
    ]


def test_a_program_that_restarts_changes_no_status(client, programs_file):
    before = client.get("/healthz")
    StateFile(programs_file).write(STATES)
    after = client.get("/healthz")
    assert after.status_code == before.status_code
    assert after.json() | {"programs": None} == before.json() | {"programs": None}


def test_without_a_run_nothing_is_told_of_programs(client, programs_file):
    assert "programs" not in client.get("/healthz").json()


def test_the_file_of_a_run_that_was_killed_is_not_believed(client, programs_file):
    StateFile(programs_file).write(STATES)
    os.utime(programs_file, (time.time() - 60, time.time() - 60))
    assert "programs" not in client.get("/healthz").json()


@pytest.mark.parametrize("text", ["[{", "3", '[{"name": "web"}]'])
def test_a_file_of_another_form_is_not_believed(client, programs_file, text):
    programs_file.write_text(text)
    assert "programs" not in client.get("/healthz").json()


def test_the_version_of_the_broker_is_for_operators_only(redis_server, client, alice):
    # Catches a page for everybody that says which known holes are open here.
    assert client.get("/healthz").json()["broker"] == {"ok": True}
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/healthz").json()["broker"] == {"ok": True}
    alice.is_staff = True
    alice.save()
    version = client.get("/healthz").json()["broker"]["version"]
    assert re.fullmatch(r"(Redis|Valkey) \d+\.\d+\.\d+", version)


# --- What is a 503 ---------------------------------------------------------------------------------------------


def reasons(client) -> list[str]:
    response = client.get("/healthz")
    told = [reason for reason in response.json()["reasons"] if reason != "The broker does not answer."]
    assert response.status_code == 503 or not told
    return told


@pytest.fixture
def working():
    """A worker of each queue, and a sweep that has just been."""
    now = timezone.now()
    for queue in ("frames", "videos"):
        Worker.objects.create(name=f"{queue}@here", queues=[queue], started_at=now, seen_at=now)
    PeriodicRun.objects.note("reconcile")


def test_nothing_is_wrong_where_workers_and_the_sweep_live(client, working):
    assert reasons(client) == []


def test_a_disk_below_the_reserve_is_a_503_with_the_reason(client, working, settings):
    # Catches a site that looks well and takes no job.
    settings.DISK_RESERVE_BYTES = 2**62
    (reason,) = reasons(client)
    assert re.fullmatch(r"The disk is almost full: \d+ MB are free, \d+ MB are to be kept in reserve\.", reason)


def test_files_that_cannot_be_written_are_a_503_with_the_reason(client, working, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    assert reasons(client) == ["Files cannot be written: Not a directory."]


def test_a_worker_elsewhere_that_takes_no_jobs_is_a_503_with_its_reason(client, working):
    Worker.objects.filter(name="videos@here").update(trouble="The disk is almost full.")
    assert reasons(client) == ["The workers of the queue videos take no jobs: The disk is almost full."]
    now = timezone.now()
    Worker.objects.create(name="videos@there", queues=["videos"], started_at=now, seen_at=now)
    assert reasons(client) == []


@pytest.mark.parametrize("moved", [timedelta(minutes=-2), timedelta(hours=1)], ids=["silent", "clock set back"])
def test_a_silent_beat_or_sweep_is_a_503_with_the_reason(client, working, moved):
    # Catches jobs of lost workers that wait for ever while /healthz says that all is well.
    PeriodicRun.objects.update(at=timezone.now() + moved)
    assert reasons(client) == ["Lost jobs are not looked for: beat, or the worker of the queue sweep, is silent."]


def test_a_consumer_that_is_gone_is_a_503_with_the_reason(client, working):
    Worker.objects.filter(name="frames@here").update(seen_at=timezone.now() - timedelta(minutes=1))
    assert reasons(client) == ["No worker takes jobs from the queue frames."]


def test_a_worker_that_hears_nothing_is_a_503_with_the_reason(client, working, action, dialog, alice, start_frame):
    # Catches a deaf worker, and one whose process was stopped: both go on saying that they live.
    video = queued_video(action, alice)
    assert reasons(client) == []
    Event.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert reasons(client) == ["Jobs wait in the queue videos, and a worker of it does nothing."]
    assert video.claim("videos@here/1")
    actions.upload_frame(dialog, "start", picture_file(), alice)
    queued_video(dialog, alice)
    Event.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert reasons(client) == []  # it has its turn when the one before is done


def test_the_tasks_of_the_sweep_leave_a_sign_of_life(transactional_db):
    tasks.reconcile()
    assert PeriodicRun.objects.since("reconcile", timedelta(seconds=60))
