"""The JSON body of a request: camelCase or snake_case names, read strictly. Values are judged by the specs."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from pydantic.alias_generators import to_camel, to_snake

from api.problems import ProblemError
from videogen.errors import shown
from videogen.specs import Limits, SpecError

MOST_FIELDS = 64  # of one object; no request needs more than twenty
DEEPEST = 20  # levels of nesting; no request needs more than three
LONGEST_NAME = 60  # characters of a field's name that are looked at
MOST_VERSION = 2**31 - 1  # what the database counts to
MOST_NAMED = 8  # unknown fields that an answer names; the others are counted

Values = TypeVar("Values", bound=Limits)


def refuse(errors: Mapping[str, str]) -> NoReturn:
    """Raise the 422 that names each field (snake_case here, camelCase in the answer) with its sentence."""
    raise ProblemError(
        422, "invalid", " ".join(errors.values()), errors={to_camel(name): text for name, text in errors.items()}
    )


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON object of a request. values: by snake_case name. errors: fields that are unknown or came twice."""

    values: dict[str, Any]
    errors: dict[str, str]

    def identifier(self, name: str) -> UUID:
        """Return a required id. Raises ProblemError where it is none."""
        given = self.values.get(name)
        try:
            return _identifier(given)
        except ValueError:
            what = "is missing" if given is None else f"must be an id of 36 characters; {shown(given)} was given"
            refuse({**self.errors, name: f"{to_camel(name)} {what}."})

    def identifiers(self, name: str) -> list[UUID]:
        """Return a required list of ids. Raises ProblemError naming the first that is none."""
        given = self.values.get(name)
        if not isinstance(given, list):
            what = "is missing" if given is None else f"must be a list of ids; {shown(given)} was given"
            refuse({**self.errors, name: f"{to_camel(name)} {what}."})
        try:
            return [_identifier(value) for value in given]
        except ValueError:
            wrong = next(value for value in given if not _is_identifier(value))
            refuse({**self.errors, name: f"{to_camel(name)} must hold ids of 36 characters; {shown(wrong)} was given."})

    def version(self, name: str = "version") -> int:
        """Return the required version that something had when it was read. Raises ProblemError."""
        given = self.values.get(name)
        if isinstance(given, int) and not isinstance(given, bool) and 0 < given <= MOST_VERSION:
            return given
        what = "is missing" if given is None else f"must be a whole number from 1 on; {shown(given)} was given"
        refuse({**self.errors, name: f"{to_camel(name)} {what}. Send the one that was read."})

    def read(self, spec: type[Values], defaults: Mapping[str, object] | None = None, **known: Any) -> Values:
        """Read the settings in the body as a spec.

        defaults: values for what is absent. known: as `spec.read` takes it. Raises ProblemError naming every wrong
        field, unknown ones included.
        """
        errors = dict(self.errors)
        given = {**(defaults or {}), **{name: value for name, value in self.values.items() if value is not None}}
        try:
            found = spec.read(given, as_text=False, **known)
        except SpecError as refused:
            errors |= refused.errors
        if errors:
            refuse(errors)
        return found


def _identifier(given: object) -> UUID:
    # uuid.UUID also reads braces, URNs and no hyphens at all: one spelling is enough.
    if not isinstance(given, str) or len(given) != 36:
        raise ValueError("not an id")
    found = UUID(given)
    if str(found) != given.lower():
        raise ValueError("not an id")
    return found


def _is_identifier(given: object) -> bool:
    try:
        _identifier(given)
    except ValueError:
        return False
    return True


def read_body(request: HttpRequest, fields: Collection[str]) -> Body:
    """Read the JSON object of a request that may have these fields. Raises ProblemError: 413, 415 or 422."""
    if request.content_type != "application/json" or request.encoding not in (None, "utf-8"):
        raise ProblemError(415, "content_type", "Send JSON in UTF-8, with the header Content-Type: application/json.")
    document = _parse(_bytes_of(request))
    if not isinstance(document, dict):
        raise ProblemError(422, "json_invalid", "The body must be one JSON object, in braces.")
    return _by_name(document, fields)


def _bytes_of(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise ProblemError(413, "too_large", "The body is too large: JSON may have 2 MB.") from None
    except UnreadablePostError:
        raise ProblemError(400, "bad_request", "The body ended before it was complete.") from None


def _parse(body: bytes) -> object:
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_int
        )
        _check_depth(document)
    except UnicodeDecodeError as error:
        raise ProblemError(422, "json_invalid", f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ProblemError(422, "json_invalid", f"The body is not JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise ProblemError(422, "json_invalid", "The body is nested too deeply.") from None
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_FIELDS:
        raise ProblemError(422, "json_invalid", f"An object of the body has {len(pairs)} fields; {MOST_FIELDS} may be.")
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ProblemError(422, "json_invalid", f"The body holds {shown(name)} twice. Send it once.")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ProblemError(422, "json_invalid", f"{name} is not JSON. Send a number, or null.")


def _int(digits: str) -> int:
    if len(digits) > 400:
        raise ProblemError(422, "json_invalid", f"The body holds a number of {len(digits)} digits.")
    return int(digits)


def _check_depth(document: object, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise RecursionError
    inside = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    for value in inside:
        _check_depth(value, depth + 1)


def _by_name(document: dict[str, Any], fields: Collection[str]) -> Body:
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    unknown, last = 0, ""
    for given, value in document.items():
        short = given[:LONGEST_NAME]
        name = short if short in fields else to_snake(short)
        if name not in fields or given not in (name, to_camel(name)):
            unknown += 1
            if unknown <= MOST_NAMED:
                errors[short] = _no_field(given, fields)
                last = short
        elif name in values:
            errors[name] = f"{to_camel(name)} was given twice, in both spellings. Send it once."
        else:
            values[name] = value
    if unknown > MOST_NAMED:
        errors[last] += f" There are none of {unknown - MOST_NAMED} others either."
    return Body(values, errors)


def _no_field(given: str, fields: Collection[str]) -> str:
    near = get_close_matches(to_snake(given[:LONGEST_NAME]), fields, 1)
    hint = f" Did you mean {to_camel(near[0])}?" if near else ""
    return f"There is no field {shown(given)}.{hint}"


def save_words(
    body: Body, names: Collection[str], form_class: Any, row: Any, numbers: Collection[str] = frozenset()
) -> None:
    """Save those words of a row that a body names, as its form reads them; a new row's form is asked for all.

    numbers: which of the names are whole numbers.
    Raises ProblemError naming every wrong field.
    """
    given = {name: value for name, value in body.values.items() if name in names and value is not None}
    kinds = {name: int if name in numbers else str for name in names}
    no_text = {name: value for name, value in given.items() if type(value) is not kinds[name]}
    sent = {name: value for name, value in given.items() if name not in no_text}
    form = form_class({name: getattr(row, name) for name in names} | sent, instance=row)
    asked = names if row._state.adding else sent
    errors = {name: " ".join(found) for name, found in form.errors.items() if name in asked} | body.errors
    errors |= {
        name: f"{to_camel(name)} must be {'a whole number' if name in numbers else 'text'}; {shown(value)} was given."
        for name, value in no_text.items()
    }
    if errors:
        refuse(errors)
    form.save()
