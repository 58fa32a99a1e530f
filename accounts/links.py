"""One-time sign-in links. They pass by the backends of Django: no lockout counts them, none closes them."""

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from sesame.backends import ModelBackend
from sesame.utils import get_query_string


def sign_in_link(user: User) -> str:
    """Return the full address of a link that signs this person in once, within SESAME_MAX_AGE seconds."""
    return f"{settings.PUBLIC_URL}{reverse('sign-in')}{get_query_string(user)}"


def look(token: str) -> User | None:
    """Return the active person whose unspent link carries this token, and spend nothing."""
    person: User | None = ModelBackend().authenticate(None, sesame=token)
    return person


def spend(person: User) -> bool:
    """Spend the link of a person from `look`. Returns False where it was spent, or the person shut out, meanwhile.

    A token is signed together with the last sign-in, so whoever changes that first has spent it.
    """
    unspent = User.objects.filter(pk=person.pk, last_login=person.last_login, is_active=True)
    return unspent.update(last_login=timezone.now()) == 1
