"""The whole road through a real server, a real broker and real workers, as the example in examples/ goes it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from django.contrib.auth.models import User

from accounts.models import ApiToken
from scenes.models import Block
from tests.fixtures.stack import wait_for
from tests.fixtures.tree import ROOT
from videogen.media import mp4
from videogen.models import Event, Frame, IdempotencyKey, Video

pytestmark = pytest.mark.xdist_group("stack")
SCRIPT = ROOT / "examples" / "render_scene.py"


@pytest.fixture
def server(kept_worker) -> str:
    return kept_worker.web()


@pytest.fixture
def program(server) -> Iterator[Callable[[User | None], httpx.Client]]:
    """Makes a client with a token of a person, or without one."""
    with ExitStack() as opened:

        def open_client(user: User | None) -> httpx.Client:
            headers = {"Authorization": f"Bearer {ApiToken.issue(user, 'x')[1]}"} if user else {}
            return opened.enter_context(httpx.Client(base_url=server, headers=headers))

        yield open_client


@pytest.fixture
def blocks(scene, mara) -> list[Block]:
    texts = ["Mara opens the door.", "Who is there?", "The lamp goes out."]
    return [Block.objects.create(scene=scene, position=n, kind="action", text=text) for n, text in enumerate(texts)]


def render(server: str, user, scene, out: Path) -> subprocess.Popen[str]:
    _, plaintext = ApiToken.issue(user, "render")
    command = [sys.executable, str(SCRIPT), server, str(scene.pk)]
    command += ["--out", str(out), "--size", "320x192", "--duration", "1"]
    environment = {"STORYREEL_TOKEN": plaintext}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_a_render_that_is_killed_again_and_again_ends_with_each_clip_made_once(server, scene, blocks, alice, tmp_path):
    for made in (1, 3, 5):
        run = render(server, alice, scene, tmp_path)
        wait_for(lambda made=made: Event.objects.filter(from_status="").count() >= made)
        run.kill()
        run.communicate()
    run = render(server, alice, scene, tmp_path)
    words, _ = run.communicate(timeout=90)
    assert run.returncode == 0, words
    assert Event.objects.filter(from_status="").count() == 6
    assert (Frame.objects.count(), Video.objects.count(), IdempotencyKey.objects.count()) == (3, 3, 6)
    for number in (1, 2, 3):
        facts = mp4.probe(tmp_path / f"{number:03}.mp4")
        assert (facts.frames, facts.width, facts.height) == (24, 320, 192)
    again = render(server, alice, scene, tmp_path)
    again.communicate(timeout=60)
    assert again.returncode == 0
    assert Event.objects.filter(from_status="").count() == 6


def test_a_scene_that_may_not_be_seen_ends_with_a_sentence(server, scene, charlie, tmp_path):
    run = render(server, charlie, scene, tmp_path)
    words, _ = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "No such scene." in words


def test_the_contract_from_the_missing_frame_to_the_second_delete(program, action, alice, bob, charlie):
    alices, bobs, charlies, nobody = map(program, (alice, bob, charlie, None))
    root = f"/api/scenes/{action.scene_id}/blocks"
    body = {"blockId": str(action.pk), "prompt": "Push in.", "duration": 1, "width": 320, "height": 192}
    refused = alices.post(f"{root}/video", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "start_frame_missing")
    frame = alices.post(f"{root}/frame", json={"blockId": str(action.pk), "role": "start", "width": 320, "height": 192})
    until_final(alices, frame.headers["Location"])
    codes = [client.post(f"{root}/video", json=body).status_code for client in (bobs, charlies, nobody)]
    assert codes == [403, 404, 401]
    accepted = alices.post(f"{root}/video", json=body)
    assert accepted.status_code == 202
    video = until_final(alices, accepted.headers["Location"])
    assert (video["status"], video["frames"], video["seed"] is not None) == ("succeeded", 24, True)
    part = alices.get(video["url"], headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content), part.headers["Content-Type"]) == (206, 100, "video/mp4")
    assert charlies.get(video["url"]).status_code == 404
    assert [alices.delete(accepted.headers["Location"]).status_code for _ in range(2)] == [204, 404]
    assert alices.get(video["url"]).status_code == 404


def until_final(client: httpx.Client, url: str) -> dict:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        made = client.get(url, params={"wait": 20}, timeout=40).json()
        if made["status"] not in ("queued", "running"):
            return made
    raise AssertionError(f"{url} is not final: {made}")


def test_a_server_that_ends_answers_whoever_waits(program, stack, action, alice, start_frame, held):
    client = program(alice)
    web = stack.processes[-1]
    body = {"blockId": str(action.pk), "prompt": "Push in.", "model": "held", "duration": 1}
    url = client.post(f"/api/scenes/{action.scene_id}/blocks/video", json=body).headers["Location"]
    wait_for(lambda: client.get(url).json()["progress"]["phase"] == "denoising")
    stopper = subprocess.Popen(["/bin/sh", "-c", f"sleep 2; kill -TERM {web.pid}"])
    began = time.monotonic()
    answer = client.get(url, params={"wait": 30}, timeout=40)
    assert answer.status_code == 200
    assert answer.json()["status"] == "running"
    assert time.monotonic() - began < 8
    stopper.wait()
    assert web.wait(10) == 0
