"""Batches with a real worker and Redis: both are killed and cleared, and two people want the worker."""

import os
import signal
from functools import partial

import pytest
from guardian.shortcuts import assign_perm

from config.broker import connect
from scenes.models import Block
from tests.fixtures.rows import queued_frame
from tests.fixtures.stack import Stack, wait_for
from tests.fixtures.standing import child_of, ended, running
from tests.fixtures.storm import settle
from videogen import batches
from videogen.models import Event, Status

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


def test_after_fifty_of_one_person_the_one_job_of_another_is_made_next(
    stack: Stack, scene, action, alice, bob, clean_media
):
    # Catches an order that holds in a query and not in a worker: a message for each of the fifty, or a claim ahead.
    assign_perm("scene_block:video:generate", bob, scene)
    Block.objects.bulk_create(
        Block(scene=scene, position=place, kind="action", text=f"Wind {place}.") for place in range(1, 51)
    )
    chosen = set(scene.blocks.exclude(pk=action.pk).values_list("pk", flat=True))
    batch = batches.start(scene, alice, what="frames", only="missing", chosen=chosen, settings={"frame": SLOW})
    stack.worker("frames")
    wait_for(partial(is_made, batch.frames))
    assert batch.frames.filter(status=Status.RUNNING).count() <= 1  # none is claimed ahead
    theirs = queued_frame(action, bob, **SLOW)
    wait_for(lambda: ended(theirs))
    batches.cancel(batch, alice)
    asked = Event.objects.get(generation_id=theirs.pk, to_status="queued")
    claims = Event.objects.filter(to_status="running", pk__gt=asked.pk).order_by("pk")
    assert batch.size == 50
    assert theirs.status == Status.SUCCEEDED
    assert claims.first().generation_id == theirs.pk  # only what was being made when they asked came before it
    wait_for(lambda: batches.Progress.of(batch).live == 0)
    assert settle() == []
