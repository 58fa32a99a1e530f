"""Near shots: people cut by the frame's lower edge, before a place that is larger and softer."""

from dataclasses import replace

import numpy as np

from videogen.pipelines.animatic.angles import rise_of
from videogen.pipelines.animatic.cast import Cast, Place, Staging, cover, spots_of
from videogen.pipelines.animatic.figures import Figure, Kind
from videogen.pipelines.animatic.framing import Camera, Stage
from videogen.pipelines.animatic.shot import Shot

# How much of a body is seen, the most that a head may take of the frame, the room above it, how much
# nearer the place behind is than at rest, and how soft it is (pixels of a frame 704 high).
_NEAR = {
    "cowboy": (0.72, 0.27, 0.085, 1.25, 1.0),
    "two-shot": (0.54, 0.34, 0.1, 1.5, 1.8),
    "medium": (0.52, 0.36, 0.1, 1.5, 2.0),
    "medium close-up": (0.36, 0.48, 0.095, 1.8, 3.4),
    "over the shoulder": (0.42, 0.42, 0.12, 1.75, 3.0),
    "close-up": (0.25, 0.66, 0.08, 2.3, 5.5),
    "extreme close-up": (0.18, 0.88, 0.05, 2.9, 8.0),
}
# Height of a portrait with a background of its own, in parts of the frame's height: it is shown whole.
_CARDS = {
    "extreme close-up": 0.94, "close-up": 0.86, "medium close-up": 0.74, "over the shoulder": 0.7, "medium": 0.64,
    "two-shot": 0.6, "cowboy": 0.56, "full": 0.5, "wide": 0.36, "extreme wide": 0.22, "aerial": 0.2, "insert": 0.8,
}  # fmt: skip
_ASPECT = 16 / 9


def _tall(figure: Figure, size: str, height: int) -> tuple[float, float]:
    """Height of the figure in a near shot, and the room above its head, in pixels."""
    share, most, above, _nearer, _soft = _NEAR[size]
    if figure.kind is Kind.CARD:
        tall = _CARDS[size] * height
        return tall, (height - tall) / 2
    if figure.kind is Kind.BUST:
        tall = min(max(1 - above, 0.5) * height * min(0.62 / share, 1.25), most * height / figure.head[2])
        tall = max(tall, 0.5 * height)
        return tall, max(height + 0.02 * tall - tall, above * height * 0.5) if tall < height else above * height
    tall = (1 - above) * height / share * (0.9 + 0.1 * figure.tall)
    return min(tall, most * height / max(figure.head[2], 0.12)), above * height


def near(
    shot: Shot, cast: Cast, ground: Stage, size: tuple[int, int], rng: np.random.Generator, variant: int
) -> Staging:
    """People cut by the frame's lower edge, before a place that is nearer and softer."""
    width, height = size
    name = shot.size if shot.size in _NEAR else "cowboy"
    if name == "two-shot" and len(cast.figures) < 2:
        name = "medium"
    wide = min(width / height / _ASPECT, 1.0)
    _share, _most, _above, nearer, soft = _NEAR[name]
    main = _seen_near(cast, 0, name, shot, size, _aside(cast, name, variant) + float(rng.uniform(-0.012, 0.012)))
    places, unseen = [main], tuple(cast.figures[1:])
    together = name in ("cowboy", "medium") and 1 < len(cast.figures) <= 3 and not cast.figures[0].speaking
    if name == "two-shot" or together:
        places = _side_by_side(cast, name, shot, size, rng)
        unseen = tuple(cast.figures[len(places) :])
    elif name == "over the shoulder":
        other = cast.figures[1] if len(cast.figures) > 1 else None
        places = [main, _shoulder(other or cast.figures[0], cast.sides[0], size, known=other is not None)]
        unseen = tuple(cast.figures[2:])
    elif name in ("medium", "medium close-up", "cowboy") and len(cast.figures) > 1:
        places, unseen = [*_behind(cast, main, size, wide), main], ()
    camera = _behind_them(shot, main, cast.sides[0], ground, size, nearer, variant, rng)
    places = sorted(places, key=lambda place: place.depth)
    return Staging(camera, tuple(places), soft * height / 704, 0.9, unseen)


