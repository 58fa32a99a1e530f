"""The sessions of a person: every browser that is signed in as them."""

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone


def end_others(person: User, keep: str | None) -> int:
    """End the person's sessions but the one with the key `keep`, and links not used yet. Returns how many sessions.

    Reads every session: a row says whose it is only in its signed data. A sweep keeps them few.
    """
    User.objects.filter(pk=person.pk).update(last_login=timezone.now())  # links are signed together with it
    alive = Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=keep)
    theirs = [session.pk for session in alive.iterator() if session.get_decoded().get(SESSION_KEY) == str(person.pk)]
    return Session.objects.filter(pk__in=theirs).delete()[0]
