"""The movement between two pictures: the camera's, then that of each part, then what is left, densely.

Two storyboard panels differ by a camera that moved and by people who moved on their own. So the points that both
pictures share are first explained by one similarity for the whole, the rest by a few similarities for parts; every
place takes the part's movement under which the pictures are most alike, and optical flow refines that.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.warp import (
    STILL,
    Field,
    Matrix,
    blurred,
    carried,
    grid,
    inverse,
    resized,
    sampled,
    warped,
)
from videogen.pipelines.base import Pixels

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]  # (count, 2): x and y

_FLOW_SIDE = 512  # pixels of the longer side at which movement is looked for
_FEATURE_SIDE = 1024
_ENOUGH_FOR_ALL, _ENOUGH_FOR_A_PART = 24, 9  # points that must agree on a movement
_PARTS = 4
_IN_COMMON = 0.25  # pictures of different places come to 0.1, of one place from 0.56
_HALF = np.float32(0.5)


class Movement(NamedTuple):
    """What leads from one picture to another.

    camera: its similarity, from places of the first to places of the last. forth, back: the movement left after it, as
    coarse grids over the picture as the first camera sees it, in pixels of the full picture; where none can be trusted
    it is 0, and the pictures can only be blended. alike: how much the two show the same once all has moved, -1 to 1.
    """

    camera: Matrix
    forth: Field
    back: Field
    alike: float

    @property
    def has_something_in_common(self) -> bool:
        """Whether anything of the first picture is in the last one."""
        return self.alike > _IN_COMMON


def movement(first: Pixels, last: Pixels) -> Movement:
    """Find the movement between two pictures of one size."""
    height, width = first.shape[:2]
    source, target = _shared_points(first, last)
    found = _similarity(source, target, first.shape[1] / 400, _ENOUGH_FOR_ALL)
    camera = found[0] if found and _explains(found[0], first, last) else STILL
    one = _evened(_small(first, _FLOW_SIDE))
    other = _evened(_small(warped(last, camera, (width, height)), _FLOW_SIDE))
    rows, columns = one.shape[:2]
    scale = np.array([width / columns, height / rows], dtype=np.float32)
    parts = _parts(source / scale, _moved(target, inverse(camera)) / scale)
    forth = _flow(one, other, parts)
    back = _flow(other, one, [inverse(part) for part in parts])
    trusted = forth * _trust(forth, back)
    alike = _likeness(one, sampled(other, grid(rows, columns) + trusted))
    return Movement(camera, trusted * scale, back * _trust(back, forth) * scale, alike)


def _likeness(one: Grey, other: Grey) -> float:
    """The correlation of two drawings; 0 where one of them is blank."""
    spreads = [float(grey.std()) for grey in (one, other)]
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1]) if min(spreads) > 1 else 0.0


def similarity_between(first: Pixels, last: Pixels) -> Matrix | None:
    """The camera's similarity from places of `first` to places of `last`; None where none leads from one to other."""
    found = _similarity(*_shared_points(first, last), first.shape[1] / 400, _ENOUGH_FOR_ALL)
    return found[0] if found and _explains(found[0], first, last) else None


def _small(picture: Pixels, side: int) -> Grey:
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(round(width * scale), 16), max(round(height * scale), 16))
    grey: Grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return resized(grey, size, smaller=True)


def _evened(grey: Grey) -> Grey:
    """The drawing without the light, so that the same place is recognised by day and by night."""
    values = grey.astype(np.float32)
    above = values - blurred(values, 16)
    spread = np.sqrt(blurred(above * above, 24))
    even: Grey = np.clip(above / (spread + 6) * 44 + 128, 0, 255).astype(np.uint8)
    return even


def _moved(points: Points, matrix: Matrix) -> Points:
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _shared_points(first: Pixels, last: Pixels) -> tuple[Points, Points]:
    """Places that both pictures show, in full pixels."""
    one, other = _small(first, _FEATURE_SIDE), _small(last, _FEATURE_SIDE)
    finder = cv2.SIFT.create(nfeatures=2500, contrastThreshold=0.02)
    nothing = np.zeros((0, 2), dtype=np.float32)
    everywhere = np.full_like(one, 255)
    points_one, marks_one = finder.detectAndCompute(_evened(one), everywhere)
    points_other, marks_other = finder.detectAndCompute(_evened(other), everywhere)
    if min(len(points_one), len(points_other)) < 2:
        return nothing, nothing
    pairs = [
        near
        for near, next_near in cv2.BFMatcher().knnMatch(marks_one, marks_other, k=2)
        if near.distance < 0.8 * next_near.distance
    ]
    scale = np.array([first.shape[1] / one.shape[1], first.shape[0] / one.shape[0]], dtype=np.float32)
    source = np.array([points_one[pair.queryIdx].pt for pair in pairs], dtype=np.float32).reshape(-1, 2)
    target = np.array([points_other[pair.trainIdx].pt for pair in pairs], dtype=np.float32).reshape(-1, 2)
    return (source + _HALF) * scale - _HALF, (target + _HALF) * scale - _HALF


