"""Answers to what is no request: gunicorn refuses it before Django sees it, but the answer is like every other one."""

from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from api.problems import plain, respond

# Those of the settings that put the same headers on every answer, whatever was asked.
HEADERS_BY = {
    "django.middleware.security.SecurityMiddleware",
    "config.content_policy.ContentPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
}


@cache
def refusal(status: int) -> bytes:
    """Return a whole HTTP/1.1 answer, a problem document; the connection closes. Repeats nothing that was sent."""
    response: Any = _with_headers(status)
    response["Content-Length"] = len(response.content)
    response["Connection"] = "close"
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        *(f"{name}: {value}" for name, value in response.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(response.content)


def _with_headers(status: int) -> HttpResponseBase:
    def answer(request: HttpRequest) -> HttpResponseBase:
        return respond(plain(status))

    for name in reversed(settings.MIDDLEWARE):
        if name in HEADERS_BY:
            answer = import_string(name)(answer)
    request = HttpRequest()
    # Nothing is known of the request; where TLS is in front it came by TLS, and is not to be sent there once more.
    request.META["HTTP_X_FORWARDED_PROTO"] = "https" if settings.BEHIND_TLS else "http"
    return answer(request)
