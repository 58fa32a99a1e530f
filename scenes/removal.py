"""Rows that can be taken away and brought back."""

from datetime import timedelta
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class InPlace(models.Manager[_Row]):
    """The rows that stand where they were written. What was removed is found by `everything` alone."""

    def get_queryset(self) -> models.QuerySet[_Row]:
        """Leave out what was removed."""
        return super().get_queryset().filter(removed_at=None)


class Removable(models.Model):
    """What can be taken away and brought back.

    removed_at: since when it is away; a sweep deletes it for good after KEPT_FOR. shelved: a revised screenplay left it
    out; with frames or clips it then stays on the shelf until somebody deletes it.
    """

    KEPT_FOR = timedelta(days=30)

    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    shelved = models.BooleanField(default=False, editable=False)

    objects: ClassVar[InPlace[Self]] = InPlace()
    everything: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True

    @classmethod
    def can_come_back(cls) -> Q:
        """Return which rows were taken away and can be brought back: lately, or by a revised screenplay."""
        return Q(removed_at__gt=timezone.now() - cls.KEPT_FOR) | Q(removed_at__isnull=False, shelved=True)
