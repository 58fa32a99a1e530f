"""Who stands where in a panel, and where the camera stands for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from videogen.pipelines.animatic.directions import Directions, Part
from videogen.pipelines.animatic.figures import Figure, Kind
from videogen.pipelines.animatic.framing import Camera, Stage
from videogen.pipelines.animatic.grade import overview
from videogen.pipelines.animatic.shot import Shot

# Height of an adult in the frame, in parts of its height, where feet are seen; and the line of the feet.
_STANDING = {"full": (0.79, 0.92), "wide": (0.46, 0.88), "extreme wide": (0.25, 0.84), "aerial": (0.2, 0.8)}
# For nearer sizes: how much of a body is seen, the most that a head may take of the frame, the room above it, how much
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure is seen: its middle, the line of its feet and its height, in pixels of the frame.

    depth: as layers have it. dark, blur: of a shoulder that is looked over.
    """

    figure: Figure
    x: float
    foot: float
    height: float
    depth: float
    mirrored: bool = False
    dark: bool = False
    blur: float = 0.0


@dataclass(frozen=True, slots=True)
class Staging:
    """The camera before the place, the people, the farthest first, and how soft what is far behind them is.

    nearest: what is nearer than this depth is not drawn, because it would stand between. unseen: who is out of frame.
    """

    camera: Camera
    places: tuple[Place, ...] = ()
    blur: float = 0.0
    nearest: float = np.inf
    unseen: tuple[Figure, ...] = ()


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
    cast = _Cast.of(figures, told, rng)
    if not figures or (shot.size == "insert" and not any(figure.kind is Kind.FULL for figure in figures)):
        return _empty(shot, ground, size, rng, variant)
    if shot.size == "insert":
        return _detail(cast, ground, size, rng)
    if shot.shows_feet and all(figure.kind is not Kind.BUST for figure in figures):
        return _standing(shot, cast, ground, size, rng, variant)
    return _near(shot, cast, ground, size, rng, variant)


@dataclass(frozen=True, slots=True)
class _Cast:
    """Figures with their parts, the one who counts most first. sides: -1 left, 1 right, of each."""

    figures: tuple[Figure, ...]
    parts: tuple[Part, ...]
    sides: tuple[int, ...]

    @classmethod
    def of(cls, figures: Sequence[Figure], told: Directions, rng: np.random.Generator) -> "_Cast":
        def weight(index: int) -> tuple[bool, bool, int, int]:
            part = told.parts[index]
            return not figures[index].speaking, part.near < 1, part.mentioned, index

        order = sorted(range(len(figures)), key=weight)
        people, parts = [figures[index] for index in order], [told.parts[index] for index in order]
        coin = 1 if rng.random() < 0.5 else -1
        sides = [part.side or figure.side for figure, part in zip(people, parts, strict=True)]
        for index, figure in enumerate(people):
            if not sides[index]:
                taken = sum(sides)
                # Who looks right stands left: people look into the frame, and at each other.
                free = -figure.facing or (coin if index == 0 else -1)
                sides[index] = free if taken * free <= 0 else -free
        if len(people) > 1 and abs(sum(sides)) == len(people) and not all(part.side for part in parts):
            sides[-1] = -sides[-1]  # all on one side: the last one looks at the others
        return cls(tuple(people), tuple(parts), tuple(sides))

    def mirrored(self, index: int) -> bool:
        """Whether a figure is turned over: it looks into the frame from its side, and out of it where it leaves."""
        facing, side = self.figures[index].facing, self.sides[index]
        wanted = side if self.parts[index].moves < 0 else -side
        return bool(facing) and facing != wanted


def _cover(ground: Stage, size: tuple[int, int]) -> float:
    width, height = ground.place.size
    return max(size[0] / width, size[1] / height)


