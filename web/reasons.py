"""What has changed since a frame or clip was made, in words: in one line, and part by part with what differs."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scenes.models import Block
from scenes.screenplay.words import Piece, differences
from videogen.outdated import END, START, Change
from web.marks import new_words, old_words

NAMES: dict[str, Promise] = {
    "text": gettext_lazy("the words"),
    "kind": gettext_lazy("action or dialog"),
    "speaker": gettext_lazy("who speaks"),
    "parenthetical": gettext_lazy("how it is said"),
    "hour": gettext_lazy("the time of day"),
    "location": gettext_lazy("the location"),
    "locationPicture": gettext_lazy("the picture of the location"),
    "cast": gettext_lazy("who is shown"),
    "castPicture": gettext_lazy("a picture of who is shown"),
    START: gettext_lazy("the start frame"),
    END: gettext_lazy("the end frame"),
}


def named(parts: Iterable[str]) -> str:
    """Name the parts in one line: the words, the start frame."""
    return ", ".join(dict.fromkeys(str(NAMES[part.partition("/")[0]]) for part in parts))


@dataclass(frozen=True, slots=True)
class Reason:
    """A change as the dialog lists it."""

    change: Change

    @property
    def name(self) -> str:
        """What changed."""
        if self.change.what == "castPicture":
            return _("the picture of %s") % self.change.who
        return str(NAMES[self.change.what])

    @property
    def was(self) -> SafeString | str:
        """What it was, with what went marked as deleted."""
        return self._told(self.change.was) if self._is_plain else old_words(self._pieces)

    @property
    def now(self) -> SafeString | str:
        """What it is, with what came marked as inserted."""
        if self.change.is_picture and self.change.was and self.change.now:
            return _("another picture")
        return self._told(self.change.now) if self._is_plain else new_words(self._pieces)

    @property
    def _pieces(self) -> list[Piece]:
        return differences(self.change.was, self.change.now)

    @property
    def _is_plain(self) -> bool:
        return self.change.is_picture or self.change.what == "kind" or not (self.change.was and self.change.now)

    def _told(self, words: str) -> str:
        if not words:
            return _("none")
        if self.change.is_picture:
            return _("a picture")
        return str(Block.Kind(words).label) if self.change.what == "kind" else words.removesuffix(": ")
