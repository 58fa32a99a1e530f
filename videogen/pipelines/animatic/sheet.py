"""The layers of a frame, fitted to a clip: premultiplied, in the clip's pixels, as few as the move can tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenes.layers import Kind, Layer, Layers
from videogen.pipelines.base import Pixels
from videogen.pipelines.geometry import cover_box

Stack = NDArray[np.uint8]  # (rows, columns, 4), premultiplied RGBA
_PAD = 3  # pixels around a layer that is resampled
_OVER_ALL: tuple[Kind, ...] = ("weather", "light")  # goes on beyond its edges


@dataclass(frozen=True, slots=True)
class Sheet:
    """One layer in a clip. left, top: its corner in whole pixels of the clip.

    depth: at the middle row of the clip. slope: how much depth grows from row to row; 0 for what stands upright.
    goes_on: beyond its edges it is mirrored, else there is nothing. slant: of rain, see life.slant_of. twinkle: which
    group of glitter it is, 0 for anything else. flickers: it is a lamp. rank: its place in the stack, counted in layers
    of the place.
    """

    kind: Kind
    pixels: Stack
    left: int
    top: int
    depth: float
    slope: float = 0.0
    figure: str = ""
    mirrored: bool = False
    goes_on: bool = False
    slant: float = 0.0
    twinkle: int = 0
    flickers: bool = False
    rank: float = 0.0

    @property
    def rows(self) -> int:
        """Its height."""
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        """Its width."""
        return int(self.pixels.shape[1])

    @property
    def box(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom."""
        return self.left, self.top, self.left + self.columns, self.top + self.rows


def fitted_sheets(layers: Layers, size: tuple[int, int]) -> list[Sheet]:
    """The layers as a clip of that size (width, height) shows them, back to front; the empty ones are left out."""
    box = cover_box(layers.size, size)
    scale = size[0] / (box[2] - box[0])
    fitted = (_fitted(layer, layers, size, box, scale) for layer in layers.layers)
    sheets = [sheet for sheet in fitted if sheet is not None]
    if sheets:
        sheets[0] = replace(sheets[0], goes_on=True)
    return _ranked(sheets)


def _ranked(sheets: list[Sheet]) -> list[Sheet]:
    result, rank = [], 0.0
    for sheet in sheets:
        # People, weather and light come and go between two frames; what they are among keeps its rank.
        rank = rank + 0.01 if sheet.kind in ("figure", *_OVER_ALL) else float(int(rank) + 1)
        result.append(replace(sheet, rank=rank))
    return result


def _fitted(
    layer: Layer, layers: Layers, size: tuple[int, int], box: tuple[float, float, float, float], scale: float
) -> Sheet | None:
    corner = (round(layer.left), round(layer.top))
    if scale == 1 and box[:2] == (round(box[0]), round(box[1])):
        pixels = premultiplied(np.asarray(layer.image.convert("RGBA")))
        left, top = corner[0] - round(box[0]), corner[1] - round(box[1])
    else:
        pixels, left, top = _resampled(layer.image, (corner[0] - box[0], corner[1] - box[1]), scale)
    middle = (size[1] - 1) / 2

    def depth_at(row: float) -> float:
        return layer.depth_at((row + 0.5) / scale + box[1] - 0.5, layers.size[1])

    slope = 0.0 if layer.near_depth is None else depth_at(middle + 1) - depth_at(middle)
    return cropped(
        Sheet(
            layer.kind,
            pixels,
            left,
            top,
            depth_at(middle),
            slope,
            layer.figure,
            layer.mirrored,
            layer.kind in _OVER_ALL,
        )
    )


