"""API tokens."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 100  # characters
MOST_TOKENS = 20  # that a person may hold at a time
DEFAULT_DAYS = 90  # that a token is good for unless told otherwise
USED_AT_PRECISION = timedelta(minutes=1)  # a busy program costs one write a minute, not one a request


def _hash(plaintext: str) -> str:
    # 256 random bits cannot be guessed, so a plain hash keeps them: no salt, no stretching, one indexed look-up.
    return hashlib.sha256(plaintext.encode()).hexdigest()


class TooManyTokensError(Exception):
    """The person holds MOST_TOKENS already."""


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def alive(self) -> Self:
        """Tokens that were not revoked and have not expired."""
        fresh = Q(expires_at__isnull=True) | Q(expires_at__gt=Now())
        return self.filter(fresh, revoked_at__isnull=True)

    def usable(self) -> Self:
        """Tokens that authenticate: alive, of an active person."""
        return self.alive().filter(user__is_active=True)

    def revoke(self) -> int:
        """Revoke the tokens at once. Returns how many were not revoked before."""
        return self.filter(revoked_at__isnull=True).update(revoked_at=Now())


class ApiToken(models.Model):
    """A bearer token of one person. Only its hash is stored; the token itself is shown once, when it is issued."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH, help_text=_("What uses it."))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)  # sha256, in hexadecimal
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("API token")

    def __str__(self) -> str:
        return f"{self.name} ({self.user})"

    @classmethod
    def issue(cls, user: User, name: str, expires_at: datetime | None = None) -> tuple["ApiToken", str]:
        """Create a token. Returns the row and the plaintext, which nobody can read again later.

        Raises TooManyTokensError.
        """
        plaintext = f"storyreel_{secrets.token_urlsafe(32)}"
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)  # of two at once the second one counts the first
            if cls.objects.alive().filter(user=user).count() >= MOST_TOKENS:
                raise TooManyTokensError
            row = cls.objects.create(user=user, name=name, token_hash=_hash(plaintext), expires_at=expires_at)
        return row, plaintext

    @classmethod
    def authenticate(cls, plaintext: str) -> User | None:
        """Return whose token this is; None for one that is unknown, revoked, expired or of an inactive person."""
        token = cls.objects.usable().select_related("user").filter(token_hash=_hash(plaintext)).first()
        if token is None:
            return None
        # Looked at before it is written: even an UPDATE that matches nothing waits for the database's write lock.
        if token.last_used_at is None or token.last_used_at < timezone.now() - USED_AT_PRECISION:
            cls.objects.filter(pk=token.pk).update(last_used_at=Now())
        return token.user
