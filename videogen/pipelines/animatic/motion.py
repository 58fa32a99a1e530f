"""The movement between two pictures: the camera's, then that of each part, then what is left, densely.

Two storyboard panels differ by a camera that moved and by people who moved on their own. So the points that both
pictures share are first explained by one similarity for the whole, the rest by a few similarities for parts; every
place takes the part's movement under which the pictures are most alike, and optical flow refines that.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.base import Pixels

Field = NDArray[np.float32]  # (rows, columns, 2): x and y
Matrix = NDArray[np.float64]  # (2, 3)
Grey = NDArray[np.uint8]
Points = NDArray[np.float32]  # (count, 2)

_FLOW_SIDE = 512  # pixels of the longer side at which movement is looked for
_FEATURE_SIDE = 1024
_ENOUGH_FOR_ALL, _ENOUGH_FOR_A_PART = 24, 9
_PARTS = 4
_STILL: Matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def movement(first: Pixels, last: Pixels) -> tuple[Matrix, Field, Field]:
    """The camera's similarity from places of `first` to places of `last`, and the movement left after it.

    The two fields, forth and back, are coarse grids over the picture as the first camera sees it, in pixels of the
    full picture. Where no movement can be trusted they are 0: there the pictures can only be blended.
    """
    source, target = _shared_points(first, last)
    camera = _camera(source, target, first, last)
    height, width = first.shape[:2]
    seen = cv2.warpAffine(
        last,
        camera,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    one, other = _evened(_small(first, _FLOW_SIDE)), _evened(_small(np.asarray(seen, dtype=np.uint8), _FLOW_SIDE))
    rows, columns = one.shape[:2]
    scale = np.array([width / columns, height / rows], dtype=np.float32)
    steady = _moved(_inverse(camera), target)
    parts = _parts(source / scale, steady / scale)
    forth = _flow(one, other, parts)
    back = _flow(other, one, [_inverse(part) for part in parts])
    return camera, forth * _trust(forth, back) * scale, back * _trust(back, forth) * scale


def _small(picture: Pixels, side: int) -> Grey:
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(round(width * scale), 16), max(round(height * scale), 16))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _evened(grey: Grey) -> Grey:
    """The drawing without the light, so that the same place is recognised by day and by night."""
    values = grey.astype(np.float32)
    mean = cv2.GaussianBlur(values, (0, 0), 16)
    spread = np.sqrt(cv2.GaussianBlur((values - mean) ** 2, (0, 0), 24))
    return np.clip((values - mean) / (spread + 6) * 44 + 128, 0, 255).astype(np.uint8)


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(cv2.invertAffineTransform(matrix), dtype=np.float64)


def _moved(matrix: Matrix, points: Points) -> Points:
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _shared_points(first: Pixels, last: Pixels) -> tuple[Points, Points]:
    """Places that both pictures show, in full pixels."""
    one, other = _small(first, _FEATURE_SIDE), _small(last, _FEATURE_SIDE)
    finder = cv2.SIFT_create(nfeatures=2500, contrastThreshold=0.02)
    (points_one, marks_one), (points_other, marks_other) = (
        finder.detectAndCompute(_evened(grey), None) for grey in (one, other)
    )
    nothing = np.zeros((0, 2), dtype=np.float32)
    if marks_one is None or marks_other is None or min(len(marks_one), len(marks_other)) < 2:
        return nothing, nothing
    pairs = [
        near
        for near, next_near in cv2.BFMatcher().knnMatch(marks_one, marks_other, k=2)
        if near.distance < 0.8 * next_near.distance
    ]
    scale = np.array([first.shape[1] / one.shape[1], first.shape[0] / one.shape[0]], dtype=np.float32)
    source = np.array([points_one[pair.queryIdx].pt for pair in pairs], dtype=np.float32).reshape(-1, 2)
    target = np.array([points_other[pair.trainIdx].pt for pair in pairs], dtype=np.float32).reshape(-1, 2)
    half = np.float32(0.5)
    return (source + half) * scale - half, (target + half) * scale - half


def _similarity(source: Points, target: Points, off: float, enough: int) -> tuple[Matrix, NDArray[np.bool_]] | None:
    if len(source) < enough:
        return None
    cv2.setRNGSeed(1)  # the same pictures always give the same movement
    found, kept = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=off, maxIters=4000)
    if found is None or int(kept.sum()) < enough or not 0.4 < float(np.hypot(found[0, 0], found[1, 0])) < 2.5:
        return None
    return np.asarray(found, dtype=np.float64), kept.ravel().astype(bool)


def _camera(source: Points, target: Points, first: Pixels, last: Pixels) -> Matrix:
    found = _similarity(source, target, first.shape[1] / 400, _ENOUGH_FOR_ALL)
    return found[0] if found and _explains(found[0], first, last) else _STILL


def _explains(camera: Matrix, first: Pixels, last: Pixels) -> bool:
    """Whether the pictures are much more alike through that camera movement than without it.

    A face that both pictures show is not enough: where the rest differs, that face is a part and not the camera.
    """
    one, other = (_evened(_small(picture, 192)).astype(np.float32) for picture in (first, last))
    scale = one.shape[1] / first.shape[1]
    small = camera * np.array([[1, 1, scale], [1, 1, scale]])
    size = (one.shape[1], one.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(other, small, size, flags=flags)
    there = cv2.warpAffine(np.ones_like(other), small, size, flags=flags) > 0.99
    if float(there.mean()) < 0.25:
        return False
    with_it, without = (float(np.abs(one - picture)[there].mean()) for picture in (seen, other))
    return with_it < 0.8 * without or with_it < 4


def _parts(source: Points, target: Points) -> list[Matrix]:
    """Movements of the parts that did not move with the camera, in pixels of the coarse grid; the first is rest."""
    parts: list[Matrix] = [_STILL]
    left = np.hypot(*(target - source).T) > 1.5 if len(source) else np.zeros(0, dtype=bool)
    for _ in range(_PARTS):
        found = _similarity(source[left], target[left], 1.5, _ENOUGH_FOR_A_PART)
        if found is None:
            break
        parts.append(found[0])
        left[np.flatnonzero(left)[found[1]]] = False
    return parts


def _flow(one: Grey, other: Grey, parts: Sequence[Matrix]) -> Field:
    """The movement from `one` to `other`, in pixels of their grid."""
    rows, columns = one.shape[:2]
    grid = _grid(rows, columns)
    moves = [np.asarray(cv2.transform(grid, part.astype(np.float32)) - grid, dtype=np.float32) for part in parts]
    start = moves[0]
    if len(parts) > 1:
        costs = np.stack([_unlike(one, other, grid + move) for move in moves])
        costs[1:] += 3  # rest is the likelier where the pictures say nothing
        label = cv2.medianBlur(costs.argmin(axis=0).astype(np.uint8), 9)
        chosen = np.take_along_axis(np.stack(moves), label[None, ..., None].astype(np.intp), axis=0)[0]
        start = cv2.GaussianBlur(chosen, (0, 0), 1.5)
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(dis.calc(one, other, np.ascontiguousarray(start)), dtype=np.float32)


def _grid(rows: int, columns: int) -> Field:
    across, down = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return np.dstack((across, down))


def _unlike(one: Grey, other: Grey, places: Field) -> NDArray[np.float32]:
    seen = cv2.remap(other, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.boxFilter(cv2.absdiff(one, seen), cv2.CV_32F, (15, 15)), dtype=np.float32)


def _trust(flow: Field, other: Field) -> Field:
    """1 where going there and back returns to the same place, 0 where it does not."""
    grid = _grid(*flow.shape[:2])
    returned = flow + cv2.remap(other, grid + flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    error = cv2.magnitude(returned[..., 0], returned[..., 1])
    size = cv2.magnitude(flow[..., 0], flow[..., 1])
    trust = np.clip(1.5 - error / (0.75 + 0.1 * size), 0, 1).astype(np.float32)
    # A lonely untrusted point is noise; a field of them is a place that only one picture shows.
    steady = cv2.GaussianBlur(cv2.morphologyEx(trust, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), (0, 0), 3)
    return np.asarray(steady, dtype=np.float32)[..., None]
