"""Render every block of a scene and download the clips. Stop it whenever you like; run it again and it goes on.

    pip install httpx rich
    export STORYREEL_TOKEN=$(python manage.py apitoken alice)
    python examples/render_scene.py http://127.0.0.1:8000 SCENE_ID --out clips

Nothing is made twice: what is there is used, what is being made is waited for, and every request that makes
something carries an Idempotency-Key, so that even one whose answer was lost can be sent again.
Exit code: 0 all clips are here, 1 some could not be made (told at the end), 2 it could not begin.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

Json = dict[str, Any]
LIVE = ("queued", "running")
PATIENCE = 180.0  # seconds that a server may be away, restarting say
WAIT = 20  # seconds that an answer about something live may be held back until it changes


class ProblemError(Exception):
    """The server said no. `code` is its word for why."""

    def __init__(self, response: httpx.Response) -> None:
        try:
            document = response.json()
        except ValueError:
            document = {}
        self.status: int = response.status_code
        self.code: str = document.get("code", "")
        super().__init__(document.get("detail") or f"The server answered {response.status_code}.")


class Api:
    """The few calls this needs, patient with a server that is busy or restarting."""

    def __init__(self, server: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=server, headers=headers, timeout=httpx.Timeout(10, read=WAIT + 20))

    def call(self, method: str, url: str, **options: Any) -> Json:
        """The JSON of an answer. Raises ProblemError; waits and tries again where the server asks for that."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                response = self._http.request(method, url, **options)
            except httpx.TransportError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(2)
                continue
            if response.is_success:
                return dict(response.json())
            pause = float(response.headers.get("Retry-After", 2))
            away = response.status_code in (500, 502, 503, 504) and time.monotonic() + pause < give_up
            if response.status_code != 429 and not away:
                raise ProblemError(response)
            time.sleep(pause)  # a full queue empties; a server comes back

    def ask(self, url: str, body: Json, before: str) -> None:
        """Have something made, once. `before`: the id of the attempt this one follows, so that its key is new."""
        attempt = 0
        while True:
            key = hashlib.sha256(json.dumps([url, body, before, attempt], sort_keys=True).encode()).hexdigest()
            try:
                self.call("POST", url, json=body, headers={"Idempotency-Key": key})
            except ProblemError as problem:
                if problem.code == "idempotency_resource_gone":  # somebody deleted what we made today: make it again
                    attempt += 1
                    continue
                if problem.code != "already_running":  # somebody else asked for it: that is as good
                    raise
            return

    def download(self, url: str, path: Path, part: Path) -> None:
        """Save a file under a name it has only when it is complete. A part from before is continued."""
        start = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={start}-"} if start else {}
        # A server that keeps its files in a bucket sends us there; the token stays behind, httpx sees to that.
        with self._http.stream("GET", url, headers=headers, follow_redirects=True) as response:
            if response.status_code == 416:  # the part is the whole already, or not of this file
                part.unlink()
            if not response.is_success:
                response.read()
                raise ProblemError(response)
            with part.open("ab" if response.status_code == 206 else "wb") as file:
                for chunk in response.iter_bytes():
                    file.write(chunk)
        part.replace(path)


@dataclass
class Job:
    """One block on its way to a clip."""

    block: Json
    line: TaskID
    failure: str = ""


