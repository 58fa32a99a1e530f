"""Authentication of the API: a bearer token, else the browser's session (then CSRF applies)."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from accounts.models import ApiToken
from api.problems import ProblemError, not_authenticated

TOKEN_REFUSED = "This token is unknown, expired or revoked. Make a new one on your page of tokens."  # noqa: S105


class BearerToken(HttpBearer):
    """`Authorization: Bearer <token>`. Sets request.user, as a session does."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """Return the token's person. Raises the 401: a cookie that came along does not help a bad token."""
        user = ApiToken.authenticate(token.strip())
        if user is None:
            raise not_authenticated(TOKEN_REFUSED, error="invalid_token")
        request.user = user
        return user


class BrowserSession(SessionAuth):
    """The session cookie of somebody who is signed in; a change needs the CSRF token as well."""

    def __call__(self, request: HttpRequest) -> User | None:
        """Return the signed-in person, None for a visitor. Raises the 403 of a missing CSRF token."""
        user = request.user
        if not isinstance(user, User):
            return None
        if check_csrf(request):
            detail = "This came with a browser's session but without its CSRF token. Send the header X-CSRFToken."
            raise ProblemError(403, "csrf_failed", detail)
        return user


def caller(request: HttpRequest) -> User:
    """Return the person of a request that passed API_AUTH. Raises the 401 where it did not."""
    if not isinstance(request.user, User):
        raise not_authenticated("Say who you are: send the header Authorization: Bearer <token>.")
    return request.user


# The token comes first: a program that sends one must not be asked for a CSRF token because a cookie is there too.
API_AUTH = [BearerToken(), BrowserSession()]
