"""A model hub on this machine: the part of its protocol that a download speaks, and the ways in which it can break.

As on the real one, weights are answered with a redirect to another host, which gets no token, and are known by their
sha256; small files are sent by the hub itself and known by git's hash of them. The listing comes in pages.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 7  # files of a listing in one answer
CHUNK = 2**16
WEIGHTS = (".safetensors", ".mp4", "tokenizer.json")
API = re.compile(r"/api/models/(?P<name>[^/]+/[^/]+)(/(?P<what>revision|tree)/(?P<revision>[^/]+))?")
FILE = re.compile(r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")

Files = dict[str, bytes]


def blob_name(path: str, data: bytes) -> str:
    """What the hub knows a file by: sha256 of weights, git's own hash of everything else."""
    if path.endswith(WEIGHTS):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Repository:
    """Commits with their files, names of commits, and who may read. `declared`: sizes the listing claims instead."""

    commits: dict[str, Files] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    declared: dict[str, int] = field(default_factory=dict)
    gated: bool = False
    private: bool = False

    def commit(self, files: Files, ref: str = "main") -> str:
        """Publish files and have `ref` name them; the commit's hash."""
        names = [f"{path} {blob_name(path, data)}" for path, data in sorted(files.items())]
        commit = hashlib.sha1("\n".join(names).encode()).hexdigest()
        self.commits[commit] = files
        self.refs[ref] = commit
        return commit

    def find(self, revision: str) -> str | None:
        commit = self.refs.get(revision, revision)
        return commit if commit in self.commits else None


@dataclass
class Request:
    """One request and what was sent of its answer: bytes of a body."""

    method: str
    path: str
    range: str
    token: str
    status: int = 0
    sent: int = 0


