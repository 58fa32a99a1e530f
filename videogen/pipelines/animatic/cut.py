"""A cut on motion: between two pictures that have nothing in common, one movement of the camera goes on."""

from videogen.pipelines.animatic.camera import CameraPath, View
from videogen.pipelines.animatic.view import PictureView
from videogen.pipelines.base import Pixels

_ROOM = 0.1  # that the camera takes for its movement, in parts of the picture


class Cut:
    """Frame 0 is exactly the first picture, the last frame exactly the second; the cut is in the middle of the move.

    The camera leaves the first picture faster and faster, and comes to rest on the second one, in one direction.
    """

    def __init__(self, first: Pixels, last: Pixels, path: CameraPath) -> None:
        self._path = path
        self._views = PictureView(first), PictureView(last)
        self._way = path.move.pan or path.move.orbit or 1

    def frame(self, index: int) -> Pixels:
        """Frame `index` of the clip."""
        t = self._path.timing.at(index)
        left = t < 0.5
        away = (2 * t) ** 2 if left else (2 - 2 * t) ** 2
        view = View(1 + _ROOM * away, x=self._way * (1 if left else -1) * min(away * 1.5, 1))
        last = len(self._path) - 1
        # The hand comes to rest where the clip begins and ends.
        hand = self._path.shaken(view, index) if 0 < index < last and away > 0.02 else view
        return self._views[0 if left else 1].seen(hand)
