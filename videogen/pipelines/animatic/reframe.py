"""The end of a move: the start frame as the camera sees it once it has moved on."""

import cv2
import numpy as np
from PIL import Image

from videogen.geometry import cover_box
from videogen.pipelines.animatic.camera import CameraMove, read_camera
from videogen.pipelines.animatic.grade import graded, vignette
from videogen.pipelines.animatic.setting import read_setting
from videogen.pipelines.base import Pixels
from videogen.specs import FrameSpec

_CLOSER = 1.24
_WIDER = 0.84
_ASIDE = 0.10  # of the width


def reframed(start: Image.Image, spec: FrameSpec) -> Pixels:
    """The start frame, closer or wider or moved aside as the prompt's camera words say, in the light it names.

    Without camera words the camera has come closer, to a place that the seed chooses near the middle.
    """
    size = (spec.width, spec.height)
    rgb = start.convert("RGB")
    whole = np.asarray(rgb.resize(size, Image.Resampling.LANCZOS, box=cover_box(rgb.size, size)))
    move = read_camera(spec.prompt)
    if move.static:
        seen = whole
    elif move.closer < 0:
        seen = _wider(whole, move)
    else:
        seen = _closer(whole, move, np.random.default_rng(spec.seed))
    light = graded(seen.astype(np.float32) * np.float32(1 / 255), read_setting(spec.prompt).time)
    vignette(light)
    return np.round(np.clip(light, 0, 1) * 255).astype(np.uint8)


def _closer(whole: Pixels, move: CameraMove, rng: np.random.Generator) -> Pixels:
    height, width = whole.shape[:2]
    sideways_only = (move.pan or move.tilt) and not move.closer
    zoom = 1 + 2 * _ASIDE if sideways_only else 1 + (_CLOSER - 1) * (1.3 if move.speed > 1 else 1.0)
    room_x, room_y = width * (1 - 1 / zoom) / 2, height * (1 - 1 / zoom) / 2
    x = move.pan if move.pan else float(rng.uniform(-0.25, 0.25))
    y = move.tilt if move.tilt else 0.1
    return _seen(whole, 1 / zoom, width / 2 + x * room_x, height / 2 + y * room_y)


def _wider(whole: Pixels, move: CameraMove) -> Pixels:
    """What lay beyond the picture's edge is its mirror image, losing itself in softness."""
    height, width = whole.shape[:2]
    x = width / 2 + move.pan * _ASIDE * width / 2
    seen = _seen(whole, 1 / _WIDER, x, height / 2)
    soft = cv2.GaussianBlur(seen, (0, 0), max(height, width) * 0.012)
    left, top = width * (0.5 - _WIDER / 2) - (x - width / 2) * _WIDER, height * (0.5 - _WIDER / 2)
    inside = np.zeros((height, width), np.float32)
    inside[round(top) : round(top + height * _WIDER), max(round(left), 0) : round(left + width * _WIDER)] = 1
    inside = cv2.GaussianBlur(inside, (0, 0), max(height, width) * 0.006)
    inside = np.clip(inside * 2 - 1, 0, 1)[..., None]  # no softness on the inner side of the edge itself
    return np.asarray(seen * inside + soft * (1 - inside), dtype=np.float32).round().astype(np.uint8)


def _seen(whole: Pixels, scale: float, centre_x: float, centre_y: float) -> Pixels:
    height, width = whole.shape[:2]
    matrix = np.array(
        [
            [scale, 0, centre_x - 0.5 - scale * (width - 1) / 2],
            [0, scale, centre_y - 0.5 - scale * (height - 1) / 2],
        ],
        dtype=np.float32,
    )
    if scale > 1:
        whole = np.asarray(cv2.GaussianBlur(whole, (0, 0), 0.35 * scale), dtype=np.uint8)
    seen = cv2.warpAffine(
        whole,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(seen, dtype=np.uint8)