def _aside(cast: Cast, name: str, variant: int) -> float:
    """Where across the frame the one who counts most is, 0 to 1: with room where the look goes."""
    if cast.parts[0].moves:
        return 0.5 + cast.sides[0] * 0.3
    away = {"extreme close-up": 0.03, "close-up": 0.07, "over the shoulder": 0.15}.get(name, 0.13)
    if cast.figures[0].kind is Kind.CARD:
        away = min(away, 0.12)
    return 0.5 + cast.sides[0] * (away + (0.03 if variant == 3 else 0.0))


def _seen_near(cast: Cast, index: int, name: str, shot: Shot, size: tuple[int, int], across: float) -> Place:
    width, height = size
    figure, part = cast.figures[index], cast.parts[index]
    tall, above = _tall(figure, name, height)
    mirrored = cast.mirrored(index)
    # A head never leaves the frame at a side.
    middle, half, _chin = figure.head
    half_head = half * tall * figure.aspect
    if half_head > 0.47 * width:
        tall *= 0.47 * width / half_head
        half_head = 0.47 * width
    if (part.sits or part.kneels) and figure.kind is Kind.FULL:
        above += 0.14 * height
    above += {-1: -0.03, 0: 0.0, 1: 0.05}[shot.angle] * height
    above = max(above, 0.015 * height)
    head_x = min(max(across * width, half_head + 0.015 * width), width - half_head - 0.015 * width)
    aside = (0.5 - middle if mirrored else middle - 0.5) * tall * figure.aspect
    if figure.kind is Kind.CARD:
        tall = min(tall, 0.9 * width / figure.aspect)
        half_card = tall * figure.aspect / 2 + 0.01 * width
        return Place(
            figure, min(max(across * width, half_card), width - half_card), (height + tall) / 2, tall, 0.9, mirrored
        )
    foot = above + tall
    if figure.kind is Kind.BUST or foot < height:
        foot = max(foot, height + 0.01 * tall)
    return Place(figure, head_x - aside, foot, tall, 0.9, mirrored)


def _side_by_side(cast: Cast, name: str, shot: Shot, size: tuple[int, int], rng: np.random.Generator) -> list[Place]:
    """Two or three at the same distance, each on their side."""
    count = 2 if name == "two-shot" else len(cast.figures)
    left = [index for index in range(count) if cast.sides[index] < 0]
    right = [index for index in range(count) if cast.sides[index] > 0]
    if name == "two-shot" and not (left and right):
        left, right = ([0], [1]) if left else ([1], [0])
    row = [*reversed(left), *right]
    reach = 0.36 if count == 2 else 0.56
    if size[0] < size[1]:
        reach = 0.46 if count == 2 else 0.6
    across = np.linspace(0.5 - reach / 2, 0.5 + reach / 2, count) + float(rng.uniform(-0.012, 0.012))
    placed = [_seen_near(cast, index, name, shot, size, float(place)) for place, index in zip(across, row, strict=True)]
    tallest = max(place.figure.tall for place in placed)
    fits = min(1.0, size[0] * 1.25 / max(sum(place.height * place.figure.aspect for place in placed), 1))
    even = max(place.height / place.figure.tall for place in placed) * fits
    result = []
    for place in placed:
        figure = place.figure
        if figure.kind is not Kind.FULL:
            result.append(place)
            continue
        tall = even * figure.tall
        # All stand on one ground: who is smaller begins lower.
        top = place.foot - place.height + (tallest - figure.tall) * even
        top = min(top, 0.55 * size[1])
        middle = (
            place.x
            + (0.5 - figure.head[0] if place.mirrored else figure.head[0] - 0.5) * (place.height - tall) * figure.aspect
        )
        result.append(replace(place, x=middle, height=tall, foot=max(top + tall, size[1] * 1.01)))
    return result


