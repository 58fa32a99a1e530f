"""An instance of one's own to attack: real gunicorn and Redis, a fresh VAR_DIR."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attacks.target import Target
from config import private_files
from local.programs import end
from local.redis_server import RedisServer
from tests.fixtures.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
WEB = ("-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi")
START_SECONDS = 60
UMASK = 0o022  # that of most shells: the program has to set its own
ATTACKER, VICTIM = "bob", "alice"  # people of the demo: alice owns the scene, bob may only look


@contextmanager
def own_instance() -> Iterator[Target]:
    """Start one, yield it, end it."""
    with tempfile.TemporaryDirectory(prefix="storyreel-attack-") as folder:
        var_dir = Path(folder) / "var"
        before = os.umask(private_files.OTHERS)  # which `make run` has from its settings
        redis = RedisServer(var_dir)
        redis.start()
        os.umask(before)
        try:
            redis.wait_until_it_answers()
            with _web(var_dir, redis.url) as target:
                yield target
        finally:
            end([redis], 5)


@contextmanager
def _web(var_dir: Path, redis_url: str) -> Iterator[Target]:
    port = free_port()
    environment = os.environ | {
        "VAR_DIR": str(var_dir),
        "PORT": str(port),
        "REDIS_URL": redis_url,
        "LOG_LEVEL": "WARNING",
        "LOGIN_ADDRESS_FAILURE_LIMIT": "20",  # each try costs the hash of a password
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, umask=UMASK
        )
        return done.stdout

    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--no-input", "--verbosity", "0")
    demo = json.loads(manage("demo", "--json"))
    tokens = {name: manage("apitoken", name).strip() for name in (ATTACKER, VICTIM)}
    with tempfile.TemporaryFile() as log:
        web = subprocess.Popen(
            [sys.executable, *WEB],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            umask=UMASK,
        )
    target = Target(
        f"http://127.0.0.1:{port}",
        tokens=tokens | {"": tokens[VICTIM]},
        manage=manage,
        var_dir=var_dir,
        pid=web.pid,
        scene=demo["scene"],
        blocks=tuple(demo["blocks"]),
    )
    try:
        _wait(target)
        yield target
    finally:
        web.terminate()
        web.wait(30)


def _wait(target: Target) -> None:
    """Wait until the web server answers. Raises TimeoutError."""
    deadline = time.monotonic() + START_SECONDS
    while not target.call("GET", "/login/", timeout=5).status:
        if time.monotonic() > deadline:
            raise TimeoutError("The web server did not come up.")
        time.sleep(0.1)
