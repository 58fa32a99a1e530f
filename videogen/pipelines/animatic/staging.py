"""Who stands where in a panel, and where the camera stands for it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from videogen.pipelines.animatic.angles import rise_of, seen_at
from videogen.pipelines.animatic.cast import Cast, Place, Staging, cover, spots_of
from videogen.pipelines.animatic.directions import Directions
from videogen.pipelines.animatic.figures import Figure, Kind
from videogen.pipelines.animatic.framing import Camera, Stage
from videogen.pipelines.animatic.grade import overview
from videogen.pipelines.animatic.near import detail, near
from videogen.pipelines.animatic.shot import Shot
from videogen.pipelines.animatic.sitting import seated

# Height of an adult in the frame, in parts of its height, where feet are seen; and the line of the feet.
_STANDING = {"full": (0.79, 0.92), "wide": (0.46, 0.88), "extreme wide": (0.25, 0.84), "aerial": (0.2, 0.8)}


def stage(
    shot: Shot,
    figures: Sequence[Figure],
    told: Directions,
    ground: Stage,
    size: tuple[int, int],
    rng: np.random.Generator,
    variant: int,
) -> Staging:
    """Place the people and the camera. The seed behind `rng` moves everyone a little; `variant` is 0 to 3 of it."""
    if shot.shows_feet:  # in a near shot nobody sees how somebody sits
        figures = [seated(figure) if part.sits else figure for figure, part in zip(figures, told.parts, strict=True)]
    figures = [seen_at(figure, shot.angle, whole=shot.shows_feet) for figure in figures]
    cast = Cast.of(figures, told, rng)
    if not figures or (shot.size == "insert" and not any(figure.kind is Kind.FULL for figure in figures)):
        return _empty(shot, ground, size, rng, variant)
    if shot.size == "insert":
        return detail(cast, ground, size, rng)
    if shot.shows_feet and all(figure.kind is not Kind.BUST for figure in figures):
        return _standing(shot, cast, ground, size, rng, variant)
    return near(shot, cast, ground, size, rng, variant)


def _empty(shot: Shot, ground: Stage, size: tuple[int, int], rng: np.random.Generator, variant: int) -> Staging:
    """A place without people: as it is drawn, or nearer at what is liveliest in it."""
    closer = {"": 1.0, "wide": 1.0, "extreme wide": 0.8, "aerial": 0.82, "insert": 2.3, "full": 1.25, "cowboy": 1.4}
    zoom = closer.get(shot.size, 1.7)
    across = liveliest(ground, size, zoom * cover(ground, size))
    width, height = ground.place.size
    if not shot.named and variant:
        zoom, across = ((1.0, across), (1.22, 0.3), (1.3, 0.7), (0.82, 0.5))[variant]
    dolly = 0.0
    if zoom < 1:
        dolly, zoom = -0.6, max(zoom, 0.86)
    rise = rise_of(ground, shot.angle)
    camera = Camera(ground, size, zoom * cover(ground, size), (across * width, height / 2), dolly, rise)
    down = height * (0.5 + 0.09 * shot.angle + (0.12 if shot.size == "insert" else 0.0)) + max(rise, 0.0) * 0.6
    if zoom > 1.05 and shot.size != "insert":
        down -= height * 0.02
    moved = replace(camera, centre=(across * width + float(rng.uniform(-0.01, 0.01)) * width * (variant > 0), down))
    plain = zoom == 1.0 and not shot.angle
    return Staging(_inside(moved) if plain else moved.clamped())


def _inside(camera: Camera) -> Camera:
    """The camera, moved so that it looks at nothing beside the place's own frame."""
    width, height = camera.stage.place.size
    half = (camera.size[0] / 2 / camera.zoom, camera.size[1] / 2 / camera.zoom)
    x = min(max(camera.centre[0], half[0]), width - half[0]) if 2 * half[0] < width else width / 2
    y = min(max(camera.centre[1], half[1]), height - half[1]) if 2 * half[1] < height else height / 2
    return replace(camera, centre=(x, y))


def liveliest(ground: Stage, size: tuple[int, int], zoom: float) -> float:
    """Where across the place, 0 to 1, a narrower window shows most of what is drawn; 0.5 where none is narrower."""
    place = ground.place
    share = size[0] / zoom / place.size[0]
    if share > 0.98:
        return 0.5
    small = np.asarray(overview(place).convert("L").resize((160, 90)), dtype=np.float32)
    detail = np.abs(np.diff(small, axis=0))[:, :-1] + np.abs(np.diff(small, axis=1))[:-1]
    window = max(round(159 * share), 3)
    # What is drawn counts most in the middle of the window.
    sums = np.convolve(detail.sum(axis=0), np.hanning(window + 2)[1:-1], "valid")
    places = np.linspace(0, 1, len(sums)) if len(sums) > 1 else np.array([0.5])
    best = float(places[np.argmax(sums * (1 - 0.25 * np.abs(places - 0.5)))])
    return share / 2 + best * (1 - share)


