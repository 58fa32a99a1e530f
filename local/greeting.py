"""The one line that whoever starts it waits for: where Storyreel is and how to get in."""

import json
import os
import shlex
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections

from accounts.links import sign_in_link

SLOW_SECONDS = 60  # after this long the reason for waiting is told
POLL_SECONDS = 0.3
OURS = ("VAR_DIR", "HOST", "PORT", "PUBLIC_URL")  # a shell without these would ask another installation


def greet_when_ready(stopping: threading.Event, say: Callable[[str], None], *, on_terminal: bool) -> None:
    """Wait until a clip can be made, then say the address and how to sign in; once, in a thread of its own."""
    tell_at = time.monotonic() + SLOW_SECONDS
    while (reason := _why_not_ready()) is not None:
        if time.monotonic() > tell_at:
            say(f"Storyreel at {settings.PUBLIC_URL} is not ready yet: {reason}")
            tell_at = time.monotonic() + SLOW_SECONDS
        if stopping.wait(POLL_SECONDS):
            return
    try:
        say(greeting(on_terminal=on_terminal))
    finally:
        connections.close_all()


def greeting(*, on_terminal: bool) -> str:
    """Return the line. A terminal gets a link that signs in, a journal, which others read, the command for one."""
    people = User.objects.filter(is_active=True)
    user = people.filter(username="alice").first() or people.filter(is_superuser=True).order_by("pk").first()
    if user is None:
        return f"Storyreel is ready at {settings.PUBLIC_URL}/ - make the first user with manage.py createsuperuser"
    ready = f"Storyreel is ready at {settings.PUBLIC_URL}/ -"
    if on_terminal:
        return f"{ready} sign in once as {user.username} by {sign_in_link(user)}"
    given = "".join(f"{name}={shlex.quote(os.environ[name])} " for name in OURS if name in os.environ)
    return f"{ready} sign in with: {given}.venv/bin/python manage.py signinlink {user.username}"


def _why_not_ready() -> str | None:
    """What /healthz says is missing, None once nothing is."""
    host = settings.HOST if settings.HOST not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  compared, not bound
    request = urllib.request.Request(
        f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}/healthz",
        headers={"Host": _allowed_host()},
    )
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            return None
    except urllib.error.HTTPError as error:
        return _reason(error)
    except (OSError, HTTPException):
        return "the web server does not answer."


def _allowed_host() -> str:
    names = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    return names[0].removeprefix(".") if names else "localhost"


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return " ".join(json.load(error)["reasons"])
    except (ValueError, KeyError):
        return f"/healthz answers {error.code}."
