"""The end of a move: what the camera sees once it has moved on from the start frame."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from videogen.pipelines.animatic.camera import CameraMove
from videogen.pipelines.animatic.grade import graded
from videogen.pipelines.animatic.picture import Light
from videogen.pipelines.animatic.setting import read_setting
from videogen.pipelines.animatic.staging import Place
from videogen.pipelines.animatic.warp import blurred, warped
from videogen.pipelines.base import Pixels
from videogen.pipelines.geometry import cover_box
from videogen.specs import FrameSpec

_CLOSER, _WIDER = 1.22, 0.86
_ASIDE = 0.07  # of the width or the height
_DEPTH = 0.45  # how much of a movement of the people is seen in the place behind them


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the camera has gone. zoom: how many times closer. x, y: aside, in parts of the picture's sides."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0


STILL = Stand()


def moved(move: CameraMove, seed: int) -> Stand:
    """Where the camera stands at the end of a move; without camera words it has come closer.

    The seed varies how far it went by a tenth.
    """
    if move.static:
        return STILL
    reach = float(np.random.default_rng(seed).uniform(0.9, 1.1)) * (1.25 if move.speed > 1 else 1.0)
    zoom = 1.0
    if move.closer or not (move.pan or move.tilt):
        zoom = 1 + ((_WIDER if move.closer < 0 else _CLOSER) - 1) * reach
    return Stand(zoom, move.pan * _ASIDE * reach, move.tilt * _ASIDE * reach)


def seen_from(backdrop: Light, stand: Stand) -> Light:
    """The place behind the people: it moves less than they do, and nothing beyond its edge is ever seen."""
    if stand == STILL:
        return backdrop
    away = max(abs(stand.x), abs(stand.y)) * _DEPTH
    zoom = max(1 + (stand.zoom - 1) * _DEPTH, 1.0) + 2 * away
    return _seen(backdrop, zoom, stand.x * _DEPTH, stand.y * _DEPTH)


def closed_in(place: Place, stand: Stand, width: int, height: int) -> Place:
    """The place of a figure in the picture after the move: who stands nearer moves more."""
    if stand == STILL:
        return place
    near = min(max(place.height / height, 0.5), 1.1)
    zoom = 1 + (stand.zoom - 1) * (0.55 + 0.6 * near)
    # People grow around their eyes, a little above the middle of the picture, and around its middle from side to side.
    eyes = place.foot - 0.88 * place.height
    x = width / 2 + (place.x - width / 2) * (1 + (stand.zoom - 1) * 0.6) - stand.x * width * near
    level = eyes - stand.y * height * near
    tall = place.height * zoom
    return replace(place, x=x, foot=level + 0.88 * tall, height=tall)


def reframed(start: Image.Image, spec: FrameSpec, move: CameraMove) -> Pixels:
    """A start frame that is only a picture, from where the camera stands after the move, in the light of the prompt."""
    size = (spec.width, spec.height)
    rgb = start.convert("RGB")
    whole = np.asarray(rgb.resize(size, Image.Resampling.LANCZOS, box=cover_box(rgb.size, size)), dtype=np.float32)
    stand = moved(move, spec.seed or 0)
    if stand.zoom < 1:
        seen = _wider(whole, stand)
    else:
        seen = (
            whole
            if stand == STILL
            else _seen(whole, stand.zoom + 2 * max(abs(stand.x), abs(stand.y)), stand.x, stand.y)
        )
    light = graded(np.clip(seen * np.float32(1 / 255), 0, 1), read_setting(spec.prompt).time)
    return np.round(light * 255).astype(np.uint8)


def _wider(whole: Light, stand: Stand) -> Light:
    """What lay beyond the picture's edge is its mirror image, losing itself in softness."""
    height, width = whole.shape[:2]
    seen, soft = _seen(whole, stand.zoom, stand.x / 2, stand.y / 2), max(height, width) * 0.006
    there = _seen(np.ones((height, width), np.float32), stand.zoom, stand.x / 2, stand.y / 2, mirror=False)
    share = np.clip(blurred(there, soft) * 2 - 1, 0, 1)[..., None]  # soft on the inner side of the edge only
    beyond = blurred(seen, 2 * soft)
    mixed: Light = seen * share + beyond * (1 - share)
    return mixed


def _seen(whole: Light, zoom: float, x: float, y: float, *, mirror: bool = True) -> Light:
    height, width = whole.shape[:2]
    scale = 1 / zoom
    matrix = np.array(
        [
            [scale, 0, (width - 1) / 2 * (1 - scale) + x * width],
            [0, scale, (height - 1) / 2 * (1 - scale) + y * height],
        ]
    )
    return warped(whole, matrix, (width, height), cubic=mirror, mirror=mirror)
