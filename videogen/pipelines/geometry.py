"""Arithmetic on picture sizes: which part of one picture covers another."""


def cover_box(
    source: tuple[int, int], target: tuple[int, int], *, across: float = 0.5, down: float = 0.5
) -> tuple[float, float, float, float]:
    """Return the largest box of `source` (width, height) with the aspect ratio of `target`.

    `across` and `down` say where the box lies in what is left over: 0 is left or top, 0.5 the middle, 1 right or
    bottom. Returns (left, top, right, bottom) in pixels of the source; resizing that box to `target` fills it without
    bars and without distortion.
    """
    source_width, source_height = source
    target_width, target_height = target
    scale = min(source_width / target_width, source_height / target_height)
    # Not more than there is: 768 * (1600 / 768) is more than 1600 by a rounding, and the box would begin before 0.
    width, height = min(target_width * scale, source_width), min(target_height * scale, source_height)
    left, top = (source_width - width) * across, (source_height - height) * down
    return left, top, left + width, top + height


def next_legal_size(size: tuple[int, int], grid: int) -> tuple[int, int]:
    """Return the smallest (width, height) that covers `size` with both sides divisible by `grid`."""
    width, height = size
    return -(-width // grid) * grid, -(-height // grid) * grid


def rendered_frames(delivered: int, stride: int = 8) -> int:
    """Return the smallest frame count of the form stride x k + 1 that is at least `delivered`.

    A video model that compresses time by `stride` can only make clips of such lengths.
    """
    return -(-(delivered - 1) // stride) * stride + 1


def central_box(outer: tuple[int, int], inner: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of the central `inner` (width, height) inside `outer`, in whole pixels.

    Raises ValueError where `inner` does not fit.
    """
    left, top = (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2
    if left < 0 or top < 0:
        raise ValueError(f"{inner[0]} x {inner[1]} does not fit into {outer[0]} x {outer[1]}")
    return left, top, left + inner[0], top + inner[1]
