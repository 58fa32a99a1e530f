"""Which request a line of the log belongs to: its id, the person and the address."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponseBase

from accounts.address import client_address
from videogen.worker import current

if TYPE_CHECKING:
    from videogen.models import Job

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
    """Adds `facts` to a record, and `where`, which is the same in words: its request and its job, as far as known.

    A line knows its job where it was written while a worker makes it, or was given it: extra={"job": row}. Never asks
    the database: the person is told once the request has been found to be theirs.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if not isinstance(request, HttpRequest):
            request = _current.get()
        job = getattr(record, "job", None) or current.job()
        facts = (_of_request(request) if request is not None else {}) | (_of_job(job) if job is not None else {})
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        record.facts = facts
        record.where = f" [{told}]" if told else ""
        return True


def _of_job(job: "Job") -> dict[str, str | int]:
    return {"generation": str(job.pk), "kind": job.KIND, "attempt": job.attempt}


def _of_request(request: HttpRequest) -> dict[str, str | int]:
    person = getattr(request, "_cached_user", None)  # set by Django once the session was read
    facts = {
        "request": request.META.get(META_KEY, ""),
        "person": person.get_username() if person is not None and person.is_authenticated else "",
        "address": client_address(request),
    }
    return {name: value for name, value in facts.items() if value}
