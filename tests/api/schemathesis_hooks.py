"""Loaded by schemathesis: most calls go to a scene and blocks that exist, so that more than 404s is tested."""

import json
import os

import schemathesis
from schemathesis.core.parameters import ParameterLocation

FILM = os.environ["FILM_OF_TEST"]
SPARE_FILM = os.environ["SPARE_FILM_OF_TEST"]  # so that the other is not taken away under the rest, or revised
SCENE = os.environ["SCENE_OF_TEST"]
BLOCKS = json.loads(os.environ["BLOCKS_OF_TEST"])
SPARED = {("/films/{filmId}/screenplay", "POST"), ("/films/{filmId}", "DELETE")}
WRITTEN, *LINES = json.loads(os.environ["WRITTEN_OF_TEST"])  # a scene, so that the other is not removed under the rest
WRITING = ("blocks", "blocks/{blockId}", "order", "restore", "split", "join", "undo", "redo")


def _is_negative(case: schemathesis.Case, location: ParameterLocation) -> bool:
    """Whether this part was made wrong on purpose; then it stays as it is."""
    part = case.meta.components.get(location) if case.meta else None
    return part is not None and part.mode.is_negative


def _writes(case: schemathesis.Case) -> bool:
    """Whether the operation writes in a scene."""
    rest = case.path.removeprefix("/scenes/{sceneId}").strip("/")
    return rest.endswith(WRITING) or (rest == "" and case.method in ("PATCH", "DELETE"))


def _would_wait(value: object) -> bool:
    """Whether the API would read `value` as seconds, as it does where another part of the query is wrong."""
    return str(value).strip("[]' ").isdigit()


@schemathesis.hook
def before_call(context, case: schemathesis.Case, kwargs) -> None:
    chance = sum(case.id.encode())
    if chance % 8 == 0:
        return  # an id that leads nowhere is a test as well
    scene, blocks = (WRITTEN, LINES) if _writes(case) else (SCENE, BLOCKS)
    block = blocks[chance % len(blocks)]
    path = case.path_parameters
    if path and not _is_negative(case, ParameterLocation.PATH):
        film = SPARE_FILM if (case.path, case.method) in SPARED else FILM
        known = (("filmId", film), ("sceneId", scene), ("blockId", block))
        path |= {name: value for name, value in known if name in path}
    if isinstance(case.body, dict) and "blockId" in case.body and not _is_negative(case, ParameterLocation.BODY):
        case.body["blockId"] = block
    if isinstance(case.query, dict) and _would_wait(case.query.get("wait")):
        case.query["wait"] = 0  # tests/api/test_waiting.py waits; here it would take all the time there is
