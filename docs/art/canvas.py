"""Outlines, flat tones, gradients, glows and rim light on a transparent picture.

Everything is drawn at three times the asked size and reduced at the end, so edges come out antialiased. Coordinates
are pixels of the finished picture; y grows downwards.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

OVERSAMPLING = 3

Point = tuple[float, float]
Outline = Sequence[Point]
Paint = str | Sequence[str]  # one colour, or the colours of a gradient from its first to its last side
Box = tuple[int, int, int, int]

_STEPS = 14  # straight pieces between two points of a curve


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(one: str, other: str, share: float) -> str:
    """The colour `share` (0..1) of the way from `one` to `other`."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _read(text: str) -> tuple[list[Point], list[int]]:
    points: list[Point] = []
    corners: list[int] = []
    for piece in text.split(","):
        words = piece.split()
        if words[0].startswith("!"):
            corners.append(len(points))
            words[0] = words[0][1:]
        points.append((float(words[0]), float(words[1])))
    return points, corners


def _piece(points: Sequence[Point], before: Point, after: Point) -> Iterable[Point]:
    # Catmull-Rom between neighbours, with tangents bounded by the shorter side so that it never overshoots.
    known = np.array([before, *points, after], dtype=np.float64)
    for index in range(1, len(points)):
        p0, p1, p2, p3 = known[index - 1 : index + 3]
        length = float(np.hypot(*(p2 - p1)))
        tangents = []
        for near, far, middle in ((p0, p2, p1), (p1, p3, p2)):
            across = far - near
            reach = float(np.hypot(*across)) or 1.0
            side = min(float(np.hypot(*(middle - near))), float(np.hypot(*(far - middle))))
            tangents.append(across / reach * min(length, 1.6 * max(side, length * 0.25)))
        t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
        squared, cubed = t * t, t * t * t
        place = (
            (2 * cubed - 3 * squared + 1) * p1
            + (cubed - 2 * squared + t) * tangents[0]
            + (3 * squared - 2 * cubed) * p2
            + (cubed - squared) * tangents[1]
        )
        yield from ((float(x), float(y)) for x, y in place)


def line(text: str) -> list[Point]:
    """An open curve through points written as "x y, x y, ..."; a point marked with ! is a corner."""
    points, corners = _read(text)
    cuts = sorted({0, len(points) - 1, *corners})
    curve: list[Point] = []
    for first, last in pairwise(cuts):
        part = points[first : last + 1]
        curve.extend(_piece(part, part[0], part[-1]))
    return [*curve, points[-1]]


def shape(text: str) -> list[Point]:
    """A closed curve through points written as in `line`."""
    points, corners = _read(text)
    if not corners:
        closed = [*points, points[0]]
        return list(_piece(closed, points[-1], points[1]))
    start = corners[0]
    turned = points[start:] + points[: start + 1]
    cuts = sorted({0, len(turned) - 1, *(corner - start for corner in corners)})
    curve: list[Point] = []
    for first, last in pairwise(cuts):
        part = turned[first : last + 1]
        curve.extend(_piece(part, part[0], part[-1]))
    return curve


def oval(x: float, y: float, width: float, height: float, turn: float = 0.0) -> list[Point]:
    """An ellipse around (x, y), turned clockwise by `turn` degrees."""
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    across, down = np.cos(angles) * width / 2, np.sin(angles) * height / 2
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return [(float(x + a * cos - d * sin), float(y + a * sin + d * cos)) for a, d in zip(across, down, strict=True)]


