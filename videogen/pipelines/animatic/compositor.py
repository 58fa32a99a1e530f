"""Stack planes to the pictures of a clip: each plane a picture under a matrix, nearer ones over farther ones.

A picture is worked on in strips of rows, so that what is stacked stays in the processor's cache. In each strip a plane
is sampled only between the columns where it has anything, and nothing is sampled that a nearer plane covers whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.sheet import Sheet, Stack, lay_over
from videogen.pipelines.animatic.view import doubled
from videogen.pipelines.base import Pixels

Homography = NDArray[np.float64]  # (3, 3)
Corners = NDArray[np.float64]
_CELL = 16  # texels of a side of the squares that emptiness is known of
_STRIP = 64  # rows
_PARTS = 24  # of a strip, between whose edges a plane is looked for
_OPAQUE = 255
_LEAST_SHARE = 0.004  # of a drawing that is not mixed in, but where the other has not been drawn
_COARSE = 8  # pixels of a sheet for one of its mask
_FEATHER = 0.035  # of the clip's longer side: how softly a mask falls off; panels are drawn farther than that beyond
# Pixels of sheets that are doubled in a clip, of 16 bytes each: a clip of 1920 x 1080 takes less than 400 MB in all.
_DENSE_LIMIT = 3_500_000


class Texture:
    """A sheet's pixels, doubled where there is room, and where they are empty and where opaque."""

    def __init__(self, sheet: Sheet, *, dense: bool = True) -> None:
        self.dense = 2 if dense else 1
        self.pixels = _doubled(sheet.pixels) if dense else sheet.pixels
        # From a place in the clip to a texel.
        self.matrix = np.array(
            [[self.dense, 0, -self.dense * sheet.left], [0, self.dense, -self.dense * sheet.top], [0, 0, 1]],
            dtype=np.float64,
        )
        beyond = cv2.BORDER_WRAP if sheet.kind == "weather" else cv2.BORDER_REFLECT_101
        self.border = beyond if sheet.goes_on else cv2.BORDER_CONSTANT
        has_any, is_full = _cells(self.pixels)
        self._cells = np.array(has_any.shape)
        self._any, self._full = _sums(has_any), _sums(is_full)

    def has(self, low: Corners, high: Corners) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether there is anything, and whether all is opaque, between texels; low, high: (2, ...), row and column."""
        axes = (2, *(1,) * (low.ndim - 1))
        most = self._cells.reshape(axes)
        first = np.clip(np.floor((low - 1) / _CELL).astype(int), 0, most - 1)
        last = np.clip(np.floor((high + 1) / _CELL).astype(int), 0, most - 1) + 1
        count = np.prod(last - first, axis=0)
        some, full = _between(self._any, first, last) > 0, _between(self._full, first, last) == count
        if self.border == cv2.BORDER_CONSTANT:
            size = np.array(self.pixels.shape[:2]).reshape(axes)
            some &= ((high > -1) & (low < size)).all(axis=0)
            full &= ((low >= 0) & (high <= size - 1)).all(axis=0)
        elif self.border == cv2.BORDER_WRAP:
            some[:], full[:] = True, bool(self._full[-1, -1] == self._cells.prod())
        return some, full


@dataclass(frozen=True, slots=True)
class Mask:
    """Where a sheet was drawn and where it was cut off, small. matrix: from a place in the clip to a point of it."""

    pixels: NDArray[np.uint8]
    matrix: Homography


def mask_of(sheet: Sheet, size: tuple[int, int]) -> Mask:
    """The mask of a sheet in a clip of that size; it falls off towards the edges at which the drawing was cut off."""
    alpha = sheet.pixels[..., 3]
    feather = _FEATHER * max(size) / _COARSE
    rows, columns = (max(-(-side // _COARSE), 2) for side in alpha.shape)
    down, across = np.arange(rows, dtype=np.float32), np.arange(columns, dtype=np.float32)
    edges = [alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]]
    left, top, right, bottom = sheet.box
    outside = [top <= 0, bottom >= size[1], left <= 0, right >= size[0]]
    far = [down[:, None], (rows - 1 - down)[:, None], across[None, :], (columns - 1 - across)[None, :]]
    inside = np.ones((rows, columns), np.float32)
    for edge, distance, is_outside in zip(edges, far, outside, strict=True):
        if is_outside and int(edge.max()) > 8:  # what ends within the frame is meant to end there
            inside = np.minimum(inside, np.clip((distance - 0.5) / feather, 0, 1))
    scale = 1 / _COARSE
    matrix = np.array([[scale, 0, -sheet.left * scale], [0, scale, -sheet.top * scale], [0, 0, 1]], dtype=np.float64)
    return Mask(np.rint(inside * 255).astype(np.uint8), matrix)


@dataclass(slots=True)
class Plane:
    """A texture in one frame. matrix: from a pixel of the clip to a place of the clip where the sheet is at rest.

    opacity: 0..1. other, mix: a second texture, of which so much is mixed in, under a matrix of its own. masks: where
    each of both has been drawn: where only one has, that one alone is seen.
    """

    texture: Texture
    matrix: Homography
    opacity: float = 1.0
    other: Texture | None = None
    other_matrix: Homography | None = None
    mix: float = 0.0
    masks: "tuple[Mask, Mask] | None" = None


def textures(sheets: Sequence[Sheet]) -> list[Texture]:
    """The textures of a clip's sheets. Doubled are the nearest, which move most, as far as memory is to be had."""
    left, made = _DENSE_LIMIT, []
    for sheet in reversed(sheets):
        size = sheet.rows * sheet.columns
        made.append(Texture(sheet, dense=size <= left))
        left -= size if size <= left else 0
    return made[::-1]


