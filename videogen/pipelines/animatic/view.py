"""The picture that a camera sees of a picture."""

import numpy as np

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


class MovingView:
    """One picture under a moving camera."""

    def __init__(self, picture: Pixels, path: CameraPath) -> None:
        self._path = path
        self._height, self._width = picture.shape[:2]
        self._whole = picture
        self._dense = 2 if self._width * self._height <= _DENSE_LIMIT else 1
        self._picture = _doubled(picture) if self._dense == 2 else picture

    def frame(self, index: int) -> Pixels:
        """The picture that the camera sees in frame `index`."""
        view = self._path[index]
        if view.zoom == 1 and not (view.turn or view.sway_x or view.sway_y):
            return self._whole
        matrix = view_matrix(view, self._width, self._height) * self._dense
        # In the doubled picture a straight line between two points is as good as a curve in the single one.
        return warped(self._picture, matrix, (self._width, self._height), cubic=self._dense == 1)


def _doubled(picture: Pixels) -> Pixels:
    # Every second point of the doubled picture is a point of the picture itself, so the whole picture comes back
    # unchanged; what is between is interpolated once, well, instead of in every frame.
    height, width = picture.shape[:2]
    return warped(picture, np.array([[0.5, 0, 0], [0, 0.5, 0]]), (width * 2, height * 2), cubic=True)
