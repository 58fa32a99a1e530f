"""A batch of frames and clips while its worker is killed and Redis is cleared: every job of it ends as it would."""

import os
import signal
from functools import partial

import pytest

from config.broker import connect
from tests.fixtures.stack import Stack, wait_for
from tests.fixtures.standing import child_of, running
from tests.fixtures.storm import settle
from videogen import batches
from videogen.models import Status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.xdist_group("stack")]

SLOW = {"model": "slow", "width": 320, "height": 192, "steps": 10}


def is_made(rows) -> bool:
    return any(running(row) for row in rows.filter(status=Status.RUNNING))


def test_a_killed_worker_and_a_cleared_redis_lose_no_job_of_a_batch(
    stack: Stack, scene, action, dialog, alice, clean_media
):
    # Catches a clip that waits for ever for the frame whose worker died, and an end of a batch that nobody notices.
    process = stack.worker("frames", "videos")
    batch = batches.start(
        scene, alice, what="both", only="missing", settings={"frame": SLOW, "video": SLOW | {"duration": 1}}
    )
    for kind in (batch.frames, batch.videos):  # once while a frame is made, once while a clip is
        wait_for(partial(is_made, kind))
        os.kill(child_of(process).pid, signal.SIGKILL)
        with connect(stack.redis.url, timeout=5) as client:
            client.flushall()
    wait_for(lambda: batches.Progress.of(batch).succeeded == 4)
    wait_for(lambda: type(batch).objects.get(pk=batch.pk).finished_at)
    assert {video.start_frame.sha256 for video in batch.videos.all()} == {frame.sha256 for frame in batch.frames.all()}
    assert sum(row.lost_attempts for row in (*batch.frames.all(), *batch.videos.all())) == 2
    assert settle() == []
