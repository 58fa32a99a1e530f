"""The OpenAPI document: valid, complete, and true to the limits of the specs."""

import pytest
from django.test import Client
from django.urls import get_resolver

from api.site import api
from config.checks import _path_view
from videogen import specs

FILES = ("ScreenplayFile", "FilmTimelineFile", "SceneTimelineFile")


@pytest.fixture
def document(db) -> dict:
    return Client().get("/api/openapi.json").json()


def properties(document: dict, path: str) -> dict:
    reference = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    body = document["components"]["schemas"][reference.removeprefix("#/components/schemas/")]
    assert body["additionalProperties"] is False
    return body["properties"]


def test_every_operation_of_the_api_is_described(document):
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    served = set()
    for pattern in next(
        include for include in get_resolver().url_patterns if str(include.pattern) == "api/"
    ).url_patterns:
        for operation in getattr(_path_view(pattern.callback), "operations", ()):
            served |= {(operation.operation_id, method) for method in operation.methods}
    assert len(described) == len(served) == 77


def test_operations_have_names_that_generators_can_use(document):
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)
    assert {"generateVideo", "readVideo", "deleteVideo", "uploadFrame", "listScenes"} <= set(names)


def test_the_limits_are_those_of_the_specs(document):
    video = properties(document, "/api/scenes/{sceneId}/blocks/video")
    assert (video["duration"]["minimum"], video["duration"]["maximum"]) == (1, 8)
    assert "default" not in video["duration"]  # it is as long as the block's line
    assert video["frameRate"]["anyOf"] == [{"type": "integer", "enum": [24, 25, 30]}, {"type": "null"}]
    assert (video["steps"]["minimum"], video["steps"]["maximum"], video["steps"]["default"]) == (1, 50, 28)
    assert (video["guidanceScale"]["minimum"], video["guidanceScale"]["maximum"]) == (1, 20)
    strength = video["endStrength"]
    assert (strength["minimum"], strength["maximum"], strength["default"]) == (0, 1, 1)
    assert (video["seed"]["minimum"], video["seed"]["maximum"]) == (0, 2**32 - 1)
    assert (video["width"]["minimum"], video["width"]["maximum"], video["width"]["multipleOf"]) == (64, 4096, 2)
    assert video["prompt"]["maxLength"] == video["negativePrompt"]["maxLength"] == specs.PROMPT_LENGTH == 4000


def test_every_rule_of_the_specs_has_its_field(document):
    frame = properties(document, "/api/scenes/{sceneId}/blocks/frame")
    assert set(frame) == {
        *("blockId", "role", "prompt", "negativePrompt", "includeLocation", "characterIds"),
        *("seed", "width", "height", "steps", "guidanceScale", "model", "likeStart", "candidates"),
    }
    video = properties(document, "/api/scenes/{sceneId}/blocks/video")
    assert set(video) == {
        *("blockId", "prompt", "negativePrompt", "duration", "frameRate", "steps", "guidanceScale"),
        *("seed", "width", "height", "model", "startStrength", "endStrength", "sound", "loras", "takes"),
    }


def test_a_file_has_the_parts_that_are_read_of_it(document):
    # Catches the names of a screenplay in the body of a timeline, where nobody reads them.
    parts = {name: set(document["components"]["schemas"][name]["properties"]) for name in FILES}
    assert parts == {"ScreenplayFile": {"file", "names"}, "FilmTimelineFile": {"file"}, "SceneTimelineFile": {"file"}}


def test_the_answers_are_those_of_the_contract(document):
    video = document["components"]["schemas"]["Video"]["properties"]
    assert set(video) >= {
        *("id", "blockId", "status", "progress", "model", "prompt", "negativePrompt", "duration", "frameRate"),
        *("frames", "width", "height", "steps", "guidanceScale", "seed", "hasAudio", "shortcuts"),
        *("startFrameId", "endFrameId"),
        *("url", "posterUrl", "error", "createdAt", "startedAt", "finishedAt"),
    }
    progress = document["components"]["schemas"]["Progress"]["properties"]
    assert set(progress) == {"phase", "step", "steps", "etaSeconds", "queuePosition"}
    frame = document["components"]["schemas"]["Frame"]["properties"]
    assert set(frame) >= {
        *("id", "blockId", "role", "status", "progress", "source", "model", "prompt", "width", "height", "seed"),
        *("url", "error", "createdAt", "finishedAt"),
    }


def test_every_operation_tells_of_its_problems(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert "401" in operation["responses"], (path, method)
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]


def test_both_ways_of_saying_who_one_is_are_described(document):
    assert document["components"]["securitySchemes"]["BearerToken"] == {"type": "http", "scheme": "bearer"}
    assert all(
        {"BearerToken": []} in operation["security"]
        for methods in document["paths"].values()
        for operation in methods.values()
    )


def test_asking_twice_gives_the_same_document(db):
    assert Client().get("/api/openapi.json").content == Client().get("/api/openapi.json").content
    assert api.get_openapi_schema() is api.get_openapi_schema()


def test_the_page_needs_nothing_from_elsewhere(db):
    page = Client().get("/api/docs").content.decode()
    assert "//" not in page.replace("<!DOCTYPE html>", "").replace("http://www.w3.org", "")


def test_the_root_leads_to_the_page(db):
    assert Client().get("/api/")["Location"] == "/api/docs"
