"""Every command of compose.yaml, run as it is written on a real PostgreSQL and a real Redis."""

import json
import tempfile
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.fixtures.composed import OURS, SERVICES, Composed, words
from tests.fixtures.ports import free_port
from tests.fixtures.stack import wait_for

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("composed")]
PATIENCE = 120.0  # seconds: seven programs start at once, beside other tests
PROGRAMS = [name for name in OURS if name != "prepare"]


@pytest.fixture(scope="module")
def composed() -> Iterator[Composed]:
    """All services, started in the order of their dependencies."""
    composed = Composed(Path(tempfile.mkdtemp(prefix="storyreel-composed-")))
    try:
        composed.start("valkey")
        wait_for(lambda: composed.is_healthy("valkey"))
        wait_for(lambda: composed.is_healthy("database"))
        prepared = composed.run("prepare", words(SERVICES["prepare"]["command"]))
        assert prepared.returncode == 0, prepared.stderr
        for name in PROGRAMS:
            composed.start(name)
        wait_for(lambda: get(composed, "/healthz")[0] or composed.ended(), PATIENCE)
        assert composed.ended() == {}
        yield composed
    finally:
        composed.stop()


def get(composed: Composed, path: str, authorization: str = "") -> tuple[int, Message, bytes]:
    connection = HTTPConnection("127.0.0.1", composed.web_port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": "localhost", "Authorization": authorization})
        with connection.getresponse() as response:
            return response.status, response.headers, response.read()
    except (ConnectionError, TimeoutError):  # it is not up yet
        return 0, Message(), b"{}"
    finally:
        connection.close()


def test_every_service_comes_up_and_finds_the_others(composed: Composed):
    # Catches an option that a program does not know, a secret it cannot read, and a service that finds no other.
    served = {"frames": 2, "videos": 2}  # by the workers of cpu and of gpu
    wait_for(lambda: json.loads(get(composed, "/healthz")[2]).get("workers", {}).get("queues") == served, PATIENCE)
    wait_for(lambda: get(composed, "/healthz")[0] == 200, PATIENCE)
    assert composed.ended() == {}


@pytest.mark.parametrize("name", ["web", "videos", "beat"])
def test_the_health_check_of_a_service_that_works_passes(composed: Composed, name: str):
    # Catches a check that never passes, for which Compose would not start what depends on it. Workers share one.
    wait_for(lambda: composed.is_healthy(name), PATIENCE)


def test_a_visitor_who_comes_in_plain_http_is_sent_to_https(composed: Composed):
    # Catches a site behind TLS that does not know it, and sends cookies that a browser may repeat in the open.
    status, headers, _body = get(composed, "/")
    assert (status, headers["Location"]) == (301, "https://localhost/")


def test_whoever_has_the_token_reads_the_numbers_and_the_log_is_json(composed: Composed):
    # Catches a web server that cannot read the secret, and a program whose lines nothing that collects them can read.
    token = composed.secret("/run/secrets/metrics_token").read_text()
    assert get(composed, "/metrics")[0] == 401
    wait_for(lambda: b"storyreel_beat_age_seconds " in get(composed, "/metrics", f"Bearer {token}")[2], PATIENCE)
    assert get(composed, "/nowhere/at/all")[0] == 301
    lines = [line for name in PROGRAMS for line in composed.log(name).splitlines()]
    assert [line for line in lines if not line.startswith("{")] == []
    assert all({"time", "level", "logger", "message"} <= json.loads(line).keys() for line in lines)


def test_a_health_check_fails_where_nothing_answers(composed: Composed):
    # The guard: a check that cannot fail would keep a dead container for ever.
    assert not composed.is_healthy("web", PORT=str(free_port()))
