"""Where the broker of `make run` listens, and clients of any Redis or Valkey."""

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_PATH_LIMIT = 100  # bytes; a kernel takes 107 on Linux, 103 on macOS


def socket_path(var_dir: Path) -> Path:
    """Return the socket's path: under VAR_DIR, or in a private folder of /tmp where that is too long for the kernel."""
    path = var_dir / "run" / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    # made private by local.redis_server, which refuses a folder of somebody else
    return Path("/tmp") / f"storyreel-{os.getuid()}-{digest}" / "redis.sock"  # noqa: S108


def local_url(var_dir: Path) -> str:
    """Return the REDIS_URL of the server that `make run` starts for this VAR_DIR."""
    return f"redis+socket://{quote(str(socket_path(var_dir)))}"


def connect(url: str, timeout: float) -> Redis:
    """Return a client that gives up after `timeout` seconds and does not retry."""
    return Redis.from_url(
        url.replace("redis+socket://", "unix://", 1),
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )
