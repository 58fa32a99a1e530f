"""/healthz: what it tells to whom, and when it is a 503."""

import os
import re
import time

import pytest

from local.state_file import StateFile

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
