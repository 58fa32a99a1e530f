"""`make run`: everything one machine needs, from an empty folder to a page, and nothing left behind at the end."""

import errno
import fcntl
import io
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections
from honcho.environ import parse_procfile

from local.greeting import greet_when_ready
from local.redis_server import RedisFailedError, RedisServer
from local.supervisor import Crew
from scenes.models import Scene


class CannotRunError(Exception):
    """Why nothing was started, as a sentence for the person at the terminal."""


class Command(BaseCommand):
    """Prepare, start, greet, wait, end."""

    help = "Run everything on this machine: Redis, web server, workers. Ctrl-C ends it all and keeps all data."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 0 after a stop that was asked for, with 1 and a sentence where it cannot run."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        try:
            with _the_only_run(settings.VAR_DIR):
                _refuse_busy_port(settings.HOST, settings.PORT)
                redis = RedisServer(settings.VAR_DIR) if settings.REDIS_IS_OURS else None
                _prepare()
                sys.exit(_run(redis))
        except (CannotRunError, RedisFailedError) as reason:
            sys.exit(str(reason))
        except KeyboardInterrupt:
            sys.exit(0)


def _leave(number: int, frame: object) -> None:
    raise KeyboardInterrupt  # so that every `finally` on the way out is reached


@contextmanager
def _the_only_run(var_dir: Path) -> Iterator[None]:
    """Hold the lock of VAR_DIR. The kernel drops it with the process, so a crash never leaves it behind."""
    folder = var_dir / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotRunError(
                f"Storyreel already runs on {var_dir} ({lock.read().strip() or 'it is just starting'}). "
                "Stop that run first, or set VAR_DIR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {settings.PUBLIC_URL}")
        lock.flush()
        yield


def _refuse_busy_port(host: str, port: int) -> None:
    """Raises CannotRunError unless the web server will be able to listen there."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise CannotRunError(f"HOST is {host!r}, which is no address of this machine.") from None
    # A listener on all addresses does not always refuse a second one on 127.0.0.1 (macOS), so ask it as well.
    with closing(socket.socket(family, socket.SOCK_STREAM)) as caller:
        caller.settimeout(1)
        taken = caller.connect_ex(address) == 0
    with closing(socket.socket(family, socket.SOCK_STREAM)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except PermissionError:
            raise CannotRunError(f"Port {port} needs more rights than you have: take one above 1023.") from None
        except OSError as error:
            taken = taken or error.errno == errno.EADDRINUSE
            if not taken:
                raise CannotRunError(f"HOST is {host!r}, which is no address of this machine.") from None
    if taken:
        raise CannotRunError(f"Port {port} is in use by another program. Choose another one: PORT={port + 1} make run")


def _prepare() -> None:
    """Bring the database and the static files up to date, and load the demo where there is no scene yet."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not Scene.objects.exists():
        call_command("demo", stdout=io.StringIO())
    connections.close_all()  # none is shared with the guardians that are forked next


def _run(redis: RedisServer | None) -> int:
    """Start all, wait for the end, end all. Returns the exit code."""
    procfile = parse_procfile((settings.BASE_DIR / "Procfile").read_text())
    crew = Crew(procfile, _environment(), settings.BASE_DIR)
    greeter = threading.Thread(target=greet_when_ready, args=(crew.stopping,), daemon=True)

    def watch() -> str | None:
        gone = redis is not None and not redis.is_running()
        return "Redis ended; stopping the others" if gone else None

    try:
        if redis is not None:
            redis.start()
        crew.loop(on_start=greeter.start, watch=watch)
    finally:
        if redis is not None:
            redis.stop()
    return crew.returncode or 0


def _environment() -> dict[str, str]:
    """What the programs get: this Python first on the PATH, no buffering between them and the terminal."""
    folder = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": os.pathsep.join([folder, os.environ.get("PATH", os.defpath)]),
        "VAR_DIR": str(settings.VAR_DIR),
        "PYTHONUNBUFFERED": "1",
    }
