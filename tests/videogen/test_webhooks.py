"""What the webhook is told: signed, once for each thing that happened, again until it is taken."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from tests.fixtures.rows import finished_video, running_video
from tests.fixtures.signatures import verify
from videogen import batches, webhooks
from videogen.models import Delivery

pytestmark = pytest.mark.postgres
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """A server that answers with `status`, byte by byte and for ever where it `drips`, and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.drips, self.got = 204, False, []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.got.append((dict(self.headers), body))
                for byte in b"x" * 1000 if receiver.drips else b"":
                    try:
                        self.wfile.write(bytes([byte]))
                    except OSError:  # nobody listens any more
                        return
                    time.sleep(0.05)
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?key=secret"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    found = Receiver()
    settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = found.url, SECRET
    yield found
    found.close()


def test_the_signature_is_that_of_the_specification():
    # Catches another text being signed: the example that the makers of Standard Webhooks test with.
    body = '{"test": 2432232314}'
    signature = webhooks.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_clip_that_was_made_or_failed_is_told_once(action, alice, start_frame, receiver):
    # Catches an event lost with its transaction, and one without what it is about.
    take = finished_video(action, alice)
    assert running_video(action, alice).fail("internal")
    assert webhooks.deliver() == 2
    assert webhooks.deliver() == 0
    (headers, first), (_, second) = receiver.got
    assert verify(SECRET, headers, first)
    assert json.loads(first)["type"] == "video.succeeded"
    told = json.loads(first)["data"]
    assert (told["id"], told["blockId"], told["take"], told["error"]) == (str(take.pk), str(action.pk), 1, None)
    assert (json.loads(second)["type"], json.loads(second)["data"]["error"]) == ("video.failed", "internal")


def test_what_is_not_taken_is_sent_again_later_and_given_up_in_the_end(action, alice, start_frame, receiver):
    # Catches a receiver that is hammered, a redirect that is followed, and a message lost after the first failure.
    finished_video(action, alice)
    receiver.status = 302
    assert webhooks.deliver() == 0
    row = Delivery.objects.get()
    assert (row.attempts, row.error) == (1, "The receiver answered with HTTP 302.")
    assert timezone.now() < row.due_at < timezone.now() + timedelta(minutes=1)
    assert webhooks.deliver() == 0
    assert len(receiver.got) == 1  # not before its time
    for attempt in range(1, len(webhooks.PAUSES) + 1):
        Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        assert webhooks.deliver() == 0, attempt
    row.refresh_from_db()
    assert row.given_up_at is not None
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {f"msg_{row.pk.hex}"}
    receiver.status = 200
    assert Delivery.objects.filter(pk=row.pk).again() == 1
    assert webhooks.deliver() == 1


def test_a_receiver_that_is_away_is_told_of_without_its_address(action, alice, start_frame, receiver):
    # Catches the key in the receiver's address getting into the console or the log.
    receiver.close()
    finished_video(action, alice)
    webhooks.deliver()
    error = Delivery.objects.get().error
    assert error.startswith("The receiver could not be reached")
    assert "secret" not in error


def test_a_receiver_that_drips_holds_the_sweep_no_longer_than_one_that_is_silent(
    action, alice, start_frame, receiver, monkeypatch
):
    # Catches a limit for each byte instead of for all: lost jobs were no longer looked for while the receiver dripped.
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    receiver.drips = True
    finished_video(action, alice)
    begun = time.monotonic()
    assert webhooks.deliver() == 0
    assert time.monotonic() - begun < 20  # to the end of its answer it would be 50 s
    assert Delivery.objects.get().error == "The receiver did not answer within 0.5 seconds."


def test_a_message_is_sent_by_one_process_at_a_time_and_again_where_that_is_lost(action, alice, start_frame, receiver):
    # Catches two sweeps that send the same, and a message that dies with its process.
    finished_video(action, alice)
    row = Delivery.objects.get()
    assert row.claim(webhooks.LEASE)
    assert not Delivery.objects.get().claim(webhooks.LEASE)
    assert webhooks.deliver() == 0
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert webhooks.deliver() == 1


def test_the_end_of_a_batch_is_told_with_its_figures(scene, action, alice, receiver):
    # Catches an end told twice, or before the last job has ended.
    batch = batches.start(scene, alice, what="frames", only="missing")
    assert batches.settle() == 0
    batches.cancel(batch, alice)
    batches.settle()
    (row,) = Delivery.objects.all()
    told = json.loads(row.body)
    assert told["type"] == "batch.finished"
    assert told["data"] == {
        "id": str(batch.pk),
        "filmId": str(scene.film_id),
        "sceneId": str(scene.pk),
        "jobs": 1,
        "succeeded": 0,
        "failed": 0,
        "cancelled": 1,
    }


def test_without_an_address_nothing_is_kept_for_it(action, alice, start_frame):
    # Catches a table that grows where nobody reads it.
    finished_video(action, alice)
    assert not Delivery.objects.exists()
    assert webhooks.deliver() == 0
