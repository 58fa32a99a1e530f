"""Which of a block's rows the API shows as "the frame" or "the video"."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from videogen.models import FINAL, LIVE, Frame, Status, Video

Row = TypeVar("Row", Frame, Video)


def candidates(model: type[Row]) -> QuerySet[Row]:
    """The rows that can be shown: live ones, the used one, and failures that nothing finished after.

    A poller must see that what it waits for failed, even where an older picture or clip is still in use.
    """
    place = ("block", "role") if model is Frame else ("block",)
    same = {name: OuterRef(name) for name in place}
    later = model._default_manager.filter(
        status=Status.SUCCEEDED,
        created_at__gt=OuterRef("created_at"),
        **same,
    )
    used = Q(is_chosen=True) if model is Frame else Q(is_current=True)
    unsuccessful = Q(status__in=[status for status in FINAL if status != Status.SUCCEEDED])
    return model._default_manager.filter(Q(status__in=LIVE) | used | (unsuccessful & ~Exists(later)))


def pick(rows: Iterable[Row]) -> Row | None:
    """Of the candidates of one place: the live one, else the newest."""

    def rank(row: Any) -> tuple[bool, bool, Any]:
        return row.is_live, row.status != Status.SUCCEEDED, row.created_at

    return max(rows, key=rank, default=None)
