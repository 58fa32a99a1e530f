"""The same call twice makes one thing."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from guardian.shortcuts import assign_perm

from tests.fixtures.callers import FRAME, VIDEO, base, program, root, send
from videogen.models import Frame, IdempotencyKey, Video

pytestmark = pytest.mark.postgres


def ask(client, action, key: str, **changes):
    body = {**VIDEO, "blockId": str(action.pk)} | changes
    return send(client, f"{root(action)}/video", body, idempotency_key=key)


def test_the_second_call_answers_with_what_the_first_one_made(alices, action, start_frame):
    first = ask(alices, action, "k1")
    again = ask(alices, action, "k1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"]
    assert again["Location"] == first["Location"]
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Video.objects.count() == 1


def test_it_answers_with_the_state_of_now_and_makes_nothing_after_the_end(alices, action, start_frame):
    ask(alices, action, "k1")
    alices.post(f"{base(action)}/video/cancel")
    assert ask(alices, action, "k1").json()["status"] == "cancelled"
    assert Video.objects.count() == 1
    assert ask(alices, action, "k2").json()["status"] == "queued"


def test_the_order_and_the_spelling_of_fields_do_not_matter(alices, action, start_frame):
    first = ask(alices, action, "k1", frameRate=25)
    body = {"frame_rate": 25, "block_id": str(action.pk), **dict(reversed(VIDEO.items()))}
    again = send(alices, f"{root(action)}/video", body, idempotency_key="k1")
    assert again.json()["id"] == first.json()["id"]


def test_another_body_or_another_address_with_the_same_key_is_refused(alices, action, start_frame):
    ask(alices, action, "k1")
    other = ask(alices, action, "k1", duration=2)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    frame = send(alices, f"{root(action)}/frame", {**FRAME, "blockId": str(action.pk)}, idempotency_key="k1")
    assert (frame.status_code, frame.json()["code"]) == (422, "idempotency_key_reused")
    assert Frame.objects.count() == 1


def test_a_key_belongs_to_one_person(alices, action, start_frame, bob, bobs):
    assign_perm("scene_block:video:generate", bob, action)
    ask(alices, action, "k1")
    assert ask(bobs, action, "k1").json()["code"] == "already_running"


def test_a_call_that_failed_leaves_its_key_free(alices, action):
    assert ask(alices, action, "k1").json()["code"] == "start_frame_missing"
    assert IdempotencyKey.objects.count() == 0


def test_a_key_is_forgotten_after_a_day(alices, action, start_frame):
    first = ask(alices, action, "k1").json()
    alices.post(f"{base(action)}/video/cancel")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert ask(alices, action, "k1").json()["id"] != first["id"]
    assert IdempotencyKey.objects.count() == 1


def test_what_was_deleted_is_not_made_again_by_a_late_repetition(alices, action, start_frame):
    ask(alices, action, "k1")
    alices.delete(f"{base(action)}/video")
    response = ask(alices, action, "k1")
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_resource_gone")
    assert Video.objects.count() == 0


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "schlüssel"])
def test_a_key_that_is_none_is_refused(alices, action, start_frame, key):
    response = ask(alices, action, key)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_invalid")


@pytest.mark.django_db(transaction=True)
def test_many_calls_at_once_with_one_key_make_one_video(alice, action, start_frame):
    answers = []
    clients = [program(alice) for _ in range(8)]

    def call(client) -> None:
        try:
            answers.append(ask(client, action, "k1"))
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [202] * 8
    assert {answer.json()["id"] for answer in answers} == {str(Video.objects.get().pk)}
    assert sum(answer.get("Idempotency-Replayed") is None for answer in answers) == 1
