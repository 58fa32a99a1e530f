"""What the health checks ask: a server that answers in every way, and the signs of life of workers and beat."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.fixtures.ports import free_port
from tests.fixtures.tree import ROOT
from videogen.models import PeriodicRun, Worker


class Answer(BaseHTTPRequestHandler):
    """What was told to answer, for the one host."""

    status, body, host = 200, b"", "storyreel.example.org"

    def do_GET(self) -> None:
        self.send_response(self.status if self.headers["Host"] == self.host else 400)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, hosts: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PORT": str(port), "ALLOWED_HOSTS": hosts}
    return subprocess.run(
        [sys.executable, ROOT / "deploy/probe.py"], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"database": {"ok": true}}', ""),
        (503, b'{"database": {"ok": true}}', ""),  # no worker: pages are served all the same
        (503, b'{"database": {"ok": false}}', "The database does not answer."),
        (500, b"", "/healthz answers 500."),
        (200, b"<html>", "The web server does not answer: Expecting value"),
    ],
)
def test_the_web_server_lives_where_it_can_show_pages(server, monkeypatch, status, body, said):
    monkeypatch.setattr(Answer, "status", status)
    monkeypatch.setattr(Answer, "body", body)
    done = ask(server.server_port, " .storyreel.example.org, other")
    assert (done.returncode, done.stderr.startswith(said)) == (1 if said else 0, True)


def test_a_web_server_that_is_not_there_does_not_live():
    done = ask(free_port(), "")
    assert done.returncode == 1
    assert "Connection refused" in done.stderr


@pytest.mark.django_db
def test_a_worker_lives_by_its_own_machine_s_sign_of_life():
    # Catches a container that looks well because another one works.
    now = timezone.now()
    Worker.objects.create(name="videos@elsewhere", started_at=now, seen_at=now)
    with pytest.raises(CommandError, match="No worker of this machine is alive"):
        call_command("probe", "worker")
    mine = Worker.objects.create(name=f"videos@{socket.gethostname()}", started_at=now, seen_at=now)
    call_command("probe", "worker")
    Worker.objects.filter(pk=mine.pk).update(seen_at=now - timedelta(minutes=1))
    with pytest.raises(CommandError):
        call_command("probe", "worker")


@pytest.mark.django_db
def test_beat_lives_while_what_it_sends_is_done():
    PeriodicRun.objects.note("reconcile")  # a worker that started asked for it
    with pytest.raises(CommandError, match="beat is silent"):
        call_command("probe", "beat")
    PeriodicRun.objects.note("beat")
    call_command("probe", "beat")
    PeriodicRun.objects.update(at=timezone.now() - timedelta(minutes=2))
    with pytest.raises(CommandError):
        call_command("probe", "beat")
