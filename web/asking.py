"""A right that somebody lacks: whether they may ask for it, have asked, or were answered."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils import timezone

from scenes import sharing
from scenes.access import CHANGE, NAMES, VIEW, grantable
from scenes.models import RightRequest
from scenes.sharing import Target
from web.places import Place


@dataclass(frozen=True, slots=True)
class Ask:
    """The place of a button that asks for a right. request: what was asked last."""

    place: Place
    right: str
    request: RightRequest | None
    error: str = ""

    @classmethod
    def of(cls, target: Target, person: User, right: str, error: str = "") -> "Ask":
        """Return it for one right. One query."""
        return cls(Place(target), right, sharing.last_requests(target, person).get(right), error)

    @classmethod
    def all(cls, target: Target, person: User) -> "list[Ask]":
        """Return it for each right that the person lacks on the target and may ask for. One query."""
        asked = sharing.last_requests(target, person)
        offered = grantable(target).values() if target.can.view else (VIEW, CHANGE)
        return [cls(Place(target), right, asked.get(right)) for right in offered if not target.can.holds(right)]

    @property
    def name(self) -> str:
        """The right in words."""
        return NAMES[self.right]

    @property
    def whom(self) -> str:
        """Who owns the film."""
        return str(self.place.film.owner)

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.request is not None and self.request.decided_at is None

    @property
    def is_declined(self) -> bool:
        """Whether it was declined less than a day ago."""
        asked = self.request
        return asked is not None and asked.granted is False and asked.may_ask_again_at > timezone.now()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a row of a list."""

    row: RightRequest
    place: Place

    @classmethod
    def of(cls, row: RightRequest) -> "Asked":
        """Return it with its place."""
        return cls(row, Place(row.target))

    @property
    def right(self) -> str:
        """The right in words."""
        return NAMES.get(self.row.right, self.row.right)
