"""Find the person a management command acts for."""

from django.contrib.auth.models import User
from django.core.management.base import CommandError


def find_active(username: str) -> User:
    """Return the active user of that name. Raises CommandError with what to do instead."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}. Make one with manage.py createsuperuser or in the admin.")
    if not user.is_active:
        raise CommandError(f"The user {username!r} is deactivated and cannot sign in.")
    return user
