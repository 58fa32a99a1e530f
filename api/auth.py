"""How the API learns who is asking: a bearer token, else the browser's session (then CSRF applies)."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from accounts.models import ApiToken
from api.problems import ProblemError, not_authenticated

TOKEN_REFUSED = "This token is unknown, expired or revoked. Make a new one on your page of tokens."  # noqa: S105


class BearerToken(HttpBearer):
    """`Authorization: Bearer <token>`. The views find the person in request.user, as they do with a session."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """The token's person. Raises the 401: a bad token is never helped out by a cookie that came along."""
        user = ApiToken.authenticate(token.strip())
        if user is None:
            raise not_authenticated(TOKEN_REFUSED, error="invalid_token")
        request.user = user
        return user


class BrowserSession(SessionAuth):
    """The session cookie of somebody who is signed in; what changes something needs the CSRF token as well."""

    def __call__(self, request: HttpRequest) -> User | None:
        """None for a visitor: who they are comes before how they ask. Raises the 403 of a missing CSRF token."""
        user = request.user
        if not isinstance(user, User):
            return None
        if check_csrf(request):
            detail = "This came with a browser's session but without its CSRF token. Send the header X-CSRFToken."
            raise ProblemError(403, "csrf_failed", detail)
        return user


def caller(request: HttpRequest) -> User:
    """The person of a request that passed API_AUTH. Raises the 401 where it did not."""
    if not isinstance(request.user, User):
        raise not_authenticated("Say who you are: send the header Authorization: Bearer <token>.")
    return request.user


# The token comes first: a program that sends one must not be asked for a CSRF token because a cookie is there too.
API_AUTH = [BearerToken(), BrowserSession()]
