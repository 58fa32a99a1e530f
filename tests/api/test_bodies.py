"""What programs may send wrongly: every fault is named, none is a fault of ours."""

import json
import time

import pytest

from tests.fixtures.callers import VIDEO, base, root, send
from videogen.models import Frame, Video

BAD = [
    ("duration", 0, "Duration must be a whole number of seconds from 1 to 8; “0” was given."),
    ("duration", 9, "Duration must be"),
    ("duration", 1.5, "“1.5” was given"),
    ("duration", "5", "“5” was given"),
    ("duration", True, "“True” was given"),
    ("frameRate", 23.976, "Frame rate must be 24, 25 or 30; “23.976” was given."),
    ("steps", 51, "Steps must be a whole number from 1 to 50"),
    ("steps", 10**300, "Steps must be"),
    ("guidanceScale", 0.99, "Guidance scale must be a number from 1 to 20"),
    ("guidanceScale", [], "Guidance scale must be"),
    ("startStrength", 1.01, "Start strength must be a number from 0 to 1; “1.01” was given."),
    ("endStrength", -0.1, "End strength must be a number from 0 to 1; “-0.1” was given."),
    ("endStrength", "1", "End strength must be"),
    ("sound", "on", "Sound must be true or false; “on” was given."),
    ("sound", 1, "Sound must be true or false"),
    ("seed", -1, "Seed must be"),
    ("seed", 2**32, "Seed must be"),
    ("width", 65, "Width must be an even number of pixels from 64 to 4096"),
    ("height", 4098, "Height must be"),
    ("prompt", "", "Prompt is empty"),
    ("prompt", " \n\t", "Prompt is empty"),
    ("prompt", "x" * 100_000, "100000 were given"),
    ("prompt", "a\x00b", "U+0000"),
    ("prompt", "a\ud800b", "U+D800"),
    ("prompt", {"text": "x"}, "Prompt must be text"),
    ("negativePrompt", "x" * 4001, "4001 were given"),
    ("negativePrompt", 5, "Negative prompt must be text"),
    ("model", "sora", "Pipeline must be one of"),
    ("model", 7, "Pipeline must be one of"),
]


@pytest.mark.parametrize(("field", "value", "words"), BAD, ids=lambda value: str(value)[:20].encode("unicode_escape"))
def test_a_value_out_of_bounds_is_named_with_its_field(alices, action, start_frame, field, value, words):
    response = send(alices, f"{root(action)}/video", {**VIDEO, "blockId": str(action.pk)} | {field: value})
    assert response.status_code == 422
    document = response.json()
    assert document["code"] == "invalid"
    assert [error["field"] for error in document["errors"]] == [field]
    assert words in document["errors"][0]["message"]
    assert Video.objects.count() == 0


def test_everything_that_is_wrong_is_told_at_once(alices, action, start_frame):
    body = {"blockId": str(action.pk), "prompt": "", "stepz": 3, "frame_rate": 1, "model": "x", "seed": "y"}
    response = send(alices, f"{root(action)}/video", body)
    errors = {error["field"]: error["message"] for error in response.json()["errors"]}
    assert set(errors) == {"prompt", "stepz", "frameRate", "model", "seed"}
    assert errors["stepz"] == "There is no field “stepz”. Did you mean steps?"


def test_more_pixels_than_the_budget_are_refused_with_the_sum(alices, action, start_frame):
    size = {"width": 4096, "height": 4096, "duration": 8, "frameRate": 30}
    response = send(alices, f"{root(action)}/video", {**VIDEO, "blockId": str(action.pk)} | size)
    assert response.status_code == 422
    assert "4096 × 4096 × 240 frames is 4027 million pixels" in response.json()["detail"]


