"""Submit a generation for a program: once for each key, with every refusal as a problem document."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

from api import idempotency
from api.auth import caller
from api.body import Body
from api.paths import url_of
from api.problems import ProblemError
from videogen.actions import AlreadyRunningError
from videogen.errors import ActionError
from videogen.models import Job
from videogen.quotas import QuotaError
from videogen.review import LockedError

Row = TypeVar("Row", bound=Job)

KEY_PARAMETER: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "description": "Repeat a call with the same key within 24 hours, and what the first one made is answered.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        }
    ]
}
_CONFLICTS = {idempotency.MadeIsGoneError.code, LockedError.code}


def submit(request: HttpRequest, response: HttpResponse, body: Body, queue: Callable[[], Row]) -> Row:
    """Queue a row by calling `queue`, and set its Location. Raises ProblemError for whatever stands against it."""
    try:
        key = idempotency.read_key(request.headers.get("Idempotency-Key"))
        if key is None:
            row = queue()
        else:
            asked = idempotency.fingerprint(request.path, body.values)
            row, known = idempotency.once(caller(request), key, asked, queue)
            if known:
                response["Idempotency-Replayed"] = "true"
    except ActionError as error:
        raise problem(error) from None
    response["Location"] = url_of(row)
    return row


def problem(error: ActionError) -> ProblemError:
    """Convert the refusal of an action to a problem."""
    if isinstance(error, AlreadyRunningError):
        url = url_of(error.running)
        return ProblemError(409, error.code, str(error), headers={"Location": url}, runningUrl=url)
    if isinstance(error, QuotaError):
        return ProblemError(429, error.code, str(error), headers={"Retry-After": str(error.retry_after)})
    return ProblemError(409 if error.code in _CONFLICTS else 422, error.code, str(error))
