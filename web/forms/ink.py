"""With what a person draws on a frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videogen.models import Video
from videogen.strokes import COLORS, MOST_POINTS, MOST_STROKES, WIDTH, Color

_TITLES: dict[Color, Promise] = {
    "red": _("Red"),
    "yellow": _("Yellow"),
    "green": _("Green"),
    "blue": _("Blue"),
    "white": _("White"),
}


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours, and how much may be drawn. width: of a stroke, in pixels of the take."""

    colors: ClassVar[Sequence[tuple[Color, Promise, str]]] = [(name, _TITLES[name], COLORS[name]) for name in COLORS]
    most_strokes: ClassVar[int] = MOST_STROKES
    most_points: ClassVar[int] = MOST_POINTS

    width: float

    @classmethod
    def on(cls, take: Video) -> "Ink":
        """Return what is drawn with on a take."""
        return cls(WIDTH * max(take.width, take.height))