def _standing(
    shot: Shot, cast: Cast, ground: Stage, size: tuple[int, int], rng: np.random.Generator, variant: int
) -> Staging:
    """People on the ground, seen to their feet."""
    width, height = size
    spots = spots_of(ground)
    rows = spots[:, 1]
    tall, line = _STANDING[shot.size]
    if shot.angle < 0:  # from below people stand tall over a low horizon
        tall, line = min(tall * 1.15, 0.88), min(line + 0.07, 0.955)
    if shot.angle > 0:
        tall, line = tall * 0.82, line - 0.02
    highest = max(figure.tall for figure in cast.figures)
    breadth = sum(max(_aspect(figure), 0.3) * figure.tall for figure in cast.figures)
    tall = min(tall, 0.84 * width / height / breadth / 0.9, tall / highest if highest < 0.8 else tall)
    # The nearer the shot, the nearer they stand.
    row = float(np.quantile(rows, 0.75 if shot.size == "full" else 0.4 if shot.size == "wide" else 0.1))
    depth = ground.depth_of(row)
    grown = tall * height / ground.height_of(row)
    least = cover(ground, size)
    zoom, dolly = grown, 0.0
    if grown < least:
        zoom = max(least * 0.9, grown)
        dolly = (1 - zoom / grown) / depth
    near_row = spots[np.abs(rows - row) <= max(np.ptp(rows) * 0.35, 2)]
    across = np.quantile(near_row[:, 0], np.clip((0.5, 0.28, 0.72, 0.5)[variant] + rng.uniform(-0.06, 0.06), 0, 1))
    camera = Camera(ground, size, zoom, (0.0, 0.0), dolly, rise_of(ground, shot.angle)).fitting()
    x, foot = camera.seen(float(across), row, depth)
    wanted = _across(cast, width, tall * height, rng)
    aside = wanted[0] if len(wanted) == 1 else 0.5 * width
    camera = replace(camera, centre=((x - aside) / camera.zoom, (foot - line * height) / camera.zoom)).clamped()
    places: list[Place] = []
    order = sorted(range(len(cast.figures)), key=lambda index: cast.parts[index].near)
    for index in order:
        places.append(_spot(camera, spots, cast, index, wanted[index], row, places))
    blur = 0.7 * height / 704 if shot.size == "full" else 0.0
    return Staging(camera, tuple(sorted(places, key=lambda place: place.foot)), blur)


def _aspect(figure: Figure) -> float:
    return 0.36 if figure.kind is Kind.CARD else figure.aspect


def _across(cast: Cast, width: int, tall: float, rng: np.random.Generator) -> list[float]:
    """Where across the frame everybody should be, in pixels: each on their side, with air between."""
    count = len(cast.figures)
    if count == 1:
        side = cast.sides[0]
        aside = 0.4 if cast.parts[0].moves else 0.16
        wanted = [width * (0.5 + side * (aside + float(rng.uniform(-0.02, 0.02))))]
    else:
        gap = max(tall * 0.52, 0.1 * width)
        left = [index for index in range(count) if cast.sides[index] < 0]
        right = [index for index in range(count) if cast.sides[index] > 0]
        # The one who counts most stands nearest the middle of its side, towards whom it looks.
        row = [*reversed(left), *right]
        reach = min(gap * (count - 1), 0.76 * width)
        places = np.linspace(-reach / 2, reach / 2, count) + float(rng.uniform(-0.02, 0.02)) * width
        wanted = [0.0] * count
        for place, index in zip(places, row, strict=True):
            wanted[index] = width / 2 + float(place)
            if cast.parts[index].moves:
                wanted[index] = width * (0.5 + 0.4 * cast.sides[index])
    return wanted


def _spot(
    camera: Camera,
    spots: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    cast: Cast,
    index: int,
    wanted: float,
    row: float,
    taken: Sequence[Place],
) -> Place:
    """The spot on the ground that is seen nearest to where the figure should be, and hides nobody."""
    figure, part, ground = cast.figures[index], cast.parts[index], camera.stage
    width, height = camera.size
    rows = spots[:, 1]
    row = float(rows.min()) if part.near < 0 else float(rows.max()) if part.near > 0 else row
    best, found = np.inf, None
    for x, y in spots:
        depth = ground.depth_of(float(y))
        seen_x, foot = camera.seen(float(x), float(y), depth)
        tall = ground.height_of(float(y)) * camera.grown(depth) * figure.tall
        if figure.kind is Kind.CARD:
            tall *= 0.62
        half = tall * _aspect(figure) / 2
        out = max(half - seen_x, seen_x + half - width, 0.0) + max(tall - foot, 0.0) * 2 + max(foot - height, 0.0) * 2
        hidden = sum(
            max((half + place.height * _aspect(place.figure) / 2) * 0.86 - abs(seen_x - place.x), 0.0)
            for place in taken
        )
        away = (3.0 if part.near else 0.35) * abs(y - row) * camera.zoom
        cost = abs(seen_x - wanted) + away + 4 * out + 2.5 * hidden
        if cost < best:
            best, found = cost, Place(figure, seen_x, foot, tall, depth, cast.mirrored(index))
    if found is None:
        raise ValueError("there is no spot to stand on")
    # A frame without room on its ground: the whole head is seen in any case.
    half = found.height * _aspect(figure) / 2
    return replace(found, x=min(max(found.x, min(half, width / 2)), max(width - half, width / 2)))