def _empty(shot: Shot, ground: Stage, size: tuple[int, int], rng: np.random.Generator, variant: int) -> Staging:
    """A place without people: as it is drawn, or nearer at what is liveliest in it."""
    closer = {"": 1.0, "wide": 1.0, "extreme wide": 0.8, "aerial": 0.82, "insert": 2.3, "full": 1.25, "cowboy": 1.4}
    zoom = closer.get(shot.size, 1.7)
    across = liveliest(ground, size, zoom * _cover(ground, size))
    width, height = ground.place.size
    if not shot.named and variant:
        zoom, across = ((1.0, across), (1.22, 0.3), (1.3, 0.7), (0.82, 0.5))[variant]
    dolly = 0.0
    if zoom < 1:
        dolly, zoom = -0.6, max(zoom, 0.86)
    camera = Camera(ground, size, zoom * _cover(ground, size), (across * width, height / 2), dolly)
    down = height * (0.5 + 0.09 * shot.angle + (0.12 if shot.size == "insert" else 0.0))
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
    shot: Shot, cast: _Cast, ground: Stage, size: tuple[int, int], rng: np.random.Generator, variant: int
) -> Staging:
    """People on the ground, seen to their feet."""
    width, height = size
    spots = spots_of(ground)
    rows = spots[:, 1]
    tall, line = _STANDING[shot.size]
    if shot.angle < 0:
        tall, line = tall * 1.05, min(line + 0.05, 0.96)
    if shot.angle > 0:
        tall, line = tall * 0.92, line - 0.03
    highest = max(figure.tall for figure in cast.figures)
    breadth = sum(max(_aspect(figure), 0.3) * figure.tall for figure in cast.figures)
    tall = min(tall, 0.84 * width / height / breadth / 0.9, tall / highest if highest < 0.8 else tall)
    # The nearer the shot, the nearer they stand.
    row = float(np.quantile(rows, 0.75 if shot.size == "full" else 0.4 if shot.size == "wide" else 0.1))
    depth = ground.depth_of(row)
    grown = tall * height / ground.height_of(row)
    cover = _cover(ground, size)
    zoom, dolly = grown, 0.0
    if grown < cover:
        zoom = max(cover * 0.9, grown)
        dolly = (1 - zoom / grown) / depth
    near_row = spots[np.abs(rows - row) <= max(np.ptp(rows) * 0.35, 2)]
    across = np.quantile(near_row[:, 0], np.clip((0.5, 0.28, 0.72, 0.5)[variant] + rng.uniform(-0.06, 0.06), 0, 1))
    camera = Camera(ground, size, zoom, (0.0, 0.0), dolly).fitting()
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


def _across(cast: _Cast, width: int, tall: float, rng: np.random.Generator) -> list[float]:
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


