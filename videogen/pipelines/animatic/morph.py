"""From one picture to another along the movement between them.

Every frame samples both pictures at the places the movement puts them at that moment and blends them. The flow at a
moment between the two is that of Jiang et al., "Super SloMo" (2018), equation 4.
"""

import cv2
import numpy as np

from videogen.pipelines.animatic.camera import CameraPath, View, ease
from videogen.pipelines.animatic.motion import Field, Matrix, movement
from videogen.pipelines.base import Pixels


class Morph:
    """Frame 0 is exactly the first picture, the last frame exactly the second.

    Of the camera words only the shake of a handheld camera is taken: where the camera goes is in the pictures.
    """

    def __init__(self, first: Pixels, last: Pixels, path: CameraPath) -> None:
        self._first, self._last, self._path = first, last, path
        self._height, self._width = first.shape[:2]
        self._camera, self._forth, self._back = movement(first, last)
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
        # What only one of the pictures shows comes from that one alone.
        weights = [
            cv2.resize(_inside(places, size, 0.2 * apart) * np.float32(share), size)
            for places, share, apart in ((to_first, 1 - blend, eased), (to_last, blend, 1 - eased))
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


def _inside(places: Field, size: tuple[int, int], margin: float) -> Field:
    """1 inside of a picture of that size, falling to nearly 0 at its edge over `margin`, so that no edge is seen."""
    far = np.array([size[0] - 1, size[1] - 1], dtype=np.float32)
    beside = np.minimum(places, far - places)
    depth = np.minimum(beside[..., 0], beside[..., 1]) / np.float32(max(margin * max(size), 1)) + np.float32(0.5)
    ramp = np.clip(depth, 0, 1)
    return np.maximum(ramp * ramp * (3 - 2 * ramp), np.float32(1e-3)).astype(np.float32)


def _apply(matrix: Matrix, places: Field) -> Field:
    return np.asarray(cv2.transform(places, matrix.astype(np.float32)), dtype=np.float32)


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(cv2.invertAffineTransform(matrix), dtype=np.float64)


def _shake_matrix(view: View, width: int, height: int) -> Matrix:
    cos, sin = np.cos(np.radians(view.turn)), np.sin(np.radians(view.turn))
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array(
        [
            [cos, -sin, x - cos * x + sin * y + view.sway_x * width],
            [sin, cos, y - sin * x - cos * y + view.sway_y * width],
        ]
    )


def _part(camera: Matrix, t: float) -> Matrix:
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
