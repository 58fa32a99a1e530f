"""gunicorn's worker of threads, in which a request takes a thread only once it has arrived (docs/decisions/0032).

gunicorn reads a request in the thread that will answer it, and waits there for as long as the client likes: as many
half-sent requests as there are threads stop the site. Here the loop that accepts connections collects heads and short
bodies. A long body is read by a thread, at a least rate, and by half of the threads at most.
"""

import errno
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum, auto
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from config.refusals import refusal

ARRIVAL_SECONDS = 20  # for a head and a short body, and for a long one's turn
SHORT_BYTES = 64 * 1024  # of a head, and of a body that the loop collects
GRACE_SECONDS = 10  # of a long body, before the rate counts
LEAST_RATE = 16 * 1024  # bytes a second
LINGER_SECONDS = 2  # for the client to read the answer before the connection is closed
LINGER_BYTES = 16 * 2**20
LOOK_SECONDS = 0.5  # between two looks at who is late
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n")


class Arrival(Enum):
    """What to do with a request of which so much has arrived."""

    WAIT = auto()
    WHOLE = auto()
    LONG = auto()  # a thread reads the rest


def judge(buffer: bytes | bytearray) -> Arrival:
    """Judge the beginning of a request. What is no request counts as whole: gunicorn's parser refuses it."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return Arrival.LONG if len(buffer) > SHORT_BYTES else Arrival.WAIT
    head = bytes(buffer[: end + 2]).lower()
    length = _LENGTH.search(head)
    if b"\r\nexpect:" in head:  # the client waits for a word before it sends the body
        return Arrival.LONG
    if b"\r\ntransfer-encoding:" in head and length is None:
        if buffer.endswith(b"\r\n\r\n") and b"\r\n0\r\n" in buffer[end:]:  # the last chunk, perhaps with trailers
            return Arrival.WHOLE
        return Arrival.LONG if len(buffer) - end > SHORT_BYTES else Arrival.WAIT
    if length is None or len(buffer) >= end + 4 + int(length[1]) or b"\r\ntransfer-encoding:" in head:
        return Arrival.WHOLE
    return Arrival.LONG if int(length[1]) > SHORT_BYTES else Arrival.WAIT


class PacedSocket:
    """What gunicorn's parser reads from in a thread: the socket, for a client that keeps to the least rate."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.begin()

    def begin(self) -> None:
        """Count from the next read."""
        self._began: float | None = None
        self._received = 0

    def recv(self, size: int) -> bytes:
        """Read up to `size` bytes. Raises ConnectionResetError where the client is too slow."""
        now = time.monotonic()
        self._began = self._began or now
        left = self._began + GRACE_SECONDS + self._received / LEAST_RATE - now
        try:
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
            data = self._sock.recv(size)
            self._sock.settimeout(None)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "The request came too slowly.") from None
        self._received += len(data)
        return data


class _StatusOnly:
    """Stands for the client where gunicorn writes an error page of its own, and keeps the status alone."""

    status = 500

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, page: bytes) -> None:
        self.status = int(page.split(b" ", 2)[1])


