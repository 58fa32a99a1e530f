"""A clip without a model: a camera move over the start frame, or a morph from the start to the end frame."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from videogen.geometry import cover_box
from videogen.pipelines.animatic.camera import CameraPath, View, read_camera
from videogen.pipelines.animatic.morph import Morph
from videogen.pipelines.base import OnStep, Phase, Pixels, Rendering
from videogen.specs import VideoSpec

# Above this a doubled picture costs more memory than its smoothness is worth.
_DENSE_LIMIT = 2560 * 1440


class AnimaticVideo:
    """Makes a clip of the camera words of the prompt.

    The seed decides how a handheld camera shakes; all other moves, and the morph, do not depend on it.
    """

    def generate(self, spec: VideoSpec, start: Image.Image, end: Image.Image | None, on_step: OnStep) -> Rendering:
        """Prepare the clip; each frame is computed when it is taken, after `on_step` was told of it."""
        first = fitted(start, spec.width, spec.height)
        last = None if end is None else fitted(end, spec.width, spec.height)
        return Rendering(frames=_frames(spec, first, last, on_step))


def fitted(picture: Image.Image, width: int, height: int) -> Pixels:
    """The picture, cropped to the aspect ratio and resized to cover width x height."""
    rgb = picture.convert("RGB")
    if rgb.size == (width, height):
        return np.asarray(rgb)
    box = cover_box(rgb.size, (width, height))
    return np.asarray(rgb.resize((width, height), Image.Resampling.LANCZOS, box=box))


def _frames(spec: VideoSpec, first: Pixels, last: Pixels | None, on_step: OnStep) -> Iterator[Pixels]:
    path = CameraPath(read_camera(spec.prompt), spec.frames, spec.frame_rate, spec.seed or 0)
    if last is None:
        stage: _Stage | Morph = _Stage(first, path)
    else:
        stage = Morph(first, last, path)
    for index in range(spec.frames):
        frame = stage.frame(index)
        on_step(Phase.DENOISING, index + 1, spec.frames)
        yield frame


class _Stage:
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
        if view == View(1.0, view.x, view.y):
            return self._whole
        matrix = view_matrix(view, self._width, self._height) * np.float32(self._dense)
        # In the doubled picture a straight line between two points is as good as a cubic in the single one.
        flags = cv2.INTER_LINEAR if self._dense == 2 else cv2.INTER_CUBIC
        size = (self._width, self._height)
        seen = cv2.warpAffine(
            self._picture, matrix, size, flags=flags | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101
        )
        return np.asarray(seen, dtype=np.uint8)


def _doubled(picture: Pixels) -> Pixels:
    # Every second point of the doubled picture is a point of the picture itself, so the whole picture comes back
    # unchanged; what is between is interpolated once, well, instead of in every frame.
    height, width = picture.shape[:2]
    matrix = np.array([[0.5, 0, 0], [0, 0.5, 0]], dtype=np.float32)
    dense = cv2.warpAffine(
        picture,
        matrix,
        (width * 2, height * 2),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(dense, dtype=np.uint8)


def view_matrix(view: View, width: int, height: int) -> NDArray[np.float32]:
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
        ],
        dtype=np.float32,
    )
