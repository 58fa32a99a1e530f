"""The error pages: a full page with a way on, or one sentence for htmx."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from videogen.errors import StorageAwayError, means_full_disk

RETRY_SECONDS = 5


def _answer(request: HttpRequest, status: int, sentence: str, *, with_request: bool = True) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        # htmx swaps no errors; requests.js shows this sentence as a message.
        return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    shown = {
        "sentence": sentence,
        "requests_waiting": 0,
    }  # an error costs no query for the menu, which may fail as well
    page = render_to_string(f"{status}.html", shown, request if with_request else None)
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request cannot be read."""
    return _answer(request, 400, _("That request could not be understood. Go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with the missing right, as scenes.access names it."""
    return _answer(request, 403, str(exception) or _("You may not do this here. Ask the scene’s owner."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: missing, or hidden from this person; the answer does not tell which."""
    return _answer(request, 404, _("This is not there, or it was not shared with you."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page that needs no database; 503 where the database or the bucket is away, 507 without room."""
    error = sys.exc_info()[1]
    if error and means_full_disk(error):
        sentence = _("The disk is full, so nothing was changed. Ask the operator to free space, then try again.")
        return _answer(request, 507, sentence, with_request=False)
    if isinstance(error, OperationalError | InterfaceError | StorageAwayError):
        return unavailable(request)
    sentence = _("Something went wrong on the server. Nothing you made is lost; try again in a moment.")
    return _answer(request, 500, sentence, with_request=False)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503: what is needed does not answer now, and soon may."""
    sentence = _("Storyreel cannot get at its data at the moment. Nothing you made is lost; try again in a moment.")
    response = _answer(request, 503, sentence, with_request=False)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose page is too old or that another site sent."""
    if request.path.startswith("/api/"):
        return HttpResponse(status=403)  # asked for by Ninja, which answers with a document and drops the page
    return _answer(request, 403, _("This page was open for too long. Reload it, then try again."))
