"""The line of `make run` that says how to get in."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import User

from local.greeting import OURS, greeting
from tests.fixtures.tree import ROOT

pytestmark = pytest.mark.django_db


def test_a_terminal_gets_the_link(alice):
    assert "/sign-in/?sesame=" in greeting(on_terminal=True)


def test_a_journal_gets_the_command_and_no_link(alice, monkeypatch):
    # What systemd or a container writes down is read by others, for longer than the link is good.
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    line = greeting(on_terminal=False)
    assert "sesame" not in line
    assert line.endswith("sign in with: .venv/bin/python manage.py signinlink alice")


def test_the_command_names_the_installation_that_was_started(alice, monkeypatch):
    # Catches a link of another installation, or none: the command is run in another shell, which lacks these.
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAR_DIR", "/srv/a film")
    monkeypatch.setenv("PORT", "8123")
    line = greeting(on_terminal=False)
    assert line.endswith("with: VAR_DIR='/srv/a film' PORT=8123 .venv/bin/python manage.py signinlink alice")


@pytest.mark.parametrize("on_terminal", [True, False])
def test_without_a_person_both_say_how_to_make_one(on_terminal):
    assert not User.objects.exists()
    assert "createsuperuser" in greeting(on_terminal=on_terminal)


SAY = """
import os, sys
import django
django.setup()
from local.management.commands.run import is_terminal
print(is_terminal(), file=sys.stderr)
os.dup2(2, 1)
print(is_terminal(), file=sys.stderr)
"""


def test_a_pty_is_a_terminal_and_a_pipe_is_none():
    ours, theirs = os.openpty()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", SAY]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=theirs, stderr=subprocess.PIPE, check=True)
    os.close(theirs)
    os.close(ours)
    assert done.stderr.split() == [b"True", b"False"]