class PatientWorker(ThreadWorker):
    """Everything here but `handle_error` runs in the thread of the loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, bytearray] = {}  # oldest first
        self._closing: dict[TConn, int] = {}  # bytes that came after the answer
        self._long: set[TConn] = set()
        self._waiting_long: deque[TConn] = deque()
        self._look_at = 0.0

    def accept(self, listener: Any) -> None:
        """Accept a connection and wait for its first request."""
        if self.cfg.is_ssl:  # what arrives is not to be read without the handshake
            super().accept(listener)
            return
        self._make_room()
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, sock, address, listener.getsockname())
        conn.parser = http.get_parser(self.cfg, sock, address)
        conn.parser.unreader.sock = PacedSocket(sock)
        self._wait_for_request(conn)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Wait for the next request on a connection that was kept alive."""
        if self.cfg.is_ssl:
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait_for_request(conn)

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep the connection of an answered request, or close it without making the loop wait for the client."""
        self._long.discard(conn)
        self._start_long()
        if self.cfg.is_ssl:
            super().finish_request(conn, fs)
        elif fs.cancelled() or fs.exception() is not None or not fs.result():
            self._linger(conn)
        elif rest := conn.parser.unreader.take_buffered():  # the next request was sent behind the last one
            self._wait_for_request(conn, rest)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close what is late; on the way to a stop, also what has not begun."""
        super().murder_pending()
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        for conn, arrived in list(self._arriving.items()):
            if conn.timeout <= now or not (self.alive or arrived):
                self._forget(conn, refusal(408) if arrived else b"")
        for conn in [conn for conn in self._waiting_long if conn.timeout <= now]:
            self._waiting_long.remove(conn)
            self._close(conn, refusal(503))
        for conn in [conn for conn in self._closing if conn.timeout <= now]:
            self._forget(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what is no request with a problem document instead of gunicorn's page; gunicorn logs it."""
        page = _StatusOnly()
        super().handle_error(req, page, addr, exc)
        try:
            client.sendall(refusal(page.status))
        except OSError as error:
            self.log.debug("The refusal could not be sent: %s", error)

    def _wait_for_request(self, conn: TConn, already: bytes = b"") -> None:
        conn.timeout = time.monotonic() + ARRIVAL_SECONDS
        self._arriving[conn] = bytearray(already)
        self._listen(conn, self._on_arriving)
        if already:
            self._consider(conn)

    def _on_arriving(self, conn: TConn, client: socket.socket) -> None:
        data = _receive(client)
        if data is None:
            return
        if not data:  # the client has gone
            self._forget(conn)
            return
        self._arriving[conn] += data
        self._consider(conn)

    def _consider(self, conn: TConn) -> None:
        """Hand the request to a thread if enough of it is there."""
        arrival = judge(self._arriving[conn])
        if arrival is Arrival.WAIT:
            return
        self.poller.unregister(conn.sock)
        conn.parser.unreader.unread(bytes(self._arriving.pop(conn)))
        conn.parser.unreader.sock.begin()
        conn.data_ready = True
        if arrival is Arrival.WHOLE:
            self.enqueue_req(conn)
        else:
            self._waiting_long.append(conn)
            self._start_long()

    def _start_long(self) -> None:
        """Give threads to long bodies, half of them at most."""
        while self._waiting_long and len(self._long) < max(1, self.cfg.threads // 2):
            conn = self._waiting_long.popleft()
            self._long.add(conn)
            self.enqueue_req(conn)

    def _linger(self, conn: TConn) -> None:
        """Say that nothing more comes, and close once the client has read it: a reset would destroy the answer."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self._closing[conn] = 0
        self._listen(conn, self._on_closing)

    def _on_closing(self, conn: TConn, client: socket.socket) -> None:
        data = _receive(client)
        if data is None:
            return
        self._closing[conn] += len(data)
        if not data or self._closing[conn] > LINGER_BYTES:
            self._forget(conn)

    def _make_room(self) -> None:
        """Close the oldest that are only waited for: an honest request is there within a moment, a slow one is old."""
        while self.nr_conns >= self.worker_connections - 1 and (waiting := self._closing or self._arriving):
            self._forget(next(iter(waiting)))

    def _listen(self, conn: TConn, on_readable: Callable[[TConn, socket.socket], None]) -> None:
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(on_readable, conn))

    def _forget(self, conn: TConn, answer: bytes = b"") -> None:
        """Close a connection that the loop listens to."""
        self._arriving.pop(conn, None)
        self._closing.pop(conn, None)
        self.poller.unregister(conn.sock)
        self._close(conn, answer)

    def _close(self, conn: TConn, answer: bytes = b"") -> None:
        self.nr_conns -= 1
        try:
            conn.sock.setblocking(False)
            conn.sock.send(answer)
        except OSError as error:
            self.log.debug("The connection has gone: %s", error)
        conn.close()


def _receive(client: socket.socket) -> bytes | None:
    """Read what is there: empty where the client has gone, None where there is nothing yet."""
    try:
        return client.recv(SHORT_BYTES)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""
