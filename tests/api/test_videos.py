"""The video of a block, as a program meets it."""

import pytest

from scenes.models import Block
from tests.fixtures.callers import VIDEO, base, root, send
from tests.fixtures.rows import queued_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame, Status, Video

pytestmark = pytest.mark.postgres


def ask(client, block: Block, **changes):
    return send(client, f"{root(block)}/video", {**VIDEO, "blockId": str(block.pk)} | changes)


def succeed(video: Video) -> Video:
    """Finish a video as a worker would."""
    assert video.claim("worker-1")
    assert video.finish(file="videos/x.mp4", poster="videos/x.webp", seed=7, sha256="a" * 64)
    video.refresh_from_db()
    video.make_current()
    return video


def fail(video: Video) -> None:
    assert video.claim("worker-1")
    assert video.fail("out_of_memory", {"asked": "320x192, 1 s", "fits": "64x64 fits."})


def test_without_a_start_frame_it_is_refused_with_the_code_for_it(alices, action):
    response = ask(alices, action)
    assert response.status_code == 422
    assert response.json()["code"] == "start_frame_missing"
    assert Video.objects.count() == 0


def test_it_is_accepted_with_a_location_and_every_setting_told_back(alices, action, start_frame):
    settings = {
        "prompt": "Slow push in.",
        "negativePrompt": "rain",
        "duration": 3,
        "frameRate": 30,
        "steps": 12,
        "guidanceScale": 4.5,
        "seed": 4294967295,
        "startStrength": 0.65,
        "endStrength": 0,
        "sound": False,
        "width": 320,
        "height": 192,
        "model": "animatic",
    }
    response = ask(alices, action, **settings)
    assert response.status_code == 202
    assert response["Location"] == f"{base(action)}/video"
    video = response.json()
    assert {name: video[name] for name in settings} == settings
    assert video["frames"] == 90
    assert (video["status"], video["startFrameId"], video["endFrameId"]) == ("queued", str(start_frame.pk), None)
    progress = {"phase": "waiting", "step": 0, "steps": 0, "etaSeconds": None, "queuePosition": 1}
    assert video["progress"] == progress
    assert (video["url"], video["posterUrl"], video["error"], video["finishedAt"]) == (None, None, None, None)
    assert alices.get(response["Location"]).json() == video


def test_what_is_left_out_gets_the_documented_default(alices, action, start_frame):
    response = send(alices, f"{root(action)}/video", {"blockId": str(action.pk), "prompt": "Rain."})
    video = response.json()
    assert (video["duration"], video["frameRate"], video["steps"], video["guidanceScale"]) == (5, 24, 28, 3)
    assert (video["width"], video["height"], video["seed"], video["negativePrompt"]) == (1280, 704, None, "")
    assert (video["startStrength"], video["endStrength"], video["sound"]) == (1, 1, True)


def test_snake_case_is_read_as_well(alices, action, start_frame):
    body = {"block_id": str(action.pk), "prompt": "Rain.", "frame_rate": 25, "guidance_scale": 2}
    video = send(alices, f"{root(action)}/video", body).json()
    assert (video["frameRate"], video["guidanceScale"]) == (25, 2)


def test_a_second_one_is_refused_while_the_first_runs_and_leads_to_it(alices, action, start_frame):
    first = ask(alices, action).json()
    response = ask(alices, action)
    assert response.status_code == 409
    assert response.json()["code"] == "already_running"
    assert response.json()["runningUrl"] == response["Location"] == f"{base(action)}/video"
    assert alices.get(response["Location"]).json()["id"] == first["id"]
    assert Video.objects.count() == 1


def test_a_finished_one_has_its_seed_and_its_files(alices, action, start_frame, alice):
    succeed(queued_video(action, alice))
    video = alices.get(f"{base(action)}/video").json()
    assert (video["status"], video["seed"]) == ("succeeded", 7)
    assert video["url"].endswith("/clip.mp4")
    assert video["posterUrl"].endswith("/poster")
    assert video["createdAt"] <= video["startedAt"] <= video["finishedAt"]


def test_a_failure_says_why_in_a_code_and_a_sentence(alices, action, start_frame, alice):
    fail(queued_video(action, alice))
    video = alices.get(f"{base(action)}/video").json()
    assert video["status"] == "failed"
    assert video["error"]["code"] == "out_of_memory"
    assert video["error"]["message"] == "The device ran out of memory at 320x192, 1 s. 64x64 fits."


