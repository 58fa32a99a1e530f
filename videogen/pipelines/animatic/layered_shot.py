"""A clip over one frame in layers: the camera goes through them, and what lives in them lives."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from scenes.layers import Layers
from videogen.pipelines.animatic.camera import CameraPath
from videogen.pipelines.animatic.compositor import Compositor, Plane, Texture, textures
from videogen.pipelines.animatic.life import Life
from videogen.pipelines.animatic.sheet import Sheet, cropped, cut_to, fitted_sheets, merged
from videogen.pipelines.animatic.travel import Pose, Travel
from videogen.pipelines.base import Pixels

_SEEN = 0.4  # pixels that a layer must move by more than its neighbour, or both are one
_SOFT = 0.007  # of the width: how far what is out of focus is blurred
_SOFT_STEPS = 3


class LayeredShot:
    """Frame 0 is exactly the flat picture of the frame, unless the move needs room (travel.Travel)."""

    def __init__(self, layers: Layers, flat: Pixels, path: CameraPath, life: Life) -> None:
        """flat: the frame as it is shown, in the clip's size."""
        self._flat, self._path, self._life = flat, path, life
        self._size = flat.shape[1], flat.shape[0]
        sheets = fitted_sheets(layers, self._size)
        self._travel = Travel(path, sheets, self._size)
        apart = _SEEN / max(self._travel.most, 1e-3)
        seen = [cut_to(sheet, self._travel.seen_part(sheet)) for sheet in sheets]
        self._sheets = merged(life.grown([sheet for sheet in seen if sheet]), apart, self._size[1])
        focus = [_blur_of(sheet, path.move.rack, self._sheets) for sheet in self._sheets]
        self._textures = textures(self._sheets)
        self._soft = [
            _softened(sheet, texture, blur * _SOFT * self._size[0]) if blur > 0.05 else []
            for sheet, texture, blur in zip(self._sheets, self._textures, focus, strict=True)
        ]
        # Every second texel of a doubled texture is the sheet's own pixel: they are not kept twice.
        self._sheets = [
            replace(sheet, pixels=texture.pixels[:: texture.dense, :: texture.dense])
            for sheet, texture in zip(self._sheets, self._textures, strict=True)
        ]
        self._compositor = Compositor(self._size)

    def frame(self, index: int) -> Pixels:
        """The picture that the camera sees in frame `index`."""
        pose = self._travel.pose(index)
        if pose == Pose() and (index == 0 or self._life.rests):
            return self._flat
        planes = [self._plane(number, sheet, pose, index) for number, sheet in enumerate(self._sheets)]
        return self._compositor.draw(planes)

    def _plane(self, number: int, sheet: Sheet, pose: Pose, index: int) -> Plane:
        matrix = self._travel.matrix(pose, sheet)
        alive = self._life.matrix(sheet, number, index)
        plane = Plane(
            self._textures[number],
            matrix if alive is None else alive @ matrix,
            opacity=self._life.opacity(sheet, number, index),
        )
        rising = self._life.rising(sheet, number, index)
        if self._soft[number]:
            _focus(plane, self._soft[number], self._path.timing.at(index))
        elif rising is not None:  # where the focus is pulled, two pictures of different softness are mixed already
            plane.other, plane.mix = plane.texture, rising[2]
            plane.matrix, plane.other_matrix = rising[0] @ matrix, rising[1] @ matrix
        return plane


def _focus(plane: Plane, soft: Sequence[Texture], share: float) -> None:
    """Let a plane go out of focus by that share, between the nearest two of its softened textures."""
    steps = [plane.texture, *soft]
    at = min(int(share * len(soft)), len(soft) - 1)
    plane.texture, plane.other, plane.mix = steps[at], steps[at + 1], share * len(soft) - at


def _blur_of(sheet: Sheet, rack: str, sheets: Sequence[Sheet]) -> float:
    """How far out of focus a sheet is in the end, 0 to 1: by how far its depth is from what the focus goes to."""
    if not rack or sheet.kind in ("weather", "light"):
        return 0.0
    near = max((other.depth for other in sheets if other.figure), default=0.85)
    behind = [other for other in sheets if not other.figure and other.depth < near and not other.slope]
    sizes = [other.rows * other.columns for other in behind]
    far = float(np.average([other.depth for other in behind], weights=sizes)) if behind else 0.15
    aim = near if rack == "near" else far
    mine = sheet.depth if not sheet.slope else (near + far) / 2
    return float(np.clip((abs(mine - aim) / max(near - far, 0.1) - 0.25) / 0.6, 0, 1))


def _softened(sheet: Sheet, texture: Texture, radius: float) -> list[Texture]:
    margin = int(3 * radius) if not sheet.goes_on else 0
    wide = cv2.copyMakeBorder(sheet.pixels, margin, margin, margin, margin, cv2.BORDER_CONSTANT)
    result = []
    for step in range(1, _SOFT_STEPS + 1):
        pixels = cv2.GaussianBlur(wide, (0, 0), radius * step / _SOFT_STEPS, borderType=cv2.BORDER_REPLICATE)
        soft = replace(
            sheet, pixels=np.asarray(pixels, dtype=np.uint8), left=sheet.left - margin, top=sheet.top - margin
        )
        result.append(Texture(cropped(soft) or soft, dense=texture.dense > 1))
    return result
