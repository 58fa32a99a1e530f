"""The few calls of the API that the pictures need, made as a program would make them."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PATIENCE = 600  # seconds for one clip, batch or export


class Client:
    """An installation, and whose token it is asked with."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the API, and return what it answers; None where that is nothing."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        with urlopen(Request(f"{self.base}/api{path}", data, headers, method=method)) as answer:
            return json.loads(answer.read() or "null")

    def read(self, path: str) -> bytes:
        """Fetch a file. path: from the root of the site."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with urlopen(Request(f"{self.base}{path}", headers=headers)) as answer:
            return answer.read()

    def until(self, path: str, holds: Callable[[dict], bool]) -> dict:
        """Read something anew until that holds of it. Raises TimeoutError."""
        for _ in range(PATIENCE * 2):
            state = self.call("GET", path)
            if holds(state):
                return state
            time.sleep(0.5)
        raise TimeoutError(f"{path} is still {state}.")

    def finish(self, path: str) -> dict:
        """Wait for the end of a generation or an export."""
        return self.until(path, lambda state: state["status"] not in ("queued", "running"))

    def make(self, scene: str, kind: str, body: dict, watch: str) -> None:
        """Ask for something unless it is there, and wait until it is."""
        try:
            self.call("GET", watch)
        except HTTPError as error:
            if error.code != 404:
                raise
            self.call("POST", f"/scenes/{scene}/blocks/{kind}", body)
        self.finish(watch)

    def batch(self, place: str, what: str, settings: dict | None = None) -> str:
        """Start all that a film or scene lacks, and return the batch's id."""
        body = {"what": what, "only": "missing"} | ({"settings": settings} if settings else {})
        return self.call("POST", f"{place}/generate", body)["id"]
