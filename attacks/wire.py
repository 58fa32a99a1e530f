"""Attacks on the connection: requests that are sent slowly, or are no requests."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from attacks.result import Result
from attacks.target import NO_ANSWER, Measured, Target

CONNECTIONS = 100
TRICKLE_SECONDS = 0.5
PATIENCE = 5  # seconds that somebody else waits for a page before the attack counts as a success
HEADS = {
    "head": b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "body": b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nusername=",
    "long_body": b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000000\r\n\r\n" + b"x" * 70_000,
}


@contextmanager
def trickling(target: Target, start: bytes, count: int = CONNECTIONS) -> Iterator[None]:
    """Hold `count` connections open that send `start` and then a byte now and then; opened again when closed."""
    stop = threading.Event()
    with ExitStack() as opened:
        sockets = [_open(target, start) for _ in range(count)]
        opened.callback(lambda: [held.close() for held in sockets if held])

        def trickle() -> None:
            while not stop.wait(TRICKLE_SECONDS):
                for at, held in enumerate(sockets):
                    try:
                        if held is not None:
                            held.sendall(b"x")
                            continue
                    except OSError:
                        with suppress(OSError):
                            held.close()
                    sockets[at] = _open(target, start)

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _open(target: Target, start: bytes) -> socket.socket | None:
    with suppress(OSError):
        held = socket.create_connection((target.host, target.port), timeout=2)
        held.sendall(start)
        return held
    return None


def _half_sent(target: Target, name: str, start: bytes) -> Result:
    """Trickle, and meanwhile ask for the page to sign in as somebody else would."""
    slowest = 0.0
    with target.measured() as measured, trickling(target, start):
        time.sleep(1)  # until every thread that can be held is
        for _ in range(4):
            began = time.monotonic()
            measured.statuses[target.call("GET", "/login/", timeout=PATIENCE).status] += 1
            slowest = max(slowest, time.monotonic() - began)
            if measured.statuses[NO_ANSWER]:
                break
            time.sleep(0.5)
    held = not measured.statuses[NO_ANSWER]
    return measured.result(name, held, f"{CONNECTIONS} connections; others waited {slowest:.2f} s at most")


def half_sent_heads(target: Target) -> Result:
    """Send the head of a request, a byte at a time."""
    return _half_sent(target, "half-sent heads", HEADS["head"])


def half_sent_bodies(target: Target) -> Result:
    """Send a short form, a byte at a time."""
    return _half_sent(target, "half-sent bodies", HEADS["body"])


def half_sent_long_bodies(target: Target) -> Result:
    """Send the beginning of a megabyte, then a byte at a time."""
    return _half_sent(target, "half-sent long bodies", HEADS["long_body"])


def _raw(target: Target, sent: bytes, measured: Measured) -> tuple[dict[str, str], bytes]:
    """Send bytes that are no request; return the headers, in small letters, and the body of the answer."""
    received = b""
    with suppress(OSError), socket.create_connection((target.host, target.port), timeout=10) as connection:
        connection.sendall(sent)
        while part := connection.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin1").split("\r\n")
    words = status.split(" ")
    measured.statuses[int(words[1]) if len(words) > 1 and words[1].isdigit() else NO_ANSWER] += 1
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}, body


def requests_that_are_none(target: Target) -> Result:
    """Send what the server refuses before the product sees it; the answers must be like the product's own."""
    faults = []
    with target.measured() as measured:
        for sent in (
            b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"<script>alert(1)</script>\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: <b>x</b>\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        ):
            headers, body = _raw(target, sent, measured)
            faults += _faults(headers, body)
    return measured.result("requests that are none", not faults, "; ".join(sorted(set(faults))) or "problem documents")


def _faults(headers: dict[str, str], body: bytes) -> list[str]:
    """What an answer lacks of a problem document with the headers of every other answer."""
    try:
        document = json.loads(body)
    except ValueError:
        document = {}
    found = {"status", "title", "detail", "code"} - document.keys()
    wanted = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin"}
    faults = [f"no {name}" for name, value in wanted.items() if headers.get(name) != value]
    faults += ["no content-security-policy"] if "content-security-policy" not in headers else []
    faults += ["no problem document"] if found or headers.get("content-type") != "application/problem+json" else []
    return faults + (["echoes what was sent"] if b"<script" in body or b"<b>" in body else [])


def answers_left_unread(target: Target) -> Result:
    """Be refused, and leave the connections open: closing each must not make the others wait."""
    with target.measured() as measured, ExitStack() as opened:
        for _ in range(CONNECTIONS):
            if held := _open(target, b"no request\r\n\r\n"):
                opened.callback(held.close)
        began = time.monotonic()
        measured.statuses[target.call("GET", "/login/", timeout=PATIENCE).status] += 1
        waited = time.monotonic() - began
    held_out = not measured.statuses[NO_ANSWER]
    return measured.result("answers left unread", held_out, f"{CONNECTIONS} connections; others waited {waited:.2f} s")


ATTACKS: tuple[Callable[[Target], Result], ...] = (
    half_sent_heads,
    half_sent_bodies,
    half_sent_long_bodies,
    requests_that_are_none,
    answers_left_unread,
)
