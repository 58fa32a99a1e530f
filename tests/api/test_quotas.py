"""How much one person may ask for, through the API and through the forms alike."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from guardian.shortcuts import assign_perm

from scenes.models import Block
from tests.fixtures.callers import FRAME, base, program, root, send
from tests.fixtures.people import signed_in
from tests.fixtures.rows import queued_frame, running_video
from videogen import actions, quotas
from videogen.models import Event, Frame, Video

pytestmark = pytest.mark.postgres


@pytest.fixture
def blocks(scene) -> list[Block]:
    return [Block.objects.create(scene=scene, position=n, kind="action", text="Rain.") for n in range(12)]


def ask(client, block):
    return send(client, f"{root(block)}/frame", {**FRAME, "blockId": str(block.pk)})


@pytest.mark.parametrize(
    ("setting", "code"),
    [("QUOTA_QUEUED", "queue_full"), ("QUOTA_LIVE", "quota_live"), ("QUEUE_LIMIT", "queue_full")],
)
def test_one_job_more_than_allowed_is_refused_with_a_time_to_come_back(alices, blocks, settings, setting, code):
    setattr(settings, setting, 2)
    assert [ask(alices, block).status_code for block in blocks[:3]] == [202, 202, 429]
    response = ask(alices, blocks[3])
    assert response.json()["code"] == code
    assert int(response["Retry-After"]) > 0
    assert Frame.objects.count() == 2
    assert Event.objects.count() == 2
    alices.post(f"{base(blocks[0])}/frames/start/cancel")
    assert ask(alices, blocks[3]).status_code == 202


def test_what_runs_counts_as_live_and_not_as_waiting(alices, alice, blocks, settings):
    settings.QUOTA_QUEUED, settings.QUOTA_LIVE = 1, 2
    assert queued_frame(blocks[0], alice).claim("worker-1")
    assert ask(alices, blocks[1]).status_code == 202
    assert ask(alices, blocks[2]).json()["code"] == "queue_full"
    assert Frame.objects.get(block=blocks[1]).claim("worker-1")
    assert ask(alices, blocks[2]).json()["code"] == "quota_live"


def test_the_quota_is_each_persons_own(alices, bob, bobs, scene, blocks, settings):
    settings.QUOTA_QUEUED = 1
    assign_perm("scene_block:frame:generate", bob, scene)
    assert ask(alices, blocks[0]).status_code == 202
    assert ask(bobs, blocks[1]).status_code == 202


def test_a_double_click_is_told_of_what_runs_rather_than_of_the_quota(alices, blocks, settings):
    settings.QUOTA_QUEUED = 1
    ask(alices, blocks[0])
    assert ask(alices, blocks[0]).json()["code"] == "already_running"


def test_zero_means_no_limit(alices, blocks, settings):
    settings.QUOTA_QUEUED = settings.QUOTA_LIVE = settings.QUEUE_LIMIT = settings.QUOTA_DEVICE_SECONDS = 0
    assert all(ask(alices, block).status_code == 202 for block in blocks)


def test_the_form_says_it_in_the_same_words(alice, blocks, settings):
    settings.QUOTA_QUEUED = 1
    actions_page = reverse("clip_start", args=[blocks[1].scene_id, blocks[1].pk])
    queued_frame(blocks[0], alice)
    response = signed_in(alice).post(actions_page, {**FRAME, "size": "custom", "model": "animatic"})
    assert response.status_code == 200
    assert "You have 1 jobs waiting already" in response.content.decode()
    assert Frame.objects.count() == 1


def _ran(block, alice, seconds: int, ago: timedelta) -> Video:
    """A finished video whose worker was busy for `seconds`, `ago` from now."""
    video = running_video(block, alice)
    video.fail("internal")
    events = list(Event.objects.filter(generation_id=video.pk))
    start = timezone.now() - ago
    for event, at in zip(events, (start, start, start + timedelta(seconds=seconds)), strict=True):
        Event.objects.filter(pk=event.pk).update(at=at)
    return video


def test_the_seconds_of_a_day_are_counted_and_become_free_again(alices, alice, action, start_frame, settings):
    settings.QUOTA_DEVICE_SECONDS = 100
    _ran(action, alice, 60, timedelta(hours=25))
    _ran(action, alice, 60, timedelta(hours=23))
    assert ask(alices, action).status_code == 202
    alices.post(f"{base(action)}/frames/start/cancel")
    _ran(action, alice, 50, timedelta(hours=1))
    response = ask(alices, action)
    assert (response.status_code, response.json()["code"]) == (429, "quota_device_seconds")
    # 110 s were used; 10 s of the first run are a day old after one hour and ten seconds.
    assert 3600 <= int(response["Retry-After"]) <= 3615


def test_deleting_a_clip_gives_no_seconds_back(alices, alice, action, start_frame, settings):
    settings.QUOTA_DEVICE_SECONDS = 100
    video = _ran(action, alice, 101, timedelta(hours=1))
    actions.delete_video(video, alice)
    assert ask(alices, action).json()["code"] == "quota_device_seconds"


def test_what_runs_now_counts_up_to_now(alice, action, start_frame):
    video = running_video(action, alice)
    now = timezone.now()
    Event.objects.filter(generation_id=video.pk, to_status="running").update(at=now - timedelta(seconds=30))
    assert quotas.spans_of(alice, now) == [(now - timedelta(seconds=30), now)]


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_cannot_take_the_last_place_twice(alice, blocks, settings):
    settings.QUOTA_QUEUED = 3
    clients = [program(alice) for _ in blocks]
    codes = []

    def call(client, block) -> None:
        try:
            codes.append(ask(client, block).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=pair) for pair in zip(clients, blocks, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [202] * 3 + [429] * 9
    assert Frame.objects.count() == 3
