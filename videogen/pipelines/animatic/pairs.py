"""Which layers of two frames show the same thing, and how one lies over the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.motion import similarity_between
from videogen.pipelines.animatic.sheet import Sheet, lay_over
from videogen.pipelines.animatic.standpoint import Plane, Standpoint

_SIDE = 96  # pixels at which two sheets are compared
_ALIKE_SHAPE, _ALIKE_PICTURE = 0.9, 0.55
_OVER_ALL = ("weather", "light")
_SAME_DEPTH = 0.03

Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True, slots=True)
class Pair:
    """A thing in both frames, or in one of them, whose other sheet is None.

    one_box, other_box: the places, in the first and in the last frame, that show the same part of it. flips: it is
    turned over on the way, or shown in two ways that do not fit each other. plane: where it lies in the place, for what
    is seen from two standpoints; the boxes then say nothing.
    """

    one: Sheet | None
    other: Sheet | None
    one_box: Box = (0, 0, 1, 1)
    other_box: Box = (0, 0, 1, 1)
    flips: bool = False
    plane: Plane | None = None

    @property
    def either(self) -> Sheet:
        """The sheet that is there."""
        sheet = self.one or self.other
        assert sheet is not None  # noqa: S101 - a pair is made of something
        return sheet

    @property
    def is_figure(self) -> bool:
        """Whether it is a person."""
        return self.either.kind == "figure"


def paired(
    first: Sequence[Sheet], last: Sequence[Sheet], size: tuple[int, int], stands: tuple[Standpoint, Standpoint] | None
) -> list[Pair] | None:
    """Pair the layers of two frames of one place; None where they show different places.

    stands: from where the two see it, where both tell.
    """
    place = _paired_place(first, last)
    if place is None and stands is not None:
        place = _paired_by_standpoint(first, last, *stands)
    if place is None:
        place = _paired_by_camera(first, last, size)
    if place is None:
        return None
    ones = {sheet.figure: sheet for sheet in first if sheet.kind == "figure"}
    others = {sheet.figure: sheet for sheet in last if sheet.kind == "figure"}
    figures = [_figure_pair(ones.get(who), others.get(who)) for who in [*ones, *(others.keys() - ones.keys())]]
    return [*place, *figures]


def _fixed(sheets: Sequence[Sheet]) -> list[Sheet]:
    return [sheet for sheet in sheets if sheet.kind not in ("figure", *_OVER_ALL)]


def _paired_place(first: Sequence[Sheet], last: Sequence[Sheet]) -> list[Pair] | None:
    """Pair the layers one to one, where both frames have the same ones in the same order."""
    one, other = _fixed(first), _fixed(last)
    if [sheet.kind for sheet in one] != [sheet.kind for sheet in other]:
        return None
    pairs = []
    for a, b in zip(one, other, strict=True):
        if not (_same_aspect(a, b) and _alike(a, b)):
            return None
        pairs.append(Pair(a, b, _box(a), _box(b)))
    return [*pairs, *_paired_over_all(first, last)]


def _paired_by_standpoint(
    first: Sequence[Sheet], last: Sequence[Sheet], one: Standpoint, other: Standpoint
) -> list[Pair] | None:
    """Pair the layers that lie alike in the place; what only one frame has (a bush that came too near) stands alone."""
    if not one.sees_the_place_of(other):
        return None
    left = [(sheet, other.plane_of(sheet)) for sheet in _fixed(last)]
    pairs = []
    for sheet in _fixed(first):
        plane = one.plane_of(sheet)
        fits = [at for at, (b, there) in enumerate(left) if b.kind == sheet.kind and _near(plane, there, one.place)]
        found = left.pop(fits[0]) if fits else None
        pairs.append(Pair(sheet, found[0] if found else None, plane=plane))
    pairs += [Pair(None, sheet, plane=plane) for sheet, plane in left]
    return [*pairs, *_paired_over_all(first, last)]


def _near(one: Plane, other: Plane, place: tuple[int, int]) -> bool:
    return abs(one[0] - other[0]) < _SAME_DEPTH and abs(one[1] - other[1]) * place[1] < 3 * _SAME_DEPTH


def _paired_by_camera(first: Sequence[Sheet], last: Sequence[Sheet], size: tuple[int, int]) -> list[Pair] | None:
    """Pair the two places as wholes, where one camera movement leads from the one to the other."""
    one, other = _stacked(_fixed(first), size), _stacked(_fixed(last), size)
    if one is None or other is None:
        return None
    matrix = similarity_between(one.pixels[..., :3], other.pixels[..., :3])
    if matrix is None:
        return None
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    left, top = float(matrix[0, 2]), float(matrix[1, 2])
    box = (left, top, scale * size[0], scale * size[1])
    return [Pair(one, other, (0, 0, *size), box), *_paired_over_all(first, last)]


def _paired_over_all(first: Sequence[Sheet], last: Sequence[Sheet]) -> list[Pair]:
    """Weather and light change as they are: what both have in the order of their kind, the rest alone."""
    pairs = []
    for kind in _OVER_ALL:
        ones, others = ([sheet for sheet in sheets if sheet.kind == kind] for sheets in (first, last))
        for number in range(max(len(ones), len(others))):
            a = ones[number] if number < len(ones) else None
            b = others[number] if number < len(others) else None
            pairs.append(Pair(a, b, _box(a or b), _box(b or a)))
    return pairs


def _figure_pair(one: Sheet | None, other: Sheet | None) -> Pair:
    if one is None or other is None:
        return Pair(one, other, _box(one or other), _box(other or one))
    if one.mirrored != other.mirrored:
        return Pair(one, other, _box(one), _box(other), flips=True)
    if _same_aspect(one, other) and _alike(one, other):
        return Pair(one, other, _box(one), _box(other))
    # One of the two may be cut by the frame's lower edge: then heads and widths fit.
    cut = _cut_alike(one, other)
    return Pair(one, other, *cut) if cut else Pair(one, other, _box(one), _box(other), flips=True)


def _cut_alike(one: Sheet, other: Sheet) -> tuple[Box, Box] | None:
    rows = min(one.rows / one.columns, other.rows / other.columns)
    boxes = tuple((s.left, s.top, s.columns, min(round(rows * s.columns), s.rows)) for s in (one, other))
    parts = [_small(s.pixels[: box[3]]) for s, box in zip((one, other), boxes, strict=True)]
    return boxes if _overlap(*parts) > _ALIKE_SHAPE else None  # type: ignore[return-value]


def _box(sheet: Sheet | None) -> Box:
    return (sheet.left, sheet.top, sheet.columns, sheet.rows) if sheet else (0, 0, 1, 1)


def _same_aspect(one: Sheet, other: Sheet) -> bool:
    ratio = one.columns * other.rows / (one.rows * other.columns)
    # Whole pixels: a few of them are allowed to be off.
    return abs(ratio - 1) < 0.012 + 2.5 / min(one.columns, one.rows, other.columns, other.rows)


def _alike(one: Sheet, other: Sheet) -> bool:
    """Whether two sheets have the same shape, and by day and night the same picture."""
    a, b = _small(one.pixels), _small(other.pixels)
    if _overlap(a, b) < _ALIKE_SHAPE:
        return False
    there = (a[..., 3] > 128) & (b[..., 3] > 128)
    if there.sum() < 24:
        return True
    greys = [cv2.cvtColor(part, cv2.COLOR_RGBA2GRAY)[there].astype(np.float32) for part in (a, b)]
    if min(float(grey.std()) for grey in greys) < 3:
        return True  # a plain surface has only its shape
    return float(np.corrcoef(*greys)[0, 1]) > _ALIKE_PICTURE


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _overlap(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    a, b = one[..., 3].astype(np.float32), other[..., 3].astype(np.float32)
    return float(np.minimum(a, b).sum() / max(np.maximum(a, b).sum(), 1.0))


def _stacked(sheets: Sequence[Sheet], size: tuple[int, int]) -> Sheet | None:
    """The sheets as one picture of the frame."""
    if not sheets:
        return None
    whole = np.zeros((size[1], size[0], 4), np.uint8)
    for sheet in sheets:
        x, y, x2, y2 = max(sheet.left, 0), max(sheet.top, 0), min(sheet.box[2], size[0]), min(sheet.box[3], size[1])
        if x < x2 and y < y2:
            part = sheet.pixels[y - sheet.top : y2 - sheet.top, x - sheet.left : x2 - sheet.left]
            lay_over(whole[y:y2, x:x2], np.ascontiguousarray(part))
    return Sheet("middle", whole, 0, 0, 0.5, goes_on=True)
