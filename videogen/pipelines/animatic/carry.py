"""A clip from one frame in layers to another of the same place: things are carried, light changes as light.

Whoever is in both frames goes from place to place; who is in one only comes in over the nearer edge, or leaves over it.
The layers of the place go from where they lie in the first frame to where they lie in the last, all in one way, so
that of the two drawings of a thing one lies exactly over the other at every moment: mixing them changes the light and
doubles nothing.
"""

import cv2
import numpy as np

from scenes.layers import Layers
from videogen.pipelines.animatic.camera import CameraPath, View
from videogen.pipelines.animatic.compositor import Compositor, Homography, Plane, Texture, mask_of
from videogen.pipelines.animatic.life import Life
from videogen.pipelines.animatic.pairs import Box, Pair, paired
from videogen.pipelines.animatic.sheet import Sheet, fitted_sheets
from videogen.pipelines.animatic.standpoint import Plane as Depths
from videogen.pipelines.animatic.standpoint import Standpoint
from videogen.pipelines.animatic.view import view_matrix
from videogen.pipelines.base import Pixels

_DENSE_LIMIT = 6_000_000  # pixels of all sheets, above which none is doubled
_LARGER = 1.15  # from which two drawings differ in what they show
Stands = tuple[Standpoint, Standpoint]
_MIXED = (0.12, 0.88)  # of the way
_SAME_LIGHT = 2.5  # of 255: two drawings that differ by less are one


class Carry:
    """Frame 0 is exactly the first picture, the last frame exactly the second."""

    def __init__(
        self, pairs: list[Pair], stands: Stands | None, first: Pixels, last: Pixels, path: CameraPath, life: Life
    ) -> None:
        self._first, self._last, self._path, self._life = first, last, path, life
        self._size = first.shape[1], first.shape[0]
        sheets = [sheet for pair in pairs for sheet in (pair.one, pair.other) if sheet is not None]
        dense = sum(sheet.rows * sheet.columns for sheet in sheets) <= _DENSE_LIMIT
        self._actors = [_Actor(pair, number, self._size, stands, dense=dense) for number, pair in enumerate(pairs)]
        self._compositor = Compositor(self._size)

    @classmethod
    def between(
        cls, start: Layers, end: Layers, first: Pixels, last: Pixels, path: CameraPath, life: Life
    ) -> "Carry | None":
        """The clip, or None where the two frames show different places."""
        size = first.shape[1], first.shape[0]
        one, other = Standpoint.of(start, size), Standpoint.of(end, size)
        stands = (one, other) if one and other else None
        pairs = paired(fitted_sheets(start, size), fitted_sheets(end, size), size, stands)
        return None if pairs is None else cls(pairs, stands, first, last, path, life)

    def frame(self, index: int) -> Pixels:
        """Frame `index` of the clip."""
        count = len(self._path)
        if index == 0:
            return self._first
        if index == count - 1:
            return self._last
        share = index / (count - 1)
        t, calm = self._path.timing.at(index), float(np.sin(np.pi * share)) ** 0.5
        view = self._path.shaken(View(1.0), index)
        seen = View(
            1 + (view.zoom - 1) * calm, turn=view.turn * calm, sway_x=view.sway_x * calm, sway_y=view.sway_y * calm
        )
        lens = np.vstack([view_matrix(seen, *self._size), [0, 0, 1]])
        planes = []
        for actor in sorted(self._actors, key=lambda actor: actor.order(t)):
            plane = actor.plane(t, lens)
            fall = self._life.fall(actor.sheet, actor.number, index)
            if plane is not None:
                plane.matrix = plane.matrix if fall is None else fall @ plane.matrix
                planes.append(plane)
        return self._compositor.draw(planes)


class _Actor:
    """A thing on its way from the first frame to the last."""

    def __init__(self, pair: Pair, number: int, size: tuple[int, int], stands: Stands | None, *, dense: bool) -> None:
        self.number, self.sheet = number, pair.either
        self._stands = stands
        self._pair, self._size = pair, size
        one, other = _of_one_light(pair, stands)
        # What is shown smaller than it is drawn must not be doubled as well: a sample would miss what lies between.
        grown = _growth(pair, stands) if one and other else 1.0
        self._one = Texture(one, dense=dense and grown > 1 / _LARGER) if one else None
        self._other = Texture(other, dense=dense and grown < _LARGER) if other else None
        # Two views of one thing may each have been cut off where the other goes on.
        self._masks = (mask_of(one, size), mask_of(other, size)) if one and other and _differ(pair) else None

    def order(self, t: float) -> float:
        """Where it stands in the stack at that moment."""
        sheet = (self._pair.one if t < 0.5 else self._pair.other) or self.sheet
        return sheet.rank

    def plane(self, t: float, lens: Homography) -> Plane | None:
        """What it shows at that moment to a camera with that lens; None where it is not there."""
        opacity = self._opacity(t)
        if opacity <= 0:
            return None
        if self._pair.plane is not None and self._stands is not None:
            one_way, other_way = (way @ lens for way in _ways(self._pair.plane, self._stands, t))
        else:
            now = between(self._pair.one_box, self._pair.other_box, t)
            if self._pair.is_figure and (self._pair.one is None or self._pair.other is None):
                now = self._walked(now, t)
            one_way, other_way = (_onto(now, box) @ lens for box in (self._pair.one_box, self._pair.other_box))
        if self._one is not None and self._other is not None:
            mix = float(t >= 0.5) if self._pair.flips else _blend(t)
            return Plane(self._one, one_way, opacity, self._other, other_way, mix, self._masks)
        if self._one is not None:
            return Plane(self._one, one_way, opacity)
        return Plane(self._other, other_way, opacity) if self._other is not None else None

    def _opacity(self, t: float) -> float:
        """What is no figure and in one frame only fades."""
        if self._pair.is_figure or (self._pair.one is not None and self._pair.other is not None):
            return 1.0
        if self.sheet.kind not in ("weather", "light"):
            # A bush that the camera comes past is soon out of its way.
            return _blend(max(2.5 * t - 1.5, 0.0)) if self._pair.one is None else 1 - _blend(min(2.5 * t, 1.0))
        return _blend(t) if self._pair.one is None else 1 - _blend(t)

    def _walked(self, box: Box, t: float) -> Box:
        """Where somebody is who comes in over the nearer edge, or leaves over it: with steps, where feet are seen."""
        left, top, width, height = box
        away = (1 - t) if self._pair.one is None else t
        to_left = left + width / 2 < self._size[0] / 2
        distance = (left + width) if to_left else (self._size[0] - left)
        distance = distance * 1.02 + 2
        steps = max(round(distance / (0.42 * height)), 1)
        has_feet = top + height < self._size[1] - 2
        bob = 0.012 * height * abs(np.sin(np.pi * steps * away)) if has_feet else 0.0
        return left + (-distance if to_left else distance) * away, top - bob, width, height


