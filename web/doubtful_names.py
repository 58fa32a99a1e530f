"""The names of a brought screenplay that are asked about, each with what it may become."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scenes.screenplay.choices import Doubt

PREFIX = "name-"  # of a field; behind it stands the name as the screenplay has it


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer. value: the name it becomes; empty: it is action."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A doubtful name with its answers."""

    doubt: Doubt
    choices: list[Choice]

    @property
    def field(self) -> str:
        """The name of its field."""
        return f"{PREFIX}{self.doubt.name}"


def questions(doubts: Iterable[tuple[Doubt, str]]) -> list[Question]:
    """Return what to ask, with the answer that stands now."""
    return [Question(doubt, list(_choices(doubt, chosen))) for doubt, chosen in doubts]


def _choices(doubt: Doubt, chosen: str) -> Iterable[Choice]:
    words = {doubt.name: _("Keep “%s”, a name of its own"), "": _("It is no name: make it action")}
    others = {name.casefold(): name for name in (doubt.suggestion, chosen) if name not in words}
    for name in (doubt.name, *others.values(), ""):
        told = words[name] if name in words else _("It is “%s”")
        yield Choice(name, told % name if name else told, name.casefold() == chosen.casefold())
