"""Stack planes to the pictures of a clip: each plane a picture under a matrix, nearer ones over farther ones.

A picture is worked on in strips of rows, so that what is stacked stays in the processor's cache. In each strip a plane
is sampled only between the columns where it has anything, and nothing is sampled that a nearer plane covers whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.sheet import Sheet, Stack, lay_over
from videogen.pipelines.base import Pixels

Homography = NDArray[np.float64]  # (3, 3)
_CELL = 16  # texels of a side of the squares that emptiness is known of
_STRIP = 64  # rows
_OPAQUE = 255
# Above this many pixels of all textures a doubled picture costs more memory than its smoothness is worth.
_DENSE_LIMIT = 9_000_000


class Texture:
    """A sheet's pixels, doubled where there is room, and where they are empty and where opaque.

    Every second point of a doubled picture is a point of the picture itself, so that at rest it comes back unchanged;
    what is between is interpolated once, well, instead of in every frame.
    """

    def __init__(self, sheet: Sheet, *, dense: bool = True) -> None:
        self.dense = 2 if dense else 1
        self.pixels = _doubled(sheet.pixels) if dense else sheet.pixels
        # From a place in the clip to a texel.
        self.matrix = np.array(
            [[self.dense, 0, -self.dense * sheet.left], [0, self.dense, -self.dense * sheet.top], [0, 0, 1]],
            dtype=np.float64,
        )
        self.border = cv2.BORDER_REFLECT_101 if sheet.goes_on else cv2.BORDER_CONSTANT
        self._has_any, self._is_full = _cells(self.pixels)

    def has(self, left: float, top: float, right: float, bottom: float) -> tuple[bool, bool]:
        """Whether there is anything, and whether all is opaque, between these texels."""
        rows, columns = self._has_any.shape
        if self.border == cv2.BORDER_CONSTANT and (left > columns * _CELL or top > rows * _CELL or min(right, bottom) < -1):
            return False, False
        first = max(int(top - 1) // _CELL, 0), max(int(left - 1) // _CELL, 0)
        last = min(int(bottom + 1) // _CELL, rows - 1), min(int(right + 1) // _CELL, columns - 1)
        part = (slice(first[0], max(last[0], 0) + 1), slice(first[1], max(last[1], 0) + 1))
        inside = left >= 0 and top >= 0 and right <= self.pixels.shape[1] - 1 and bottom <= self.pixels.shape[0] - 1
        full = (inside or self.border != cv2.BORDER_CONSTANT) and bool(self._is_full[part].all())
        return bool(self._has_any[part].any()), full


@dataclass(slots=True)
class Plane:
    """A texture in one frame. matrix: from a pixel of the clip to a place of the clip where the sheet is at rest.

    opacity: 0..1. other, mix: a second texture, of which so much is mixed in, under a matrix of its own.
    """

    texture: Texture
    matrix: Homography
    opacity: float = 1.0
    other: Texture | None = None
    other_matrix: Homography | None = None
    mix: float = 0.0


def textures(sheets: Sequence[Sheet]) -> list[Texture]:
    """The textures of a clip's sheets."""
    dense = sum(sheet.rows * sheet.columns for sheet in sheets) <= _DENSE_LIMIT
    return [Texture(sheet, dense=dense) for sheet in sheets]


class Compositor:
    """Makes pictures of one size."""

    def __init__(self, size: tuple[int, int]) -> None:
        """size: width and height."""
        self._width, self._height = size

    def draw(self, planes: Sequence[Plane]) -> Pixels:
        """Stack the planes, back to front."""
        picture = np.empty((self._height, self._width, 3), np.uint8)
        seen = [sampler for plane in planes for sampler in _samplers(plane)]
        for top in range(0, self._height, _STRIP):
            rows = min(_STRIP, self._height - top)
            strip = self._strip(seen, top, rows)
            cv2.cvtColor(strip, cv2.COLOR_RGBA2RGB, dst=picture[top : top + rows])
        return picture

    def _strip(self, seen: "list[_Sampler]", top: int, rows: int) -> Stack:
        found = []
        for sampler in reversed(seen):
            columns, full = sampler.columns(top, rows, self._width)
            if columns[0] < columns[1]:
                found.append((sampler, columns))
            if full:
                break
        strip = np.zeros((rows, self._width, 4), np.uint8)
        for sampler, (left, right) in reversed(found):
            lay_over(strip[:, left:right], sampler.sample(left, top, right - left, rows))
        return strip


