"""What the database refuses, whatever the kind of generation."""

from django.db import models
from django.db.models import Q

from videogen.models.generation import Status


def generation_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints of every generation table; `name` is the table's word."""
    return [
        models.CheckConstraint(name=f"{name}_status_valid", condition=Q(status__in=Status.values)),
        # A failure always has a sentence, and only a failure has one.
        models.CheckConstraint(
            name=f"{name}_failed_has_code",
            condition=(Q(status=Status.FAILED) & ~Q(error_code="")) | (~Q(status=Status.FAILED) & Q(error_code="")),
        ),
    ]


def file_constraint(name: str) -> models.BaseConstraint:
    """Return the constraint of a table whose rows end with a file: it is there exactly when the work succeeded."""
    return models.CheckConstraint(
        name=f"{name}_succeeded_has_file",
        condition=(Q(status=Status.SUCCEEDED) & ~Q(file="")) | (~Q(status=Status.SUCCEEDED) & Q(file="")),
    )


def media_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints of the tables whose rows end with a picture or a clip."""
    return [*generation_constraints(name), file_constraint(name)]
