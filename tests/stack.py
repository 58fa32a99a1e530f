"""A real Redis and real Celery workers around the database and the files of one test."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection

from local.redis_server import RedisServer, connect
from videogen.models import Worker

PATIENCE = 40.0  # seconds; generous, because the machines that run tests are busy


def wait_for(what: Callable[[], object], seconds: float = PATIENCE, every: float = 0.05) -> object:
    """Wait until `what` answers something true, and return it."""
    give_up = time.monotonic() + seconds
    while not (answer := what()):
        if time.monotonic() > give_up:
            raise AssertionError(f"{what} did not come true within {seconds} s.")
        time.sleep(every)
    return answer


class Stack:
    """The processes around one test. `worker` starts one; all end with the test, by their own pids."""

    def __init__(self, redis: RedisServer, logs: Path) -> None:
        self.redis = redis
        self.logs = logs
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to share this test's database, files and broker."""
        database = str(connection.settings_dict["NAME"])
        if connection.vendor == "sqlite":
            url = f"sqlite:///{database}"
        else:
            url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
        return {**os.environ, "DATABASE_URL": url, "REDIS_URL": self.redis.url}

    def start(self, name: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Run a Python module beside the test, with its output in a file of its own."""
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment | environment,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def worker(self, *queues: str, name: str = "", **environment: str) -> subprocess.Popen[bytes]:
        """Start one worker on `queues` and wait until it says it is ready."""
        name = name or "-".join(queues)
        options = ["-Q", ",".join(queues), "-n", f"{name}@%h", "-c", "1", "-O", "fair", "-l", "INFO"]
        process = self.start(name, "celery", "-A", "config", "worker", *options, **environment)
        wait_for(lambda: process.poll() is not None or Worker.objects.filter(pid=process.pid).exists())
        assert process.poll() is None, self.log(name)
        return process

    def log(self, name: str) -> str:
        """What a process has said."""
        return (self.logs / f"{name}.log").read_text()

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a process politely, and firmly if that takes too long."""
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        """End everything this stack started."""
        for process in self.processes:
            self.stop(process)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer(django_settings.VAR_DIR)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def stack(transactional_db, settings, tmp_path: Path, redis_server: RedisServer) -> Iterator[Stack]:
    settings.MEDIA_ROOT = settings.VAR_DIR / "media"  # where the workers look as well
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    with connect(redis_server.url, timeout=5) as client:
        client.flushall()
    stack = Stack(redis_server, tmp_path)
    yield stack
    stack.stop_all()
