"""A person as a layer of a panel: lit by the place, with a shadow where feet are seen."""

import cv2
import numpy as np
from PIL import Image, ImageFilter

from scenes.layers import Layer
from videogen.pipelines.animatic.cast import Place
from videogen.pipelines.animatic.figures import Figure, Kind
from videogen.pipelines.animatic.grade import Rgb, lit
from videogen.pipelines.animatic.picture import glow

_ROOM = (0.14, 0.1)  # beside the frame, in parts of its sides: what a camera may move on to
_SHADOW = (8, 8, 18)
_DARK: Rgb = (0.12, 0.105, 0.17)  # of somebody whom the camera looks past: seen from behind, so without a face


def figure_layer(place: Place, size: tuple[int, int], light: Rgb, *, shows_feet: bool) -> Layer | None:
    """The layer of somebody in a frame of that size; None where nothing of them is in it."""
    width, height = size
    tall = max(round(place.height), 2)
    wide = max(round(place.height * place.figure.aspect), 2)
    left, top = round(place.x - wide / 2), round(place.foot - tall)
    # Of a figure that is cut by the frame only the part in it and the room beside it is drawn.
    reach = (round(width * _ROOM[0]), round(height * _ROOM[1]))
    end = (min(left + wide, width + reach[0]), min(top + tall, height + reach[1]))
    box = (max(left, -reach[0]), max(top, -reach[1]), *end)
    if box[0] >= box[2] or box[1] >= box[3]:
        return None
    picture = place.figure.picture
    if place.mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    across, down = picture.width / wide, picture.height / tall
    part = ((box[0] - left) * across, (box[1] - top) * down, (box[2] - left) * across, (box[3] - top) * down)
    seen = picture.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.LANCZOS, box=part, reducing_gap=3.0)
    if place.dark:
        back = Image.new(
            "RGBA", seen.size, tuple(round(255 * dark * one) for dark, one in zip(_DARK, light, strict=True))
        )
        back.putalpha(seen.getchannel("A"))
        seen = Image.blend(back, lit(seen, _DARK), 0.06)
    elif place.figure.kind is not Kind.CARD:
        seen = lit(seen, light, 0.75 if place.figure.speaking else 1.0)
    if place.blur > 0.4:
        pad = round(3 * place.blur)
        wider = Image.new("RGBA", (seen.width + 2 * pad, seen.height + 2 * pad), (0, 0, 0, 0))
        wider.paste(seen, (pad, pad))
        seen, box = wider.filter(ImageFilter.GaussianBlur(place.blur)), (box[0] - pad, box[1] - pad, 0, 0)
    if shows_feet or place.figure.kind is Kind.CARD:
        seen, (left, top) = _with_shadow(seen, place, (box[0], box[1]), (wide, tall))
    else:
        left, top = box[0], box[1]
    return Layer("figure", seen, left, top, place.depth, figure=place.figure.key, mirrored=place.mirrored)


def _with_shadow(
    seen: Image.Image, place: Place, corner: tuple[int, int], size: tuple[int, int]
) -> tuple[Image.Image, tuple[int, int]]:
    """The figure over its own shadow, and where that picture begins."""
    wide, tall = size
    pad = (round(0.25 * wide) + 4, round(0.04 * tall) + 4)
    if place.figure.kind is Kind.CARD:
        pad = (round(0.12 * wide) + 4, round(0.1 * tall) + 4)
    shape = (seen.height + 2 * pad[1], seen.width + 2 * pad[0])
    x, foot = place.x - corner[0] + pad[0], place.foot - corner[1] + pad[1]
    if place.figure.kind is Kind.CARD:
        block = np.zeros(shape, np.float32)
        top = max(round(foot - tall + 0.02 * tall), 0)
        block[top : round(foot + 0.02 * tall), max(round(x - wide / 2), 0) : round(x + wide / 2)] = 0.55
        shadow = cv2.GaussianBlur(block, (0, 0), max(0.025 * tall, 0.5))
    else:
        reach = max(stance(place.figure) * tall, 0.1 * tall)
        level = foot - 0.004 * tall
        shadow = np.sqrt(glow(*shape, x + 0.1 * reach, level, reach * 1.6, 0.2)) * np.float32(0.62)
        shadow = np.maximum(shadow, np.clip(glow(*shape, x, level, reach * 1.05, 0.12) * 2.5, 0, 1) * np.float32(0.72))
    under = np.zeros((*shape, 4), np.uint8)
    under[..., :3] = _SHADOW
    under[..., 3] = np.rint(np.clip(shadow, 0, 1) * 255).astype(np.uint8)
    whole = Image.fromarray(under)
    whole.alpha_composite(seen, pad)
    return whole, (corner[0] - pad[0], corner[1] - pad[1])


def stance(one: Figure) -> float:
    """Half the width of the feet, in parts of the figure's height."""
    alpha = one.picture.getchannel("A")
    feet = alpha.crop((0, round(alpha.height * 0.95), alpha.width, alpha.height)).getbbox()
    return 0.12 if feet is None else (feet[2] - feet[0]) / 2 / alpha.height
