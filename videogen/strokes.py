"""A drawing on a frame: strokes as data, and as the lines that a page, a picture or a PDF is drawn from.

Clients send points, never SVG: what is shown is made here of numbers, so nothing that runs can come in with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from videogen.errors import shown
from videogen.limits import SpecError

MOST_STROKES = 64
MOST_POINTS = 2000  # of all strokes of a drawing together
Color = Literal["red", "yellow", "green", "blue", "white"]
# Each is told from the others by its lightness too, and from most pictures.
COLORS: Mapping[Color, str] = {
    "red": "#ff5a5f",
    "yellow": "#ffd60a",
    "green": "#3ddc84",
    "blue": "#4da3ff",
    "white": "#ffffff",
}
WIDTH = 0.008  # of a stroke, in longer sides of the picture
LEVELS = 6  # widths that the pressure of a pen is told apart by
PLAIN = 0.5  # the pressure of what has none: a mouse, a finger

# x and y from the upper left corner, in widths and heights of the picture; a pen's pressure, where it has one.
Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Point = Annotated[list[Part], Field(min_length=2, max_length=3)]
XY = tuple[float, float]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Stroke(_Value):
    """A line that was drawn in one go. points: [x, y] or [x, y, pressure], each from 0 to 1."""

    color: Color
    points: list[Point] = Field(min_length=1, max_length=MOST_POINTS)


class Drawing(_Value):
    """What was drawn on a frame. Its strokes lie over each other in this order."""

    strokes: list[Stroke] = Field(min_length=1, max_length=MOST_STROKES)

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        if self.points > MOST_POINTS:
            raise ValueError(
                f"drawing may have {MOST_POINTS} points in all strokes together; {self.points} were given."
            )
        return self

    @property
    def points(self) -> int:
        """How many points its strokes have together."""
        return sum(len(stroke.points) for stroke in self.strokes)

    @classmethod
    def read(cls, given: object) -> Self:
        """Read what was sent. Raises SpecError with a sentence that names the place in it and the value."""
        try:
            return cls.model_validate(given)
        except ValidationError as invalid:
            raise SpecError({"drawing": _sentence(invalid.errors(include_url=False)[0])}) from None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values: the places to a tenth of a pixel of 1000, and no finer."""
        return {
            "strokes": [
                {"color": stroke.color, "points": [[round(part, 4) for part in point] for point in stroke.points]}
                for stroke in self.strokes
            ]
        }


def _sentence(error: ErrorDetails) -> str:
    kind, about, loc = error["type"], error.get("ctx", {}), error["loc"]
    if kind == "extra_forbidden":  # its name is a stranger's: short, and without what a terminal would act on
        return f"{_place(loc[:-1])} has no field {shown(loc[-1])}."
    place = _place(loc)
    if kind == "value_error":
        return str(about["error"])
    if kind == "missing":
        return f"{place} is missing."
    if kind == "too_long":
        return f"{place} may have {about['max_length']} items; {about['actual_length']} were given."
    if kind == "too_short":
        return f"{place} must have {about['min_length']} items at least; {about['actual_length']} were given."
    if kind == "literal_error" or place.endswith(".color"):
        return f"{place} must be one of {', '.join(COLORS)}; {shown(error['input'])} was given."
    wanted = {"list_type": "a list", "model_type": "an object", "string_unicode": "an object with names of valid text"}
    return f"{place} must be {wanted.get(kind, 'a number from 0 to 1')}; {shown(error['input'])} was given."


def _place(loc: Sequence[int | str]) -> str:
    return "drawing" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)


# --- As lines ----------------------------------------------------------------------------------------------------


class Curve(NamedTuple):
    """A quadratic curve: where it begins, what it bends towards, where it ends, in pixels of the picture."""

    start: XY
    bend: XY
    end: XY


class Line(NamedTuple):
    """Curves that follow one another, of one colour and one width in pixels, with round ends."""

    color: str
    width: float
    curves: Sequence[Curve]

    @property
    def path(self) -> str:
        """The curves as `d` of an SVG path."""
        first = self.curves[0].start
        return f"M{_xy(first)}" + "".join(f"Q{_xy(curve.bend)} {_xy(curve.end)}" for curve in self.curves)


def _xy(place: XY) -> str:
    return f"{place[0]:.6g} {place[1]:.6g}"


def lines(drawing: Drawing, width: float, height: float) -> Iterator[Line]:
    """Yield the lines of a drawing on a picture of this size; a stroke of a pen has one for each of its widths."""
    for stroke in drawing.strokes:
        color, thickness = COLORS[stroke.color], WIDTH * max(width, height)
        curves = _curves([(point[0] * width, point[1] * height) for point in stroke.points])
        levels = map(_level, stroke.points)
        for level, part in groupby(zip(levels, curves, strict=True), key=itemgetter(0)):
            yield Line(color, thickness * (0.4 + 1.2 * level), [curve for _same, curve in part])


def _level(point: Sequence[float]) -> float:
    return round((point[2] if len(point) > 2 else PLAIN) * LEVELS) / LEVELS


def _curves(places: Sequence[XY]) -> Iterator[Curve]:
    """Smooth a line: it goes through the middle between two points, and bends at each. One curve for each point."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(places)]
    for start, bend, end in zip([places[0], *middles], places, [*middles, places[-1]], strict=True):
        yield Curve(start, bend, end)