class Compositor:
    """Makes pictures of one size."""

    def __init__(self, size: tuple[int, int]) -> None:
        """size: width and height."""
        self._width, self._height = size

    def draw(self, planes: Sequence[Plane]) -> Pixels:
        """Stack the planes, back to front."""
        picture = np.empty((self._height, self._width, 3), np.uint8)
        seen = [sampler for plane in planes for sampler in _samplers(plane)]
        found = [sampler.found(self._width, self._height) for sampler in seen]
        strip = np.empty((_STRIP, self._width, 4), np.uint8)
        for number, top in enumerate(range(0, self._height, _STRIP)):
            rows = min(_STRIP, self._height - top)
            self._fill(strip[:rows], top, [(seen[at], *found[at][number]) for at in range(len(seen))])
            cv2.cvtColor(strip[:rows], cv2.COLOR_RGBA2RGB, dst=picture[top : top + rows])
        return picture

    def _fill(self, strip: Stack, top: int, found: "list[tuple[_Sampler, int, int, bool]]") -> None:
        covers = [at for at, (_, _, _, full) in enumerate(found) if full]
        if not covers:
            strip[:] = 0
        for at in range(covers[-1] if covers else 0, len(found)):
            sampler, left, right, full = found[at]
            if full and at == covers[-1]:
                sampler.sample(0, top, strip)
            elif left < right:
                sampler.lay(left, top, strip[:, left:right])


def _samplers(plane: Plane) -> "list[_Sampler]":
    if plane.other is None or plane.mix <= 0:
        return [_Sampler(plane.texture, plane.matrix, plane.opacity)] if plane.opacity > 0 else []
    other_matrix = plane.matrix if plane.other_matrix is None else plane.other_matrix
    if plane.mix >= 1 and plane.masks is None:
        return [_Sampler(plane.other, other_matrix, plane.opacity)]
    sampler = _Sampler(plane.texture, plane.matrix, plane.opacity, _Sampler(plane.other, other_matrix, 1.0), plane.mix)
    if plane.masks is not None:
        ways = zip(plane.masks, (plane.matrix, other_matrix), strict=True)
        sampler.masks = [(mask.pixels, mask.matrix @ way) for mask, way in ways]
    return [sampler]


