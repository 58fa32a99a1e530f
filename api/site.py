"""The HTTP API: its routers, authentication, error handlers, OpenAPI document and documentation page."""

import logging
from collections.abc import Callable
from functools import cache, partial, wraps
from typing import Any, cast

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, URLResolver, path, reverse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from api import (
    batches,
    candidates,
    exports,
    films,
    frames,
    guest_links,
    left_out,
    library,
    notes,
    people,
    prompts,
    reviews,
    takes,
    timelines,
    videos,
    writing,
)
from api.auth import API_AUTH
from api.openapi import PROBLEM, problem_response
from api.paths import refuse_unknown
from api.problems import ProblemError, not_authenticated, respond
from scenes.access import public
from videogen.errors import means_full_disk, shown

logger = logging.getLogger(__name__)

VERSION = "1"
DESCRIPTION = """Everything the three steps of the browser do, for programs: frames, videos, scenes.

Say who you are with `Authorization: Bearer <token>`; `manage.py apitoken <username>` and your page of tokens make one.
Names are in camelCase; in a body snake_case is read as well. Whatever is not done answers `application/problem+json`
with a `code` to branch on. Addresses in answers are relative to the server.
"""


def _open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @public
    @wraps(cast("partial[HttpResponse]", view).func)
    def shown_to_all(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return view(request, **kwargs)

    return shown_to_all


@public
def _home(request: HttpRequest) -> HttpResponseBase:
    return HttpResponseRedirect(reverse("api:openapi-view"))


class StoryreelAPI(NinjaAPI):
    """django-ninja's API with a root that redirects to the page, and problems in its document."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        return [*super()._get_urls()[:-1], path("", _home, name="api-root")]

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Return the document, built once: nothing in it depends on who asks."""
        return _document(self)


@cache
def _document(api: NinjaAPI) -> Any:
    document = NinjaAPI.get_openapi_schema(api)
    schemas = document["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"].setdefault("422", problem_response(422))  # a parameter that it does not have
            for media in operation.get("requestBody", {}).get("content", {}).values():
                if "$ref" in media["schema"]:
                    continue  # a body that several operations share
                # By name, so that a generated client calls it VideoRequest.
                schemas[media["schema"]["title"]] = media["schema"]
                media["schema"] = {"$ref": f"#/components/schemas/{media['schema']['title']}"}
    return document


api = StoryreelAPI(
    title="Storyreel",
    version=VERSION,
    description=DESCRIPTION,
    urls_namespace="api",
    auth=API_AUTH,
    docs_decorator=_open_to_all,
)
api.add_decorator(refuse_unknown)
for part in (
    films,
    writing,  # adds to the router of scenes
    frames,
    candidates,
    videos,
    takes,
    notes,
    reviews,
    prompts,
    left_out,
    library,
    people,
    guest_links,
    batches,
    exports,
    timelines,
):
    api.add_router("", part.router)


@api.exception_handler(ProblemError)
def _problem(request: HttpRequest, problem: Any) -> HttpResponse:
    return respond(problem)


@api.exception_handler(AuthenticationError)
def _who(request: HttpRequest, error: Any) -> HttpResponse:
    return respond(not_authenticated("Say who you are: send the header Authorization: Bearer <token>."))


@api.exception_handler(Http404)
def _absent(request: HttpRequest, error: Any) -> HttpResponse:
    return respond(ProblemError(404, "not_found", str(error) or "This is not there, or it was not shared with you."))


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: Any) -> HttpResponse:
    return respond(ProblemError(403, "not_allowed", str(error) or "You may not do this here."))


@api.exception_handler(ValidationError)
def _parameters(request: HttpRequest, error: Any) -> HttpResponse:
    """Name wrong parameters of the address; bodies are read by the specs."""
    errors = {str(found["loc"][-1]): _sentence(request, found) for found in error.errors}
    return respond(ProblemError(422, "invalid", " ".join(errors.values()), errors=errors))


def _sentence(request: HttpRequest, error: dict[str, Any]) -> str:
    name, message = error["loc"][-1], str(error["msg"]).removeprefix("Input ").rstrip(".")
    in_path = request.resolver_match.kwargs if request.resolver_match else {}
    return f"{name} {message}; {shown(request.GET.get(name, in_path.get(name)))} was given."


@api.exception_handler(BadRequest)
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(MultiPartParserError)
def _bad_request(request: HttpRequest, error: Any) -> HttpResponse:
    return respond(ProblemError(400, "bad_request", "The request makes no sense. Check it against /api/docs."))


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _database_away(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("The database failed a request of the API: %s", shown(str(error)))
    if means_full_disk(error):
        detail = "The disk is full, so nothing was changed. Ask the operator to free space."
        return respond(ProblemError(507, "disk_full", detail, headers={"Retry-After": "10"}))
    detail = "The database does not answer. Nothing was changed; try again in a moment."
    return respond(ProblemError(503, "unavailable", detail, headers={"Retry-After": "5"}))
