"""The web server: slow clients hold no thread, and what is no request gets an answer like every other one."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest
from django.test import Client

from config import web_worker
from config.refusals import refusal
from config.web_worker import Arrival, PacedSocket, judge

HEAD = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\n"
FORM = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\n"
THREADS = 4


@pytest.mark.parametrize(
    ("sent", "arrival"),
    [
        (b"", Arrival.WAIT),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", Arrival.WAIT),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Arrival.WHOLE),
        (b"no request\r\n\r\n", Arrival.WHOLE),
        (b"x" * 65_537, Arrival.LONG),
        (HEAD + b"Content-Length: 5\r\n\r\nfour", Arrival.WAIT),
        (HEAD + b"content-LENGTH:5\r\n\r\nfive!", Arrival.WHOLE),
        (HEAD + b"Content-Length: 65537\r\n\r\n", Arrival.LONG),
        (HEAD + b"Content-Length: many\r\n\r\n", Arrival.WHOLE),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", Arrival.LONG),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n", Arrival.WAIT),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n", Arrival.WHOLE),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nDigest: x\r\n\r\n", Arrival.WHOLE),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"x" * 65_537, Arrival.LONG),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", Arrival.WHOLE),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /x", Arrival.WHOLE),
    ],
)
def test_a_request_takes_a_thread_once_it_is_there(sent, arrival):
    assert judge(sent) is arrival


def test_a_long_body_that_comes_too_slowly_is_given_up(monkeypatch):
    monkeypatch.setattr(web_worker, "GRACE_SECONDS", 0.2)
    client, server = socket.socketpair()
    with client, server:
        paced = PacedSocket(server)
        client.sendall(b"x" * 8192)  # worth half a second more at the least rate
        assert len(paced.recv(65_536)) == 8192
        began = time.monotonic()
        with pytest.raises(ConnectionResetError):
            paced.recv(10)
        assert 0.5 < time.monotonic() - began < 5


@pytest.mark.parametrize("status", [400, 403, 408, 414, 417, 431, 500, 501, 503])
def test_a_refusal_is_a_problem_document_with_the_headers_of_every_answer(client: Client, db, status):
    head, _, body = refusal(status).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first.startswith(f"HTTP/1.1 {status} ")
    assert json.loads(body)["status"] == status
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Content-Length"] == str(len(body))
    page = client.get("/login/")
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
        assert headers[name] == page[name]


def test_a_refusal_behind_tls_is_no_redirect(settings):
    settings.BEHIND_TLS = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert refusal.__wrapped__(400).startswith(b"HTTP/1.1 400 ")


# --- A real server, with few threads ----------------------------------------------------------------------------------


@pytest.fixture
def address(stack) -> tuple[str, int]:
    parts = urlsplit(stack.web(WEB_THREADS=str(THREADS), WEB_CONCURRENCY="1"))
    return str(parts.hostname), int(parts.port or 0)


@pytest.fixture
def opened(address) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def send(address: tuple[str, int], *parts: bytes, pause: float = 0) -> bytes:
    """Send the parts and return everything until the server closes."""
    received = b""
    with socket.create_connection(address, timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        while data := connection.recv(65_536):
            received += data
    return received


def status(address: tuple[str, int], **more: object) -> int:
    with closing(http.client.HTTPConnection(*address, timeout=5)) as connection:
        connection.request("GET", "/login/", **more)
        return connection.getresponse().status


def test_clients_that_are_slow_or_leave_answers_unread_make_nobody_wait(address, opened):
    # One server for all of it, because its start is what takes the time. Each of these held every thread, or the loop.
    starts = (
        b"GET /login/ HTTP/1.1\r\nHost: loc",
        FORM + b"Content-Length: 1000\r\n\r\nusername=",
        FORM + b"Content-Length: 1000000\r\n\r\n" + b"x" * 70_000,
        b"GET /login/ HTTP/1.1\r\nHost: localhost\r\n\r\nGET /login/ HTTP/1.1\r\nHost: loc",
        b"no request\r\n\r\n",
    )
    for start in starts:
        for _ in range(3 * THREADS):
            held = opened.enter_context(socket.create_connection(address, timeout=5))
            held.sendall(start)
        assert status(address) == 200, start

    # And what is honest still goes through, however it is sent.
    ask = b"GET /login/ HTTP/1.1\r\nHost: localhost\r\n"
    close = b"Connection: close\r\n\r\n"
    assert send(address, ask[:20], ask[20:], close, pause=0.3).startswith(b"HTTP/1.1 200")
    assert send(address, ask + b"\r\n" + ask + close).count(b"HTTP/1.1 200") == 2, "two requests at once"
    with closing(http.client.HTTPConnection(*address, timeout=5)) as connection:
        for _ in range(3):  # kept alive
            connection.request("GET", "/login/")
            response = connection.getresponse()
            assert response.read()
            assert response.status == 200
    chunked = FORM + b"Transfer-Encoding: chunked\r\n" + close
    assert send(address, chunked, b"3\r\na=b\r\n", b"0\r\n\r\n", pause=0.2).startswith(b"HTTP/1.1 403")  # no CSRF token
    waiting = FORM + b"Expect: 100-continue\r\nContent-Length: 3\r\n" + close
    for refused, code in ((b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 414), (b"no request\r\n\r\n", 400)):
        answer, expected = send(address, refused), refusal(code)
        assert answer.splitlines()[0] == expected.splitlines()[0]
        assert answer.splitlines()[-1] == expected.splitlines()[-1], "the problem document, not gunicorn's own page"
    for held in [opened.pop_all()]:
        held.close()
    assert b"HTTP/1.1 403" in send(address, waiting, b"a=b", pause=0.2)
    long = FORM + b"Content-Length: 200000\r\n" + close
    assert send(address, long, b"a" * 100_000, b"a" * 100_000, pause=0.2).startswith(b"HTTP/1.1 403")
