"""One release under load: its own folder, Redis, web server and two workers, and what they hold and use."""

import http.client
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from attacks.browser import Browser
from attacks.target import Target
from config import private_files
from local.programs import end
from local.redis_server import RedisServer
from tests.fixtures.ports import free_port

PEOPLE_BLOCKS = 30  # of the scene that people look at

MAKE_SCENES = """
import json
from django.contrib.auth.models import User
from scenes.models import Block, Scene
alice = User.objects.get(username="alice")
def place(title):
    try:
        from scenes.models import Film
    except ImportError:  # a release before there were films
        return {"owner": alice}
    return {"film": Film.objects.create(title=title, owner=alice), "position": 0}
made = {}
for title, count in (("people", %d), ("jobs", %d)):
    scene = Scene.objects.create(title=title, **place(title))
    rows = [Block(scene=scene, position=at, kind="action", text="Rain. The lamp turns.") for at in range(count)]
    Block.objects.bulk_create(rows)
    made[title] = {"scene": str(scene.pk), "blocks": [str(row.pk) for row in rows]}
print(json.dumps(made))
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What processes hold together. megabytes: proportional, so that what they share counts once. files: open ones."""

    megabytes: float
    files: int
    seconds: float  # of the processor, since they began


class Side:
    """A release in its own checkout. Everything it starts ends with `stack`."""

    def __init__(self, name: str, root: Path, folder: Path, jobs: int, stack: ExitStack) -> None:
        self.name, self.root = name, root
        before = os.umask(private_files.OTHERS)  # which `make run` has from its settings
        redis = RedisServer(folder)
        redis.start()
        os.umask(before)
        stack.callback(end, [redis], 5)
        redis.wait_until_it_answers()
        self.port = free_port()
        self.environment = os.environ | {
            "PYTHONPATH": str(root),
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "REDIS_URL": redis.url,
            "LOG_LEVEL": "WARNING",
            "VIDEO_MODEL": "animatic",
            "FRAME_MODEL": "animatic",
            **dict.fromkeys(("QUOTA_QUEUED", "QUOTA_LIVE", "QUOTA_DEVICE_SECONDS", "QUOTA_UPLOADS"), "0"),
        }
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        self.manage("demo", "--json")
        self.scenes: dict[str, Any] = json.loads(
            self.manage("shell", "-v", "0", "-c", MAKE_SCENES % (PEOPLE_BLOCKS, jobs))
        )
        self.token = self.manage("apitoken", "alice").strip()
        self.web = self._program(stack, "gunicorn", "--config", "python:config.gunicorn", "config.wsgi")
        worker = ("celery", "--quiet", "-A", "config", "worker", "-Q", "frames,videos", "-c", "1", "-O", "fair")
        self.workers = [self._program(stack, *worker, "-n", f"{name}-{at}@%h", "-l", "WARNING") for at in (1, 2)]
        self._wait_until_up()
        browser = Browser(Target(f"http://127.0.0.1:{self.port}"))
        browser.press(self.manage("signinlink", "alice"))
        self.cookie = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())

    def manage(self, *words: str) -> str:
        """What a management command prints. Raises CalledProcessError."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def _program(self, stack: ExitStack, *words: str) -> psutil.Process:
        process = subprocess.Popen([sys.executable, "-m", *words], cwd=self.root, env=self.environment)
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        return psutil.Process(process.pid)

    def _wait_until_up(self) -> None:
        for _ in range(600):
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
                    connection.request("GET", "/healthz")
                    if json.loads(connection.getresponse().read())["workers"]["queues"]["videos"] >= len(self.workers):
                        return
            except (OSError, http.client.HTTPException, KeyError):
                pass
            time.sleep(0.1)
        raise TimeoutError(f"{self.name} did not come up.")

    def held(self, programs: list[psutil.Process]) -> Held:
        """Add up what the programs and their children hold."""
        all_of_them = [child for program in programs for child in (program, *program.children(recursive=True))]
        return Held(
            sum(process.memory_full_info().pss for process in all_of_them) / 2**20,
            sum(process.num_fds() for process in all_of_them),
            sum(sum(process.cpu_times()[:2]) for process in all_of_them),
        )
