"""Loaded by schemathesis: most calls go to rows that exist, and what every call was answered is written down.

ROWS_OF_TEST: {operationId: {"path", "query", "body" or "file": {name: value or values}}}; "*" is for all operations.
"""

import json
import os
from collections import Counter
from pathlib import Path

import schemathesis
from schemathesis.core.parameters import ParameterLocation

ROWS = json.loads(os.environ["ROWS_OF_TEST"])
ANSWERS = Path(os.environ["ANSWERS_OF_TEST"])
FILES = {
    "image": ("lamp.png", Path(os.environ["PICTURE_OF_TEST"]).read_bytes()),
    "file": ("lamp.fountain", b"INT. LAMP ROOM - NIGHT\n\nIt is dark.\n"),
}
_turns: Counter[tuple[str, bool]] = Counter()


def _operation(case: schemathesis.Case) -> str:
    return str(case.operation.definition.raw["operationId"])


def _is_negative(case: schemathesis.Case, location: ParameterLocation) -> bool:
    """Whether this part was made wrong on purpose; then it stays as it is."""
    part = case.meta.components.get(location) if case.meta else None
    return part is not None and part.mode.is_negative


def _known(name: str, case: schemathesis.Case, turn: int) -> dict[str, object]:
    """Return what leads somewhere in this part of the case, where one of several is meant another each turn."""
    values = ROWS["*"].get(name, {}) | ROWS.get(_operation(case), {}).get(name, {})
    return {key: value[turn % len(value)] if isinstance(value, list) else value for key, value in values.items()}


def _would_wait(value: object) -> bool:
    """Whether the API would read `value` as seconds, as it does where another part of the query is wrong."""
    return str(value).strip("[]' ").isdigit()


@schemathesis.hook
def before_call(context, case: schemathesis.Case, kwargs) -> None:
    if isinstance(case.query, dict) and _would_wait(case.query.get("wait")):
        case.query["wait"] = 0  # tests/api/test_waiting.py waits; here it would take all the time there is
    wrong = case.meta is not None and case.meta.generation.mode.is_negative
    turn = _turns[_operation(case), wrong]
    _turns[_operation(case), wrong] += 1
    if turn % 8 == 7:
        return  # an id that leads nowhere is a test as well
    path, query, body = case.path_parameters, case.query, case.body
    if path and not _is_negative(case, ParameterLocation.PATH):
        path |= {name: value for name, value in _known("path", case, turn).items() if name in path}
    if isinstance(query, dict) and not wrong:
        query |= _known("query", case, turn)
    if isinstance(body, dict) and not _is_negative(case, ParameterLocation.BODY):
        body |= {name: value for name, value in _known("body", case, turn).items() if name in body}
        there = FILES | ROWS.get(_operation(case), {}).get("file", {})
        if turn % 3 == 0 and not wrong and (files := {name: there[name] for name in there.keys() & body.keys()}):
            kwargs["files"] = {name: tuple(file) for name, file in files.items()}  # instead of the body


@schemathesis.hook
def after_call(context, case: schemathesis.Case, response) -> None:
    operation = _operation(case)
    with ANSWERS.open("a") as file:
        file.write(f"{case.method} {operation} {response.status_code}\n")
    known = ROWS.get(operation, {}).get("body", {})
    if "version" in known and response.status_code in (200, 201, 409):  # else every change but the first is too late
        answer = response.json()
        row = answer[0] if isinstance(answer, list) else answer.get("current") or answer
        known["version"] = row.get("version", known["version"])
