"""Somebody who sits, from a picture in which they stand: seen from the front, on a plain block."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from videogen.pipelines.animatic.figures import Figure, Kind
from videogen.pipelines.animatic.framing import premultiplied, unmultiplied

# Where the hips and the knees are between chin and soles.
_HIPS, _KNEES = 0.43, 0.69
_THIGHS = 0.36  # of their length is seen of thighs that point at the camera
_NEARER = 1.16  # times as large as the rest are the knees, which are nearest
_BLOCK = 1.5  # times as wide as the hips
_FRONT, _TOP, _EDGE = (62, 54, 66), (96, 84, 92), (40, 34, 44)


def seated(figure: Figure) -> Figure:
    """The figure with its thighs foreshortened and a block below them. A bust and a card stay as they are."""
    if figure.kind is not Kind.FULL:
        return figure
    pixels = premultiplied(np.asarray(figure.picture))
    rows, columns = pixels.shape[:2]
    chin = figure.head[2]
    hips, knees = (round((chin + (1 - chin) * part) * rows) for part in (_HIPS, _KNEES))
    lap = round((knees - hips) * _THIGHS)
    tall = hips + lap + rows - knees
    down = np.interp(np.arange(tall), (0, hips, hips + lap, tall), (0, hips, knees, rows)).astype(np.float32)
    wider = np.interp(np.arange(tall), (0, hips, hips + lap, tall), (1, 1, _NEARER, 1)).astype(np.float32)
    alpha = pixels[hips:knees, :, 3].max(axis=0) > 128
    there = np.flatnonzero(alpha)
    left, right = (int(there[0]), int(there[-1])) if there.size else (0, columns - 1)
    middle, half = (left + right) / 2, (right - left) / 2
    pad = max(round(half * _BLOCK * 1.04 - min(middle, columns - middle)), 0) + 2
    across = np.arange(columns + 2 * pad, dtype=np.float32)[None, :] - pad
    across = np.float32(middle) + (across - np.float32(middle)) / wider[:, None]
    seen = cv2.remap(pixels, across, np.repeat(down[:, None], across.shape[1], axis=1), cv2.INTER_AREA)
    block = _block(seen.shape[:2], middle + pad, half * _BLOCK, hips + round(0.3 * lap), lap)
    through = 255 - seen[..., 3:].astype(np.uint16)
    whole = seen + (block * through // 255).astype(np.uint8)
    picture = Image.fromarray(unmultiplied(np.ascontiguousarray(whole)))
    across_head, half_head, chin = figure.head
    wide = columns + 2 * pad
    head = ((across_head * columns + pad) / wide, half_head * columns / wide, chin * rows / tall)
    return replace(figure, picture=picture, tall=figure.tall * tall / rows, head=head)


def _block(shape: tuple[int, ...], middle: float, half: float, top: int, lap: int) -> NDArray[np.uint16]:
    """What is sat on, premultiplied: its upper side, seen a little from above, and its front down to the floor."""
    rows, columns = shape[:2]
    block, front, foot = (
        np.zeros((rows, columns, 4), np.uint8),
        top + max(round(0.55 * lap), 2),
        rows - max(rows // 60, 1),
    )
    upper = [(middle - 0.9 * half, top), (middle + 0.9 * half, top), (middle + half, front), (middle - half, front)]
    face = [(middle - half, front), (middle + half, front), (middle + 0.97 * half, foot), (middle - 0.97 * half, foot)]
    for outline, colour in ((upper, _TOP), (face, _FRONT)):
        points = np.rint(np.array(outline) * 16).astype(np.int32)
        cv2.fillPoly(block, [points], (*colour, 255), cv2.LINE_AA, 4)
    cv2.line(block, (round(middle - half), front), (round(middle + half), front), (*_EDGE, 255), max(rows // 200, 1))
    return block.astype(np.uint16)
