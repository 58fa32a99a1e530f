"""What every operation's description in the OpenAPI document has in common: problems, and where a resource is."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from api.problems import CONTENT_TYPE

Json = dict[str, Any]

PROBLEM: Json = {
    "title": "Problem",
    "description": "Why a request was not done (RFC 9457). `code` is for programs, `detail` for people.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A full sentence."},
        "code": {"type": "string", "description": "What a client can branch on."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
        "runningUrl": {"type": "string", "description": "With already_running: what is being made."},
    },
    "required": ["type", "title", "status", "detail", "code", "errors"],
}
_HEADERS: Mapping[int, Json] = {
    401: {"WWW-Authenticate": "How to say who you are."},
    409: {"Location": "With already_running: what is being made."},
    429: {"Retry-After": "Seconds to wait before trying again."},
    503: {"Retry-After": "Seconds to wait before trying again."},
}
_OPTIONAL = {409}


def _headers(status: int) -> Json:
    return {
        name: {"description": text, "required": status not in _OPTIONAL, "schema": {"type": "string"}}
        for name, text in _HEADERS.get(status, {}).items()
    }


def _problem(status: int) -> Json:
    described: Json = {
        "description": HTTPStatus(status).phrase,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {**described, "headers": _headers(status)} if status in _HEADERS else described


def responses(
    *statuses: int, located: Mapping[int, str] | None = None, links: Mapping[int, Json] | None = None
) -> Json:
    """The problems an operation may answer with, and the headers and links of its successes.

    located: status -> what its Location leads to. links: status -> OpenAPI links by name.
    """
    described: dict[int, Json] = {status: _problem(status) for status in statuses}
    for status, what in (located or {}).items():
        header = {"description": f"Where {what} is read.", "required": True, "schema": {"type": "string"}}
        described.setdefault(status, {})["headers"] = {"Location": header}
    for status, by_name in (links or {}).items():
        described.setdefault(status, {})["links"] = by_name
    return {"responses": described}
