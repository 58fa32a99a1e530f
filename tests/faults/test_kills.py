"""kill -9 at each of the twelve points of a job's road: it is made all the same, and once."""

import uuid
from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings as django_settings

from accounts.models import ApiToken
from config.broker import connect
from tests.fixtures.callers import VIDEO
from tests.fixtures.failpoints import IN_WEB, Fuse
from tests.fixtures.rows import queued_video
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import Stack, wait_for
from tests.fixtures.standing import ended, statuses
from tests.fixtures.storm import settle
from videogen import actions
from videogen.failpoints import POINTS
from videogen.models import Status, Video

pytestmark = pytest.mark.xdist_group("stack")

IN_WORKER = tuple(point for point in POINTS if point not in IN_WEB)
UNCLAIMED = ("received",)
OVER = ("recorded",)
TIMES = {"denoising": 2, "writing": 5}  # the second step, the fifth picture
OF_THE_DATABASE = ("claimed", "stored", "finished", "committed")  # at the others the two have nothing to disagree on


def points(names: tuple[str, ...]) -> list:
    both = [pytest.mark.postgres]
    return [pytest.param(name, marks=both if name in OF_THE_DATABASE else [], id=name) for name in names]


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker, redis_server, tmp_path_factory) -> Iterator[tuple[Stack, Fuse]]:
    """One worker for all of these tests: what dies is its child."""
    folder = tmp_path_factory.mktemp("kills")
    stack, fuse = Stack(redis_server, folder), Fuse(folder / "failpoint")
    yield stack, fuse
    with django_db_blocker.unblock():
        stack.stop_all()


@pytest.fixture
def fuse(kept, transactional_db, settings, action, alice, clean_media) -> Fuse:
    stack, fuse = kept
    with connect(stack.redis.url, timeout=5) as client:
        client.flushall()
    actions.upload_frame(action, "start", picture_file(), alice)
    if not stack.processes:
        stack.worker("videos", **fuse.environment)
    return fuse


@pytest.mark.parametrize("point", points(IN_WORKER))
def test_a_worker_that_is_killed_anywhere_on_the_road_makes_the_clip_once(fuse, action, alice, point):
    fuse.light(point, TIMES.get(point, 1))
    video = queued_video(action, alice, model="slow", steps=3)
    wait_for(lambda: ended(video) and fuse.has_blown)
    assert video.status == Status.SUCCEEDED, video.error
    again = point not in UNCLAIMED + OVER
    assert (video.attempt, video.lost_attempts) == (1 + again, int(again))
    assert statuses(video) == ["queued", *["running", "queued"] * again, "running", "succeeded"]
    assert settle() == []


@pytest.mark.parametrize("point", points(IN_WEB))
def test_a_web_server_that_is_killed_with_a_request_keeps_what_it_accepted(stack, action, alice, tmp_path, point):
    # Catches a row that is saved and never made, and a second one when the client asks again.
    actions.upload_frame(action, "start", picture_file(), alice)
    fuse = Fuse(tmp_path / "failpoint")
    address = stack.web(**fuse.environment)
    stack.worker("videos")
    fuse.light(point)
    url = f"{address}/api/scenes/{action.scene_id}/blocks/video"
    headers = {"Authorization": f"Bearer {ApiToken.issue(alice, 'x')[1]}", "Idempotency-Key": str(uuid.uuid4())}
    body = VIDEO | {"blockId": str(action.pk), "model": "slow"}
    with pytest.raises(httpx.TransportError):
        httpx.post(url, json=body, headers=headers, timeout=30)
    assert fuse.has_blown
    video = Video.objects.get()

    def asked_again() -> httpx.Response | None:
        try:
            return httpx.post(url, json=body, headers=headers, timeout=30)
        except httpx.TransportError:  # it is being started again
            return None

    answer = wait_for(asked_again)
    assert answer.status_code == 202, answer.text
    assert Video.objects.get() == video
    wait_for(lambda: ended(video))
    assert (video.status, video.attempt) == (Status.SUCCEEDED, 1)
    assert settle() == []


def test_nothing_is_reached_where_nobody_asked_for_it(settings):
    # Catches a way to kill the product by its environment: only the tests' own settings install the killer.
    assert "tests.fixtures.pipelines" in django_settings.INSTALLED_APPS
    from config import settings as product

    assert not any(app.startswith("tests") for app in product.INSTALLED_APPS)
