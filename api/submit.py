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
from videogen.batches import PlanChangedError
from videogen.errors import ActionError
from videogen.models import Batch, Job
from videogen.plans import Item, Plan, Refusal
from videogen.quotas import QuotaError
from videogen.review import LockedError

Row = TypeVar("Row", bound=Job | Batch)

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


def read_key(request: HttpRequest) -> str | None:
    """Read the header Idempotency-Key, None where there is none. Raises ProblemError."""
    try:
        return idempotency.read_key(request.headers.get("Idempotency-Key"))
    except ActionError as error:
        raise problem(error) from None


def submit(request: HttpRequest, response: HttpResponse, body: Body, queue: Callable[[], Row]) -> Row:
    """Queue a row by calling `queue`, and set its Location. Raises ProblemError for whatever stands against it."""
    key = read_key(request)
    try:
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
    if isinstance(error, PlanChangedError):
        return ProblemError(422, error.code, str(error), refused=refusals_of(error.plan))
    return ProblemError(409 if error.code in _CONFLICTS else 422, error.code, str(error))


def refusals_of(plan: Plan) -> list[dict[str, str | None]]:
    """Convert what of a plan cannot be made, and the blocks that were named and are not there."""
    step = {"kind": "frame", "role": "start"} if plan.what == Batch.What.FRAMES else {"kind": "video", "role": None}
    gone = [{"blockId": str(pk), **step, "code": "not_there", "message": words} for pk, words in plan.gone.items()]
    return [*gone, *(_refusal_of(refusal) for refusal in plan.refused)]


def _refusal_of(refusal: Refusal) -> dict[str, str | None]:
    of = {"blockId": str(refusal.block.pk), "kind": refusal.kind, "role": role_of(refusal)}
    return {**of, "code": refusal.code, "message": refusal.message}


def role_of(planned: Item | Refusal) -> str | None:
    """Return the role of a planned frame, None for a clip."""
    return planned.step if planned.kind == "frame" else None
