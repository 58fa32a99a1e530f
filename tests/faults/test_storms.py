"""What several workers share, and what goes away under all of them: the queue, Redis, the database."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import psycopg
import pytest
from django.db import connection, connections

from accounts.models import ApiToken
from config.broker import connect
from local.programs import end
from scenes.models import Block
from tests.fixtures.callers import VIDEO
from tests.fixtures.people import signed_in
from tests.fixtures.rows import queued_video
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from tests.fixtures.standing import ended, running, statuses
from tests.fixtures.storm import settle
from videogen import actions
from videogen.models import Event, Status, Video

pytestmark = pytest.mark.xdist_group("stack")

ONCE = ["queued", "running", "succeeded"]


@pytest.fixture
def blocks(stack, scene, alice) -> list[Block]:
    """Blocks with a start frame each."""
    blocks = [Block.objects.create(scene=scene, position=n, kind="action", text="Wind.") for n in range(12)]
    for block in blocks:
        actions.upload_frame(block, "start", picture_file(), alice)
    return blocks


@pytest.mark.long
def test_three_workers_on_one_queue_claim_each_row_once(stack, blocks, alice):
    # Catches two workers that both believe a row is theirs.
    for name in ("one", "two", "three"):
        stack.worker("videos", name=name)
    videos = [queued_video(block, alice, model="slow", steps=1) for block in blocks]
    wait_for(lambda: not Video.objects.live().exists(), 120)
    assert [statuses(video) for video in videos] == [ONCE] * len(videos)
    assert len(set(Event.objects.filter(to_status="running").values_list("note", flat=True))) > 1
    assert settle() == []


PEOPLE = 20


@pytest.mark.long
def test_twenty_people_at_once_get_no_5xx_and_lose_nothing(stack, blocks, alice):
    # Catches what two web processes do not share: a job accepted twice, a session that one of them does not know, a
    # database that is locked for longer than an answer waits.
    address = stack.web(WEB_CONCURRENCY="2")
    stack.worker("videos")
    session = {"Cookie": signed_in(alice).cookies.output(attrs=[], header="", sep=";").strip()}
    token = {"Authorization": f"Bearer {ApiToken.issue(alice, 'x')[1]}"}
    scene = f"/scenes/{blocks[0].scene_id}"
    statuses_seen, accepted = Counter(), []

    def person(number: int) -> None:
        block = blocks[number % len(blocks)]  # some have the same: the second is told that it runs
        clip = f"{scene}/blocks/{block.pk}/clip"
        looks = [f"{scene}/", *(f"{clip}/{step}/panel/" for step in ("start", "end", "video")), f"{clip}/video/card/"]
        with httpx.Client(base_url=address, timeout=60) as client:
            body = VIDEO | {"blockId": str(block.pk), "model": "slow", "steps": 1}
            asked = client.post(f"/api{scene}/blocks/video", json=body, headers=token)
            if asked.status_code == 202:
                accepted.append(asked.json()["id"])
            answers = [asked, *(client.get(look, headers=session) for look in looks * 3)]
            if number < 4:
                picture = {"image": ("a.png", picture_file().read(), "image/png")}
                answers.append(client.put(f"/api{scene}/blocks/{block.pk}/frames/end", files=picture, headers=token))
            statuses_seen.update(answer.status_code for answer in answers)

    with ThreadPoolExecutor(PEOPLE) as together:
        list(together.map(person, range(PEOPLE)))
    assert set(statuses_seen) <= {200, 201, 202, 409}, statuses_seen
    wait_for(lambda: not Video.objects.live().exists(), 120)
    videos = list(Video.objects.all())
    assert sorted(str(video.pk) for video in videos) == sorted(accepted)
    assert [statuses(video) for video in videos] == [ONCE] * len(videos)
    assert settle() == []


def kill(stack) -> None:
    end([stack.redis], grace=0)
    stack.redis.start()
    stack.redis.wait_until_it_answers()


def empty(stack) -> None:
    with connect(stack.redis.url, timeout=5) as client:
        client.flushall()


def freeze(stack) -> None:
    process = psutil.Process(stack.redis.pid)
    process.suspend()
    time.sleep(2.5)
    process.resume()


STORMS = {"killed": kill, "emptied": empty, "frozen": freeze}


@pytest.mark.long
@pytest.mark.parametrize("storm", STORMS)
def test_a_redis_that_is_killed_or_emptied_or_frozen_under_running_jobs_loses_none(stack, blocks, alice, storm):
    # Catches a worker that does not come back to a broker that did, and one that is deaf from then on.
    worker = stack.worker("videos")
    videos = [queued_video(block, alice, model="slow", steps=8) for block in blocks[:4]]
    wait_for(lambda: running(videos[0]))
    STORMS[storm](stack)
    videos.append(queued_video(blocks[5], alice, model="slow", steps=1))
    wait_for(lambda: not Video.objects.live().exists(), 90)
    assert worker.poll() is None, stack.log("videos")[-3000:]
    assert [statuses(video) for video in videos] == [ONCE] * len(videos)
    assert settle() == []


class Away:
    """Takes the database away from everybody else: by a lock that waits longer than anybody, or a door that is shut."""

    SECONDS = 25  # more than SQLite's own patience (20)

    def __enter__(self) -> None:
        self.settings = connection.settings_dict
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("BEGIN EXCLUSIVE")
        else:
            self._shut(True)
        time.sleep(self.SECONDS)

    def __exit__(self, *error: object) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        else:
            self._shut(False)
        connections.close_all()

    def _shut(self, shut: bool) -> None:
        parameters = connection.get_connection_params() | {"dbname": "postgres"}
        name = connection.settings_dict["NAME"]
        with psycopg.connect(
            **{key: parameters[key] for key in ("dbname", "host", "port", "user", "password") if key in parameters},
            autocommit=True,
        ) as other:
            other.execute("UPDATE pg_database SET datallowconn = %s WHERE datname = %s", [not shut, name])
            if shut:
                connections.close_all()
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.mark.long
def test_a_database_that_is_away_while_a_job_ends_loses_nothing(stack, blocks, alice):
    # Catches a finished clip that is thrown away, or made again, because its row could not be written at that moment.
    worker = stack.worker("videos")
    video = queued_video(blocks[0], alice, model="slow", steps=10)
    wait_for(lambda: running(video))
    with Away():
        pass
    wait_for(lambda: ended(video), 90)
    assert video.status == Status.SUCCEEDED, video.error
    assert statuses(video)[-1] == "succeeded"
    assert statuses(video).count("succeeded") == 1
    again = queued_video(blocks[1], alice, model="slow", steps=1)
    wait_for(lambda: ended(again), 90)
    assert worker.poll() is None, stack.log("videos")[-3000:]
    assert settle() == []
