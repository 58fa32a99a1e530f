"""A broker that goes away while it is asked: the sweep goes on with everything else and looks again next time."""

import socketserver
import threading

import pytest

from config.celery import app
from tests.fixtures.rows import expire_lease, queued_frame, running_video
from videogen.models import Status
from videogen.worker.reconcile import reconcile

pytestmark = pytest.mark.postgres

ANSWERS = {b"HELLO": b"%1\r\n$5\r\nproto\r\n:3\r\n", b"PING": b"+PONG\r\n"}


class HangsUp(socketserver.StreamRequestHandler):
    """Speaks enough Redis for a connection, and hangs up when asked whether there is a queue."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            words = [self._word() for _ in range(int(line[1:]))]
            command = words[0].upper()
            self.server.asked.append(command)
            if command == b"EXISTS":
                return
            self.wfile.write(ANSWERS.get(command, b"+OK\r\n"))

    def _word(self) -> bytes:
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2]


@pytest.fixture
def broker():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangsUp)
    server.daemon_threads, server.asked = True, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    before = app.conf.broker_url
    app.conf.broker_url = f"redis://127.0.0.1:{server.server_address[1]}"
    yield server
    app.conf.broker_url = before
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_broker_that_hangs_up_when_asked_for_bells_stops_no_sweep(broker, action, alice, start_frame, caplog):
    queued_frame(action, alice)
    video = running_video(action, alice)
    expire_lease(video)
    assert reconcile() == 1
    assert b"EXISTS" in broker.asked
    assert sum(line.startswith("No message could be sent to queue ") for line in caplog.messages) == 2  # frames, videos
    video.refresh_from_db()
    assert video.status == Status.QUEUED