def _similarity(source: Points, target: Points, off: float, enough: int) -> tuple[Matrix, NDArray[np.bool_]] | None:
    """The similarity that most of the points agree on to `off` pixels, and which they are; None under `enough`."""
    if len(source) < enough:
        return None
    cv2.setRNGSeed(1)  # the same pictures always give the same movement
    found, kept = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=off, maxIters=4000)
    matrix, agree = np.asarray(found, dtype=np.float64), np.asarray(kept).ravel().astype(bool)
    if matrix.shape != (2, 3) or int(agree.sum()) < enough:
        return None
    return (matrix, agree) if 0.4 < float(np.hypot(matrix[0, 0], matrix[1, 0])) < 2.5 else None


def _explains(camera: Matrix, first: Pixels, last: Pixels) -> bool:
    """Whether the pictures are much more alike through that camera movement than without it.

    A face that both pictures show is not enough: where the rest differs, that face is a part and not the camera.
    """
    one, other = (_evened(_small(picture, 192)).astype(np.float32) for picture in (first, last))
    scale = one.shape[1] / first.shape[1]
    small = camera * np.array([[1, 1, scale], [1, 1, scale]])
    size = (one.shape[1], one.shape[0])
    there = warped(np.ones_like(other), small, size, mirror=False) > 0.99
    if float(there.mean()) < 0.25:
        return False
    with_it = float(np.abs(one - warped(other, small, size))[there].mean())
    without = float(np.abs(one - other)[there].mean())
    return with_it < 0.8 * without or with_it < 4


def _parts(source: Points, target: Points) -> list[Matrix]:
    """Movements of the parts that did not move with the camera, in pixels of the coarse grid; the first is rest."""
    parts = [STILL]
    left = np.flatnonzero(np.hypot(*(target - source).T) > 1.5) if len(source) else np.zeros(0, dtype=np.intp)
    for _ in range(_PARTS):
        found = _similarity(source[left], target[left], 1.5, _ENOUGH_FOR_A_PART)
        if found is None:
            break
        parts.append(found[0])
        left = left[~found[1]]
    return parts


def _flow(one: Grey, other: Grey, parts: Sequence[Matrix]) -> Field:
    """The movement from `one` to `other`, in pixels of their grid."""
    places = grid(*one.shape[:2])
    moves = [carried(places, part) - places for part in parts]
    start = moves[0]
    if len(parts) > 1:
        costs = np.stack([_unlike(one, other, places + move) for move in moves])
        costs[1:] += 3  # rest is the likelier where the pictures say nothing
        label = cv2.medianBlur(costs.argmin(axis=0).astype(np.uint8), 9)
        chosen = np.take_along_axis(np.stack(moves), np.asarray(label, dtype=np.intp)[None, ..., None], axis=0)[0]
        start = blurred(chosen, 1.5)
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(dis.calc(one, other, np.ascontiguousarray(start)), dtype=np.float32)


def _unlike(one: Grey, other: Grey, places: Field) -> NDArray[np.float32]:
    apart = cv2.absdiff(one, sampled(other, places))
    return np.asarray(cv2.boxFilter(apart, cv2.CV_32F, (15, 15)), dtype=np.float32)


def _trust(flow: Field, other: Field) -> Field:
    """1 where going there and back returns to the same place, 0 where it does not."""
    returned = flow + sampled(other, grid(*flow.shape[:2]) + flow, mirror=False)
    error = np.hypot(returned[..., 0], returned[..., 1])
    size = np.hypot(flow[..., 0], flow[..., 1])
    trust = np.clip(1.5 - error / (0.75 + 0.1 * size), 0, 1).astype(np.float32)
    # A lonely untrusted point is noise; a field of them is a place that only one picture shows. A movement is
    # taken whole or not at all: half of it would be wrong for both.
    closed = cv2.morphologyEx(trust, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    steady = blurred(np.asarray(closed, dtype=np.float32), 3)
    return (steady > 0.5).astype(np.float32)[..., None]
