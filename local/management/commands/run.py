"""`make run`: everything one machine needs, from an empty folder to a page, and nothing left behind at the end."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from config import private_files, release
from local.errors import CannotRunError
from local.greeting import greet_when_ready
from local.lock import only_run
from local.output import Terminal, TerminalOutput
from local.programs import Program, read_procfile
from local.redis_server import RedisServer
from local.state_file import StateFile
from local.supervisor import STOP_SECONDS, STOP_SIGNALS, Supervisor
from local.watcher import Watcher
from scenes.models import Scene
from videogen.demo import clips_are_due
from videogen.pipelines.weights import installed


class Command(BaseCommand):
    """Prepare, start, greet, wait, end."""

    help = "Run everything on this machine: Redis, web server, workers. Ctrl-C ends it all and keeps all data."

    requires_system_checks = []  # they run once what an earlier version left open is closed

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with 0 after a stop that was asked for, with 1 and a sentence where it cannot run."""
        self._asked_to_leave = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._leave)
        try:
            _close_to_others()
            self.check()
            with only_run(settings.VAR_DIR, settings.PUBLIC_URL) as lock:
                _refuse_busy_port(settings.HOST, settings.PORT)
                redis = RedisServer(settings.VAR_DIR) if settings.REDIS_IS_OURS else None
                _prepare()
                if self._asked_to_leave:  # and the exception was lost: Python ignores one in a destructor
                    raise KeyboardInterrupt
                sys.exit(_run(redis, lock))
        except CannotRunError as reason:
            sys.exit(str(reason))
        except KeyboardInterrupt:
            sys.exit(0)

    def _leave(self, number: int, frame: object) -> None:
        self._asked_to_leave = True
        raise KeyboardInterrupt  # so that every `finally` on the way out is reached


def _close_to_others() -> None:
    """Close a VAR_DIR that other accounts of the machine read, and say so. Raises CannotRunError."""
    bits = private_files.forbidden(settings.GROUP_READABLE)
    try:
        closed = private_files.close(settings.VAR_DIR, bits)
    except OSError as error:
        raise CannotRunError(f"{settings.VAR_DIR} cannot be closed to other accounts: {error}.") from None
    if closed:
        print(f"{settings.VAR_DIR} was open to other accounts of this machine; now only you may read it.", flush=True)


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
    """Bring the database and the static files up to date, and load the demo with its clips where they are due.

    Raises CannotRunError.
    """
    if reason := release.refusal():
        raise CannotRunError(reason)
    call_command("migrate", interactive=False, verbosity=0)
    with _demo_beside():
        connections.close_all()  # this process needs none until the greeting
        call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def _demo_beside() -> Iterator[None]:
    """Load the demo meanwhile, where there is no scene yet, and queue its first clips. Raises CannotRunError.

    It takes seconds of drawing and leaves a process of multiprocessing behind, so it has a process of its own.
    """
    if Scene.objects.exists() and not clips_are_due():
        yield
        return
    demo = subprocess.Popen(
        [sys.executable, "manage.py", "democlips"],
        cwd=settings.BASE_DIR,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield
        _, trouble = demo.communicate()
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()
    if demo.returncode:
        raise CannotRunError(f"The demo scene cannot be loaded: {(trouble.strip().splitlines() or ['no reason'])[-1]}")


def _run(redis: RedisServer | None, lock: TextIO) -> int:
    """Start all, keep them running, end all. Returns the exit code."""
    commands = read_procfile(procfile(settings.BASE_DIR, settings.DEVICE).read_text())
    terminal = Terminal(commands)
    watcher = Watcher(STOP_SECONDS, held_open=[lock.fileno()])
    with Supervisor(terminal, watcher, StateFile(settings.PROGRAMS_FILE)) as supervisor:
        if redis is not None:
            supervisor.start(redis)
            redis.wait_until_it_answers()
        environment = _environment()
        for name, command in commands.items():
            output = TerminalOutput(terminal, name)
            supervisor.start(Program(name, command, output, environment=environment, folder=settings.BASE_DIR))
        threading.Thread(
            target=greet_when_ready,
            args=(supervisor.stopping, terminal.say),
            kwargs={"on_terminal": is_terminal()},
            daemon=True,
        ).start()
        return supervisor.run()


def procfile(folder: Path, device: str) -> Path:
    """The programs of this machine. Where there is a GPU one process computes, or two would share its memory."""
    computes_on_gpu = device.startswith("cuda") or (device == "auto" and installed.gpu() is not None)
    return folder / ("Procfile.gpu" if computes_on_gpu else "Procfile")


def is_terminal() -> bool:
    """Whether what is said is seen by a person, and not kept in a journal or file."""
    return sys.stdout.isatty()


def _environment() -> dict[str, str]:
    """What the programs get: this Python first on the PATH, no buffering between them and the terminal."""
    folder = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": os.pathsep.join([folder, os.environ.get("PATH", os.defpath)]),
        "VAR_DIR": str(settings.VAR_DIR),
        "PYTHONUNBUFFERED": "1",
    }
