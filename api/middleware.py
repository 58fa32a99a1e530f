"""Bearer tokens outside the API: on the files whose addresses the API hands out."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from accounts.models import ApiToken
from api.auth import TOKEN_REFUSED
from api.problems import not_authenticated, respond


class BearerMiddleware:
    """Authenticates requests for views marked by scenes.access.for_programs by their token. The header wins over a
    cookie.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Set request.user to the token's person; answer 401 for a bad token, whatever cookie is there."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not getattr(view, "for_programs", False):
            return None
        user = ApiToken.authenticate(token.strip())
        if user is None:
            return respond(not_authenticated(TOKEN_REFUSED, error="invalid_token"))
        request.user = user
        return None
