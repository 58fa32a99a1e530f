"""Arithmetic on pictures that the panel's parts share: gradients, masks, light.

All pictures are float32, 0..1: RGB, or RGBA with the colours multiplied by the alpha.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float32]  # (height, width, 3 or 4) of 0..1
Mask = NDArray[np.float32]  # (height, width) of 0..1

_PART = 4  # bits of a sub-pixel place that OpenCV's drawing takes


def colour(text: str) -> NDArray[np.float32]:
    """A colour written #rrggbb."""
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.float32) / np.float32(255)


def gradient(stops: tuple[str, ...], height: int, width: int) -> Light:
    """Colours from top to bottom at equal distances."""
    places = np.linspace(0, 1, height)
    known = np.array([colour(stop) for stop in stops])
    ramp = [np.interp(places, np.linspace(0, 1, len(stops)), known[:, channel]) for channel in range(3)]
    column = np.stack(ramp, axis=1).astype(np.float32)
    return np.repeat(column[:, None, :], width, axis=1)


def polygon(height: int, width: int, points: NDArray[np.float32], blur: float = 0.0) -> Mask:
    """Where a polygon of (x, y) points is, with smooth edges; `blur` is in pixels."""
    mask = np.zeros((height, width), dtype=np.uint8)
    places = np.round(points * (1 << _PART)).astype(np.int32)
    cv2.fillPoly(mask, [places], 255, lineType=cv2.LINE_AA, shift=_PART)
    if blur > 0.3:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), blur), dtype=np.uint8)
    return mask.astype(np.float32) * np.float32(1 / 255)


def glow(height: int, width: int, x: float, y: float, radius: float, squash: float = 1.0) -> Mask:
    """A round light around (x, y) that fades out at `radius`; `squash` < 1 makes it flat."""
    across = (np.arange(width, dtype=np.float32) - np.float32(x)) / np.float32(radius)
    down = (np.arange(height, dtype=np.float32) - np.float32(y)) / np.float32(radius * squash)
    distance = np.sqrt(across[None, :] ** 2 + down[:, None] ** 2)
    light: Mask = np.clip(1 - distance, 0, 1) ** 2
    return light


def lay(picture: Light, mask: Mask, paint: Light | NDArray[np.float32], opacity: float = 1.0) -> None:
    """Lay paint over the picture where the mask is, in place."""
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        return
    band = slice(int(rows[0]), int(rows[-1]) + 1)
    share = (mask[band] * np.float32(opacity))[..., None]
    laid = paint[band] if paint.ndim == 3 else paint
    if picture.shape[2] == 4:
        picture[band, :, 3:] += (1 - picture[band, :, 3:]) * share
        picture[band, :, :3] += (laid - picture[band, :, :3]) * share
    else:
        picture[band] += (laid - picture[band]) * share


def add_light(picture: Light, mask: Mask, tint: NDArray[np.float32], strength: float = 1.0) -> None:
    """Add light to the picture where the mask is, in place; it never burns out."""
    if picture.shape[2] == 4:  # over nothing, light is a veil of its colour
        lay(picture, mask, tint, 0.7 * strength)
        return
    light = mask[..., None] * (tint * np.float32(strength))
    picture += light * (1 - picture)