def box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """A rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def brush(path: Outline, width: float, *, start: float = 0.1, end: float = 0.1) -> list[Point]:
    """The outline of a brush stroke along `path`: `width` in the middle, `start` and `end` parts of it at its ends."""
    places = np.array(path, dtype=np.float64)
    along = np.gradient(places, axis=0)
    normals = np.stack([-along[:, 1], along[:, 0]], axis=1)
    normals /= np.maximum(np.hypot(normals[:, 0], normals[:, 1]), 1e-6)[:, None]
    t = np.linspace(0, 1, len(places))
    swell = np.sin(np.pi * t) ** 0.7
    widths = width / 2 * (swell + (1 - swell) * np.where(t < 0.5, start, end))
    left, right = places + normals * widths[:, None], places - normals * widths[:, None]
    return [(float(x), float(y)) for x, y in np.concatenate([left, right[::-1]])]


class Canvas:
    """One picture in the making, transparent where nothing is painted.

    left, top: the coordinates of its upper left corner; negative where it reaches beyond the frame it is drawn for.
    """

    def __init__(self, width: int, height: int, *, left: int = 0, top: int = 0) -> None:
        self._size = (width * OVERSAMPLING, height * OVERSAMPLING)
        self._finished = (width, height)
        self._corner = (left, top)
        self.image = Image.new("RGBA", self._size, (0, 0, 0, 0))

    def mask(self, *outlines: Outline, blur: float = 0.0, within: Image.Image | None = None) -> Image.Image:
        """Where the outlines are, 0..255, softened by `blur` pixels and kept inside of `within`."""
        mask = Image.new("L", self._size, 0)
        draw = ImageDraw.Draw(mask)
        left, top = self._corner
        for outline in outlines:
            draw.polygon([((x - left) * OVERSAMPLING, (y - top) * OVERSAMPLING) for x, y in outline], fill=255)
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * OVERSAMPLING))
        return ImageChops.multiply(mask, within) if within else mask

    def fill(
        self,
        mask: Image.Image | Outline,
        paint: Paint,
        opacity: float = 1.0,
        *,
        blur: float = 0.0,
        within: Image.Image | None = None,
        sideways: bool = False,
    ) -> Image.Image:
        """Lay paint over a mask or an outline and return the mask; a gradient runs over the mask's own box."""
        if not isinstance(mask, Image.Image):
            mask = self.mask(mask, blur=blur, within=within)
        bounds = mask.getbbox()
        if bounds is None:
            return mask
        part = mask.crop(bounds)
        if opacity < 1:
            part = part.point([round(value * opacity) for value in range(256)])
        layer = _paint(paint, part.size, sideways=sideways)
        layer.putalpha(part)
        self.image.alpha_composite(layer, bounds[:2])
        return mask

    def rim(self, mask: Image.Image, colour: str, shift: Point, opacity: float = 1.0, *, blur: float = 0.0) -> None:
        """Light the edge of `mask` that looks towards `shift` (pixels; its length is the width of the edge)."""
        moved = mask.copy()  # at the canvas's own edge nothing is lit: the thing goes on beyond it
        moved.paste(mask, (round(-shift[0] * OVERSAMPLING), round(-shift[1] * OVERSAMPLING)))
        if blur:
            moved = moved.filter(ImageFilter.GaussianBlur(blur * OVERSAMPLING))
        self.fill(ImageChops.subtract(mask, moved), colour, opacity)

    def glow(
        self,
        centre: Point,
        radius: Point,
        colour: str,
        strength: float = 1.0,
        *,
        falloff: float = 2.0,
        within: Image.Image | None = None,
    ) -> None:
        """Add light around `centre`, fading out at `radius` (across, down); what is transparent stays so."""
        bounds = self._bounds(centre, radius)
        light = self._falling(bounds, centre, radius, falloff) * np.float32(strength)
        if within:
            light *= np.asarray(within.crop(bounds), dtype=np.float32) / 255
        self._screen(bounds, light, colour)

    def halo(self, centre: Point, radius: Point, colour: str, strength: float = 1.0, *, falloff: float = 2.0) -> None:
        """Lay light around `centre` as paint, also over nothing: it belongs to this picture and moves with it."""
        bounds = self._bounds(centre, radius)
        light = self._falling(bounds, centre, radius, falloff) * np.float32(strength)
        mask = Image.new("L", self._size, 0)
        mask.paste(Image.fromarray((light * 255 + 0.5).astype(np.uint8)), bounds[:2])
        self.fill(mask, colour)

    def light(self, mask: Image.Image, colour: str, strength: float = 1.0) -> None:
        """Add light where `mask` is."""
        bounds = mask.getbbox()
        if bounds:
            light = np.asarray(mask.crop(bounds), dtype=np.float32) * np.float32(strength / 255)
            self._screen(bounds, light, colour)

    def erase(self, outline: Outline) -> None:
        """Cut a hole."""
        kept = ImageChops.subtract(self.alpha(), self.mask(outline))
        self.image.putalpha(kept)

    def alpha(self) -> Image.Image:
        """Where anything is painted."""
        return self.image.getchannel("A")

    def finished(self) -> Image.Image:
        """The picture in its asked size, as RGBA."""
        return self.image.resize(self._finished, Image.Resampling.LANCZOS)

    def _bounds(self, centre: Point, radius: Point) -> Box:
        corner, size = self._corner, self._size
        near = [int((centre[axis] - radius[axis] - corner[axis]) * OVERSAMPLING) for axis in (0, 1)]
        far = [int((centre[axis] + radius[axis] - corner[axis]) * OVERSAMPLING) for axis in (0, 1)]
        return max(near[0], 0), max(near[1], 0), min(far[0], size[0]), min(far[1], size[1])

    def _falling(self, bounds: Box, centre: Point, radius: Point, falloff: float) -> NDArray[np.float32]:
        left, top = self._corner
        across = np.arange(bounds[0], bounds[2], dtype=np.float32) / OVERSAMPLING + np.float32(left - centre[0])
        down = np.arange(bounds[1], bounds[3], dtype=np.float32) / OVERSAMPLING + np.float32(top - centre[1])
        distance = np.hypot((across / radius[0])[None, :], (down / radius[1])[:, None])
        light: NDArray[np.float32] = np.clip(1 - distance, 0, 1) ** np.float32(falloff)
        return light

    def _screen(self, bounds: Box, light: NDArray[np.float32], colour: str) -> None:
        part = self.image.crop(bounds)
        pixels = np.array(part)
        base = pixels[..., :3].astype(np.float32)
        added = light[..., None] * np.array(_rgb(colour), dtype=np.float32)
        pixels[..., :3] = np.clip(255 - (255 - base) * (255 - added) / 255 + 0.5, 0, 255).astype(np.uint8)
        self.image.paste(Image.fromarray(pixels), bounds[:2])


def _paint(paint: Paint, size: tuple[int, int], *, sideways: bool) -> Image.Image:
    if isinstance(paint, str):
        return Image.new("RGB", size, paint)
    length = size[0] if sideways else size[1]
    stops = np.linspace(0, 1, len(paint))
    colours = np.array([_rgb(colour) for colour in paint], dtype=np.float64)
    places = np.linspace(0, 1, length)
    ramp = np.stack([np.interp(places, stops, colours[:, channel]) for channel in range(3)], axis=1)
    # Half a step of ordered noise hides the banding of long gradients.
    across = size[1] if sideways else size[0]
    noise = np.random.default_rng(length * 8191 + across).random((length, across, 1), dtype=np.float32)
    filled = (ramp[:, None, :].astype(np.float32) + noise).clip(0, 255).astype(np.uint8)
    return Image.fromarray(filled.transpose(1, 0, 2) if sideways else filled)
