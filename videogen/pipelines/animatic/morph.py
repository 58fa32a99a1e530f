"""Morph one picture into another along the optical flow between them.

For a frame at moment t (0 to 1) the flow of each picture is splatted forward to t; of two points that land in one place
the one with the longer way wins, because near things move more. Both pictures are sampled backward through their
splatted flow and blended. A place that no point of one picture reaches is taken from the other alone.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.camera import CameraPath, View
from videogen.pipelines.animatic.motion import Movement
from videogen.pipelines.animatic.picture import Mask
from videogen.pipelines.animatic.view import view_matrix
from videogen.pipelines.animatic.warp import STILL, Field, Matrix, blurred, carried, grid, inverse, resized, sampled
from videogen.pipelines.base import Pixels

_HALF = np.float32(0.5)
_NEAR, _WIDE = np.ones((3, 3), np.uint8), np.ones((9, 9), np.uint8)
_REST = 0.25  # pixels of the full picture: who moves less stays


class Morph:
    """Frame 0 is exactly the first picture, the last frame exactly the second.

    Of the camera words only the shake of a handheld camera is taken: where the camera goes is in the pictures.
    """

    def __init__(self, first: Pixels, last: Pixels, moved: Movement, path: CameraPath) -> None:
        self._first, self._last, self._path = first, last, path
        self._height, self._width = first.shape[:2]
        self._camera, forth, back = moved.camera, moved.forth, moved.back
        rows, columns = forth.shape[:2]
        self._scale = np.array([self._width / columns, self._height / rows], dtype=np.float32)
        # The places of the coarse grid's points in the full picture.
        self._grid: Field = (grid(rows, columns) + _HALF) * self._scale - _HALF
        self._forth, self._back = _Way(forth, self._scale), _Way(back, self._scale)

    def frame(self, index: int) -> Pixels:
        """Frame `index` of the morph."""
        count = len(self._path)
        if index == 0:
            return self._first
        if index == count - 1:
            return self._last
        share = index / (count - 1)
        t = self._path.timing.at(index)
        seen = carried(self._grid, view_matrix(self._shake(index, share), self._width, self._height))
        still = carried(seen, inverse(_part(self._camera, t)))
        # The light changes a little later than the movement begins and is done before it ends, so less is double.
        blend = float(np.clip((t - 0.5) * 1.25 + 0.5, 0, 1))
        one, weight_one = self._taken(self._first, self._forth, still, t, STILL, 1 - blend)
        other, weight_other = self._taken(self._last, self._back, still, 1 - t, self._camera, blend)
        return np.asarray(cv2.blendLinear(one, other, weight_one, weight_other), dtype=np.uint8)

    def _taken(
        self, picture: Pixels, movement: "_Way", still: Field, t: float, camera: Matrix, weight: float
    ) -> tuple[Pixels, Mask]:
        """What a picture shows at that part of its movement, and how much it counts at each pixel."""
        size = (self._width, self._height)
        on_grid: Field = ((still + _HALF) / self._scale - _HALF).astype(np.float32)
        flow, reached = (sampled(part, on_grid, mirror=False) for part in movement.at(t))
        places = carried((still - np.float32(t) * flow).astype(np.float32), camera)
        counts = np.maximum(_inside(places, size, 0.2 * t) * reached, np.float32(1e-3)) * np.float32(weight)
        return sampled(picture, resized(places, size)), resized(counts, size)

    def _shake(self, index: int, share: float) -> View:
        view = self._path.shaken(View(1.0), index)
        calm = float(np.sin(np.pi * share)) ** 0.5
        return View(1.0, turn=view.turn * calm, sway_x=view.sway_x * calm, sway_y=view.sway_y * calm)


class _Way:
    """A field of movement, carried on by a part of itself."""

    def __init__(self, flow: Field, scale: NDArray[np.float32]) -> None:
        rows, columns = flow.shape[:2]
        self._shape = (rows, columns)
        reach = np.hypot(flow[..., 0], flow[..., 1]).ravel()
        self._resting = (reach < _REST).reshape(self._shape)
        # The moving points in the order of how far they go: of two that meet, the later written one stays.
        moving = np.argsort(reach, kind="stable")
        moving = moving[reach[moving] >= _REST]
        self._flow = flow.reshape(-1, 2)[moving]
        self._from = grid(rows, columns).reshape(-1, 2)[moving]
        self._step = self._flow / scale

    def at(self, t: float) -> tuple[Field, Mask]:
        """The movement of whatever has come to each place at moment `t`, and where anything has (0..1)."""
        rows, columns = self._shape
        flow, reached = np.zeros((rows, columns, 2), np.float32), self._resting.astype(np.float32)
        there = self._from + np.float32(t) * self._step
        # The neighbours first, so that no crack stays between points that move apart a little.
        for aside in ((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.0, 0.0)):
            place = np.rint(there + np.array(aside, np.float32)).astype(np.intp)
            kept = (place[:, 0] >= 0) & (place[:, 0] < columns) & (place[:, 1] >= 0) & (place[:, 1] < rows)
            at = place[kept, 1], place[kept, 0]
            flow[at] = self._flow[kept]
            reached[at] = 1
        # Single points that strayed into a place that opened up are no picture of it; cracks are no opening.
        whole = np.asarray(cv2.morphologyEx(reached, cv2.MORPH_OPEN, _NEAR), dtype=np.float32)
        whole = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, _WIDE), dtype=np.float32)
        known = (reached * whole)[..., None]
        around = blurred(flow * known, 2) / np.maximum(blurred(known[..., 0], 2)[..., None], np.float32(1e-4))
        return np.where(known > 0, flow, around), blurred(whole, 1.5)


def _inside(places: Field, size: tuple[int, int], margin: float) -> Field:
    """1 inside of a picture of that size, falling to nearly 0 at its edge over `margin`, so that no edge is seen."""
    beside = np.minimum(places, np.array([size[0] - 1, size[1] - 1], dtype=np.float32) - places)
    depth = np.minimum(beside[..., 0], beside[..., 1]) / np.float32(max(margin * max(size), 1)) + _HALF
    ramp = np.clip(depth, 0, 1)
    weight: Field = np.maximum(ramp * ramp * (3 - 2 * ramp), np.float32(1e-3))
    return weight


def _part(camera: Matrix, t: float) -> Matrix:
    """The part `t` of a camera movement: its zoom in equal ratios, around the point it leaves in place."""
    scale = float(np.hypot(camera[0, 0], camera[1, 0]))
    angle = float(np.arctan2(camera[1, 0], camera[0, 0])) * t
    linear = scale**t * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if abs(scale - 1) > 0.01:
        still = np.linalg.solve(camera[:, :2] - np.eye(2), -camera[:, 2])
        offset = still - linear @ still
    else:
        offset = camera[:, 2] * t
    return np.column_stack([linear, offset])
