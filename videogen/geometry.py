"""Arithmetic on picture sizes: which part of one picture covers another."""


def cover_box(source: tuple[int, int], target: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest central box of `source` (width, height) with the aspect ratio of `target`.

    Returns (left, top, right, bottom) in pixels of the source; resizing that box to `target` fills it without
    bars and without distortion.
    """
    source_width, source_height = source
    target_width, target_height = target
    scale = min(source_width / target_width, source_height / target_height)
    width, height = target_width * scale, target_height * scale
    left, top = (source_width - width) / 2, (source_height - height) / 2
    return left, top, left + width, top + height
