"""Optimizing a prompt by the API: asked for, read, waited for, made once, refused."""

import threading
import time

import pytest

from tests.fixtures.callers import base, root, send
from tests.fixtures.stack import wait_for
from videogen.models import PromptRewrite, Status

pytestmark = pytest.mark.postgres

TYPED = "she opens the door, wind"
RESULT = "Slow push in. The young keeper opens the door. Sound: wind."


def ask(client, block, **changes):
    body = {"blockId": str(block.pk), "target": "video", "prompt": TYPED}
    return send(client, f"{root(block)}/prompt", body | changes)


def finish(row: PromptRewrite) -> None:
    assert row.claim("worker-1")
    assert row.finish(result=RESULT, version="composer-1")


def test_a_rewrite_is_accepted_and_read_at_its_location(alices, action):
    answer = ask(alices, action)
    assert answer.status_code == 202
    body = answer.json()
    assert (body["status"], body["prompt"], body["optimized"], body["error"]) == ("queued", TYPED, None, None)
    assert (body["target"], body["optimizer"], body["blockId"]) == ("video", "composer", str(action.pk))
    assert answer["Location"] == f"{base(action)}/prompts/{body['id']}"
    finish(PromptRewrite.objects.get())
    read = alices.get(answer["Location"]).json()
    assert (read["status"], read["optimized"], read["version"]) == ("succeeded", RESULT, "composer-1")


def test_a_failure_has_a_code_and_a_sentence_and_the_prompt_as_sent(alices, action):
    location = ask(alices, action)["Location"]
    row = PromptRewrite.objects.get()
    assert row.claim("worker-1")
    assert row.fail("rewrite_lost_line", {"line": "Who?"})
    read = alices.get(location).json()
    assert read["error"]["code"] == "rewrite_lost_line"
    assert "“Who?”" in read["error"]["message"]
    assert (read["prompt"], read["optimized"]) == (TYPED, None)


def test_a_second_call_is_a_conflict_that_names_the_first(alices, action):
    first = ask(alices, action)
    second = ask(alices, action)
    assert second.status_code == 409
    assert second.json()["code"] == "already_running"
    assert second.json()["runningUrl"] == first["Location"]
    assert ask(alices, action, target="start").status_code == 202


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt": " "}, "prompt"),
        ({"prompt": "x" * 4001}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"target": "middle"}, "target"),
        ({"target": None}, "target"),
        ({"blockId": "no"}, "blockId"),
    ],
)
def test_a_bad_value_is_named(alices, action, changes, field):
    answer = ask(alices, action, **changes)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert PromptRewrite.objects.count() == 0


def test_the_same_key_makes_one_rewrite(alices, action):
    body = {"blockId": str(action.pk), "target": "video", "prompt": TYPED}
    first, again = (send(alices, f"{root(action)}/prompt", body, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert PromptRewrite.objects.count() == 1


def test_a_rewrite_of_another_block_is_not_there(alices, action, dialog):
    body = ask(alices, action).json()
    assert alices.get(f"{base(dialog)}/prompts/{body['id']}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_answer_can_wait_for_the_end(alices, action):
    location = ask(alices, action)["Location"]
    row = PromptRewrite.objects.get()

    def later() -> None:
        from django.db import connection

        try:
            time.sleep(0.5)
            finish(row)
        finally:
            connection.close()

    thread = threading.Thread(target=later)
    thread.start()
    wait_for(lambda: alices.get(f"{location}?wait=5").json()["status"] == Status.SUCCEEDED, 20)
    thread.join()