class _Sampler:
    """A texture under a matrix, for one frame."""

    def __init__(
        self,
        texture: Texture,
        matrix: Homography,
        opacity: float,
        other: "_Sampler | None" = None,
        mix: float = 0.0,
    ) -> None:
        self._texture, self._matrix = texture, texture.matrix @ matrix
        self._matrix /= self._matrix[2, 2]
        self._opacity, self._other, self._mix = opacity, other, mix
        self.masks: list[tuple[NDArray[np.uint8], Homography]] = []
        self._straight = bool(np.abs(self._matrix[2, :2]).max() < 1e-12)

    def found(self, width: int, height: int) -> list[tuple[int, int, bool]]:
        """For each strip of a picture: between which columns it has anything, and whether it covers the strip whole."""
        across = np.append(np.arange(0, width, max(width // _PARTS, 16)), width)
        down = np.append(np.arange(0, height, _STRIP), height)
        some, full = self._parts(across, down)
        result = []
        for number in range(len(down) - 1):
            there = np.flatnonzero(some[number])
            edges = (int(across[there[0]]), int(across[there[-1] + 1])) if there.size else (0, 0)
            result.append((*edges, self._opacity >= 1 and bool(full[number].all())))
        return result

    def _parts(self, across: NDArray[Any], down: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        x, y = np.meshgrid(across, down)
        u, v, w = (self._matrix[row, 0] * x + self._matrix[row, 1] * y + self._matrix[row, 2] for row in range(3))
        places = np.stack([v / w, u / w])
        corners = np.stack([places[:, :-1, :-1], places[:, :-1, 1:], places[:, 1:, :-1], places[:, 1:, 1:]])
        some, full = self._texture.has(corners.min(axis=0), corners.max(axis=0))
        if self._other is not None:
            other_some, other_full = self._other._parts(across, down)
            some, full = some | other_some, full & other_full
        return some, full

    def lay(self, left: int, top: int, below: Stack) -> None:
        """Lay what it shows over a part of the frame that begins there."""
        seen = np.empty(below.shape, np.uint8)
        self.sample(left, top, seen)
        lay_over(below, seen)

    def sample(self, left: int, top: int, into: Stack) -> None:
        """Write what it shows in a part of the frame that begins there."""
        if self._other is None:
            self._warp(left, top, into)
        elif self.masks:
            self._mix_where_drawn(left, top, into)
        else:
            self._warp(left, top, into)
            beside = np.empty(into.shape, np.uint8)
            self._other._warp(left, top, beside)
            cv2.addWeighted(into, 1 - self._mix, beside, self._mix, 0, dst=into)
        if self._opacity < 1:
            cv2.convertScaleAbs(into, dst=into, alpha=self._opacity)

    def _warp(self, left: int, top: int, into: Stack) -> None:
        matrix = self._matrix @ matrix_at(left, top)
        size, flags = (into.shape[1], into.shape[0]), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        pixels, border = self._texture.pixels, self._texture.border
        if self._straight:
            cv2.warpAffine(pixels, matrix[:2], size, dst=into, flags=flags, borderMode=border)
        else:
            cv2.warpPerspective(pixels, matrix, size, dst=into, flags=flags, borderMode=border)

    def _mix_where_drawn(self, left: int, top: int, into: Stack) -> None:
        assert self._other is not None  # noqa: S101 - masks are only given with it
        flags, size = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (into.shape[1], into.shape[0])
        # What was not cut off at an edge is nothing beyond it, in both drawings.
        drawn = [
            cv2.warpPerspective(pixels, way @ matrix_at(left, top), size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
            for pixels, way in self.masks
        ]
        whole = [int(part.min()) == _OPAQUE for part in drawn]
        if not (whole[1] and self._mix >= 1):
            self._warp(left, top, into)
        if whole[0] and self._mix <= 0:
            return
        if whole[1] and self._mix >= 1:
            self._other._warp(left, top, into)
            return
        beside = np.empty(into.shape, np.uint8)
        self._other._warp(left, top, beside)
        if all(whole):
            cv2.addWeighted(into, 1 - self._mix, beside, self._mix, 0, dst=into)
            return
        # blendLinear divides by the sum of both.
        shares = [np.float32(max(share, _LEAST_SHARE) / 255) for share in (1 - self._mix, self._mix)]
        weights = [part.astype(np.float32) * share for part, share in zip(drawn, shares, strict=True)]
        into[:] = cv2.blendLinear(into, beside, weights[0] + np.float32(1e-4), weights[1])


def matrix_at(left: int, top: int) -> Homography:
    """From a pixel of a part of the frame to the frame."""
    return np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], dtype=np.float64)


def _doubled(pixels: Stack) -> Stack:
    double = doubled(pixels)
    if int(pixels[..., 3].min()) < _OPAQUE:
        # A curve may shoot over; a premultiplied colour must not be more than its alpha.
        for top in range(0, len(double), _STRIP):
            part = double[top : top + _STRIP]
            cv2.min(part, cv2.merge([cv2.extractChannel(part, 3)] * 4), dst=part)
    return double


def _cells(pixels: Stack) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each square of texels: whether anything is there, and whether all of it is opaque."""
    alpha = cv2.extractChannel(pixels, 3)
    rows, columns = (-(-side // _CELL) for side in alpha.shape)
    beyond = (rows * _CELL - alpha.shape[0], columns * _CELL - alpha.shape[1])
    padded = cv2.copyMakeBorder(alpha, 0, beyond[0], 0, beyond[1], cv2.BORDER_REPLICATE)
    squares = padded.reshape(rows, _CELL, columns, _CELL)
    return squares.max(axis=(1, 3)) > 0, squares.min(axis=(1, 3)) >= _OPAQUE


def _sums(cells: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many are true above and left of each corner."""
    return np.pad(cells.astype(np.int64), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)


def _between(sums: NDArray[np.int64], first: NDArray[Any], last: NDArray[Any]) -> NDArray[np.int64]:
    (top, left), (bottom, right) = first, last
    return np.asarray(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])
