"""From one picture to another along the movement between them.

Every frame samples both pictures at the places the movement puts them at that moment and blends them. The flow at a
moment between the two is that of Jiang et al., "Super SloMo" (2018), equation 4.
"""

import cv2
import numpy as np

from videogen.pipelines.animatic.camera import CameraPath, View, ease
from videogen.pipelines.animatic.motion import movement
from videogen.pipelines.animatic.view import view_matrix
from videogen.pipelines.animatic.warp import Field, Matrix, carried, grid, inverse, resized, sampled
from videogen.pipelines.base import Pixels

_HALF = np.float32(0.5)


class Morph:
    """Frame 0 is exactly the first picture, the last frame exactly the second.

    Of the camera words only the shake of a handheld camera is taken: where the camera goes is in the pictures.
    """

    def __init__(self, first: Pixels, last: Pixels, path: CameraPath) -> None:
        self._first, self._last, self._path = first, last, path
        self._height, self._width = first.shape[:2]
        self._camera, self._forth, self._back = movement(first, last)
        rows, columns = self._forth.shape[:2]
        self._scale = np.array([self._width / columns, self._height / rows], dtype=np.float32)
        # The places of the coarse grid's points in the full picture.
        self._grid: Field = (grid(rows, columns) + _HALF) * self._scale - _HALF

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
        one, other = sampled(self._first, resized(to_first, size)), sampled(self._last, resized(to_last, size))
        # The light changes a little later than the movement begins and is done before it ends, so less is double.
        blend = float(np.clip((eased - 0.5) * 1.25 + 0.5, 0, 1))
        # What only one of the pictures shows comes from that one alone.
        weight_one = _inside(to_first, size, 0.2 * eased) * np.float32(1 - blend)
        weight_other = _inside(to_last, size, 0.2 * (1 - eased)) * np.float32(blend)
        mixed = cv2.blendLinear(one, other, resized(weight_one, size), resized(weight_other, size))
        return np.asarray(mixed, dtype=np.uint8)

    def _shake(self, index: int, share: float) -> View:
        view = self._path[index]
        calm = float(np.sin(np.pi * share)) ** 0.5
        return View(1.0, turn=view.turn * calm, sway_x=view.sway_x * calm, sway_y=view.sway_y * calm)

    def _places(self, t: float, shake: View) -> tuple[Field, Field]:
        """Where each point of the coarse grid is in the first and in the last picture at moment `t`."""
        seen = carried(self._grid, view_matrix(shake, self._width, self._height))
        still = carried(seen, inverse(_part(self._camera, t)))
        forth, back = self._flow_at(self._forth, still), self._flow_at(self._back, still)
        before, after = np.float32(t), np.float32(1 - t)
        to_first = still + before * (before * back - after * forth)
        to_last = still + after * (after * forth - before * back)
        return to_first.astype(np.float32), carried(to_last.astype(np.float32), self._camera)

    def _flow_at(self, flow: Field, places: Field) -> Field:
        on_grid: Field = (places + _HALF) / self._scale - _HALF
        return sampled(flow, on_grid, mirror=False)


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
