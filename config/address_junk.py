"""Junk in the addresses of the console: taken for junk, and not for an error."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse

logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

# What a value that cannot be raises on its way to the database: Django looks after some lookups, not after all.
_JUNK = (DataError, OverflowError, ValidationError, ValueError)


def without_junk(view: View) -> View:
    """Wrap a view: where its address asks for what cannot be, it is shown without that."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
            # Rendered here already, because forms read the address and lists the database only now.
            return response.render() if isinstance(response, TemplateResponse) else response
        except _JUNK:
            # Without a query, or with the one that Django gives a list after junk, it is a fault of ours.
            if request.method != "GET" or not request.GET or "e" in request.GET:
                raise
            logger.warning("Junk in the address, or a fault of ours: %s", request.path, exc_info=True)
            return HttpResponseRedirect(f"{request.path}?e=1")

    return cast("View", shown)
