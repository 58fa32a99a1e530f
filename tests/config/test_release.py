"""A rollback: the programs of an older release on a newer database."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from config.release import refusal
from tests.fixtures.ports import free_port
from tests.fixtures.tree import ROOT

SENTENCE = (
    "The database belongs to a newer release: this one does not know videogen.0999_holograms. "
    "Install that release again, or restore the backup that was made before the upgrade (docs/operations.md)."
)
CELERY = ("-m", "celery", "-q", "-A", "config")
PROGRAMS = {
    "web": ("-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi"),
    "worker": (*CELERY, "worker", "-Q", "videos", "-c", "1"),
    "beat": (*CELERY, "beat", "--pidfile="),
    "make run": ("manage.py", "run"),
}


def apply(*migrations: str) -> None:
    for migration in migrations:
        app, name = migration.split(".")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, CURRENT_TIMESTAMP)", [app, name]
            )


@pytest.mark.django_db
def test_the_database_of_this_release_is_no_reason_to_refuse():
    assert refusal() == ""


@pytest.mark.django_db
def test_a_migration_of_a_newer_release_is_named():
    apply("videogen.0999_holograms")
    assert refusal() == SENTENCE
    apply("accounts.0999_a", "scenes.0999_b", "scenes.0999_c")
    assert "does not know accounts.0999_a, scenes.0999_b, scenes.0999_c and 1 more." in refusal()


@pytest.mark.django_db
def test_what_a_library_did_to_its_own_tables_is_no_reason_to_refuse():
    # Catches an upgrade that refuses to start because a library has joined its old migrations.
    apply("axes.0001_what_it_once_was", "gone.0001_initial")
    assert refusal() == ""


@pytest.mark.django_db
def test_migrate_and_check_refuse_a_newer_database():
    # Catches a rollback whose first command says "No migrations to apply".
    apply("videogen.0999_holograms")
    assert [(found.id, found.msg) for found in run_checks(databases=["default"])] == [("storyreel.E011", SENTENCE)]
    with pytest.raises(SystemCheckError, match=r"storyreel\.E011"):
        call_command("migrate", skip_checks=False, verbosity=0)


@pytest.fixture
def newer(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation whose database a newer release has migrated."""
    var = tmp_path / "var"
    var.mkdir(mode=0o700)
    with closing(sqlite3.connect(var / "storyreel.sqlite3")) as database, database:
        database.execute("CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied text)")
        row = "('videogen', '0999_holograms', '2026-01-01')"
        database.execute(f"INSERT INTO django_migrations (app, name, applied) VALUES {row}")
    (var / "storyreel.sqlite3").chmod(0o600)
    kept = {name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")}
    return {**kept, "VAR_DIR": str(var), "PORT": str(free_port())}


@pytest.mark.worker
def test_every_program_of_an_older_release_ends_with_a_sentence(newer):
    # Catches a worker that claims jobs whose columns it does not know, and a traceback instead of what to do.
    started = {
        name: subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=newer, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for name, words in PROGRAMS.items()
    }
    try:
        said = {name: process.communicate(timeout=60)[0] for name, process in started.items()}
    finally:
        for process in started.values():
            process.kill()
    # beat's own log puts the time before it
    assert {name: text.strip().endswith(SENTENCE) for name, text in said.items()} == dict.fromkeys(PROGRAMS, True), said
    assert {name: process.returncode for name, process in started.items()} == dict.fromkeys(PROGRAMS, 1)
    assert not any("Traceback" in text for text in said.values())
