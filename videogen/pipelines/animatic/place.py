"""The place of a panel in layers: as it was delivered, cut from a flat picture, or drawn from words."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenes.layers import Ground, Layer, Layers
from videogen.pipelines.animatic.scenery import draw_place
from videogen.pipelines.animatic.setting import Setting
from videogen.pipelines.base import Picture

_LONGEST = 1600  # pixels; a larger place is made smaller first: the frame shows no more of it
_DRAWN = 1024  # pixels: a place from words is flat colour, and sharp enough when it is enlarged
_LOOK = (160, 90)
_SKY_SHARE = (0.12, 0.7)  # of the picture, for a sky worth a layer
_STEP = 5  # of 255: what neighbours in a sky may differ by
_EDGE = 2.2  # times as strong as inside the sky is its lower edge at least, on average


def place_of(picture: Picture | None, setting: Setting, size: tuple[int, int], seed: int) -> Layers:
    """The layers of the location, or of the place that the words name where it has no picture."""
    if picture is None or picture.image is None:
        scale = min(_DRAWN / max(size), 1.0)
        return draw_place(setting, round(size[0] * scale), round(size[1] * scale), seed)
    if picture.layers is not None:
        return picture.layers
    return _cut(picture.image, picture.ground_line, with_sky=not setting.is_indoors)


def _cut(image: Image.Image, ground_line: float | None, *, with_sky: bool) -> Layers:
    """A flat picture as two or three layers where its sky ends cleanly and its ground is known, else as one."""
    rgba = image.convert("RGB").convert("RGBA")
    rgba.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
    width, height = rgba.size
    line = 0.9 if ground_line is None else min(ground_line, 0.97)
    polygon = ((0.08, line), (0.92, line), (0.94, 0.99), (0.06, 0.99))
    ground, layers = Ground(polygon, 0.62), [Layer("middle", rgba, depth=0.5)]
    sky = _sky_of(rgba) if with_sky else None
    if sky is not None:
        mask = Image.fromarray(sky).resize(rgba.size, Image.Resampling.BICUBIC)
        front = rgba.copy()
        front.putalpha(mask.point([255 - value for value in range(256)]))
        layers = [Layer("sky", _behind(rgba, mask), depth=0), Layer("middle", front, depth=0.5)]
    if ground_line is not None and 0.3 < ground_line < 0.97:
        top = round(ground_line * height)
        layers.append(Layer("ground", rgba.crop((0, top, width, height)), 0, top, 0.5, near_depth=1))
    return Layers((width, height), tuple(layers), ground)


def _sky_of(rgba: Image.Image) -> NDArray[np.uint8] | None:
    """Where the sky is, 0 or 255, small; None where nothing is as even as a sky, or where it has no clean edge."""
    small = np.asarray(rgba.convert("RGB").resize(_LOOK, Image.Resampling.BOX))
    smooth = np.asarray(cv2.bilateralFilter(small, 5, 18, 3), dtype=np.uint8)
    found = np.zeros((_LOOK[1] + 2, _LOOK[0] + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
    for x in range(0, _LOOK[0], 8):
        if not found[1, x + 1]:
            cv2.floodFill(smooth.copy(), found, (x, 0), (0, 0, 0), (_STEP,) * 3, (_STEP,) * 3, flags)
    sky = found[1:-1, 1:-1] > 0
    whole = cv2.morphologyEx(sky.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5))) > 0
    sky = np.logical_and.accumulate(whole, axis=0)
    ends = sky.sum(axis=0)
    if not _SKY_SHARE[0] < sky.mean() < _SKY_SHARE[1] or (ends == 0).mean() > 0.05 or (ends >= _LOOK[1] - 2).any():
        return None
    steps = np.abs(np.diff(small.astype(np.float32), axis=0)).max(axis=2)
    at_edge = float(np.mean([steps[max(end - 2, 0) : end + 1, x].max() for x, end in enumerate(ends) if end]))
    inside = float(steps[sky[1:]].mean()) if sky[1:].any() else 0.0
    if at_edge < _EDGE * inside + 8:
        return None
    return sky.astype(np.uint8) * np.uint8(255)


def _behind(rgba: Image.Image, mask: Image.Image) -> Image.Image:
    """The sky alone, going on downward behind what stands before it in the colours it ends with."""
    pixels, sky = np.array(rgba), np.asarray(mask) > 250
    ends = np.maximum(sky.sum(axis=0) - 6, 0)
    last = pixels[ends, np.arange(pixels.shape[1]), :3].astype(np.float32)
    last = cv2.GaussianBlur(last[None], (0, 0), 12, borderType=cv2.BORDER_REPLICATE)[0]
    below = np.arange(pixels.shape[0])[:, None] >= ends[None, :]
    pixels[..., :3] = np.where(below[..., None], np.rint(last).astype(np.uint8)[None], pixels[..., :3])
    return Image.fromarray(pixels)
