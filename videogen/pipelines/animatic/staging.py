"""Who stands where in a panel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from videogen.pipelines.animatic.figures import Figure, Kind

_HEADROOM = 0.335  # people are in the lower two thirds
_ABOVE = 0.08  # parts of the height that stay free above those who stand on a ground line


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure stands: its middle, the line of its feet and its height, in pixels of the panel."""

    figure: Figure
    x: float
    foot: float
    height: float
    mirrored: bool = False


def stage(figures: Sequence[Figure], width: int, height: int, rng: np.random.Generator) -> list[Place]:
    """Place the figures, the farthest first. The seed behind `rng` moves everyone a little."""
    speakers = [figure for figure in figures if figure.speaking]
    if not speakers:
        return _group(_ordered(figures), width, height, (0.5, 0.5), rng)
    speaker = speakers[0]
    side = speaker.facing or (1 if rng.random() < 0.5 else -1)  # 1: stands left, looks right
    others = [figure for figure in figures if figure is not speaker]
    # Far more tall than wide: there is no room beside the speaker, so the others stand behind, nearer the middle.
    narrow = width < height
    third = 0.36 if narrow else (0.3 if others else 0.335)
    third += float(rng.uniform(-0.015, 0.015))
    near = _speaker(speaker, third if side > 0 else 1 - third, width, height)
    span = (0.66 if narrow else 0.5, 0.96 if narrow else 0.9)
    if side < 0:
        span = (1 - span[1], 1 - span[0])
    return [*_behind(others, span, side, width, height, rng), near]


def on_ground(places: Sequence[Place], line: float, height: int) -> list[Place]:
    """Stand those who are seen from head to foot on a line, in pixels from above; who is farther back stays higher."""
    standing = [place.foot for place in places if _is_whole(place, height)]
    down = line - max(standing, default=line)

    def moved(place: Place) -> Place:
        if not _is_whole(place, height):
            return place
        foot = place.foot + down
        return replace(place, foot=foot, height=min(place.height, max(foot - _ABOVE * height, 0.2 * height)))

    return [moved(place) for place in places]


def _is_whole(place: Place, height: int) -> bool:
    return place.figure.kind is Kind.FULL and place.foot <= height


def _ordered(figures: Sequence[Figure]) -> list[Figure]:
    # Who looks right stands left of who looks left: they look at each other, not out of the picture.
    return sorted(figures, key=lambda figure: -figure.facing)


def _speaker(speaker: Figure, x: float, width: int, height: int) -> Place:
    if speaker.kind is Kind.CARD:
        tall = min(0.54 * height, 0.5 * width / speaker.aspect)
        return Place(speaker, x * width, 0.93 * height, tall)
    if speaker.kind is Kind.BUST:
        tall = min(0.66 * height, 0.72 * width / speaker.aspect)
        return Place(speaker, x * width, height + 0.02 * tall, tall)
    tall = min(1.02 * height, 0.8 * width / speaker.aspect) * speaker.tall
    top = (_HEADROOM + 0.3 * (1 - speaker.tall)) * height
    # A figure that would end just above the lower edge stands on the ground instead.
    foot = max(top + tall, 0.96 * height)
    return Place(speaker, x * width, foot, tall)


def _behind(
    others: Sequence[Figure], span: tuple[float, float], side: int, width: int, height: int, rng: np.random.Generator
) -> list[Place]:
    placed = _group(_ordered(others), width, height, span, rng, scale=0.88)
    # The listeners look at the speaker.
    return [replace(place, foot=place.foot - 0.02 * height, mirrored=place.figure.facing == side) for place in placed]


def _group(
    figures: Sequence[Figure],
    width: int,
    height: int,
    span: tuple[float, float],
    rng: np.random.Generator,
    scale: float = 1.0,
) -> list[Place]:
    if not figures:
        return []
    left, right = span
    if left == right:  # the whole panel is theirs
        reach = min(0.14 * len(figures), 0.36)
        left, right = 0.5 - reach, 0.5 + reach
        if len(figures) == 1:
            aside = 0.37 if (figures[0].facing or (1 if rng.random() < 0.5 else -1)) > 0 else 0.63
            left = right = aside
    room = max(right - left + 0.2, 0.6 if len(figures) == 1 else 0.0) * width
    fits = room / (sum(figure.aspect for figure in figures) * 0.8)
    places = []
    for index, figure in enumerate(figures):
        share = 0.5 if len(figures) == 1 else index / (len(figures) - 1)
        x = (left + (right - left) * share + float(rng.uniform(-0.012, 0.012))) * width
        place = _standing(figure, x, index, fits, height, scale)
        half = min(place.height * figure.aspect / 2 + 0.01 * width, width / 2)
        places.append(replace(place, x=min(max(x, half), width - half)))
    # Who stands farther back is drawn first.
    return sorted(places, key=lambda place: place.foot)


def _standing(figure: Figure, x: float, index: int, fits: float, height: int, scale: float) -> Place:
    if figure.kind is Kind.CARD:
        return Place(figure, x, (0.92 - 0.012 * (index % 2)) * height, min(0.46 * height * scale, fits))
    if figure.kind is Kind.BUST:
        tall = min(0.56 * height * scale, fits)
        return Place(figure, x, height + 0.03 * tall, tall)
    tall = min((0.63 - 0.018 * (index % 2)) * height * scale, fits) * figure.tall
    return Place(figure, x, (0.965 - 0.018 * (index % 2)) * height, tall)
