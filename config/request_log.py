"""Which request a line of the log belongs to: its id, the person and the address."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

from accounts.address import client_address

HEADER = "X-Request-ID"
META_KEY = "storyreel.request_id"
_SANE = re.compile(r"[A-Za-z0-9-]{8,64}")  # of a proxy; anything else would let a visitor write into the log

_current: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


class RequestLogMiddleware:
    """Gives each request an id, the proxy's where it sent one, and answers with it in the same header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request.META[META_KEY] = given if _SANE.fullmatch(given) else secrets.token_hex(8)
        token = _current.set(request)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = request.META[META_KEY]
        return response


class RequestFilter(logging.Filter):
    """Adds `where` to a record: id, person and address of its request; nothing for lines outside of one.

    Never asks the database: the person is told once the request has been found to be theirs.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if not isinstance(request, HttpRequest):
            request = _current.get()
        record.where = f" [{_told(request)}]" if request is not None else ""
        return True


def _told(request: HttpRequest) -> str:
    person = getattr(request, "_cached_user", None)  # set by Django once the session was read
    facts = {
        "request": request.META.get(META_KEY, ""),
        "person": person.get_username() if person is not None and person.is_authenticated else "",
        "address": client_address(request),
    }
    return " ".join(f"{name}={value}" for name, value in facts.items() if value)
