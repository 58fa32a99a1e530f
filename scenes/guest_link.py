"""A link for a guest, who needs no account: it opens one scene to look and to note, until it ends or is revoked."""

import hashlib
import secrets
import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LABEL_LENGTH = 100  # characters


def hash_of(secret: str) -> str:
    """Return what is stored of a secret. 256 random bits cannot be guessed, so a plain hash keeps them."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class GuestLinkQuerySet(models.QuerySet["GuestLink"]):
    def open(self) -> Self:
        """Filter to links that have neither ended nor been revoked."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def shown(self, since: datetime) -> Self:
        """Filter to links that are open, or were until lately: not closed before `since`."""
        return self.filter(Q(revoked_at=None) | Q(revoked_at__gt=since), expires_at__gt=since)


class GuestLink(models.Model):
    """One link. Only the hash of its secret is stored; the address itself is shown once, when it is made.

    label: for whom it is, in the words of who made it. made_by: the link goes no further than this person may share.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scene = models.ForeignKey("scenes.Scene", models.CASCADE, related_name="guest_links")
    label = models.CharField(_("label"), max_length=LABEL_LENGTH)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)  # sha256, in hexadecimal
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)

    objects = GuestLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("guest link")
        constraints = [
            # A link without an end would outlive whoever remembers it.
            models.CheckConstraint(name="guest_link_ends_later", condition=Q(expires_at__gt=F("created_at"))),
        ]

    def __str__(self) -> str:
        return self.label

    @classmethod
    def issue(cls, **fields: object) -> tuple["GuestLink", str]:
        """Create a link. Returns the row and its secret, which nobody can read again later."""
        secret = secrets.token_urlsafe(32)
        return cls.objects.create(secret_hash=hash_of(secret), **fields), secret

    @property
    def is_open(self) -> bool:
        """Whether it has neither ended nor been revoked."""
        return self.revoked_at is None and self.expires_at > timezone.now()
