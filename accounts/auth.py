"""How the API learns who is asking: a bearer token, else the browser's session (then CSRF applies)."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from accounts.models import ApiToken


class BearerToken(HttpBearer):
    """`Authorization: Bearer <token>`. The views find the person in request.user, as they do with a session."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token's person, or None for a token that opens nothing."""
        user = ApiToken.authenticate(token)
        if user is not None:
            request.user = user
        return user


# The token comes first: a program that sends one must not be asked for a CSRF token because a cookie is there too.
API_AUTH = [BearerToken(), SessionAuth(csrf=True)]
