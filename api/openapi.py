"""Parts of the OpenAPI document: request bodies made from the specs, problems, headers and links."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic.alias_generators import to_camel

from api.problems import CONTENT_TYPE
from videogen.specs import Limits

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
        "current": {
            "type": ["object", "null"],
            "description": "With changed_meanwhile: the block or scene as it is now; `removed`: it was taken away.",
        },
        "refused": {
            "type": "array",
            "items": {"type": "object"},
            "description": "With plan_refused: {blockId, kind, code, message} of what cannot be made.",
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


def problem_response(status: int) -> Json:
    """Describe the answer with a problem."""
    described: Json = {
        "description": HTTPStatus(status).phrase,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {**described, "headers": _headers(status)} if status in _HEADERS else described


def responses(
    *statuses: int, located: Mapping[int, str] | None = None, links: Mapping[int, Json] | None = None
) -> Json:
    """Describe the problems an operation may answer with, and the headers and links of its successes.

    located: status -> what its Location leads to. links: status -> OpenAPI links by name.
    """
    described: dict[int, Json] = {status: problem_response(status) for status in statuses}
    for status, what in (located or {}).items():
        header = {"description": f"Where {what} is read.", "required": True, "schema": {"type": "string"}}
        described.setdefault(status, {})["headers"] = {"Location": header}
    for status, by_name in (links or {}).items():
        described.setdefault(status, {})["links"] = by_name
    return {"responses": described}


def json_body(title: str, properties: Mapping[str, Json], required: Collection[str] = ()) -> Json:
    """Describe the JSON object that an operation takes. properties, required: by snake_case name.

    title: the name of the schema, which generated clients use.
    """
    schema = {
        "title": title,
        "type": "object",
        "properties": {to_camel(name): found for name, found in properties.items()},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = [to_camel(name) for name in required]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The JSON body of an operation: `block_id`, the settings of a spec, and `more` fields by name.

    title: the name of the schema, which generated clients use. absent: fields without a default to tell of. of_block:
    whether it names a block.
    """

    title: str
    spec: type[Limits]
    required: tuple[str, ...]
    more: Mapping[str, Json] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    of_block: bool = True

    @property
    def fields(self) -> dict[str, Json]:
        """The schema of each field, by its snake_case name."""
        block_id = {"type": "string", "format": "uuid", "description": "A block of the scene in the address."}
        settings: dict[str, Json] = self.spec.model_json_schema()["properties"]
        return {**({"block_id": block_id} if self.of_block else {}), **self.more, **settings}

    @property
    def openapi(self) -> Json:
        """The OpenAPI description."""
        properties = {name: self._described(name, found) for name, found in self.fields.items()}
        return json_body(self.title, properties, self.required)

    def _described(self, name: str, found: Json) -> Json:
        described = {key: value for key, value in found.items() if key not in ("title", "anyOf")}
        described |= found.get("anyOf", [{}])[0]
        if name in self.absent or described.get("default", "") is None:
            described.pop("default", None)
        return described if name in self.required else or_null(described)


def or_null(described: Json) -> Json:
    """Allow null, which means the same as leaving the field out."""
    if "enum" not in described:
        return {**described, "type": [described["type"], "null"]}
    # Generators of clients understand an enumeration that may be null in this form only.
    values = {"type": described["type"], "enum": described["enum"]}
    rest = {name: value for name, value in described.items() if name not in values}
    return {"anyOf": [values, {"type": "null"}], **rest}
