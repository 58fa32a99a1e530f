"""One-time sign-in links."""

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from sesame.utils import get_query_string


def sign_in_link(user: User) -> str:
    """Return the full address of a link that signs this person in once, within SESAME_MAX_AGE seconds."""
    return f"{settings.PUBLIC_URL}{reverse('sign-in')}{get_query_string(user)}"