def _behind(cast: Cast, main: Place, size: tuple[int, int], wide: float) -> list[Place]:
    """The others, smaller, on the other side of the one who counts most, at whom they look."""
    width, height = size
    others = range(1, len(cast.figures))
    side = cast.sides[0]
    near, far = (0.1, 0.34) if wide > 0.7 else (0.16, 0.4)
    across = [0.25] if len(others) == 1 else list(np.linspace(near, far, len(others)))
    placed = []
    for index, place in zip(others, across, strict=True):
        figure = cast.figures[index]
        if figure.kind is Kind.CARD:
            tall, foot = 0.42 * height, 0.86 * height
        else:
            tall = min(main.height * 0.66, 1.12 * height) * figure.tall
            if figure.kind is Kind.BUST:
                tall = 0.62 * height
            foot = max(0.25 * height + tall + (1 - figure.tall) * tall, 1.01 * height)
        half = tall * figure.aspect / 2
        x = (0.5 - side * (0.5 - place)) * width
        mirrored = bool(figure.facing) and figure.facing != side
        placed.append(
            Place(figure, min(max(x, min(half, width / 2)), max(width - half, width / 2)), foot, tall, 0.74, mirrored)
        )
    return sorted(placed, key=lambda place: place.height)


def _shoulder(figure: Figure, side: int, size: tuple[int, int], *, known: bool) -> Place:
    """Somebody's head and shoulder at the edge, near, dark and out of focus: the camera looks past them."""
    width, height = size
    tall = 0.56 * height / max(figure.head[2], 0.12) if figure.kind is Kind.FULL else 1.1 * height
    x = width * (0.5 - side * 0.4)
    mirrored = bool(figure.facing) and figure.facing != side
    top = 0.24 * height
    return Place(figure, x, top + tall, tall, 1.0, mirrored, dark=True, blur=5.0 * height / 704 if known else 7.0)


def _behind_them(
    shot: Shot,
    main: Place,
    side: int,
    ground: Stage,
    size: tuple[int, int],
    nearer: float,
    variant: int,
    rng: np.random.Generator,
) -> Camera:
    """The place behind a near figure: what is behind its side of the line, so a reverse shot shows another part."""
    width, height = size
    spots = spots_of(ground)
    part = 0.5 + side * (0.3, 0.42, 0.1, 0.2)[variant]
    x = float(np.quantile(spots[:, 0], np.clip(part + rng.uniform(-0.05, 0.05), 0, 1)))
    foot = float(np.median(spots[:, 1]))
    rise = rise_of(ground, shot.angle)
    eyes = foot + rise * ground.depth_of(foot) - 0.93 * ground.height_of(foot)
    zoom = nearer * cover(ground, size)
    target = main.foot - main.height * (1 - 0.5 * main.figure.head[2])
    target = min(max(target, 0.2 * height), 0.6 * height) - shot.angle * 0.18 * height
    centre = (x - (main.x - width / 2) / zoom, eyes - (target - height / 2) / zoom)
    return Camera(ground, size, zoom, centre, rise=rise).clamped()


def detail(cast: Cast, ground: Stage, size: tuple[int, int], rng: np.random.Generator) -> Staging:
    """What somebody holds: the middle of a figure, near."""
    width, height = size
    index = next(index for index, figure in enumerate(cast.figures) if figure.kind is Kind.FULL)
    figure = cast.figures[index]
    tall = height / 0.37
    mirrored = cast.mirrored(index)
    below = 0.27  # from under the shoulders to where hands hang
    x = width * (0.5 + float(rng.uniform(-0.03, 0.03)))
    place = Place(figure, x, tall * (1 - below), tall, 0.9, mirrored)
    camera = _behind_them(Shot("insert"), replace(place, foot=height), cast.sides[index], ground, size, 2.6, 0, rng)
    others = tuple(other for other in cast.figures if other is not figure)
    return Staging(camera, (place,), 7.0 * height / 704, 0.9, others)
