"""Where the camera of a panel stood before its place, and the way from one such standpoint to another.

A panel says it in `made["camera"]` (framing.Camera): from that follows where in the frame every point of the place is,
at every depth, and so which places of two panels of one location are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from scenes.layers import Layers
from videogen.pipelines.animatic.compositor import Homography
from videogen.pipelines.animatic.sheet import Sheet
from videogen.pipelines.geometry import cover_box

Plane = tuple[float, float]  # depth at the vanishing point's row of the place, and how much it grows with each row


@dataclass(frozen=True, slots=True)
class Standpoint:
    """All in pixels of the place, as it is drawn, but zoom: pixels of the clip for one of them.

    dolly: part of the way to depth 1. rise: how far depth 1 comes down because the camera stands higher; backdrop: the
    depth that whatever is farther goes along with. centre: what is in the middle of the clip. nearest: the depth, from
    where the camera stands, that the panel's layers call 1. size: of the clip.
    """

    location: str
    size: tuple[int, int]
    place: tuple[int, int]
    vanish: tuple[float, float]
    zoom: float
    centre: tuple[float, float]
    dolly: float
    nearest: float
    rise: float = 0.0
    backdrop: float = 0.0

    @classmethod
    def of(cls, layers: Layers, size: tuple[int, int]) -> Self | None:
        """The standpoint of a panel in a clip of that size; None for a picture that does not tell."""
        told = layers.made.get("camera")
        if not isinstance(told, Mapping):
            return None
        box = cover_box(layers.size, size)
        scale = size[0] / (box[2] - box[0])
        try:
            return cls(
                str(layers.made.get("location", "")),
                size,
                _pair(told["place"], int),
                _pair(told["vanish"], float),
                float(told["zoom"]) * scale,
                _pair(told["centre"], float),
                float(told["dolly"]),
                float(told["nearest"]),
                float(told.get("rise", 0.0)),
                float(told.get("backdrop", 0.0)),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def sees_the_place_of(self, other: Self) -> bool:
        """Whether both stand before one place."""
        mine, theirs = (self.location, self.place, self.vanish), (other.location, other.place, other.vanish)
        return bool(self.location) and mine == theirs

    def plane_of(self, sheet: Sheet) -> Plane:
        """The depths that a sheet has in the place, from those it has in the frame."""
        if not sheet.slope:
            return self._undollied(sheet.depth), 0.0
        middle = (self.size[1] - 1) / 2
        rows = max(sheet.top, -self.size[1]), self.size[1]
        depths = [self._undollied(sheet.depth + sheet.slope * (row - middle)) for row in rows]
        places = [self._place_row(row, depth) for row, depth in zip(rows, depths, strict=True)]
        rise = (depths[1] - depths[0]) / max(places[1] - places[0], 1e-6)
        return depths[0] + rise * (self.vanish[1] - places[0]), rise

    def matrix(self, plane: Plane) -> Homography:
        """From a point of the place on that plane to the clip."""
        (x, y), (depth, grows) = self.vanish, plane
        from_vanish = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]], dtype=np.float64)
        dollied = np.array(
            [
                [1, 0, 0],
                [0, 1 + self.rise * grows, self.rise * (depth if grows else max(depth, self.backdrop))],
                [0, -self.dolly * grows, 1 - self.dolly * depth],
            ]
        )
        offset = [(at - to) * self.zoom + side / 2 for at, to, side in zip((x, y), self.centre, self.size, strict=True)]
        to_clip = np.array([[self.zoom, 0, offset[0]], [0, self.zoom, offset[1]], [0, 0, 1]])
        return np.asarray(to_clip @ dollied @ from_vanish)

    def on_the_way(self, other: Self, t: float) -> "Standpoint":
        """The standpoint at that part of the way to another: grown in equal ratios."""
        grown = other.zoom / self.zoom
        part = (grown**t - 1) / (grown - 1) if abs(grown - 1) > 0.01 else t
        centre = tuple(a + (b - a) * part for a, b in zip(self.centre, other.centre, strict=True))
        return Standpoint(
            self.location,
            self.size,
            self.place,
            self.vanish,
            self.zoom * grown**t,
            (centre[0], centre[1]),
            self.dolly + (other.dolly - self.dolly) * t,
            self.nearest + (other.nearest - self.nearest) * t,
            self.rise + (other.rise - self.rise) * t,
            max(self.backdrop, other.backdrop),
        )

    def _undollied(self, depth: float) -> float:
        now = max(depth, 0.0) * self.nearest
        return now / (1 + self.dolly * now)

    def _place_row(self, row: float, depth: float) -> float:
        seen = (row - self.size[1] / 2) / self.zoom + self.centre[1] - self.vanish[1]
        return self.vanish[1] + (1 - self.dolly * depth) * seen - self.rise * depth


def _pair(told: Any, kind: type[Any]) -> tuple[Any, Any]:
    first, second = told
    return kind(first), kind(second)
