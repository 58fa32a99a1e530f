"""The picture that a camera sees of a picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.camera import CameraPath, View
from videogen.pipelines.animatic.warp import Matrix, warped
from videogen.pipelines.base import Pixels

# Above this a doubled picture costs more memory than its smoothness is worth.
_DENSE_LIMIT = 2560 * 1440


def view_matrix(view: View, width: int, height: int) -> Matrix:
    """The 2 x 3 matrix from a pixel of the clip to the place in the picture that the camera sees there."""
    scale = 1 / view.zoom
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    room_x, room_y = (width - 1) * (1 - scale) / 2, (height - 1) * (1 - scale) / 2
    centre_x = middle_x + view.x * room_x + view.sway_x * width
    centre_y = middle_y + view.y * room_y + view.sway_y * width
    cos, sin = scale * np.cos(np.radians(view.turn)), scale * np.sin(np.radians(view.turn))
    return np.array(
        [
            [cos, -sin, centre_x - cos * middle_x + sin * middle_y],
            [sin, cos, centre_y - sin * middle_x - cos * middle_y],
        ]
    )


class PictureView:
    """One picture, from wherever a camera looks at it."""

    def __init__(self, picture: Pixels) -> None:
        self._height, self._width = picture.shape[:2]
        self._whole = picture
        # With a fourth channel OpenCV samples in less than half the time.
        sheet = np.dstack([picture, np.full((self._height, self._width), 255, np.uint8)])
        self._dense = 2 if self._width * self._height <= _DENSE_LIMIT else 1
        self._picture = doubled(sheet) if self._dense == 2 else sheet

    def seen(self, view: View) -> Pixels:
        """What the camera sees."""
        if view.zoom == 1 and not (view.turn or view.sway_x or view.sway_y):
            return self._whole
        matrix = view_matrix(view, self._width, self._height) * self._dense
        # In the doubled picture a straight line between two points is as good as a curve in the single one.
        seen = warped(self._picture, matrix, (self._width, self._height), cubic=self._dense == 1)
        return np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), dtype=np.uint8)


class MovingView:
    """One picture under a moving camera."""

    def __init__(self, picture: Pixels, path: CameraPath) -> None:
        self._path, self._view = path, PictureView(picture)

    def frame(self, index: int) -> Pixels:
        """The picture that the camera sees in frame `index`."""
        return self._view.seen(self._path[index])


def doubled(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture twice as large. Every second point is a point of the picture itself, so at rest it comes back
    unchanged; what is between is interpolated once, well, instead of in every frame.
    """
    rows, columns = picture.shape[:2]
    between = np.array([[-1, 9, 9, -1]], np.float32) / np.float32(16)
    one, edge = np.ones((1, 1), np.float32), cv2.BORDER_REFLECT_101
    # The anchor lets the four taps lie around the point half a pixel to the right, or below.
    across = cv2.sepFilter2D(picture, -1, between, one, anchor=(1, 0), borderType=edge)
    double = np.empty((rows * 2, columns * 2, picture.shape[2]), np.uint8)
    double[0::2, 0::2], double[0::2, 1::2] = picture, across
    down, both = (cv2.sepFilter2D(part, -1, one, between, anchor=(0, 1), borderType=edge) for part in (picture, across))
    double[1::2, 0::2], double[1::2, 1::2] = down, both
    return double
