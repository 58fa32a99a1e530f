"""The way of a camera through layers, and where that puts each of them in the picture.

Depth is nearness: 0 is infinitely far, 1 nearest. Who moves past by x sees everything move by x times its depth; who
comes closer by the part t of the way to what is nearest sees it grow by 1 / (1 - t depth). What lies flat has a depth
that grows evenly with the rows, so its rows move by their own depth, and the whole is a homography: what stands on it
stays on it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.camera import CameraPath, View
from videogen.pipelines.animatic.compositor import Homography
from videogen.pipelines.animatic.sheet import Sheet
from videogen.pipelines.animatic.view import view_matrix

_LEAST = 0.35  # of a move: where the layers give less room than that, the camera makes its own by coming closer
_SAMPLES = 24  # along an edge
_LOOKS = 24  # at the camera's way, to know what it sees
_SPARE = 12  # pixels around what is seen, for a hand that shakes between two looks, and for small life
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is. x, y: moved aside, in pixels that depth 1 moves by. closer: part of the way to depth 1.

    pivot: the depth that stays where it is while the camera moves aside. view: what it does with its lens and its hand.
    """

    x: float = 0.0
    y: float = 0.0
    closer: float = 0.0
    pivot: float = 0.0
    view: View = View(1.0)  # noqa: RUF009 - frozen


