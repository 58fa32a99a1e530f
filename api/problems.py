"""Problem documents (RFC 9457), each with a code that programs can branch on."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

Row = TypeVar("Row", bound=Model)

CONTENT_TYPE = "application/problem+json"
API_PREFIX = "/api/"

# For requests that Django refuses before they reach an operation: status -> (code, sentence).
_PLAIN = {
    400: ("bad_request", "The request makes no sense. Check its address and headers against /api/docs."),
    401: ("not_authenticated", "Say who you are: Authorization: Bearer <token>."),
    403: ("not_allowed", "You may not do this here."),
    404: ("not_found", "There is nothing here, or it was not shared with you. /api/docs lists what there is."),
    405: ("method_not_allowed", "This address does not take that method. The header Allow lists those it takes."),
    408: ("too_slow", "The request did not arrive in time. Send it again."),
    413: ("too_large", "The request is too large."),
    414: ("address_too_long", "The address of the request is too long."),
    417: ("expectation_failed", "The request expects what this server does not do."),
    431: ("headers_too_large", "The headers of the request are too many or too long."),
    500: ("internal", "Something went wrong on our side. Nothing you sent is half done; try again in a moment."),
    501: ("not_implemented", "This server does not read requests that are sent like this."),
    503: ("unavailable", "The server cannot answer now. Try again in a moment."),
}


class ProblemError(Exception):
    """A request that is refused. `status`: HTTP; `code`: for programs; `detail`: a full sentence for people.

    errors: field name (as sent) -> sentence. headers: of the answer. more: further members of the document.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})
        self.more = more


def respond(problem: ProblemError) -> HttpResponse:
    """Return the response of a problem."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "errors": [{"field": field, "message": message} for field, message in problem.errors.items()],
        **problem.more,
    }
    return JsonResponse(document, status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers)


def not_authenticated(detail: str, *, error: str = "") -> ProblemError:
    """Return the 401. `error`: RFC 6750's word for a token that was sent and is no good."""
    challenge = 'Bearer realm="storyreel"' + (f', error="{error}"' if error else "")
    code = "token_invalid" if error else "not_authenticated"
    return ProblemError(401, code, detail, headers={"WWW-Authenticate": challenge})


def one_of(rows: QuerySet[Row], pk: object, otherwise: str) -> Row:
    """Return the row with this key. Raises Http404 with the sentence `otherwise`."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404(otherwise)
    return row


def plain(status: int, headers: Mapping[str, str] | None = None) -> ProblemError:
    """Return the problem of an answer that has no better words than its status."""
    code, detail = _PLAIN.get(status, _PLAIN[400 if status < 500 else 500])
    return ProblemError(status, code, detail, headers=headers)


class ProblemMiddleware:
    """Turns every error page under /api/ into a problem document: wrong methods, unknown addresses, faults.

    HEAD is answered like GET.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.method
        if asked == "HEAD" and request.path_info.startswith(API_PREFIX):
            request.method = "GET"
        response = self.get_response(request)
        request.method = asked  # by which the server leaves the body out
        if not request.path_info.startswith(API_PREFIX) or response.status_code < 400:
            return response
        if response.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        kept = {name: value for name, value in response.items() if not name.startswith("Content-Type")}
        kept.pop("Content-Length", None)
        if "Allow" in kept:
            allowed = set(kept["Allow"].split(", "))
            kept["Allow"] = ", ".join(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed))
        return respond(plain(response.status_code, kept))
