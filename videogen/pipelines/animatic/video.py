"""A clip without a model: a camera through the start frame, or from the start frame to the end frame."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from PIL import Image

from scenes.layers import Layers
from videogen.phase import Phase
from videogen.pipelines.animatic.camera import CameraPath, read_camera
from videogen.pipelines.animatic.carry import Carry
from videogen.pipelines.animatic.cut import Cut
from videogen.pipelines.animatic.layered_shot import LayeredShot
from videogen.pipelines.animatic.life import Life, asked_life
from videogen.pipelines.animatic.morph import Morph
from videogen.pipelines.animatic.motion import movement
from videogen.pipelines.animatic.view import MovingView
from videogen.pipelines.base import OnStep, Pixels, Rendering, Weightless
from videogen.pipelines.geometry import cover_box
from videogen.specs import VideoSpec

OTHER_PLACE = (
    "The start frame and the end frame show different places, so the clip cuts from one to the other while the camera "
    "moves."
)
NOTHING_IN_COMMON = (
    "Nothing of the start frame is in the end frame, so the clip cuts from one to the other while the camera moves."
)


class AnimaticVideo(Weightless):
    """Makes a clip of the camera words of the prompt.

    Without an end frame the clip begins on the start frame; a move that needs room the picture does not have begins
    inside of it, or ends on it (travel.Travel, camera.CameraPath). With an end frame it begins exactly on the one and
    ends exactly on the other. The seed decides the timing, how a handheld camera shakes and the small life, of a clip
    that stands still nothing.
    """

    def generate(
        self,
        spec: VideoSpec,
        start: Image.Image,
        end: Image.Image | None,
        on_step: OnStep,
        start_layers: Layers | None = None,
        end_layers: Layers | None = None,
    ) -> Rendering:
        """Prepare the clip; each frame is computed when it is taken, and `on_step` told of it before it is given."""
        first = fitted(start, spec.width, spec.height)
        last = None if end is None else fitted(end, spec.width, spec.height)
        path = CameraPath(read_camera(spec.prompt), spec.frames, spec.frame_rate, spec.seed or 0)
        if last is None:
            return Rendering(frames=_frames(spec, _over_one(spec, first, start_layers, path), on_step))
        shot, notes = _from_to(spec, (first, last), (start_layers, end_layers), path)
        return Rendering(frames=_frames(spec, shot, on_step), notes=notes)


class Shot(Protocol):
    """A clip whose frames can be computed one by one."""

    def frame(self, index: int) -> Pixels:
        """The picture of frame `index`."""


def fitted(picture: Image.Image, width: int, height: int) -> Pixels:
    """The picture, cropped to the aspect ratio and resized to cover width x height."""
    rgb = picture.convert("RGB")
    if rgb.size == (width, height):
        return np.asarray(rgb)
    box = cover_box(rgb.size, (width, height))
    return np.asarray(rgb.resize((width, height), Image.Resampling.LANCZOS, box=box))


def _over_one(spec: VideoSpec, first: Pixels, layers: Layers | None, path: CameraPath) -> Shot:
    if layers is None:
        return MovingView(first, path)
    return LayeredShot(layers, first, path, _life(spec, layers))


def _from_to(
    spec: VideoSpec, pictures: tuple[Pixels, Pixels], layers: tuple[Layers | None, Layers | None], path: CameraPath
) -> tuple[Shot, tuple[str, ...]]:
    start, end = layers
    if start is not None and end is not None:
        carry = Carry.between(start, end, *pictures, path, _life(spec, start))
        return (carry, ()) if carry else (Cut(*pictures, path), (OTHER_PLACE,))
    moved = movement(*pictures)
    if moved.has_something_in_common:
        return Morph(*pictures, moved, path), ()
    return Cut(*pictures, path), (NOTHING_IN_COMMON,)


def _life(spec: VideoSpec, layers: Layers) -> Life:
    size = spec.width, spec.height
    return Life(layers.made, size, spec.frame_rate, spec.seed or 0, asked_life(spec.prompt))


def _frames(spec: VideoSpec, shot: Shot, on_step: OnStep) -> Iterator[Pixels]:
    on_step(Phase.DENOISING, 0, spec.frames)
    for index in range(spec.frames):
        frame = shot.frame(index)
        on_step(Phase.DENOISING, index + 1, spec.frames)
        yield frame