class Travel:
    """The poses of a clip over layers, one for every frame.

    It begins at rest, on the start frame, and goes as far as the layers are drawn: no edge of a layer that lies outside
    of the frame comes into it. Where they give a move hardly any room, it begins and ends inside the frame, like one
    over a flat picture; a pull out then begins inside and ends on the whole frame.
    """

    def __init__(self, path: CameraPath, sheets: Sequence[Sheet], size: tuple[int, int]) -> None:
        """size: of the clip, (width, height)."""
        self._path, self._size = path, size
        self._focus, self._pivot = _aim(sheets, size)
        self._inside = self._back = False
        self._reach, move = 1.0, path.move
        if not move.goes or move.zoom:
            return
        self._reach = _room(self._at, sheets, size, self._focus)
        if self._reach < _LEAST:
            self._back, self._inside, self._reach = move.closer < 0, not move.closer, 1.0

    def pose(self, index: int) -> Pose:
        """Where the camera is in frame `index`."""
        path = self._path
        share = path.timing.at(index)
        if self._back:
            share = 1 - share
        if path.move.zoom:
            return Pose(view=path[index])
        pose = self._at(share - 0.5 if self._inside else share, self._reach)
        view = View(1 + path.reach if self._inside else 1.0)
        return replace(pose, view=path.shaken(view, index))

    def matrix(self, pose: Pose, sheet: Sheet) -> Homography:
        """From a pixel of the clip to the place of the sheet at rest that is seen there."""
        return np.linalg.inv(moved_by(pose, sheet, self._focus, self._size)) @ _lens(pose.view, self._size)

    def seen_part(self, sheet: Sheet) -> Box:
        """Which part of the clip at rest, left, top, right, bottom, is ever seen of a sheet."""
        width, height = self._size
        corners = np.array(
            [[0, width - 1, 0, width - 1], [0, 0, height - 1, height - 1], [1, 1, 1, 1]], dtype=np.float64
        )
        places = np.concatenate([_dehomogenised(self.matrix(pose, sheet) @ corners) for pose in self._poses], axis=1)
        low, high = places.min(axis=1) - _SPARE, places.max(axis=1) + _SPARE
        return int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1

    @cached_property
    def _poses(self) -> list[Pose]:
        last = len(self._path) - 1
        return [self.pose(index) for index in sorted({*range(0, last, max(last // _LOOKS, 1)), last})]

    @property
    def most(self) -> float:
        """How far depth 1 moves at most, in pixels."""
        width = self._size[0]
        return max(max(abs(pose.x), abs(pose.y), abs(pose.closer) * width * 0.6) for pose in self._poses)

    def _at(self, share: float, reach: float) -> Pose:
        move, far = self._path.move, self._path.reach * reach
        width, height = self._size
        side, pivot, closer = move.pan * (1.15 if move.track else 1.0), 0.0, 0.0
        up = move.tilt * 0.6
        if move.orbit:
            # On a shallow arc around whom the camera looks at, who stays where they are, and a little closer with it.
            side, pivot, closer = move.orbit * 1.0, self._pivot, 0.12
        if move.crane:
            pivot, closer = 0.45 * self._pivot, -0.1 * move.tilt
        if move.closer:
            closer = move.closer * 1.15 / (1 + max(move.closer, 0) * far * 1.15)
            if self._back:
                closer = 1.15 / (1 + far * 1.15)
            side, up = side * 0.45, up * 0.45
        return Pose(side * far * share * width, up * far * share * height, closer * far * share, pivot)


def moved_by(pose: Pose, sheet: Sheet, focus: tuple[float, float], size: tuple[int, int]) -> Homography:
    """From where a place of a sheet is at rest to where a camera in that pose sees it.

    focus: the place that stays where it is when the camera comes closer.
    """
    slope = sheet.slope
    depth = sheet.depth + slope * (focus[1] - (size[1] - 1) / 2)
    aside = depth - pose.pivot
    move = np.array(
        [
            [1, -pose.x * slope, -pose.x * aside],
            [0, 1 - pose.y * slope, -pose.y * aside],
            [0, -pose.closer * slope, 1 - pose.closer * depth],
        ]
    )
    return np.asarray(_shift(*focus) @ move @ _shift(-focus[0], -focus[1]))


def _shift(x: float, y: float) -> Homography:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)


def _lens(view: View, size: tuple[int, int]) -> Homography:
    return np.vstack([view_matrix(view, *size), [0, 0, 1]])


def _aim(sheets: Sequence[Sheet], size: tuple[int, int]) -> tuple[tuple[float, float], float]:
    """What the camera looks at, as a place that stays, and its depth: the head of the tallest, else the middle."""
    width, height = size
    figures = [sheet for sheet in sheets if sheet.kind == "figure"]
    if not figures:
        return ((width - 1) / 2, 0.44 * height), 0.5
    who = max(figures, key=lambda sheet: sheet.rows)
    x = float(np.clip(who.left + who.columns / 2, 0.25 * width, 0.75 * width))
    y = float(np.clip(who.top + 0.15 * who.rows, 0.2 * height, 0.6 * height))
    return (x, y), who.depth


def _room(
    at: Callable[[float, float], Pose], sheets: Sequence[Sheet], size: tuple[int, int], focus: tuple[float, float]
) -> float:
    """How much of a move, 0 to 1, brings no edge of a layer into the frame."""
    edges = [(sheet, _edges(sheet, size)) for sheet in sheets]

    def fits(reach: float) -> bool:
        poses = [at(share, reach) for share in (0.25, 0.5, 0.75, 1.0)]
        return not any(
            _in_frame(moved_by(pose, sheet, focus, size), places, size)
            for pose in poses
            for sheet, places in edges
            if places.size
        )

    if fits(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(7):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _edges(sheet: Sheet, size: tuple[int, int]) -> NDArray[np.float64]:
    """Places on the sheet's edges where something ends outside of the frame: (3, count), homogeneous."""
    if sheet.kind in ("weather", "light"):
        return np.zeros((3, 0))
    left, top, right, bottom = sheet.box
    alpha = sheet.pixels[..., 3]
    down = np.linspace(0, sheet.rows - 1, _SAMPLES).astype(int)
    across = np.linspace(0, sheet.columns - 1, _SAMPLES).astype(int)
    places = []
    if left <= 0:
        places += [(left, top + row) for row in down if alpha[row, 0] > 8]
    if right >= size[0]:
        places += [(right - 1, top + row) for row in down if alpha[row, -1] > 8]
    if top <= 0:
        places += [(left + column, top) for column in across if alpha[0, column] > 8]
    if bottom >= size[1]:
        places += [(left + column, bottom - 1) for column in across if alpha[-1, column] > 8]
    return np.array([(x, y, 1.0) for x, y in places]).reshape(-1, 3).T


def _dehomogenised(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(places[:2] / places[2])


def _in_frame(matrix: Homography, places: NDArray[np.float64], size: tuple[int, int]) -> bool:
    x, y = _dehomogenised(matrix @ places)
    # Corners of the frame belong to two edges, so a place may be beside one and not yet seen.
    inside = (x > 0.5) & (x < size[0] - 1.5) & (y > 0.5) & (y < size[1] - 1.5)
    return bool(inside.any())
