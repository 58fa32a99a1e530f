"""A screenplay or timeline in a multipart body, and its description in the document of the API."""

import json
from typing import Annotated, Any, Literal

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from ninja import Path

from api.problems import ProblemError
from scenes.screenplay.reading import MOST_BYTES

Form = Annotated[Literal["fountain", "fdx"], Path(description="The file format.")]
_OVERHEAD = 64 * 1024  # bytes of a multipart body that are not the file
_SHOWN = 60  # characters of a value in a sentence
_TYPES = {"text/plain": {"schema": {"type": "string"}}, "application/xml": {"schema": {"type": "string"}}}

_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_NAMES: dict[str, Any] = {
    "type": "string",
    "contentMediaType": "application/json",
    "description": 'What names of the file become, as a JSON object: {"WREEN": "WREN", "BANG!": ""}. '
    "An empty name makes action of it.",
}


def document(title: str, *, with_names: bool = False) -> dict[str, Any]:
    """Describe a multipart body with the part `file`, and `names` of a screenplay. title: the name of its schema."""
    parts = {"file": _FILE, **({"names": _NAMES} if with_names else {})}
    schema = {"title": title, "type": "object", "properties": parts, "required": ["file"]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def out(described: dict[str, Any]) -> dict[str, Any]:
    """Describe the answer that is a file, beside its problems."""
    found = {"description": "The screenplay.", "content": _TYPES}
    return {"responses": {200: found, **described["responses"]}}


def read(request: HttpRequest, what: str = "screenplay") -> tuple[str, bytes]:
    """Return the name and the bytes of the part `file`, a `what`. Raises ProblemError: 413, 415 or 422."""
    if request.content_type != "multipart/form-data":
        raise ProblemError(415, "content_type", "Send the file as multipart/form-data, in the field file.")
    try:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES + _OVERHEAD:
            raise _too_large(what)
        file: UploadedFile[bytes] | None = request.FILES.get("file")
    except RequestDataTooBig:
        raise _too_large(what) from None
    except UnreadablePostError:
        raise ProblemError(400, "bad_request", "The body ended before it was complete.") from None
    if file is None:
        words = f"The {what} is missing. Send it as a file in the field file."
        raise ProblemError(422, "file_missing", words, errors={"file": words})
    return file.name or "", file.read(MOST_BYTES + 1)


def read_names(request: HttpRequest) -> dict[str, str]:
    """Return the part `names` of a body that `read` has read: name -> what it becomes. Raises ProblemError 422."""
    text = request.POST.get("names", "")
    try:
        found = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        raise names_problem(f"Names must be a JSON object; “{text[:_SHOWN]}” is not JSON.") from None
    if not isinstance(found, dict):
        raise names_problem(f"Names must be a JSON object of texts; “{text[:_SHOWN]}” was given.")
    for name, other in found.items():
        if not isinstance(other, str):
            words = f"What “{name[:_SHOWN]}” becomes must be a text; “{json.dumps(other)[:_SHOWN]}” was given."
            raise names_problem(words)
    return found


def names_problem(words: str) -> ProblemError:
    """Return the 422 about the part `names`."""
    return ProblemError(422, "names_invalid", words, errors={"names": words})


def _too_large(what: str) -> ProblemError:
    words = f"This file is larger than 5 MB. Send the {what} alone, without pictures or media, or in parts."
    return ProblemError(413, "file_too_large", words, errors={"file": words})
