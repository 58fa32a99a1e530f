"""Arithmetic on picture sizes: which part of one picture covers another."""


def cover_box(
    source: tuple[int, int], target: tuple[int, int], *, across: float = 0.5, down: float = 0.5
) -> tuple[float, float, float, float]:
    """The largest box of `source` (width, height) with the aspect ratio of `target`.

    `across` and `down` say where the box lies in what is left over: 0 is left or top, 0.5 the middle, 1 right or
    bottom. Returns (left, top, right, bottom) in pixels of the source; resizing that box to `target` fills it
    without bars and without distortion.
    """
    source_width, source_height = source
    target_width, target_height = target
    scale = min(source_width / target_width, source_height / target_height)
    width, height = target_width * scale, target_height * scale
    left, top = (source_width - width) * across, (source_height - height) * down
    return left, top, left + width, top + height