def _samplers(plane: Plane) -> "list[_Sampler]":
    if plane.other is None or plane.mix <= 0:
        return [_Sampler(plane.texture, plane.matrix, plane.opacity)] if plane.opacity > 0 else []
    other_matrix = plane.matrix if plane.other_matrix is None else plane.other_matrix
    if plane.mix >= 1:
        return [_Sampler(plane.other, other_matrix, plane.opacity)]
    return [_Sampler(plane.texture, plane.matrix, plane.opacity, _Sampler(plane.other, other_matrix, 1.0), plane.mix)]


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
        self._straight = bool(np.abs(self._matrix[2, :2]).max() < 1e-12)

    def columns(self, top: int, rows: int, width: int) -> tuple[tuple[int, int], bool]:
        """Between which columns of a strip it has anything, and whether it covers the strip whole."""
        step = max(width // 16, 16)
        kept, full = [], self._opacity >= 1
        for left in range(0, width, step):
            right = min(left + step, width)
            any_here, full_here = self._part(left, top, right, top + rows)
            full &= full_here
            if any_here:
                kept.append((left, right))
        return ((kept[0][0], kept[-1][1]) if kept else (0, 0)), full and bool(kept)

    def _part(self, left: int, top: int, right: int, bottom: int) -> tuple[bool, bool]:
        corners = np.array([[left, right - 1, left, right - 1], [top, top, bottom - 1, bottom - 1], [1, 1, 1, 1]])
        x, y, w = self._matrix @ corners
        x, y = x / w, y / w
        found = self._texture.has(x.min(), y.min(), x.max(), y.max())
        if self._other is None:
            return found
        beside = self._other._part(left, top, right, bottom)
        return found[0] or beside[0], found[1] and beside[1]

    def sample(self, left: int, top: int, columns: int, rows: int) -> Stack:
        """What it shows in that part of the frame."""
        matrix = self._matrix @ np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], dtype=np.float64)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        pixels, border = self._texture.pixels, self._texture.border
        seen: Stack
        if self._straight:
            seen = cv2.warpAffine(pixels, matrix[:2], (columns, rows), flags=flags, borderMode=border)  # type: ignore[assignment]
        else:
            seen = cv2.warpPerspective(pixels, matrix, (columns, rows), flags=flags, borderMode=border)  # type: ignore[assignment]
        if self._other is not None:
            beside = self._other.sample(left, top, columns, rows)
            return np.asarray(cv2.addWeighted(seen, 1 - self._mix, beside, self._mix, 0), dtype=np.uint8)
        if self._opacity < 1:
            return np.asarray(cv2.convertScaleAbs(seen, alpha=self._opacity), dtype=np.uint8)
        return seen


def _doubled(pixels: Stack) -> Stack:
    rows, columns = pixels.shape[:2]
    between = np.array([[-1, 9, 9, -1]], np.float32) / np.float32(16)
    one = np.ones((1, 1), np.float32)
    edge = cv2.BORDER_REPLICATE
    # The anchor lets the four taps lie around the point half a pixel to the right, or below.
    across = cv2.sepFilter2D(pixels, -1, between, one, anchor=(1, 0), borderType=edge)
    double = np.empty((rows * 2, columns * 2, 4), np.uint8)
    double[0::2, 0::2], double[0::2, 1::2] = pixels, across
    down, both = (cv2.sepFilter2D(part, -1, one, between, anchor=(0, 1), borderType=edge) for part in (pixels, across))
    double[1::2, 0::2], double[1::2, 1::2] = down, both
    # A curve may shoot over; a premultiplied colour must not be more than its alpha.
    alpha = cv2.merge([cv2.extractChannel(double, 3)] * 4)
    return np.asarray(cv2.min(double, alpha), dtype=np.uint8)


def _cells(pixels: Stack) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each square of texels: whether anything is there, and whether all of it is opaque."""
    alpha = cv2.extractChannel(pixels, 3)
    rows, columns = (-(-side // _CELL) for side in alpha.shape)
    beyond = (rows * _CELL - alpha.shape[0], columns * _CELL - alpha.shape[1])
    padded = cv2.copyMakeBorder(alpha, 0, beyond[0], 0, beyond[1], cv2.BORDER_REPLICATE)
    squares = padded.reshape(rows, _CELL, columns, _CELL)
    return squares.max(axis=(1, 3)) > 0, squares.min(axis=(1, 3)) >= _OPAQUE