def test_a_poller_sees_the_failure_of_a_new_attempt_though_an_older_clip_is_there(alices, action, start_frame, alice):
    succeed(queued_video(action, alice))
    fail(queued_video(action, alice))
    assert alices.get(f"{base(action)}/video").json()["status"] == "failed"


def test_a_failure_is_forgotten_once_something_finished_after_it(alices, action, start_frame, alice):
    fail(queued_video(action, alice))
    done = succeed(queued_video(action, alice))
    assert alices.get(f"{base(action)}/video").json()["id"] == str(done.pk)


def test_deleting_it_leaves_nothing_to_read_and_every_frame(alices, action, start_frame, alice):
    succeed(queued_video(action, alice))
    fail(queued_video(action, alice))
    queued_video(action, alice)
    response = alices.delete(f"{base(action)}/video")
    assert (response.status_code, response.content) == (204, b"")
    again = alices.delete(f"{base(action)}/video")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert alices.get(f"{base(action)}/video").status_code == 404
    assert Frame.objects.get() == start_frame


def test_deleting_the_clip_keeps_its_other_takes_and_promotes_none(alices, action, start_frame, alice):
    other = succeed(queued_video(action, alice))
    succeed(queued_video(action, alice))
    assert alices.delete(f"{base(action)}/video").status_code == 204
    assert Video.objects.get() == other
    assert alices.get(f"{base(action)}/video").status_code == 404


def test_stopping_one_that_waits_ends_it_and_a_second_stop_is_a_conflict(alices, action, start_frame):
    ask(alices, action)
    response = alices.post(f"{base(action)}/video/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    again = alices.post(f"{base(action)}/video/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "not_running")
    assert alices.get(f"{base(action)}/video").json()["status"] == "cancelled"


def test_stopping_one_that_runs_asks_its_worker(alices, action, start_frame, alice):
    video = queued_video(action, alice)
    assert video.claim("worker-1")
    assert alices.post(f"{base(action)}/video/cancel").json()["status"] == "running"
    video.refresh_from_db()
    assert video.is_stopping


def test_the_end_frame_is_used_where_there_is_one(alices, action, start_frame, alice):
    end = actions.upload_frame(action, "end", picture_file(color="navy"), alice)
    assert ask(alices, action).json()["endFrameId"] == str(end.pk)


@pytest.mark.parametrize("method", ["put", "patch", "options"])
def test_another_method_is_refused_with_the_list_of_those_that_work(alices, action, method):
    response = getattr(alices, method)(f"{base(action)}/video")
    assert response.status_code == 405
    assert response["Allow"] == "DELETE, GET, HEAD"
    assert response.json()["code"] == "method_not_allowed"


def test_a_broker_that_is_away_loses_no_job(alices, action, start_frame, settings):
    # No broker listens in this test: the row is kept, and the sweep wakes a worker later.
    response = ask(alices, action)
    assert response.status_code == 202
    assert Video.objects.get().status == Status.QUEUED


def test_several_takes_are_asked_for_by_number_and_told_by_it(alices, action, start_frame):
    # Catches a number that is cut to four in silence, and one that the form would refuse in other words.
    for wrong, sentence in (
        (0, "Takes must be a whole number from 1 to 4; “0” was given."),
        (5, "Takes must be a whole number from 1 to 4; “5” was given."),
        (2.5, "Takes must be a whole number from 1 to 4; “2.5” was given."),
        ("many", "Takes must be a whole number from 1 to 4; “many” was given."),
    ):
        response = ask(alices, action, takes=wrong)
        assert (response.status_code, response.json()["code"]) == (422, "invalid")
        assert response.json()["errors"] == [{"field": "takes", "message": sentence}]
    static = ask(alices, action, prompt="Static shot.", takes=2)
    assert (static.status_code, [found["field"] for found in static.json()["errors"]]) == (422, ["takes"])
    video = ask(alices, action, takes=4).json()
    assert (video["takes"], video["nth"], video["seriesId"]) == (4, 1, video["id"])


def test_a_take_that_is_there_already_is_not_made_again_among_several(alices, action, start_frame):
    # Catches a program that asks for takes it has, and is charged for them twice without a word.
    take = succeed(Video.objects.get(pk=ask(alices, action, seed=7).json()["id"]))
    response = ask(alices, action, seed=6, takes=2)
    assert (response.status_code, response.json()["code"]) == (422, "nothing_new")
    assert f"Take {take.number}" in response.json()["detail"]