class Render:
    """The whole road of a scene: frames, videos, files."""

    def __init__(self, api: Api, scene: Json, out: Path, settings: Mapping[str, Any], show: Progress) -> None:
        self.api, self.scene, self.out, self.settings, self.show = api, scene, out, settings, show
        self.blocks = f"/api/scenes/{scene['id']}/blocks"
        self.total = show.add_task("[bold]clips", total=len(scene["blocks"]), state="")
        self.jobs = [Job(block, show.add_task(_title(block), total=None, state="")) for block in scene["blocks"]]

    def run(self) -> list[Job]:
        """Ask for all frames; ask for each video as soon as its frame is there; fetch each clip. The failed jobs."""
        for step in (self._ask_frame, self._ask_video, self._fetch):
            for job in self.jobs:
                if not job.failure:
                    try:
                        step(job)
                    except ProblemError as problem:
                        self._fail(job, str(problem))
        return [job for job in self.jobs if job.failure]

    def _file(self, job: Job) -> Path:
        return self.out / f"{job.block['number']:03}.mp4"

    def _ask_frame(self, job: Job) -> None:
        frame, video = job.block["startFrame"], job.block["video"]
        if _is_coming(frame) or _is_coming(video):
            return
        size = {name: self.settings[name] for name in ("width", "height")}
        body = {"blockId": job.block["id"], "role": "start", **size}
        self.api.ask(f"{self.blocks}/frame", body, _id(frame))
        self._say(job, "frame asked for")

    def _ask_video(self, job: Job) -> None:
        if _is_coming(job.block["video"]):
            return
        frame = self._wait(job, f"{self.blocks}/{job.block['id']}/frames/start", "frame")
        if frame["status"] != "succeeded":
            self._fail(job, _why(frame, "frame"))
            return
        body = {"blockId": job.block["id"], "prompt": f"Slow push in. {job.block['text']}"[:4000], **self.settings}
        self.api.ask(f"{self.blocks}/video", body, _id(job.block["video"]))
        self._say(job, "video asked for")

    def _fetch(self, job: Job) -> None:
        video = self._wait(job, f"{self.blocks}/{job.block['id']}/video", "video")
        if video["status"] != "succeeded":
            self._fail(job, _why(video, "video"))
            return
        path, about = self._file(job), self._file(job).with_suffix(".json")
        if not path.exists() or not about.exists() or json.loads(about.read_text())["id"] != video["id"]:
            self._say(job, "downloading")
            self.api.download(video["url"], path, path.with_name(f"{path.stem}-{video['id']}.part"))
            about.write_text(json.dumps(video, indent=2) + "\n")
        self.show.update(job.line, total=1, completed=1)
        self.show.advance(self.total)
        self._say(job, f"[green]{path}")

    def _wait(self, job: Job, url: str, what: str) -> Json:
        """The frame or video at `url`, once it is final."""
        while True:
            made = self.api.call("GET", url, params={"wait": WAIT})
            progress = made["progress"]
            if made["status"] not in LIVE:
                return made
            place = f", place {progress['queuePosition']}" if progress["queuePosition"] else ""
            self.show.update(job.line, total=progress["steps"] or None, completed=progress["step"])
            self._say(job, f"{what}: {progress['phase']}{place}")
            time.sleep(0.5)  # the server may be too busy to hold an answer back

    def _say(self, job: Job, words: str) -> None:
        self.show.update(job.line, state=words)

    def _fail(self, job: Job, why: str) -> None:
        job.failure = why
        self.show.update(job.line, total=1, completed=0)
        self._say(job, f"[red]{why}")


def _is_coming(made: Json | None) -> bool:
    """Whether it is there or being made."""
    return made is not None and made["status"] in (*LIVE, "succeeded")


def _id(made: Json | None) -> str:
    return made["id"] if made else ""


def _why(made: Json, what: str) -> str:
    return made["error"]["message"] if made["error"] else f"The {what} was {made['status']}."


def _title(block: Json) -> str:
    words = " ".join(block["text"].split())
    return f"{block['number']:3}. {words[:36] + '…' if len(words) > 37 else words}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("server", help="http://127.0.0.1:8000")
    parser.add_argument("scene", help="the scene's id: the last part of its address in the browser")
    parser.add_argument("--out", type=Path, default=Path("clips"), help="folder for the clips (default: clips)")
    parser.add_argument("--duration", type=int, default=3, help="seconds (default: 3)")
    parser.add_argument("--frame-rate", type=int, default=24, help="24, 25 or 30 (default: 24)")
    parser.add_argument("--size", default="1280x704", help="WIDTHxHEIGHT (default: 1280x704)")
    parser.add_argument("--model", help="a pipeline of the server (default: its first)")
    return parser.parse_args()


def main() -> int:
    """Returns the exit code."""
    console = Console()
    given = _arguments()
    token = os.environ.get("STORYREEL_TOKEN", "")
    width, _, height = given.size.partition("x")
    if not token or not width.isdecimal() or not height.isdecimal():
        console.print("Set STORYREEL_TOKEN (manage.py apitoken <username>); --size looks like 1280x704.")
        return 2
    settings = {"duration": given.duration, "frameRate": given.frame_rate, "width": int(width), "height": int(height)}
    if given.model:
        settings["model"] = given.model
    api = Api(given.server, token)
    try:
        scene = api.call("GET", f"/api/scenes/{given.scene}")
    except (ProblemError, httpx.TransportError) as error:
        console.print(f"The scene could not be read: {error}")
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    columns = (
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[state]}"),
    )
    with Progress(*columns, console=console) as show:
        failed = Render(api, scene, given.out, settings, show).run()
    for job in failed:
        console.print(f"Block {job.block['number']}: {job.failure}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped. Run it again to go on.")
