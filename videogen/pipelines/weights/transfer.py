"""Bytes from a model hub into the blobs of its cache. What was fetched stays, so a later run goes on inside a file.

huggingface_hub's own download throws a file away that did not arrive whole, and these files have gigabytes
(docs/decisions/0012).
"""

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import httpx2
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import get_session, hf_raise_for_status

from videogen.pipelines.weights.progress import DownloadProgress
from videogen.pipelines.weights.verify import is_published

WORKERS = 8
UNFINISHED = ".incomplete"  # huggingface_hub's own ending, so that its tools know such files
WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds between tries of which none brought a byte: a minute in all
TIMEOUT = httpx2.Timeout(15.0)
PASSING = (408, 429, 500, 502, 503, 504)  # refusals that may be over at the next try


class DamagedError(Exception):
    """A file that came whole, twice, and is not what was published. The message names it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch. blob: where it belongs, named by its hash. size: bytes."""

    url: str
    blob: Path
    size: int

    @property
    def part(self) -> Path:
        """Where its bytes are until all are there."""
        return self.blob.with_name(f"{self.blob.name}{UNFINISHED}")

    @property
    def missing(self) -> int:
        """Bytes still to fetch."""
        return self.size - min(self.part.stat().st_size, self.size) if self.part.exists() else self.size


def fetch_all(
    wanted: Iterable[Wanted], headers: dict[str, str], progress: DownloadProgress, waits: tuple[float, ...] = WAITS
) -> None:
    """Fetch files, several at once, the largest first; what is there already is not fetched.

    Raises DamagedError, HfHubHTTPError, httpx2.TransportError, OSError; then, and when it is interrupted, the bytes
    that came are kept.
    """
    stop = threading.Event()
    session = get_session()
    with ThreadPoolExecutor(WORKERS) as pool:
        pending: set[Future[None]] = {
            pool.submit(_Fetch(file, session, headers, progress, stop, waits).run)
            for file in sorted(wanted, key=lambda file: -file.size)
        }
        try:
            while pending:
                done, pending = wait(pending, timeout=0.2)
                for fetched in done:
                    fetched.result()
                progress.show()
        finally:
            stop.set()
            for waiting in pending:
                waiting.cancel()
            progress.close()


class _Fetch:
    """One file on its way."""

    def __init__(
        self,
        wanted: Wanted,
        session: Any,
        headers: dict[str, str],
        progress: DownloadProgress,
        stop: threading.Event,
        waits: tuple[float, ...],
    ) -> None:
        self.wanted = wanted
        self.session = session
        self.headers = headers | {"Accept-Encoding": "identity"}  # bytes of the file, which a range can be taken of
        self.progress = progress
        self.stop = stop
        self.waits = waits

    def run(self) -> None:
        """Fetch what is missing and give the file its name, if it is what was published."""
        part = self.wanted.part
        for _ in range(2):
            with part.open("ab") as file:
                self._fill(file)
            if self.stop.is_set():
                return
            if part.stat().st_size == self.wanted.size and is_published(part, self.wanted.blob.name):
                part.replace(self.wanted.blob)
                return
            # A machine that lost its power may have kept the length of a file and not what was in it.
            self.progress.add(-part.stat().st_size)
            part.unlink()
        raise DamagedError(self.wanted.url)

    def _fill(self, file: BinaryIO) -> None:
        """Append until an answer has ended as it should, over as many connections as it takes."""
        tries = 0
        while file.tell() < self.wanted.size and not self.stop.is_set():
            before = file.tell()
            try:
                self._append(file)
                return
            except (httpx2.TransportError, HfHubHTTPError) as error:
                if isinstance(error, HfHubHTTPError) and error.response.status_code not in PASSING:
                    raise
                tries = 0 if file.tell() > before else tries
                if tries == len(self.waits):
                    raise
                self.stop.wait(self.waits[tries])
                tries += 1

    def _append(self, file: BinaryIO) -> None:
        """Ask for what comes after the bytes that are there, and append it."""
        start = file.tell()
        headers = self.headers | ({"Range": f"bytes={start}-"} if start else {})
        with self.session.stream("GET", self.wanted.url, headers=headers, timeout=TIMEOUT) as response:
            if response.status_code >= 400:
                response.read()
            hf_raise_for_status(response)
            if start and response.status_code != 206:  # this server sends whole files only
                file.truncate(0)
                file.seek(0)
                self.progress.add(-start)
            for chunk in response.iter_bytes():
                file.write(chunk)
                file.flush()  # a process that is killed keeps what it counted
                self.progress.add(len(chunk))
                if self.stop.is_set() or file.tell() > self.wanted.size:
                    return
