"""deploy/nginx.conf: what it hands on, what it keeps to itself, and the whole road where there is an nginx."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import create_default_context

import pytest

from tests.fixtures.composed import SERVICES, health_words
from tests.fixtures.ports import free_port
from tests.fixtures.stack import wait_for
from tests.fixtures.tree import ROOT

TEXT = (ROOT / "deploy/nginx.conf").read_text()
MOUNTED = {target: source for source, target, *_ in (volume.split(":") for volume in SERVICES["nginx"]["volumes"])}

Block = dict[str, list[object]]


def parsed(text: str) -> Block:
    """Directives by name, each with its words; of a block its words and what stands in it."""
    tokens = iter(re.findall(r'"[^"]*"|[{};]|[^\s{};]+', re.sub(r"#.*", "", text)))

    def block() -> Block:
        found: Block = {}
        words: list[str] = []
        for token in tokens:
            if token == "}":
                break
            if token not in "{;":
                words.append(token.strip('"'))
                continue
            name, *rest = words
            found.setdefault(name, []).append((rest, block()) if token == "{" else rest)
            words = []
        return found

    return block()


CONF = parsed(TEXT)
PLAIN, SECURE = (inside for _words, inside in CONF["server"])
PLACES = {" ".join(words): inside for words, inside in SECURE["location"]}


def test_the_files_of_clips_are_where_django_says_and_open_to_nobody_else():
    # Catches a 404 for every clip and, without `internal`, every clip for everybody.
    place = PLACES[SERVICES["web"]["environment"]["X_ACCEL_REDIRECT"]]
    assert place["internal"] == [[]]
    (alias,) = place["alias"][0]
    assert MOUNTED[alias.rstrip("/")] == "media"
    assert f"media:{alias.rstrip('/')}" in SERVICES["web"]["volumes"]


def test_static_files_come_from_the_volume_that_prepare_fills():
    (alias,) = PLACES["/static/"]["alias"][0]
    assert MOUNTED[alias.rstrip("/")] == "static"
    assert f"static:{alias.rstrip('/')}" in SERVICES["prepare"]["volumes"]


def test_what_a_visitor_claims_of_the_way_here_is_replaced():
    # Catches a visitor who chooses the address that wrong passwords are counted under.
    headers = dict(SECURE["proxy_set_header"])
    assert not any("proxy_set_header" in inside for inside in PLACES.values())  # a place with one inherits none
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["X-Forwarded-Proto"] == "$scheme"
    assert (headers["Host"], headers["X-Request-ID"]) == ("$http_host", "$request_id")


def test_no_log_keeps_the_secret_of_a_guest_link():
    # Catches a link that whoever reads the log of nginx can use.
    place = PLACES["= /guest/"]
    assert (place["access_log"], place["proxy_pass"]) == ([["off"]], PLACES["/"]["proxy_pass"])


def test_slow_visitors_hold_nginx_up_and_not_the_web_server():
    assert (SECURE["proxy_buffering"], SECURE["proxy_request_buffering"]) == ([["on"]], [["on"]])
    assert SECURE["client_max_body_size"] == [["21m"]]


def test_ports_certificates_and_the_web_server_are_those_of_compose():
    listened = {PLAIN["listen"][0][0], SECURE["listen"][0][0]}
    assert {port.rpartition(":")[2] for port in SERVICES["nginx"]["ports"]} == listened
    for name in ("ssl_certificate", "ssl_certificate_key"):
        assert SECURE[name][0][0].removeprefix("/run/secrets/") in SERVICES["nginx"]["secrets"]
    (_name, upstream), *_ = CONF["upstream"]
    assert upstream["server"] == [["web:8000"]]
    asked = health_words(SERVICES["nginx"])[-1].partition(":8080")[2]
    assert any(words == ["=", asked] for words, _inside in PLAIN["location"])


# --- Where there is an nginx ------------------------------------------------------------------------------------


class Django(BaseHTTPRequestHandler):
    """What the web server answers: a file in X-Accel-Redirect, or the headers that it was sent."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/clip":
            self.send_header("X-Accel-Redirect", "/protected/videos/one.mp4")
            self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", "0") if self.path == "/clip" else None
        for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID"):
            self.send_header(f"Saw-{name}", self.headers.get(name, ""))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[int]:
    """The port of an nginx with the configuration as it is, but for where things are on this machine."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("there is no nginx")
    subprocess.run([ROOT / "deploy/make-secrets", tmp_path / "secrets"], check=True)
    (tmp_path / "media/videos").mkdir(parents=True)
    (tmp_path / "media/videos/one.mp4").write_bytes(b"0123456789")
    django = ThreadingHTTPServer(("127.0.0.1", 0), Django)
    threading.Thread(target=django.serve_forever, args=(0.02,), daemon=True).start()
    port = free_port()
    changes = {
        "web:8000": f"127.0.0.1:{django.server_port}",
        "listen 8080": f"listen 127.0.0.1:{free_port()}",
        "listen 8443": f"listen 127.0.0.1:{port}",
        "/run/secrets": str(tmp_path / "secrets"),
        "/var/lib/storyreel": str(tmp_path),
        "http2 on;": "",  # before 1.25 it is a word of `listen`
    }
    text = TEXT
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.getuid() == 0 else ""  # else it would give up the rights to this test's folder
    main = f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}"
    conf = f"{main} http {{ client_body_temp_path {tmp_path}/body; {temporary} access_log off; {text} }}"
    (tmp_path / "nginx.conf").write_text(conf)
    process = subprocess.Popen([program, "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"])
    try:
        wait_for(lambda: (tmp_path / "pid").exists() or process.poll() is not None)
        assert process.poll() is None, (tmp_path / "error.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)
        django.shutdown()
        django.server_close()


def get(port: int, path: str, certificate: Path, **headers: str) -> tuple[int, dict[str, str], bytes]:
    context = create_default_context(cafile=str(certificate))
    connection = HTTPSConnection("localhost", port, timeout=10, context=context)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        with connection.getresponse() as response:
            return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_nginx_sends_the_part_of_a_clip_that_django_allowed_and_no_other_file(nginx: int, tmp_path: Path):
    # Catches a player that cannot seek, and files that anybody may fetch.
    certificate = tmp_path / "secrets/tls_certificate"
    status, headers, body = get(nginx, "/clip", certificate, Range="bytes=2-4")
    assert (status, body, headers["Content-Type"]) == (206, b"234", "video/mp4")
    assert get(nginx, "/protected/videos/one.mp4", certificate)[0] == 404


def test_nginx_tells_the_web_server_who_really_asks(nginx: int, tmp_path: Path):
    claimed = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Proto": "http"}
    _status, headers, _body = get(nginx, "/", tmp_path / "secrets/tls_certificate", **claimed)
    assert (headers["Saw-X-Forwarded-For"], headers["Saw-X-Forwarded-Proto"]) == ("127.0.0.1", "https")
    assert re.fullmatch("[0-9a-f]{32}", headers["Saw-X-Request-ID"])