def spots_of(ground: Stage) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Places on the ground where people can stand, as rows of x and y in pixels of the place: feet inside of it."""
    width, height = ground.place.size
    polygon = np.array(ground.place.ground.polygon or ((0.1, 0.92), (0.9, 0.92), (0.92, 0.985), (0.08, 0.985)))
    outline = (polygon * (width, height)).astype(np.float32).reshape(-1, 1, 2)
    low, high = outline[:, 0].min(axis=0), outline[:, 0].max(axis=0)
    found = []
    for y in np.linspace(low[1] + 1, high[1] - 1, 12):
        half = 0.09 * ground.height_of(float(y))
        for x in np.linspace(low[0], high[0], 60):
            if all(
                cv2.pointPolygonTest(outline, (float(x + aside), float(y)), False) >= 0 for aside in (-half, 0.0, half)
            ):
                found.append((float(x), float(y)))
    if not found:
        middle = outline[:, 0].mean(axis=0)
        found = [(float(middle[0]), float(middle[1]))]
    return np.array(found)


def _spot(
    camera: Camera,
    spots: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    cast: _Cast,
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
        cost = abs(seen_x - wanted) + 0.35 * abs(y - row) * camera.zoom + 4 * out + 2.5 * hidden
        if cost < best:
            best, found = cost, Place(figure, seen_x, foot, tall, depth, cast.mirrored(index))
    if found is None:
        raise ValueError("there is no spot to stand on")
    # A frame without room on its ground: the whole head is seen in any case.
    half = found.height * _aspect(figure) / 2
    return replace(found, x=min(max(found.x, min(half, width / 2)), max(width - half, width / 2)))


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


def _near(
    shot: Shot, cast: _Cast, ground: Stage, size: tuple[int, int], rng: np.random.Generator, variant: int
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
    if name == "two-shot" or (name in ("cowboy", "medium") and 1 < len(cast.figures) <= 3 and not cast.figures[0].speaking):
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


def _aside(cast: _Cast, name: str, variant: int) -> float:
    """Where across the frame the one who counts most is, 0 to 1: with room where the look goes."""
    if cast.parts[0].moves:
        return 0.5 + cast.sides[0] * 0.3
    away = {"extreme close-up": 0.03, "close-up": 0.07, "over the shoulder": 0.15}.get(name, 0.13)
    if cast.figures[0].kind is Kind.CARD:
        away = min(away, 0.12)
    return 0.5 + cast.sides[0] * (away + (0.03 if variant == 3 else 0.0))


def _seen_near(cast: _Cast, index: int, name: str, shot: Shot, size: tuple[int, int], across: float) -> Place:
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
    if part.sits and figure.kind is Kind.FULL:
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


def _side_by_side(
    cast: _Cast, name: str, shot: Shot, size: tuple[int, int], rng: np.random.Generator
) -> list[Place]:
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
    placed = [
        _seen_near(cast, index, name, shot, size, float(place)) for place, index in zip(across, row, strict=True)
    ]
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
        middle = place.x + (0.5 - figure.head[0] if place.mirrored else figure.head[0] - 0.5) * (
            place.height - tall
        ) * figure.aspect
        result.append(replace(place, x=middle, height=tall, foot=max(top + tall, size[1] * 1.01)))
    return result


def _behind(cast: _Cast, main: Place, size: tuple[int, int], wide: float) -> list[Place]:
    """The others, smaller, on the other side of the one who counts most, at whom they look."""
    width, height = size
    others = range(1, len(cast.figures))
    side = cast.sides[0]
    near, far = (0.1, 0.38) if wide > 0.7 else (0.16, 0.4)
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
    tall = 0.66 * height / max(figure.head[2], 0.12) if figure.kind is Kind.FULL else 1.1 * height
    x = width * (0.5 - side * 0.42)
    mirrored = bool(figure.facing) and figure.facing != side
    top = 0.2 * height
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
    """The place behind a near figure: what is behind its side of the line, so that a reverse shot shows another part."""
    width, height = size
    spots = spots_of(ground)
    part = 0.5 + side * (0.3, 0.42, 0.1, 0.2)[variant]
    x = float(np.quantile(spots[:, 0], np.clip(part + rng.uniform(-0.05, 0.05), 0, 1)))
    foot = float(np.median(spots[:, 1]))
    eyes = foot - 0.93 * ground.height_of(foot)
    zoom = nearer * _cover(ground, size)
    target = main.foot - main.height * (1 - 0.5 * main.figure.head[2])
    target = min(max(target, 0.2 * height), 0.6 * height) - shot.angle * 0.18 * height
    centre = (x - (main.x - width / 2) / zoom, eyes - (target - height / 2) / zoom)
    return Camera(ground, size, zoom, centre).clamped()


def _detail(cast: _Cast, ground: Stage, size: tuple[int, int], rng: np.random.Generator) -> Staging:
    """What somebody holds: the middle of a figure, near."""
    width, height = size
    index = next(index for index, figure in enumerate(cast.figures) if figure.kind is Kind.FULL)
    figure = cast.figures[index]
    tall = height / 0.3
    mirrored = cast.mirrored(index)
    below = figure.head[2] + 0.08  # from under the chin
    x = width * (0.5 + float(rng.uniform(-0.03, 0.03)))
    place = Place(figure, x, tall * (1 - below), tall, 0.9, mirrored)
    camera = _behind_them(Shot("insert"), replace(place, foot=height), cast.sides[index], ground, size, 2.6, 0, rng)
    others = tuple(one for one in cast.figures if one is not figure)
    return Staging(camera, (place,), 7.0 * height / 704, 0.9, others)