class Hub(ThreadingHTTPServer):
    """One token is good (`TOKEN`), and is one of a person who accepted all terms.

    cut: paths whose next answer ends after so many bytes. stall: paths whose answers wait after so many bytes until
    `released`. damage: paths whose next answer is wrong in its last byte. rate: bytes a second of each answer. ranges:
    whether a part of a file can be asked for. broken: the status of every answer. page: the body of every answer.
    """

    TOKEN = "hf_of_somebody_who_accepted"
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Request] = []
        self.cut: dict[str, int] = {}
        self.stall: dict[str, int] = {}
        self.damage: set[str] = set()
        self.rate = 0
        self.ranges = True
        self.broken = 0
        self.page = b""
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def storage(self) -> str:
        """The same server by another name: the host that weights come from."""
        return f"http://localhost:{self.server_address[1]}"

    def of(self, path: str, method: str = "GET") -> list[Request]:
        """The requests for a file of a repository, from the hub or its storage."""
        return [one for one in self.requests if one.method == method and one.path.endswith(f"/{path}")]

    @property
    def sent(self) -> int:
        """Bytes of files sent so far."""
        return sum(one.sent for one in self.requests if not one.path.startswith("/api/"))

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that leaves is no news


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        url = urlsplit(self.path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.request_seen = Request(self.command, unquote(url.path), self.headers.get("Range", ""), token)
        self.server.requests.append(self.request_seen)
        if self.server.broken:
            self._refuse(self.server.broken)
        elif self.server.page:
            self._send(self.server.page, Content_Type="text/html")
        elif found := API.fullmatch(unquote(url.path)):
            self._describe(found, int(parse_qs(url.query).get("cursor", ["0"])[0]))
        elif url.path.startswith("/storage/"):
            self._from_storage(unquote(url.path).removeprefix("/storage/"))
        elif found := FILE.fullmatch(unquote(url.path)):
            self._file(found)
        else:
            self._refuse(404)

    # --- What is asked for --------------------------------------------------------------------------------------

    def _repository(self, name: str, revision: str) -> tuple[Repository, str] | None:
        """The repository and the commit, None after an answer that refuses them."""
        token = self.request_seen.token
        if token not in ("", self.server.TOKEN):
            self._refuse(401, message="Invalid credentials in Authorization header")
            return None
        repository = self.server.repositories.get(name)
        if repository is None or (repository.private and not token):
            self._refuse(404 if token else 401, "RepoNotFound", "Repository not found")
            return None
        commit = repository.find(revision)
        if commit is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return None
        return repository, commit

    def _describe(self, asked: re.Match[str], start: int) -> None:
        found = self._repository(asked["name"], asked["revision"] or "main")
        if found is None:
            return
        repository, commit = found
        files = sorted(repository.commits[commit].items())
        if asked["what"] != "tree":
            siblings = [{"rfilename": path} for path, _ in files]
            self._json({"id": asked["name"], "sha": commit, "siblings": siblings, "gated": repository.gated})
            return
        folders = sorted({path.rpartition("/")[0] for path, _ in files} - {""})
        entries = [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders]
        entries += [_entry(path, data, repository.declared.get(path, len(data))) for path, data in files]
        end = start + PAGE
        link = f'<{self.server.url}{urlsplit(self.path).path}?recursive=True&cursor={end}>; rel="next"'
        self._json(entries[start:end], **({"Link": link} if end < len(entries) else {}))

    def _file(self, asked: re.Match[str]) -> None:
        found = self._repository(asked["name"], asked["revision"])
        if found is None:
            return
        repository, commit = found
        path = asked["path"]
        data = repository.commits[commit].get(path)
        if repository.gated and not self.request_seen.token:
            self._refuse(401, "GatedRepo", f"Access to model {asked['name']} is restricted.")
        elif data is None:
            self._refuse(404, "EntryNotFound", "Entry not found")
        elif path.endswith(WEIGHTS):
            place = f"{self.server.storage}/storage/{asked['name']}/{commit}/{path}"
            headers = {"Location": place, "X-Linked-Size": str(len(data))}
            self._send(b"", 302, X_Repo_Commit=commit, X_Linked_ETag=f'"{blob_name(path, data)}"', **headers)
        else:
            self._send(data, path=path, X_Repo_Commit=commit, ETag=f'"{blob_name(path, data)}"')

    def _from_storage(self, place: str) -> None:
        owner, name, commit, path = place.split("/", 3)
        data = self.server.repositories[f"{owner}/{name}"].commits[commit][path]
        self._send(data, path=path, ETag=f'"{blob_name(path, data)}"')

    # --- Answers ------------------------------------------------------------------------------------------------

    def _refuse(self, status: int, code: str = "", message: str = "") -> None:
        headers = {"X-Error-Code": code} if code else {}
        headers |= {"X-Error-Message": message} if message else {}
        self._json({"error": message or "no"}, status, **headers)

    def _json(self, what: Any, status: int = 200, **headers: str) -> None:
        self._send(json.dumps(what).encode(), status, Content_Type="application/json", **headers)

    def _send(self, body: bytes, status: int = 200, *, path: str = "", **headers: str) -> None:
        if status == 200 and path and self.server.ranges and (asked := self.headers.get("Range")):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body, status = body[start:], 206
        self.request_seen.status = status
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self._body(body, path)

    def _body(self, body: bytes, path: str) -> None:
        hub = self.server
        cut = hub.cut.pop(path, None)
        if path in hub.damage:
            hub.damage.remove(path)
            body = body[:-1] + bytes([body[-1] ^ 1])
        for start in range(0, len(body), CHUNK):
            if path in hub.stall and start >= hub.stall[path]:
                hub.released.wait(60)
            if cut is not None and start >= cut:
                self.close_connection = True
                return
            chunk = body[start : start + CHUNK]
            self.wfile.write(chunk)
            self.request_seen.sent += len(chunk)
            if hub.rate:
                time.sleep(len(chunk) / hub.rate)

    def log_message(self, *args: object) -> None:
        pass


def _entry(path: str, data: bytes, size: int) -> dict[str, Any]:
    """A file of the listing. Weights have the hash of the newer storage as well, which a download may use or not."""
    entry: dict[str, Any] = {"type": "file", "path": path, "size": size, "oid": blob_name("", data)}
    if path.endswith(WEIGHTS):
        sha256 = blob_name(path, data)
        entry |= {"lfs": {"oid": sha256, "size": size, "pointerSize": 134}, "xetHash": sha256}
    return entry


def running() -> Iterator[Hub]:
    """The body of a fixture: a hub for one test."""
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()
