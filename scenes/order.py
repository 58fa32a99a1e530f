"""Blocks of a scene and scenes of a film in order: positions 0, 1, 2 and so on, no two the same at any moment."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Manager, Max, QuerySet
from django.utils import timezone

ASIDE = 1_000_000  # above every position that a script gives
Rows = Manager[Any] | QuerySet[Any]  # the blocks of one scene, or the scenes of one film


def set_aside(rows: Rows) -> None:
    """Move all rows out of the way, so that their positions can be given anew. They keep their order."""
    # Above where any of them stands as well: some may have been set aside before, and no two may meet on the way.
    rows.update(position=F("position") + max(ASIDE, next_position(rows)))


def set_order(rows: Rows, order: Iterable[UUID]) -> None:
    """Number the rows in this order; those that are not named follow, in the order they had."""
    with transaction.atomic():
        set_aside(rows)
        found = {row.pk: row for row in rows.order_by("position").only("pk", "position")}
        named = [found.pop(pk) for pk in order if pk in found]
        for position, row in enumerate([*named, *found.values()]):
            row.position = position
        rows.bulk_update([*named, *found.values()], ["position"])


def stands(rows: Rows, wanted: Iterable[UUID]) -> bool:
    """Tell whether the rows that are named stand in this order. Those that are gone do not count."""
    there = list(rows.order_by("position").values_list("pk", flat=True))
    named = set(there).intersection(wanted := list(wanted))
    return [pk for pk in there if pk in named] == [pk for pk in wanted if pk in named]


def put_back(rows: Rows, now: Iterable[UUID], then: Iterable[UUID]) -> bool:
    """Put rows from one order into another; those that came since stay where they are. False where `now` is not so."""
    if not stands(rows, now := list(now)):
        return False
    there = list(rows.order_by("position").values_list("pk", flat=True))
    named = set(there).intersection(now)
    wanted = (pk for pk in then if pk in named)
    set_order(rows, [next(wanted) if pk in named else pk for pk in there])
    return True


def take_out(rows: Rows, row: Any) -> None:
    """Remove a row, which can be brought back; those behind it move up. rows: those in place."""
    row.removed_at = timezone.now()
    row.save(update_fields=["removed_at"])
    _shift(rows, row.position + 1, -1)


def put_in(rows: Rows, row: Any, position: int) -> None:
    """Bring a removed row back to a position; those from there on make room."""
    row.position = min(position, next_position(rows))
    _shift(rows, row.position, 1)
    row.removed_at, row.shelved = None, False
    row.save(update_fields=["position", "removed_at", "shelved"])


def make_room(rows: Rows, position: int) -> None:
    """Leave one position free for a row that is about to be inserted."""
    _shift(rows, position, 1)


def _shift(rows: Rows, start: int, by: int) -> None:
    # In two steps: the database compares each row with those that have not moved yet.
    if rows.filter(position__gte=start).update(position=F("position") + ASIDE):
        rows.filter(position__gte=ASIDE).update(position=F("position") - ASIDE + by)


def next_position(rows: Rows) -> int:
    """Return the position of a row that is added at the end."""
    last = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
