"""`make run` for real: the program behind it starts everything, greets, keeps the data and leaves nothing behind."""

import http.cookiejar
import json
import re
import socket
import sqlite3
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.fixtures.runs import READY_SECONDS, Run, command_line, processes_of, wait_until

# One worker of xdist runs all of these, one after the other: each start is half a dozen processes.
pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("processes")]

PROGRAMS = ("redis", "web", "frames", "videos", "exports", "sweep", "beat")
COMMANDS = {  # what only the leader of a program has in its command line
    "redis": "redis-server",
    "web": "gunicorn",
    "frames": "frames@",
    "videos": "videos@",
    "exports": "exports@",
    "sweep": "sweep@",
    "beat": "config beat",
}


class Installation:
    """A folder, the run that uses it now, and a program's way into it. The tests of this module share one."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.runs: list[Run] = []
        self.token = ""

    def start(self, port: int | None = None) -> Run:
        self.runs.append(Run(self.var_dir, port))
        return self.runs[-1]

    def running(self) -> Run:
        """The run, greeting already; a new one where a test ended the last."""
        if not self.runs or not self.runs[-1].lives():
            self.start().wait_ready()
        if not self.token:
            self.token = self.runs[-1].manage("apitoken", "alice")
        return self.runs[-1]

    def call(self, method: str, path: str, **body: object) -> dict:
        return self.runs[-1].call(self.token, method, path, **body)

    def block(self, number: int) -> tuple[str, str]:
        """The addresses of the demo scene and of one of its blocks."""
        scene = self.call("GET", "")["items"][0]["id"]
        return f"/{scene}", self.call("GET", f"/{scene}")["blocks"][number]["id"]

    def ask_for_clip(self, number: int, **settings: int) -> str:
        """Give the block a start frame, ask for a clip, and return the clip's address."""
        scene, block = self.block(number)
        size = {"width": settings["width"], "height": settings["height"]}
        self.call("POST", f"{scene}/blocks/frame", blockId=block, role="start", **size)
        self.wait_for("succeeded", f"{scene}/blocks/{block}/frames/start")
        self.call("POST", f"{scene}/blocks/video", blockId=block, prompt="A slow push in.", **settings)
        return f"{scene}/blocks/{block}/video"

    def wait_for(self, status: str, path: str) -> None:
        """Wait until the frame or the clip at this address has the status."""
        wait_until(lambda: self.call("GET", path)["status"] == status, READY_SECONDS, f"not {status}")

    def database(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self.var_dir / "storyreel.sqlite3", timeout=20)) as database, database:
            return database.execute(statement).fetchall()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("storyreel") / "var")
    yield installation
    for run in installation.runs:
        run.kill()


@pytest.fixture
def start_elsewhere(tmp_path: Path) -> Iterator[Callable[[int], Run]]:
    """Start a run on an empty folder of its own."""
    runs: list[Run] = []

    def start(port: int) -> Run:
        runs.append(Run(tmp_path / "var", port))
        return runs[-1]

    yield start
    for run in runs:
        run.kill()


def leaders(run: Run) -> dict[str, psutil.Process]:
    """The process of each program of the run, by name."""
    children = psutil.Process(run.process.pid).children()
    lines = {process: command_line(process) for process in children}
    return {name: process for name in PROGRAMS for process, line in lines.items() if COMMANDS[name] in line}


def restarts(run: Run) -> dict[str, int]:
    """How often each program was started again, once all of them run and a clip can be made."""

    def settled() -> bool:
        health = run.health()
        states = {told["state"] for told in health.get("programs", [])}
        return health["status"] == "ok" and states == {"running"}

    wait_until(settled, READY_SECONDS, run.output)
    return {told["name"]: told["restarts"] for told in run.health()["programs"]}


def browser() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def test_a_start_greets_once_and_the_link_of_its_command_signs_in_once(installation):
    run = installation.running()
    greeting = run.wait_ready()
    assert run.output.count("Storyreel is ready") == 1
    assert f" at {run.url}/ " in greeting
    assert "sesame" not in run.output, "the output is a file here, and files are read by others"

    command = re.search(r"manage\.py (\w+) (\w+)$", greeting)
    link = run.manage(*command.groups())
    reader = browser()
    with reader.open(link, timeout=10) as page:
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page.read().decode()))
    assert fields.keys() == {"csrfmiddlewaretoken", "sesame"}
    with reader.open(f"{run.url}/sign-in/", urllib.parse.urlencode(fields).encode(), timeout=10) as page:
        assert page.url == f"{run.url}/"
        assert "Signed in as <strong>alice</strong>" in page.read().decode()
    with browser().open(link, timeout=10) as page:
        assert page.url == f"{run.url}/login/"


def test_the_demo_arrives_with_two_clips_that_its_worker_makes(installation):
    installation.running()
    for number in (0, 1):
        scene, block = installation.block(number)
        installation.wait_for("succeeded", f"{scene}/blocks/{block}/video")