@pytest.mark.parametrize("given", [None, "", "x", 5, [], "0" * 32, "{%s}", "urn:uuid:%s"])
@pytest.mark.parametrize("path", ["frame", "video", "prompt"])
def test_a_block_id_that_is_none_is_named(alices, action, path, given):
    given = given % action.pk if isinstance(given, str) and "%" in given else given
    response = send(alices, f"{root(action)}/{path}", {"blockId": given, "prompt": "Rain."})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "blockId"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("includeLocation", "yes", "Location must be true or false"),
        ("includeLocation", 1, "Location must be true or false"),
        ("characterIds", "x", "Characters must be a list of ids"),
        ("characterIds", [1], "Characters must be a list of ids"),
        ("characterIds", ["x"], "does not belong to this scene"),
        ("role", None, "Role must be start or end"),
        ("role", ["start"], "Role must be start or end"),
        ("duration", 5, "There is no field “duration”."),
    ],
)
def test_a_frames_own_fields_are_judged_as_strictly(alices, action, field, value, words):
    body = {"role": "start", "blockId": str(action.pk)} | {field: value}
    response = send(alices, f"{root(action)}/frame", body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert words in response.json()["detail"]
    assert Frame.objects.count() == 0


def raw(client, action, body: bytes, content_type: str = "application/json"):
    return client.generic("POST", f"{root(action)}/video", body, content_type=content_type)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b" ", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "one JSON object"),
        (b"null", "one JSON object"),
        (b'{"prompt": "a", "prompt": "b"}', "“prompt” twice"),
        (b'{"steps": NaN}', "NaN is not JSON"),
        (b'{"steps": -Infinity}', "-Infinity is not JSON"),
        (b'{"prompt": "\xff"}', "not UTF-8 at byte 12"),
        (b'{"steps": 1' + b"0" * 5000 + b"}", "a number of 5001 digits"),
        (b'{"prompt":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deeply"),
        (b'{"prompt":' + b"[" * 50 + b"]" * 50 + b"}", "nested too deeply"),
        ("\ufeff{}".encode(), "not JSON"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_in_words(alices, action, body, words):
    response = raw(alices, action, body)
    assert response.status_code == 422
    assert response.json()["code"] == "json_invalid"
    assert words in response.json()["detail"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16"]
)
def test_another_content_type_is_refused(alices, action, content_type):
    response = raw(alices, action, json.dumps(VIDEO).encode(), content_type)
    assert (response.status_code, response.json()["code"]) == (415, "content_type")


def test_a_body_of_more_than_two_megabytes_is_too_large(alices, action):
    response = raw(alices, action, b'{"prompt": "' + b"x" * (3 * 2**20) + b'"}')
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_name_of_a_megabyte_costs_no_time(alices, action):
    response = raw(alices, action, b'{"blockId": "%s", "%s": 1}' % (str(action.pk).encode(), b"A" * 1_000_000))
    assert response.status_code == 422
    assert len(response.content) < 1000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({f"key{n}": 1 for n in range(40_000)}, "An object of the body has 40003 fields; 64 may be."),
        ({f"k{n}": 1 for n in range(100_000)}, "An object of the body has 100003 fields; 64 may be."),
        ({f"{n}{'characterId' * 500}": 1 for n in range(61)}, "There are none of 53 others either."),
        ({"characterIds": list(range(250_000))}, "Characters may hold 64 ids; 250000 were given."),
        ({"characterIds": ["x"] * 400_000}, "Characters may hold 64 ids; 400000 were given."),
        ({"steps": [{}] * 400_000}, "Steps must be a whole number"),
    ],
    ids=["40,000 keys", "100,000 unknown fields", "64 long names", "250,000 numbers", "400,000 ids", "400,000 objects"],
)
def test_a_body_of_very_many_things_costs_no_time_and_gets_a_short_answer(alices, action, body, words):
    # Catches work for each pair of things: 250,000 numbers for ids took more than ten minutes.
    sent = {"blockId": str(action.pk), "role": "start", "prompt": "Rain."} | body
    begun = time.process_time()
    response = send(alices, f"{root(action)}/frame", sent)
    assert time.process_time() - begun < 3
    assert response.status_code == 422
    assert words in response.json()["detail"]
    assert len(response.content) < 4000


def test_both_spellings_of_a_field_at_once_are_refused(alices, action):
    body = {"blockId": str(action.pk), "prompt": "Rain.", "frameRate": 24, "frame_rate": 25}
    response = send(alices, f"{root(action)}/video", body)
    assert response.json()["errors"][0]["message"] == "frameRate was given twice, in both spellings. Send it once."


@pytest.mark.parametrize("wait", ["-1", "31", "x", "1.5", ""])
def test_a_wait_that_cannot_be_is_named(alices, action, wait):
    response = alices.get(f"{base(action)}/video", {"wait": wait})
    assert response.status_code == 422

    assert [error["field"] for error in response.json()["errors"]] == ["wait"]


def test_a_target_that_does_not_exist_is_named(alices, action):
    for target in (None, "middle", 3, ["video"]):
        body = {"blockId": str(action.pk), "target": target, "prompt": "Rain."}
        response = send(alices, f"{root(action)}/prompt", body)
        assert [error["field"] for error in response.json()["errors"]] == ["target"]


def test_a_wrong_host_is_a_problem_document_too(alices):
    response = alices.get("/api/scenes", headers={"host": "evil.example"})
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")
