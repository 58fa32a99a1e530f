"""What is attacked: an address, with what its owner gives an attacker to start from."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from attacks.result import Result

SAMPLE_SECONDS = 0.02
NO_ANSWER = 0


class NotHereError(Exception):
    """The attack needs something that this target does not give, as a sentence."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; the status is NO_ANSWER where the connection was closed or nothing came in time."""

    status: int
    headers: Message | None = None
    body: bytes = b""


class Measured:
    """The seconds and the memory of one attack, while `Target.measured` lasts."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.memory_mb: float | None = None
        self.statuses: Counter[int] = Counter()

    def result(self, name: str, held: bool | None, words: str) -> Result:
        """Return the result of the attack, after the measurement."""
        return Result(name, self.seconds, self.memory_mb, self.statuses, held, words)


class Target:
    """An instance of Storyreel.

    address: http://host:port. tokens: API tokens of people by name, "" is whoever attacks. manage: runs a command of
    manage.py on the instance and returns what it prints. var_dir and pid (of the web server): where it is our own.
    """

    def __init__(
        self,
        address: str,
        *,
        tokens: Mapping[str, str] | None = None,
        manage: Callable[..., str] | None = None,
        var_dir: Path | None = None,
        pid: int | None = None,
        scene: str = "",
        blocks: tuple[str, ...] = (),
    ) -> None:
        self.address = address.rstrip("/")
        parts = urlsplit(self.address)
        self.scheme, self.host = parts.scheme, parts.hostname or "127.0.0.1"
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.tokens = dict(tokens or {})
        self.scene, self.blocks = scene, blocks
        self._manage, self._var_dir, self.pid = manage, var_dir, pid

    @property
    def var_dir(self) -> Path:
        """The folder of the instance. Raises NotHereError where it is not ours."""
        if self._var_dir is None:
            raise NotHereError("the folder of the instance is not here")
        return self._var_dir

    def manage(self, *words: str) -> str:
        """Run a command of manage.py and return what it prints. Raises NotHereError."""
        if self._manage is None:
            raise NotHereError("commands of manage.py cannot be run there")
        return self._manage(*words)

    def bearer(self, person: str = "") -> dict[str, str]:
        """Return the header that a program of this person sends. Raises NotHereError."""
        if person not in self.tokens:
            raise NotHereError(f"there is no token of {person or 'anybody'}")
        return {"Authorization": f"Bearer {self.tokens[person]}"}

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Answer:
        """Send one request over a connection of its own. Follows no redirect, raises nothing for an HTTP error."""
        with closing(self.connect(timeout)) as connection:
            try:
                connection.request(method, path, body, dict(headers or {}))
                response = connection.getresponse()
                return Answer(response.status, response.headers, response.read())
            except (OSError, http.client.HTTPException):
                return Answer(NO_ANSWER)

    def connect(self, timeout: float = 60) -> http.client.HTTPConnection:
        """Return a connection that is not open yet."""
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=timeout)

    @contextmanager
    def measured(self) -> Iterator[Measured]:
        """Measure what is done meanwhile; the attack counts its statuses in what is yielded."""
        measured, stop = Measured(), threading.Event()
        before = self._memory_mb()
        peak = [before]

        def sample() -> None:
            while not stop.wait(SAMPLE_SECONDS):
                peak[0] = max(peak[0], self._memory_mb())

        sampler = threading.Thread(target=sample, daemon=True)
        began = time.monotonic()
        sampler.start()
        try:
            yield measured
        finally:
            measured.seconds = time.monotonic() - began
            stop.set()
            sampler.join()
            measured.memory_mb = peak[0] - before if self.pid is not None else None

    def _memory_mb(self) -> float:
        """What the web processes hold now, together."""
        if self.pid is None:
            return 0
        held = 0
        with suppress(psutil.Error):
            server = psutil.Process(self.pid)
            for process in [server, *server.children(recursive=True)]:
                with suppress(psutil.Error):
                    held += process.memory_info().rss
        return held / 2**20
