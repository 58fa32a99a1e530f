"""Backups of a running installation, and what comes out of them again."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from accounts.models import ApiToken
from config.backup import database
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame
from tests.fixtures.stack import wait_for
from videogen.models import Event, Frame, Status, Video

VISIT = """
import django; django.setup()
from django.conf import settings
from django.test import Client
token, session = {token!r}, {session!r}
api, browser = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
browser.cookies[settings.SESSION_COOKIE_NAME] = session
answers = api.get("/api/scenes", headers={{"Authorization": "Bearer " + token}}), browser.get("/")
print(*[answer.status_code for answer in answers])
"""


@dataclass
class Place:
    """An empty installation: a VAR_DIR and a database of its own."""

    var: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "VAR_DIR": str(self.var), "DATABASE_URL": self.url}

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)


@pytest.fixture
def place(stack, tmp_path: Path) -> Iterator[Place]:
    """Where to restore; its rows are read through the connection "restored"."""
    var = tmp_path / "restored"
    (var / "static").mkdir(parents=True)
    name = str(var / "storyreel.sqlite3")
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        name = f"{connection.settings_dict['NAME']}_restored"
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    connections["restored"] = connection.copy()  # its alias stays "default": the test database is the one allowed
    connections["restored"].settings_dict["NAME"] = name
    yield Place(var, url)
    stack.stop_all()
    connections["restored"].close()
    del connections["restored"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def kept(stack, tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "backups" / "monday"


@pytest.mark.postgres
@pytest.mark.xdist_group("stack")
def test_a_restored_installation_knows_everybody_and_finishes_what_was_queued(
    stack, action, start_frame, alice, place, kept
):
    video = finished_video(action, alice)
    waiting = queued_frame(action, alice)
    _, token = ApiToken.issue(alice, "render farm")
    browser = signed_in(alice)
    session = next(iter(browser.cookies.values())).value
    call_command("backup", kept)

    restored = place.manage("restore", str(kept))
    assert restored.returncode == 0, restored.stderr
    visit = [sys.executable, "-c", VISIT.format(token=token, session=session)]
    assert subprocess.run(visit, env=place.environment, capture_output=True, text=True).stdout.split() == ["200", "200"]
    stack.start("restored", "celery", "-A", "config", "worker", "-Q", "frames", "-c", "1", **place.environment)
    frames = Frame.objects.using("restored").filter(pk=waiting.pk)
    place.manage("reconcile")
    wait_for(lambda: frames.get().status == Status.SUCCEEDED)
    assert (place.var / "media" / frames.get().file.name).is_file()
    assert (place.var / "media" / video.file.name).read_bytes() == b"a clip"
    assert Video.objects.using("restored").get().sha256 == video.sha256
    ends = Event.objects.using("restored").filter(generation_id=waiting.pk, to_status=Status.SUCCEEDED)
    assert ends.count() == 1  # nothing double
    waiting.refresh_from_db()
    assert waiting.status == Status.QUEUED  # and the installation it was made from is as it was


@pytest.mark.postgres
def test_a_file_that_comes_while_the_database_is_saved_is_in_the_backup(
    stack, action, start_frame, alice, kept, monkeypatch
):
    made = []

    def dump(target: Path) -> None:
        made.append(finished_video(action, alice))
        real(target)

    real = database.dump
    monkeypatch.setattr(database, "dump", dump)
    call_command("backup", kept)
    assert (kept / "media" / made[0].file.name).read_bytes() == b"a clip"
    assert kept.stat().st_mode & 0o077 == 0  # the key and everybody's sessions are in it


def test_the_saved_database_is_one_file_with_all_rows(stack, action, alice, kept):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own trap: rows that are in the write-ahead log only")
    queued_frame(action, alice)
    call_command("backup", kept)
    with closing(sqlite3.connect(shutil.copy(kept / "database.sqlite3", kept.parent / "alone"))) as copy:
        assert copy.execute("SELECT count(*) FROM videogen_frame").fetchone() == (1,)


def change(kept: Path, **changes: object) -> None:
    path = kept / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def truncate(kept: Path) -> None:
    clip = next(kept.glob("media/videos/*.mp4"))
    clip.unlink()  # a link: the installation's own file stays whole
    clip.write_bytes(b"half a c")


def test_a_damaged_backup_is_refused_before_anything_is_written(stack, action, start_frame, alice, place, kept):
    finished_video(action, alice)
    call_command("backup", kept)
    truncate(kept)
    refused = place.manage("restore", str(kept))
    assert refused.returncode == 1
    assert "was changed. Nothing was restored." in refused.stderr
    assert connections["restored"].introspection.table_names() == []
    assert [path for path in (place.var / "media").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda kept: (kept / "manifest.json").unlink(), "is no backup"),
        (
            lambda kept: change(kept, migrations=[["videogen", "9999_holograms"]]),
            r"not know videogen\.9999_holograms\.",
        ),
        (
            lambda kept: change(kept, migrations=[["axes", "9999_eyes"]]),
            r"a newer release: .* not know axes\.9999_eyes\.",
        ),
        (lambda kept: change(kept, database="oracle"), "The backup is of oracle"),
    ],
)
def test_a_backup_of_something_else_is_refused_in_words(stack, kept, spoil, words):
    call_command("backup", kept)
    spoil(kept)
    with pytest.raises(CommandError, match=words):
        call_command("restore", kept)


def test_nothing_is_restored_over_an_installation(stack, action, start_frame, alice, kept):
    video = finished_video(action, alice)
    call_command("backup", kept)
    with pytest.raises(CommandError, match="Restore into an empty one"):
        call_command("restore", kept)
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", kept)
    assert Video.objects.get().pk == video.pk
