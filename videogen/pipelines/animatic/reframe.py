"""The end of a move: what the camera sees once it has moved on from the start frame."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from scenes.layers import Layer, Layers
from videogen.pipelines.animatic.camera import CameraMove
from videogen.pipelines.geometry import cover_box

_CLOSER, _WIDER = 1.2, 0.9
_ASIDE = 0.06  # of the width or the height, of what is nearest


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the camera has gone. zoom: how many times closer the nearest is. x, y: aside, in parts of the frame."""

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


def one_plane(picture: Image.Image, size: tuple[int, int]) -> Layers:
    """A picture without layers, cropped to the frame, as the only layer of one."""
    rgb = picture.convert("RGB")
    whole = rgb.resize(size, Image.Resampling.LANCZOS, box=cover_box(rgb.size, size)).convert("RGBA")
    return Layers(size, (Layer("middle", whole, depth=1.0),))


def seen_from(start: Layers, stand: Stand) -> Layers:
    """The start frame from where the camera stands: near things have moved more than far ones.

    Nothing beyond what is drawn is ever seen: where the frame would show it, the camera has come closer.
    """
    if stand == STILL:
        return start
    width, height = start.size
    away = 1 + 2 * max(abs(stand.x), abs(stand.y))
    least = max((_least_zoom(layer, start.size) for layer in start.layers if _fills(layer, start.size)), default=1.0)
    zoom = max(stand.zoom, least if least < 1 else away)
    layers = []
    for layer in start.layers:
        depth = layer.depth if layer.near_depth is None else (layer.depth + layer.near_depth) / 2
        scale = 1 + (zoom - 1) * _share(layer)
        aside = (stand.x * width * depth, stand.y * height * depth)
        left = (layer.left - width / 2) * scale + width / 2 - aside[0]
        top = (layer.top - height / 2) * scale + height / 2 - aside[1]
        whole = (round(left), round(top))
        size = (
            max(round((layer.left + layer.image.width - width / 2) * scale + width / 2 - aside[0]) - whole[0], 1),
            max(round((layer.top + layer.image.height - height / 2) * scale + height / 2 - aside[1]) - whole[1], 1),
        )
        layers.append(replace(layer, image=_resized(layer.image, size), left=whole[0], top=whole[1]))
    return replace(start, layers=tuple(layers))


def _fills(layer: Layer, size: tuple[int, int]) -> bool:
    right, bottom = layer.left + layer.image.width, layer.top + layer.image.height
    return layer.kind not in ("weather", "light") and layer.left <= 0 and right >= size[0] and bottom >= size[1]


def _least_zoom(layer: Layer, size: tuple[int, int]) -> float:
    """How far the camera can go back until the frame would show what is beside the layer."""
    width, height = size
    room = min(-layer.left / width, (layer.left + layer.image.width - width) / width)
    below = (layer.top + layer.image.height - height) / height
    least = 1 / (1 + 2 * max(min(room, below), 0.0))
    return 1 - (1 - least) / _share(layer)


def _share(layer: Layer) -> float:
    """How much of the camera's zoom a layer is seen to take part in: all of it for what is nearest."""
    depth = layer.depth if layer.near_depth is None else (layer.depth + layer.near_depth) / 2
    return 0.35 + 0.65 * depth


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)
