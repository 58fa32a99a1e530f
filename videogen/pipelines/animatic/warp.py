"""Moving and softening pictures: OpenCV's warps under one typed roof. Masks and fields have any number of channels."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", np.uint8, np.float32)
Matrix = NDArray[np.float64]  # (2, 3): from a place in the result to a place in the source
Field = NDArray[np.float32]  # (rows, columns, 2): x and y

STILL: Matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def warped(
    picture: NDArray[Value], matrix: Matrix, size: tuple[int, int], *, cubic: bool = False, mirror: bool = True
) -> NDArray[Value]:
    """A picture of `size` (width, height) that shows at each pixel what `picture` has at matrix x pixel.

    Beyond its edge lies its mirror image, or nothing (0).
    """
    seen = cv2.warpAffine(
        picture,
        matrix,
        size,
        flags=(cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101 if mirror else cv2.BORDER_CONSTANT,
    )
    return np.asarray(seen, dtype=picture.dtype)


def sampled(picture: NDArray[Value], places: Field, *, mirror: bool = True) -> NDArray[Value]:
    """What `picture` has at each of the places; beyond its edge lies its mirror image, or its last row or column."""
    border = cv2.BORDER_REFLECT_101 if mirror else cv2.BORDER_REPLICATE
    # An empty array for the second map would be read as one, of places far outside: then this takes minutes.
    seen = cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(seen, dtype=picture.dtype)


def resized(picture: NDArray[Value], size: tuple[int, int], *, smaller: bool = False) -> NDArray[Value]:
    """The picture in `size` (width, height); `smaller` averages what falls together."""
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), dtype=picture.dtype)


def blurred(picture: NDArray[Value], radius: float) -> NDArray[Value]:
    """The picture, softened by a Gaussian of that standard deviation in pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), radius), dtype=picture.dtype)


def carried(places: Field, matrix: Matrix) -> Field:
    """Where the matrix takes each of the places."""
    return np.asarray(cv2.transform(places, matrix.astype(np.float32)), dtype=np.float32)


def inverse(matrix: Matrix) -> Matrix:
    """The matrix of the way back."""
    return np.asarray(cv2.invertAffineTransform(matrix), dtype=np.float64)


def grid(rows: int, columns: int) -> Field:
    """Every place of a picture of that size, in its own place."""
    across, down = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return np.dstack((across, down))
