"""The scene page with 10 and with 500 blocks, the poll fragment against fetching the whole step again, and saving.

Saving is what the page sends while somebody types; it is told beside reading the same block's state.

Run: .venv/bin/python -m benchmarks.pages
Prints queries, milliseconds (median and 95th percentile of one process without network) and, for the two fragments,
requests a second through the real web server. Everything is written to a temporary folder.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from socket import create_server

FOLDER = tempfile.TemporaryDirectory(prefix="storyreel-benchmark-")
os.environ |= {"VAR_DIR": FOLDER.name, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from scenes.models import Block, Scene  # noqa: E402
from tests.fixtures.scene import film_of, new_scene  # noqa: E402
from videogen import outdated  # noqa: E402
from videogen.models import BlockGenerations, Frame, Status, Video  # noqa: E402
from videogen.specs import FrameSpec, VideoSpec  # noqa: E402

RUNS = 15
HAMMER_SECONDS = 4.0
CLIENTS = 4


def make_scene(owner: User, blocks: int) -> Scene:
    """A scene whose every block has a start frame and a clip, each with a record of what it was made from."""
    location = film_of(owner).locations.create(name="Gull Rock", description="a lighthouse")
    scene = new_scene(owner, title=f"{blocks} blocks", location=location)
    rows = [Block(scene=scene, position=place, kind="action", text="Rain. The lamp turns.") for place in range(blocks)]
    Block.objects.bulk_create(rows)
    done = {
        "status": Status.SUCCEEDED,
        "requested_by": owner,
        "width": 1280,
        "height": 704,
        "started_at": timezone.now(),
        "finished_at": timezone.now(),
        "poster": "x.webp",
    }
    spec = FrameSpec(model="animatic", role="start", prompt="Rain.")
    frames = [
        Frame(
            block=row,
            role="start",
            is_chosen=True,
            file="x.png",
            sha256=row.pk.hex,
            **outdated.record(row, spec),
            **done,
        )
        for row in rows
    ]
    Frame.objects.bulk_create(frames)
    Video.objects.bulk_create(
        Video(
            block=frame.block,
            is_current=True,
            number=1,
            file="x.mp4",
            start_frame=frame,
            start_sha256=frame.sha256,
            duration=5,
            frame_rate=24,
            model="animatic",
            **outdated.record(frame.block),
            **done,
        )
        for frame in frames
    )
    return scene


def make_live_video(owner: User, block: Block) -> None:
    """A clip that is being made, so that its card polls."""
    spec = VideoSpec(model="animatic", prompt="Slow push in.")
    video = Video.objects.create(
        block=block,
        requested_by=owner,
        spec=spec.to_json(),
        model=spec.model,
        pixel_steps=spec.width * spec.height * spec.frames,
        width=spec.width,
        height=spec.height,
        duration=spec.duration,
        frame_rate=spec.frame_rate,
    )
    video.claim("benchmark")


def measure(get: Callable[[], HttpResponse]) -> tuple[int, float, float]:
    """Queries of one call, and the median and 95th percentile of its milliseconds."""
    if get().status_code != 200:
        raise RuntimeError(f"The page answered {get().status_code}.")
    queries: list[str] = []

    def count(execute: Callable[..., object], sql: str, *rest: object) -> object:
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        get()
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        get()
        times.append((time.perf_counter() - begun) * 1000)
    return len(queries), statistics.median(times), statistics.quantiles(times, n=20)[-1]


def saver(client: Client, block: Block) -> Callable[[], HttpResponse]:
    """Save another text of the block with each call, as the page does."""
    url, saved = f"/api/scenes/{block.scene_id}/blocks/{block.pk}", [block.version]

    def save() -> HttpResponse:
        body = {"version": saved[0], "kind": "action", "text": f"Rain, {saved[0]} times."}
        answer = client.patch(url, body, content_type="application/json")
        saved[0] += 1
        return answer

    return save


def requests_a_second(port: int, url: str, headers: dict[str, str]) -> float:
    """How many answers CLIENTS connections get together, each asking again as soon as it was answered."""
    until = time.monotonic() + HAMMER_SECONDS

    def hammer(_: int) -> int:
        link, count = HTTPConnection("127.0.0.1", port, timeout=10), 0
        while time.monotonic() < until:
            link.request("GET", url, headers=headers)
            answer = link.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{url} answered {answer.status}")
            count += 1
        link.close()
        return count

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(hammer, range(CLIENTS))) / HAMMER_SECONDS


def served(urls: dict[str, str], client: Client) -> dict[str, float]:
    """Requests a second of each URL through the web server that `make run` starts."""
    with create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
    environment = os.environ | {"PORT": str(port)}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", "HX-Request": "true"}
        return {name: requests_a_second(port, url, headers) for name, url in urls.items()}
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            link = HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/accounts/login/")
            link.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The web server did not start.")


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    owner = User.objects.create_user("owner")
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    pages = {}
    for blocks in (10, 500):
        scene = make_scene(owner, blocks)
        url = reverse("scene", args=[scene.pk])
        pages[blocks] = measure(lambda url=url: client.get(url))
    block = scene.blocks.get(position=7)
    make_live_video(owner, block)
    seen = BlockGenerations.live_of(block).signature
    urls = {
        "poll fragment": f"{reverse('clip_card', args=[scene.pk, block.pk, 'video'])}?seen={seen}",
        "whole step again": reverse("clip_step_panel", args=[scene.pk, block.pk, "video"]),
    }
    from_htmx = {"HX-Request": "true"}
    fragments = {name: measure(lambda url=url: client.get(url, headers=from_htmx)) for name, url in urls.items()}
    state = reverse("block_state", args=[scene.pk, block.pk])
    writing = {
        "saving a block": measure(saver(client, block)),
        "reading its state": measure(lambda: client.get(state)),
    }
    rates = served(urls, client)
    print(f"{'':24}{'queries':>8}{'median ms':>11}{'p95 ms':>9}{'requests/s':>12}")
    for blocks, (queries, median, worst) in pages.items():
        print(f"{f'scene page, {blocks} blocks':24}{queries:8}{median:11.1f}{worst:9.1f}")
    for name, (queries, median, worst) in fragments.items():
        print(f"{name:24}{queries:8}{median:11.1f}{worst:9.1f}{rates[name]:12.0f}")
    for name, (queries, median, worst) in writing.items():
        print(f"{name:24}{queries:8}{median:11.1f}{worst:9.1f}")
    few, many = pages[10], pages[500]
    poll, whole = fragments["poll fragment"], fragments["whole step again"]
    print(f"\nqueries, 500 blocks / 10 blocks: {many[0] / few[0]:.2f}; ms a block: {(many[1] - few[1]) / 490:.2f}")
    print(f"time of the poll fragment / whole step again: {poll[1] / whole[1]:.2f}")
    saving, reading = writing.values()
    print(f"time of saving a block / reading its state: {saving[1] / reading[1]:.2f}")


if __name__ == "__main__":
    main()
    FOLDER.cleanup()
