"""The light of the fire and of the lamp, and the dark of the corners, on every layer alike."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from art.canvas import Canvas, Point, oval
from art.kitchen.palette import FIRE, LAMP
from art.scenery import BOTTOM, LEFT, RIGHT, TOP

Plane = NDArray[np.float32]  # one value, 0 to 1, for each pixel of a layer

_GLOWS: tuple[tuple[Point, Point, str, float], ...] = (  # centre, reach across and down, colour, strength
    ((1390, 450), (640, 430), "#ffae58", 0.42),
    ((1340, 562), (340, 80), LAMP, 0.38),
    ((356, 520), (460, 340), FIRE, 0.6),
    ((356, 510), (120, 100), "#ffb860", 0.4),
    ((420, 720), (460, 130), FIRE, 0.42),
)
_CORNERS = "#0d0b1a"


def lit(layer: Image.Image) -> Image.Image:
    """Light a finished layer.

    Light is added and darkness is mixed in pixel by pixel and linearly, so that layers lit one by one give the same
    picture, stacked, as the whole lit at once.
    """
    kept, added = _light()
    pixels = np.array(layer)
    pixels[..., :3] = np.clip(pixels[..., :3] * kept + added + np.float32(0.5), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


@cache
def _light() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """By what each colour of a pixel is multiplied, and what is then added, 0 to 255."""
    kept = np.ones((BOTTOM - TOP, RIGHT - LEFT, 3), np.float32)
    cone = _mask([(1326, 326), (1474, 326), (1660, 640), (1080, 640)], 18)
    lights = [(cone * np.float32(0.13), "#ffb45a")]
    lights += [(_glow(centre, reach) * np.float32(strength), colour) for centre, reach, colour, strength in _GLOWS]
    for light, colour in lights:
        kept *= 1 - light[..., None] * _colour(colour)
    dark = ((1 - _mask(oval(820, 470, 1900, 1030), 120)) * np.float32(0.55))[..., None]
    added = (1 - kept) * (1 - dark) + _colour(_CORNERS) * dark
    return kept * (1 - dark), added * np.float32(255)


def _colour(text: str) -> NDArray[np.float32]:
    return np.array(ImageColor.getrgb(text), np.float32) / np.float32(255)


def _mask(outline: list[Point], blur: float) -> Plane:
    canvas = Canvas(RIGHT - LEFT, BOTTOM - TOP, left=LEFT, top=TOP)
    mask = canvas.mask(outline, blur=blur).resize((RIGHT - LEFT, BOTTOM - TOP), Image.Resampling.BOX)
    return np.asarray(mask, dtype=np.float32) / np.float32(255)


def _glow(centre: Point, reach: Point) -> Plane:
    across = (np.arange(LEFT, RIGHT, dtype=np.float32) - np.float32(centre[0])) / np.float32(reach[0])
    down = (np.arange(TOP, BOTTOM, dtype=np.float32) - np.float32(centre[1])) / np.float32(reach[1])
    glow: Plane = np.clip(1 - np.hypot(across[None, :], down[:, None]), 0, 1) ** 2
    return glow