def between(one: Box, other: Box, t: float) -> Box:
    """The box on its way: grown in equal ratios, around the place that stays where it is."""
    grown = [other[axis] / one[axis] for axis in (2, 3)]
    scale = float(np.sqrt(grown[0] * grown[1]))
    part = (scale**t - 1) / (scale - 1) if abs(scale - 1) > 0.01 else t
    place = [one[axis] + (other[axis] - one[axis]) * part for axis in (0, 1)]
    sides = [one[axis] + (other[axis] - one[axis]) * part for axis in (2, 3)]
    return place[0], place[1], sides[0], sides[1]


def _ways(plane: Depths, stands: Stands, t: float) -> tuple[Homography, Homography]:
    """From a place in the clip at that moment to the same point of a plane in the first frame, and in the last."""
    back = np.linalg.inv(stands[0].on_the_way(stands[1], t).matrix(plane))
    return stands[0].matrix(plane) @ back, stands[1].matrix(plane) @ back


def _blend(t: float) -> float:
    """How much of the last frame's light there is: none at first, all in the end, so that less must be mixed."""
    part = min(max((t - _MIXED[0]) / (_MIXED[1] - _MIXED[0]), 0.0), 1.0)
    return part * part * (3 - 2 * part)


def _onto(now: Box, rest: Box) -> Homography:
    """From a place in the one box to the same place in the other. The boxes hold whole pixels, whose middles count."""
    across, down = rest[2] / now[2], rest[3] / now[3]
    x = rest[0] - 0.5 - (now[0] - 0.5) * across
    y = rest[1] - 0.5 - (now[1] - 0.5) * down
    return np.array([[across, 0, x], [0, down, y], [0, 0, 1]], dtype=np.float64)


def _differ(pair: Pair) -> bool:
    """Whether the two drawings of a thing were cut off at different places of it."""
    whole = [sheet is not None and box[3] == sheet.rows for sheet, box in _drawings(pair)]
    return not pair.flips and (pair.plane is not None or not all(whole))


def _drawings(pair: Pair) -> tuple[tuple[Sheet | None, Box], tuple[Sheet | None, Box]]:
    return (pair.one, pair.one_box), (pair.other, pair.other_box)


def _growth(pair: Pair, stands: Stands | None) -> float:
    """How many times as large the second drawing of a thing is as the first."""
    if pair.plane is None or stands is None:
        return pair.other_box[2] / pair.one_box[2]
    depth = pair.plane[0]
    one, other = (stand.zoom / max(1 - stand.dolly * depth, 0.05) for stand in stands)
    return other / one


def _of_one_light(pair: Pair, stands: Stands | None) -> tuple[Sheet | None, Sheet | None]:
    """The sheets of a pair; of two that look the same only the larger, which needs no mixing."""
    one, other = pair.one, pair.other
    if one is None or other is None or pair.flips or pair.plane is not None:
        return one, other
    parts = [_part(sheet, box) for sheet, box in ((one, pair.one_box), (other, pair.other_box))]
    if _unlike(*parts) > _SAME_LIGHT:
        return one, other
    grown = _growth(pair, stands)
    if not 1 / _LARGER < grown < _LARGER:
        return one, other
    # What one has beyond the other's lower edge is in the picture sooner or later.
    return (one, None) if one.rows * grown >= other.rows else (None, other)


def _part(sheet: Sheet, box: Box) -> Pixels:
    x, y = round(box[0] - sheet.left), round(box[1] - sheet.top)
    part = sheet.pixels[max(y, 0) : y + round(box[3]), max(x, 0) : x + round(box[2])]
    small = cv2.resize(part if part.size else sheet.pixels, (64, 64), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _unlike(one: Pixels, other: Pixels) -> float:
    """How far two drawings differ where they are, of 255."""
    drawn = np.maximum(one[..., 3], other[..., 3]).astype(np.float32).sum() / 255
    return float(cv2.absdiff(one, other).astype(np.float32).sum() / max(3 * drawn, 1.0))
