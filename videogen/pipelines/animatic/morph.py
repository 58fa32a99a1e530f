"""From one picture to another along the movement between them.

First the camera's part of the movement (closer, aside, turned) is found from points that both pictures share;
what remains is dense optical flow in both directions. Every frame samples both pictures at the places the movement
puts them at that moment and blends them. The intermediate flow is that of Jiang et al., "Super SloMo" (2018), eq. 4.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.camera import CameraPath, View, ease
from videogen.pipelines.base import Pixels

Field = NDArray[np.float32]

_FLOW_SIDE = 512  # pixels of the longer side at which movement is looked for
_FEATURE_SIDE = 960
_ENOUGH_POINTS = 24


class Morph:
    """Frame 0 is exactly the first picture, the last frame exactly the second.

    Of the camera words only the shake of a handheld camera is taken: where the camera goes is in the pictures.
    """

    def __init__(self, first: Pixels, last: Pixels, path: CameraPath) -> None:
        self._first, self._last, self._path = first, last, path
        self._height, self._width = first.shape[:2]
        self._camera = _camera_between(first, last)
        self._forth, self._back = _flows(first, last, self._camera)
        rows, columns = self._forth.shape[:2]
        self._scale = (self._width / columns, self._height / rows)
        # Places of the coarse grid's points in the full picture.
        x = (np.arange(columns, dtype=np.float32) + 0.5) * self._scale[0] - 0.5
        y = (np.arange(rows, dtype=np.float32) + 0.5) * self._scale[1] - 0.5
        self._grid = np.dstack(np.meshgrid(x, y)).astype(np.float32)

    def frame(self, index: int) -> Pixels:
        """Frame `index` of the morph."""
        count = len(self._path)
        if index == 0:
            return self._first
        if index == count - 1:
            return self._last
        share = index / (count - 1)
        eased = ease(share)
        to_first, to_last = self._places(eased, self._shake(index, share))
        size = (self._width, self._height)
        one, other = (
            cv2.remap(picture, _enlarged(places, size), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
            for picture, places in ((self._first, to_first), (self._last, to_last))
        )
        # The change of light runs a little later in and earlier out than the movement, so less time is double.
        blend = float(np.clip((eased - 0.5) * 1.25 + 0.5, 0, 1))
        there = _inside(to_first, size), _inside(to_last, size)
        if float(min(part.min() for part in there)) == 1:
            return np.asarray(cv2.addWeighted(one, 1 - blend, other, blend, 0), dtype=np.uint8)
        # What only one of the pictures shows comes from that one alone.
        weights = [
            cv2.resize(part * np.float32(share), size) for part, share in zip(there, (1 - blend, blend), strict=True)
        ]
        return np.asarray(cv2.blendLinear(one, other, *weights), dtype=np.uint8)

    def _shake(self, index: int, share: float) -> View:
        view = self._path[index]
        calm = float(np.sin(np.pi * share)) ** 0.5
        return View(1.0, turn=view.turn * calm, sway_x=view.sway_x * calm, sway_y=view.sway_y * calm)

    def _places(self, t: float, shake: View) -> tuple[Field, Field]:
        """Where each point of the coarse grid is in the first and in the last picture at moment `t`."""
        seen = _apply(_shake_matrix(shake, self._width, self._height), self._grid)
        still = _apply(_inverse(_part(self._camera, t)), seen)
        forth, back = (self._sampled(flow, still) for flow in (self._forth, self._back))
        to_first = still + t * (t * back - (1 - t) * forth)
        to_last = still + (1 - t) * ((1 - t) * forth - t * back)
        return to_first, _apply(self._camera, to_last)

    def _sampled(self, flow: Field, places: Field) -> Field:
        on_grid = (places + np.float32(0.5)) / np.array(self._scale, dtype=np.float32) - np.float32(0.5)
        sampled = cv2.remap(flow, on_grid.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(sampled, dtype=np.float32)


def _enlarged(places: Field, size: tuple[int, int]) -> Field:
    return np.asarray(cv2.resize(places, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _inside(places: Field, size: tuple[int, int]) -> Field:
    """1 where a place is inside of a picture of that size, falling to nearly 0 outside of it."""
    edge = max(size) * np.float32(0.015)
    beyond = np.maximum(-places, places - np.array([size[0] - 1, size[1] - 1], dtype=np.float32)).max(axis=2)
    return np.clip(1 - beyond / edge, 1e-3, 1).astype(np.float32)


def _apply(matrix: NDArray[np.float64], places: Field) -> Field:
    return np.asarray(cv2.transform(places, matrix.astype(np.float32)), dtype=np.float32)


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.invertAffineTransform(matrix), dtype=np.float64)


def _shake_matrix(view: View, width: int, height: int) -> NDArray[np.float64]:
    cos, sin = np.cos(np.radians(view.turn)), np.sin(np.radians(view.turn))
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array(
        [
            [cos, -sin, x - cos * x + sin * y + view.sway_x * width],
            [sin, cos, y - sin * x - cos * y + view.sway_y * width],
        ]
    )


def _part(camera: NDArray[np.float64], t: float) -> NDArray[np.float64]:
    """The part `t` of a camera movement: its zoom in equal ratios, around the point it leaves in place."""
    scale = float(np.hypot(camera[0, 0], camera[1, 0]))
    angle = float(np.arctan2(camera[1, 0], camera[0, 0])) * t
    size = scale**t
    linear = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    whole = camera[:, :2] - np.eye(2)
    if abs(scale - 1) > 0.01:
        still = np.linalg.solve(whole, -camera[:, 2])
        offset = still - linear @ still
    else:
        offset = camera[:, 2] * t
    return np.column_stack([linear, offset])


def _small(picture: Pixels, side: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(round(width * scale), 16), max(round(height * scale), 16))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _camera_between(first: Pixels, last: Pixels) -> NDArray[np.float64]:
    """The 2 x 3 similarity that takes points of `first` to `last`, in full pixels; still where none is found."""
    still = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    one, other = _small(first, _FEATURE_SIDE), _small(last, _FEATURE_SIDE)
    finder = cv2.SIFT_create(nfeatures=1500)
    (points_one, marks_one), (points_other, marks_other) = (finder.detectAndCompute(i, None) for i in (one, other))
    if marks_one is None or marks_other is None or min(len(points_one), len(points_other)) < _ENOUGH_POINTS:
        return still
    pairs = [
        pair[0]
        for pair in cv2.BFMatcher().knnMatch(marks_one, marks_other, k=2)
        if len(pair) == 2 and pair[0].distance < 0.75 * pair[1].distance
    ]
    if len(pairs) < _ENOUGH_POINTS:
        return still
    scale = first.shape[1] / one.shape[1]
    source = np.array([points_one[pair.queryIdx].pt for pair in pairs], dtype=np.float32)
    target = np.array([points_other[pair.trainIdx].pt for pair in pairs], dtype=np.float32)
    cv2.setRNGSeed(1)
    found, kept = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=3.0, maxIters=4000)
    if found is None or int(kept.sum()) < _ENOUGH_POINTS:
        return still
    found[:, 2] = found[:, 2] * scale + (scale - 1) / 2 * (1 - found[:, :2].sum(axis=1))
    size = float(np.hypot(found[0, 0], found[1, 0]))
    return np.asarray(found, dtype=np.float64) if 0.4 < size < 2.5 else still


def _flows(first: Pixels, last: Pixels, camera: NDArray[np.float64]) -> tuple[Field, Field]:
    """The movement left between `first` and `last` seen from the first camera: forth and back, in full pixels."""
    height, width = first.shape[:2]
    seen = cv2.warpAffine(
        last, camera, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101
    )
    one, other = _small(first, _FLOW_SIDE), _small(np.asarray(seen, dtype=np.uint8), _FLOW_SIDE)
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forth, back = (np.asarray(dis.calc(a, b, None), dtype=np.float32) for a, b in ((one, other), (other, one)))
    trust_forth, trust_back = _trust(forth, back), _trust(back, forth)
    rows, columns = one.shape[:2]
    scale = np.array([width / columns, height / rows], dtype=np.float32)
    return forth * trust_forth * scale, back * trust_back * scale


def _trust(flow: Field, other: Field) -> Field:
    """1 where going there and back returns to the same place, 0 where it does not: there the pictures only blend."""
    rows, columns = flow.shape[:2]
    grid = np.dstack(np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)))
    returned = flow + cv2.remap(other, grid + flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    error = np.hypot(returned[..., 0], returned[..., 1])
    size = np.hypot(flow[..., 0], flow[..., 1])
    trust = np.clip(1.5 - error / (0.75 + 0.1 * size), 0, 1).astype(np.float32)
    smooth = cv2.GaussianBlur(cv2.erode(trust, np.ones((5, 5), np.uint8)), (0, 0), 5)
    return np.asarray(smooth, dtype=np.float32)[..., None]
