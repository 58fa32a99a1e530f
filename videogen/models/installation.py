"""Which installation this database is: the same name stands in the media that belong to it."""

import uuid

from django.db import models


class Installation(models.Model):
    """One row, made when it is first asked for. A new database is another installation (docs/decisions/0036)."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    identity = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        constraints = [
            # One database, one installation: two at once that ask first get the same row.
            models.CheckConstraint(name="installation_only_one", condition=models.Q(id=1)),
        ]

    def __str__(self) -> str:
        return str(self.identity)

    @classmethod
    def current(cls) -> str:
        """Return the name of this installation."""
        return str(cls.objects.get_or_create(pk=cls.ONLY)[0])
