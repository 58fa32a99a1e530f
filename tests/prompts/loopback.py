"""A server on this machine that speaks the chat completions protocol, well or badly as the test asks."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        try:
            self.server.next_behaviour()(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had enough: that is what some tests are about

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """`behave` says what the next answers are; the last one is repeated. `requests` holds (path, headers, body)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self._behaviours: list[Behaviour] = [says("")]
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def behave(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)

    def next_behaviour(self) -> Behaviour:
        return self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that leaves is no news


def running() -> Iterator[Server]:
    """The body of a fixture: a server for one test."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


# --- Behaviours -------------------------------------------------------------------------------------------------


def completion(text: object, **choice: object) -> bytes:
    message = {"role": "assistant", "content": text}
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}]}).encode()


def says(text: object, **choice: object) -> Behaviour:
    """A well-formed answer."""
    return lambda handler: handler.send(completion(text, **choice))


def slowly(seconds: float, text: str) -> Behaviour:
    """The answer after a while."""

    def behave(handler: Handler) -> None:
        handler.server.released.wait(seconds)
        handler.send(completion(text))

    return behave


def when(event: threading.Event, text: str) -> Behaviour:
    """The answer as soon as the test says so."""

    def behave(handler: Handler) -> None:
        event.wait(60)
        handler.send(completion(text))

    return behave


def hangs(handler: Handler) -> None:
    """Takes the question and never answers."""
    handler.server.released.wait(60)
    handler.close_connection = True


def drips(handler: Handler) -> None:
    """A byte now and then, for ever: no single read ever times out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.server.released.wait(0.1):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def fails(status: int, **headers: str) -> Behaviour:
    """An error of the protocol."""
    return lambda handler: handler.send(b'{"error": {"message": "no"}}', status, **headers)


def cuts_off(handler: Handler) -> None:
    """Promises more than it sends."""
    body = completion("The keeper opens the door.")
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.close_connection = True


def raw(body: bytes, **headers: str) -> Behaviour:
    """Any bytes."""
    return lambda handler: handler.send(body, **headers)


def floods(handler: Handler) -> None:
    """Ten megabytes, as fast as they are read."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(160):
        handler.wfile.write(b"x" * 65536)
    handler.close_connection = True