def test_its_health_names_the_workers_and_the_programs(installation):
    run = installation.running()
    status, body = run.get("/healthz")
    health = json.loads(body)
    assert (status, health["status"], health["reasons"]) == (200, "ok", [])
    assert health["workers"]["queues"] == {"frames": 1, "videos": 1}
    assert tuple(told["name"] for told in health["programs"]) == PROGRAMS
    assert set(leaders(run)) == set(PROGRAMS)


def test_a_second_run_on_the_same_folder_is_refused(installation):
    first = installation.running()
    second = Run(installation.var_dir)
    assert second.process.wait(READY_SECONDS) == 1
    assert second.output == (
        f"Storyreel already runs on {installation.var_dir} (process {first.process.pid}, {first.url}). "
        "Stop that run first, or set VAR_DIR to another folder.\n"
    )
    assert first.lives()


def test_a_frozen_broker_holds_nobody_up(installation):
    # Catches a request that waits for Redis: the promise is 1.5 s, for a probe and for whoever asks for a picture.
    run = installation.running()
    scene, block = installation.block(1)
    redis = leaders(run)["redis"]
    redis.suspend()
    try:
        began = time.monotonic()
        status, body = run.get("/healthz")
        told = time.monotonic()
        installation.call("POST", f"{scene}/blocks/frame", blockId=block, role="end", width=320, height=192)
        asked = time.monotonic()
    finally:
        redis.resume()
    assert (status, json.loads(body)["reasons"]) == (503, ["The broker does not answer."])
    assert told - began < 1.5
    assert asked - told < 1.5
    installation.wait_for("succeeded", f"{scene}/blocks/{block}/frames/end")


@pytest.mark.parametrize("victims", [{"redis"}, {*PROGRAMS} - {"redis"}], ids=["redis", "others"])
def test_killed_programs_are_started_again_and_make_a_clip(installation, victims):
    run = installation.running()
    before, restarted_before = leaders(run), restarts(run)
    for name in victims:
        before[name].kill()
    for name in victims:
        wait_until(lambda name=name: f"{name} ended (SIGKILL); restart 1 in 1 s." in run.output, 20, run.output)
    wait_until(lambda: leaders(run).keys() == before.keys(), READY_SECONDS, run.output)
    assert restarts(run) == {name: count + (name in victims) for name, count in restarted_before.items()}
    after = leaders(run)
    assert {name for name in PROGRAMS if after[name] != before[name]} == victims

    clip = installation.ask_for_clip(3, duration=1, frameRate=24, width=320, height=192)
    installation.wait_for("succeeded", clip)


def test_a_stop_in_the_middle_of_a_clip_leaves_nothing_and_the_next_start_makes_it(installation):
    first = installation.running()
    scene, _ = installation.block(2)
    scenes = [scene["id"] for scene in installation.call("GET", "")["items"]]
    installation.database("UPDATE scenes_scene SET synopsis = 'Kept'")
    clip = installation.ask_for_clip(2, duration=8, frameRate=24, width=640, height=384)
    installation.wait_for("running", clip)
    programs = first.programs()
    assert first.stop() == 0
    assert not [process for process in programs if psutil.pid_exists(process.pid)], "not ended, or not reaped"
    assert processes_of(installation.var_dir) == []
    assert installation.database("SELECT status FROM videogen_video ORDER BY created_at DESC LIMIT 1") == [("queued",)]

    second = installation.start()
    second.wait_ready()
    installation.wait_for("succeeded", clip)
    assert installation.call("GET", clip)["frames"] == 192
    assert installation.call("GET", scene)["synopsis"] == "Kept"
    assert [scene["id"] for scene in installation.call("GET", "")["items"]] == scenes  # no demo is loaded beside


def test_a_killed_run_leaves_no_program_and_a_folder_that_can_be_used_at_once(installation):
    first = installation.running()
    programs = first.programs()
    first.process.kill()
    first.process.wait()
    second = installation.start(first.port)
    second.wait_ready()
    assert not [process for process in programs if process.is_running()]
    assert second.get("/healthz")[0] == 200


def test_a_busy_port_is_one_sentence_and_starts_nothing(start_elsewhere):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = start_elsewhere(port)
        assert run.process.wait(READY_SECONDS) == 1
    assert run.output == f"Port {port} is in use by another program. Choose another one: PORT={port + 1} make run\n"
    assert not (run.var_dir / "storyreel.sqlite3").exists()
    assert processes_of(run.var_dir) == []


def test_a_folder_that_others_could_read_is_closed_and_that_is_said(start_elsewhere, tmp_path):
    # make run of an earlier version left it open to every account of the machine.
    folder = tmp_path / "var"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "secret_key").write_text("the-quick-brown-fox-jumps-over-the-lazy-dog")
    (folder / "secret_key").chmod(0o644)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = start_elsewhere(taken.getsockname()[1])
        assert run.process.wait(READY_SECONDS) == 1
    assert "was open to other accounts of this machine; now only you may read it." in run.output
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
