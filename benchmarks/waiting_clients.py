"""How many clients may wait for a change while the server still answers everybody else quickly.

    python -m benchmarks.waiting_clients

Starts the embedded web server on an empty installation with the demo, lets clients wait with `?wait=25` for a video
that nobody makes, and meanwhile loads the scene page again and again. Prints a table and draws it, with the ratio
of the median with the most clients waiting to the median with none.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from attacks.browser import Browser
from attacks.target import Target
from tests.fixtures.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = (0, 10, 25, 50, 64, 80)
PAGES = 30  # loads of the scene page for each row
LIMIT_MS = 300  # what the page may take while 50 wait


class Server:
    """The embedded web server in a folder of its own, without workers: what is asked for stays queued."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.environment = os.environ | {
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "LOG_LEVEL": "WARNING",
            "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens: the message is lost, the row stays
        }
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        self.demo: dict[str, Any] = json.loads(self.manage("demo", "--json"))
        self.token = self.manage("apitoken", "alice").strip()
        self.link = self.manage("signinlink", "alice")
        command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL)

    def manage(self, *words: str) -> str:
        """What a management command prints."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def call(self, method: str, path: str, body: object = None, **headers: str) -> http.client.HTTPResponse:
        """One request on a connection of its own; the answer is read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | headers
        connection.request(method, path, None if body is None else json.dumps(body), given)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    def wait_until_up(self) -> None:
        """Raises TimeoutError where it does not come up."""
        for _ in range(200):
            try:
                self.call("GET", "/api/openapi.json")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("The web server did not start.")

    def sign_in(self) -> str:
        """A browser's cookie."""
        browser = Browser(Target(f"http://127.0.0.1:{self.port}"))
        browser.press(self.link)
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


class Waiters:
    """Clients that wait, each asking again as soon as it is answered. early: answers that came before their time."""

    def __init__(self, server: Server, url: str, count: int) -> None:
        self.server, self.url = server, url
        self.stop = threading.Event()
        self.early = 0
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def _run(self) -> None:
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                self.server.call("GET", f"{self.url}?wait=25")
            except OSError:
                return
            if time.monotonic() - began < 20 and not self.stop.is_set():
                self.early += 1
                time.sleep(1)  # as docs/api.md asks of a client that was answered early


def measure(server: Server, cookie: str, page: str, url: str, count: int) -> dict[str, float]:
    """Milliseconds of the scene page while `count` clients wait."""
    waiters = Waiters(server, url, count)
    time.sleep(2)
    took = []
    for _ in range(PAGES):
        began = time.perf_counter()
        response = server.call("GET", page, Cookie=cookie, Authorization="")
        took.append(1000 * (time.perf_counter() - began))
        if response.status != 200:
            raise RuntimeError(f"The scene page answered {response.status}.")
        time.sleep(0.05)
    waiters.stop.set()
    # Ending what is waited for answers everybody, so that the next row begins with none waiting.
    server.call("POST", f"{url}/cancel")
    for thread in waiters.threads:
        thread.join(40)
    took.sort()
    return {
        "waiting": count,
        "early": waiters.early,
        "median": statistics.median(took),
        "p95": took[int(0.95 * len(took))],
        "worst": took[-1],
    }


def _png(width: int = 640, height: int = 352) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, "PNG")
    return data.getvalue()


def upload(server: Server, url: str) -> None:
    """A start frame, so that a video can be asked for."""
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "multipart/form-data; boundary=x"}
    connection.request("PUT", url, head + _png() + b"\r\n--x--\r\n", headers)
    if connection.getresponse().status != 201:
        raise RuntimeError("The start frame was not taken.")
    connection.close()


def draw(rows: list[dict[str, float]], path: Path) -> None:
    """The table as a figure: median and 95th percentile over the number that wait."""
    width, height, left, bottom = 640, 300, 60, 40
    top = max(LIMIT_MS * 1.1, *(row["p95"] for row in rows))
    most = max(row["waiting"] for row in rows)

    def at(waiting: float, ms: float) -> str:
        x = left + (width - left - 20) * waiting / most
        return f"{x:.1f},{height - bottom - (height - bottom - 20) * ms / top:.1f}"

    def line(name: str, colour: str) -> str:
        points = " ".join(at(row["waiting"], row[name]) for row in rows)
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'

    limit = at(0, LIMIT_MS).split(",")[1]
    marks = "".join(
        f'<text x="{at(row["waiting"], 0).split(",")[0]}" y="{height - 20}" text-anchor="middle">'
        f"{row['waiting']:.0f}</text>"
        for row in rows
    )
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f'<path d="M{left} {limit}H{width - 20}" stroke="#b45309" stroke-dasharray="5 4"/>'
        f'<text x="{left + 4}" y="{float(limit) - 5:.0f}" fill="#b45309">{LIMIT_MS} ms</text>'
        f"{line('median', '#6d28d9')}{line('p95', '#a78bfa')}{marks}"
        f'<text x="{width / 2}" y="{height - 5}" text-anchor="middle">clients waiting with ?wait=25</text>'
        f'<text x="{left}" y="14">the scene page, ms: median (dark) and 95th percentile (light)</text></svg>\n'
    )


def main() -> int:
    """Returns 1 where the page took too long with 50 waiting."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--figure", type=Path, help="write the figure here, as SVG")
    figure = parser.parse_args().figure
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            server.wait_until_up()
            rows = _rows(server)
        finally:
            server.process.terminate()
            server.process.wait(20)
    print("| clients waiting | answered early | page, median ms | 95 % under, ms | worst, ms |")
    print("|---:|---:|---:|---:|---:|")
    for row in rows:
        milliseconds = " | ".join(f"{row[name]:.0f}" for name in ("median", "p95", "worst"))
        print(f"| {row['waiting']:.0f} | {row['early']:.0f} | {milliseconds} |")
    print(f"\nRatio, most waiting to none: {rows[-1]['median'] / rows[0]['median']:.2f}")
    if figure:
        draw(rows, figure)
    return int(any(row["worst"] > LIMIT_MS for row in rows if row["waiting"] == 50))


def _rows(server: Server) -> list[dict[str, float]]:
    scene, block = server.demo["scene"], server.demo["blocks"][0]
    url = f"/api/scenes/{scene}/blocks/{block}/video"
    upload(server, f"/api/scenes/{scene}/blocks/{block}/frames/start")
    cookie = server.sign_in()
    rows = []
    for count in CLIENTS:
        server.call("POST", f"/api/scenes/{scene}/blocks/video", {"blockId": block, "prompt": "Slow push in."})
        rows.append(measure(server, cookie, f"/scenes/{scene}/", url, count))
    return rows


if __name__ == "__main__":
    sys.exit(main())