def _resampled(image: Image.Image, corner: tuple[float, float], scale: float) -> tuple[Stack, int, int]:
    """The picture at that scale on the clip's own grid, and its corner there. corner: of the picture, unscaled."""
    left, top = (int(np.floor(side * scale)) for side in corner)
    columns = int(np.ceil((corner[0] + image.width) * scale)) - left
    rows = int(np.ceil((corner[1] + image.height) * scale)) - top
    pad = _PAD + int(np.ceil(1 / scale))
    padded = np.pad(np.asarray(image.convert("RGBA")), ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    start = left / scale - corner[0] + pad, top / scale - corner[1] + pad
    box = (*start, start[0] + columns / scale, start[1] + rows / scale)
    small = Image.fromarray(padded, "RGBA").resize((columns, rows), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    return premultiplied(np.asarray(small)), left, top


def premultiplied(rgba: Pixels) -> Stack:
    """The colours times their alpha: what can be moved, blended and stacked without fringes."""
    alpha = cv2.extractChannel(rgba, 3)
    weights = cv2.merge([alpha, alpha, alpha, np.full_like(alpha, 255)])
    return np.asarray(cv2.multiply(rgba, weights, scale=1 / 255), dtype=np.uint8)


def lay_over(below: Stack, above: Stack) -> None:
    """Lay one premultiplied picture over another of the same size, in place."""
    through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(above, 3)), cv2.COLOR_GRAY2BGRA)
    through[..., 3] = through[..., 0]
    cv2.multiply(below, through, dst=below, scale=1 / 255)
    cv2.add(below, above, dst=below)


def cropped(sheet: Sheet) -> Sheet | None:
    """The sheet without what is empty around it; None where all is. What goes on beyond its edges stays whole."""
    if sheet.goes_on:
        return sheet
    left, top, columns, rows = cv2.boundingRect(cv2.extractChannel(sheet.pixels, 3))
    if not columns:
        return None
    pixels = np.ascontiguousarray(sheet.pixels[top : top + rows, left : left + columns])
    return replace(sheet, pixels=pixels, left=sheet.left + left, top=sheet.top + top)


def cut_to(sheet: Sheet, part: tuple[int, int, int, int]) -> Sheet | None:
    """The sheet without what lies outside of that part of the clip at rest; None where all does.

    Weather stays whole: it comes back at the other edge. Smoke does as well: it rises.
    """
    if sheet.kind in ("weather", "smoke"):
        return sheet
    left, top = max(part[0], sheet.left), max(part[1], sheet.top)
    right, bottom = min(part[2], sheet.box[2]), min(part[3], sheet.box[3])
    if left >= right or top >= bottom:
        return sheet if sheet.goes_on else None
    pixels = sheet.pixels[top - sheet.top : bottom - sheet.top, left - sheet.left : right - sheet.left]
    return replace(sheet, pixels=np.ascontiguousarray(pixels), left=left, top=top)


def merged(sheets: Sequence[Sheet], apart: float, height: int) -> list[Sheet]:
    """The sheets, neighbours of nearly equal depth laid into one.

    apart: a difference of depth that nobody sees in this clip. height: of the clip, over which depths are compared.
    """
    result: list[Sheet] = []
    for sheet in sheets:
        if result and _one_depth(result[-1], sheet, apart, height):
            result[-1] = _together(result[-1], sheet)
        else:
            result.append(sheet)
    return result


def _one_depth(one: Sheet, other: Sheet, apart: float, height: int) -> bool:
    if one.figure or other.figure or {one.kind, other.kind} & {"smoke", *_OVER_ALL}:
        return False
    # Over the rows of the clip that the second one covers: only there must they move alike.
    rows = np.clip(np.array([other.top, other.top + other.rows]), 0, height) - (height - 1) / 2
    off = np.abs(one.depth - other.depth + (one.slope - other.slope) * rows)
    return float(off.max()) <= apart


def _together(one: Sheet, other: Sheet) -> Sheet:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right, bottom = max(one.box[2], other.box[2]), max(one.box[3], other.box[3])
    if one.goes_on:  # what would grow it beyond its edges is left out: they must stay edges of a whole picture
        left, top, right, bottom = one.box
    pixels = np.zeros((bottom - top, right - left, 4), np.uint8)
    for sheet in (one, other):
        x, y = max(sheet.left, left), max(sheet.top, top)
        x2, y2 = min(sheet.box[2], right), min(sheet.box[3], bottom)
        if x < x2 and y < y2:
            part = sheet.pixels[y - sheet.top : y2 - sheet.top, x - sheet.left : x2 - sheet.left]
            lay_over(pixels[y - top : y2 - top, x - left : x2 - left], np.ascontiguousarray(part))
    return replace(one, pixels=pixels, left=left, top=top)
