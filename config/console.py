"""The operator's console: Django's admin, which takes junk in an address for junk and not for an error."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse

logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

# What a value that cannot be raises on its way to the database: Django looks after some lookups, not after all.
_JUNK = (DataError, OverflowError, ValidationError, ValueError)


class Console(AdminSite):
    """The site of all lists and forms of the console, also of those that are not ours."""

    site_title = site_header = "Storyreel console"
    index_title = "Clips, scenes and people"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Wrap a view: where its address asks for what cannot be, it is shown without that."""
        return super().admin_view(_forgives(view), cacheable)


def _forgives(view: View) -> View:
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
