"""A clip without a model: a camera move over the start frame, or a morph from the start to the end frame."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from videogen.phase import Phase
from videogen.pipelines.animatic.camera import CameraPath, read_camera
from videogen.pipelines.animatic.morph import Morph
from videogen.pipelines.animatic.view import MovingView
from videogen.pipelines.base import OnStep, Pixels, Rendering, Weightless
from videogen.pipelines.geometry import cover_box
from videogen.specs import VideoSpec


class AnimaticVideo(Weightless):
    """Makes a clip of the camera words of the prompt.

    Without an end frame the clip begins on the start frame, a pan or tilt alone and a pull out excepted: those
    need room in the picture, so they begin inside of it. With an end frame it begins exactly on the one and ends
    exactly on the other. The seed decides how a handheld camera shakes and nothing else.
    """

    def generate(self, spec: VideoSpec, start: Image.Image, end: Image.Image | None, on_step: OnStep) -> Rendering:
        """Prepare the clip; each frame is computed when it is taken, and `on_step` told of it before it is given."""
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
    on_step(Phase.DENOISING, 0, spec.frames)
    path = CameraPath(read_camera(spec.prompt), spec.frames, spec.frame_rate, spec.seed or 0)
    shot = MovingView(first, path) if last is None else Morph(first, last, path)
    for index in range(spec.frames):
        frame = shot.frame(index)
        on_step(Phase.DENOISING, index + 1, spec.frames)
        yield frame
