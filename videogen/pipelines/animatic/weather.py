"""Rain, snow, fog, wind and light as layers over a panel. The seed decides where each drop falls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenes.layers import Kind, Layer
from videogen.pipelines.animatic.picture import colour, glow

Alpha = NDArray[np.float32]

_BESIDE = (0.12, 0.07)  # as the layers of the place are wider than the frame
_PART = 16


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a layer of weather or light is drawn on: the frame and the room beside it."""

    width: int
    height: int
    rng: np.random.Generator
    dim: float  # how bright white things are: 1 by day, less at night

    @property
    def beside(self) -> tuple[int, int]:
        """How far it reaches beyond the frame at each side, in pixels."""
        return round(self.width * _BESIDE[0]), round(self.height * _BESIDE[1])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of it all."""
        return self.width + 2 * self.beside[0], self.height + 2 * self.beside[1]

    @property
    def unit(self) -> float:
        """Pixels that stand for one part of a thousand of the frame's shorter side."""
        return min(self.width, self.height) / 1000

    def layer(self, kind: Kind, alpha: Alpha, paint: str, depth: float) -> Layer:
        """A layer of one colour."""
        rgb = np.rint(colour(paint) * np.float32(self.dim) * 255).astype(np.uint8)
        pixels = np.empty((*alpha.shape, 4), np.uint8)
        pixels[..., :3] = rgb
        pixels[..., 3] = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)
        return Layer(kind, Image.fromarray(pixels), -self.beside[0], -self.beside[1], depth)


def between(weather: str, sheet: Sheet) -> list[Layer]:
    """What lies between the place and its people: farther drops and flakes, fog over the ground."""
    return [layer for make in _BETWEEN.get(weather, ()) for layer in make(sheet)]


def before(weather: str, sheet: Sheet) -> list[Layer]:
    """What falls before everything."""
    return [layer for make in _BEFORE.get(weather, ()) for layer in make(sheet)]


def _drops(sheet: Sheet, *, near: bool, slant: float, strength: float) -> list[Layer]:
    width, height = sheet.size
    drops = np.zeros((height, width), np.uint8)
    count, long, thick = (150, (60, 130), 2.2) if near else (420, (22, 52), 1.2)
    for _ in range(count):
        x, y = sheet.rng.uniform(-0.15, 1.15) * width, sheet.rng.uniform(-0.15, 1) * height
        length = sheet.rng.uniform(*long) * sheet.unit
        ends = (
            (round(x * _PART), round(y * _PART)),
            (
                round((x - length * slant) * _PART),
                round((y + length) * _PART),
            ),
        )
        cv2.line(drops, *ends, int(sheet.rng.integers(90, 190)), max(round(thick * sheet.unit), 1), cv2.LINE_AA, 4)
    alpha = drops.astype(np.float32) * np.float32(strength / 255)
    return [sheet.layer("weather", alpha, "#dfe9f5", 0.95 if near else 0.45)]


def _flakes(sheet: Sheet, *, near: bool) -> list[Layer]:
    width, height = sheet.size
    flakes = np.zeros((height, width), np.uint8)
    count, small, large = (90, 5.0, 13.0) if near else (420, 1.6, 4.5)
    for _ in range(count):
        x, y = sheet.rng.uniform(0, width), sheet.rng.uniform(0, height)
        size = (small + (large - small) * sheet.rng.random() ** 3) * sheet.unit
        centre = (round(x * _PART), round(y * _PART))
        value = int(sheet.rng.integers(150, 250))
        cv2.circle(flakes, centre, max(round(size * _PART), 12), value, -1, cv2.LINE_AA, 4)
    if near:
        flakes = np.asarray(cv2.GaussianBlur(flakes, (0, 0), 2.2 * sheet.unit + 0.3), dtype=np.uint8)
    alpha = flakes.astype(np.float32) * np.float32(0.95 / 255)
    return [sheet.layer("weather", alpha, "#f6f9ff", 0.95 if near else 0.45)]


def _mist(sheet: Sheet, *, near: bool) -> list[Layer]:
    width, height = sheet.size
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    middle, reach, most = (0.82, 0.34, 0.5) if near else (0.6, 0.5, 0.82)
    band = np.clip(1 - np.abs(rows - np.float32(middle)) / np.float32(reach), 0, 1)
    band = band * band * (3 - 2 * band)
    # Slow swells of a few sines, so that fog lies in banks.
    columns = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    swell = np.ones((height, width), np.float32)
    for waves, share in ((1.3, 0.16), (2.9, 0.1), (5.3, 0.05)):
        phase, tilt = sheet.rng.uniform(0, 6.28), sheet.rng.uniform(2, 5)
        across = columns * np.float32(6.28 * waves) + np.float32(phase)
        swell += np.float32(share) * np.sin(across + rows * np.float32(tilt))
    alpha = np.clip(band * swell * np.float32(most), 0, 0.92)
    return [sheet.layer("weather", alpha, "#dfe4e6", 0.7 if near else 0.3)]


def smoke(sheet: Sheet) -> Layer:
    """Smoke in the air: strands that lie over one another, thin at the edges of the frame above and below."""
    width, height = sheet.size
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    strands = np.zeros((height, width), np.float32)
    for waves, turn, share in ((1.7, 4.0, 0.38), (3.1, 9.0, 0.34), (5.3, 17.0, 0.28)):
        phase, bend = sheet.rng.uniform(0, 6.28), sheet.rng.uniform(0.5, 1.1)
        curl = np.float32(bend) * np.sin(columns * np.float32(6.28 * waves) + np.float32(phase))
        strands += np.float32(share) * np.sin(rows * np.float32(turn * 2) + columns * np.float32(3 * waves) + curl * 2)
    alpha = np.clip(strands * np.float32(0.5) + np.float32(0.5), 0, 1) ** 2 * np.sin(rows * np.float32(np.pi))
    return sheet.layer("smoke", np.asarray(alpha, np.float32) * np.float32(0.8), "#b9b6b8", 0.4)


def _leaves(sheet: Sheet, *, near: bool) -> list[Layer]:
    width, height = sheet.size
    leaves = np.zeros((height, width), np.uint8)
    count, size = (16, (7, 13)) if near else (30, (3, 6))
    for _ in range(count):
        x, y = sheet.rng.uniform(0, width), height * sheet.rng.uniform(0.15, 0.95)
        reach = sheet.rng.uniform(*size) * sheet.unit
        axes = (max(round(reach * _PART), 14), max(round(reach * 0.42 * _PART), 8))
        turn = sheet.rng.uniform(-35, 35)
        cv2.ellipse(leaves, (round(x * _PART), round(y * _PART)), axes, turn, 0, 360, 235, -1, cv2.LINE_AA, 4)
    layers = [sheet.layer("weather", leaves.astype(np.float32) / np.float32(255), "#a8753f", 0.95 if near else 0.5)]
    if not near:
        layers.append(sheet.layer("weather", _streaks(sheet), "#f2f5f7", 0.4))
    return layers


def _streaks(sheet: Sheet) -> Alpha:
    """Curled lines, as the wind is drawn."""
    width, height = sheet.size
    lines = np.zeros((height, width), np.uint8)
    t = np.linspace(0, 1, 60)
    for _ in range(9):
        x, y = sheet.rng.uniform(-0.1, 0.8) * width, height * sheet.rng.uniform(0.12, 0.8)
        length, lift = width * sheet.rng.uniform(0.14, 0.3), height * sheet.rng.uniform(0.012, 0.03)
        path = np.stack([x + length * t, y + lift * np.sin(t * 4.5 + sheet.rng.uniform(0, 6))], axis=1)
        cv2.polylines(
            lines, [np.rint(path * _PART).astype(np.int32)], False, 150, max(round(2 * sheet.unit), 1), cv2.LINE_AA, 4
        )
    faded: Alpha = cv2.GaussianBlur(lines, (0, 0), 0.8 * sheet.unit + 0.3).astype(np.float32) * np.float32(0.55 / 255)
    return faded


def _lightning(sheet: Sheet) -> list[Layer]:
    width, height = sheet.size
    bolt = np.zeros((height, width), np.uint8)
    x, y = width * sheet.rng.uniform(0.2, 0.8), 0.0
    points = [(x, y)]
    while y < height * 0.5:
        y += height * sheet.rng.uniform(0.03, 0.07)
        x += width * sheet.rng.uniform(-0.028, 0.03)
        points.append((x, y))
    path = np.rint(np.array(points) * _PART).astype(np.int32)
    cv2.polylines(bolt, [path], False, 255, max(round(4 * sheet.unit), 1), cv2.LINE_AA, 4)
    fork = path[len(path) // 2 :].copy()
    fork[:, 0] = fork[0, 0] + (fork[0, 0] - fork[:, 0]) * 2 // 3 + (fork[:, 1] - fork[0, 1]) // 4
    cv2.polylines(bolt, [fork[: max(len(fork) // 2, 2)]], False, 200, max(round(2 * sheet.unit), 1), cv2.LINE_AA, 4)
    halo = cv2.GaussianBlur(bolt, (0, 0), 14 * sheet.unit + 0.5).astype(np.float32) / 255
    return [sheet.layer("light", np.clip(bolt.astype(np.float32) / 255 + halo * 0.9, 0, 1), "#f2ecff", 0.02)]


_BETWEEN: Mapping[str, tuple[Callable[[Sheet], list[Layer]], ...]] = {
    "rain": (lambda sheet: _drops(sheet, near=False, slant=0.2, strength=0.5),),
    "storm": (lambda sheet: _drops(sheet, near=False, slant=0.5, strength=0.6),),
    "snow": (lambda sheet: _flakes(sheet, near=False),),
    "fog": (lambda sheet: _mist(sheet, near=False),),
    "wind": (lambda sheet: _leaves(sheet, near=False),),
}
_BEFORE: Mapping[str, tuple[Callable[[Sheet], list[Layer]], ...]] = {
    "rain": (lambda sheet: _drops(sheet, near=True, slant=0.22, strength=0.42),),
    "storm": (lambda sheet: _drops(sheet, near=True, slant=0.52, strength=0.5),),
    "snow": (lambda sheet: _flakes(sheet, near=True),),
    "fog": (lambda sheet: _mist(sheet, near=True),),
    "wind": (lambda sheet: _leaves(sheet, near=True),),
}


def in_the_sky(weather: str, sheet: Sheet) -> list[Layer]:
    """What stands in the sky, behind everything else."""
    return _lightning(sheet) if weather == "storm" else []


def settled_snow(image: Image.Image, share: float) -> Image.Image:
    """A picture of a part of a place with snow on it: a little everywhere, much on what looks up."""
    pixels = np.array(image)
    alpha = pixels[..., 3].astype(np.float32) / 255
    above = np.roll(alpha, max(image.height // 90, 2), axis=0)
    top = np.clip(alpha - above, 0, 1)
    cover = np.clip(share * alpha + top * 0.8, 0, 0.9)[..., None]
    white = np.array([232, 239, 248], np.float32) * np.float32(0.35 + 0.65 * _level(pixels))
    pixels[..., :3] = np.rint(pixels[..., :3] * (1 - cover) + white * cover).astype(np.uint8)
    return Image.fromarray(pixels)


def _level(pixels: NDArray[np.uint8]) -> float:
    seen = pixels[..., 3] > 128
    return 1.0 if not seen.any() else float(np.clip(pixels[..., :3][seen].mean() / 110, 0, 1))


def candle(sheet: Sheet, x: float, y: float) -> list[Layer]:
    """Candle light around a point of the frame: dark beyond it, warm within."""
    width, height = sheet.size
    centre = (x + sheet.beside[0], y + sheet.beside[1])
    reach = 0.95 * max(sheet.width, sheet.height)
    pool = glow(height, width, *centre, reach, 0.8)
    lamp = Sheet(sheet.width, sheet.height, sheet.rng, 1.0)
    dark = lamp.layer("light", np.clip(0.62 - pool * 1.1, 0, 0.62), "#050309", 0.0)
    return [dark, lamp.layer("light", pool * np.float32(0.3), "#ffae52", 0.9)]


def vignette(sheet: Sheet) -> Layer:
    """The corners, falling away a little."""
    width, height = sheet.size
    frame = np.array([width / sheet.width, height / sheet.height])
    down = np.linspace(-frame[1], frame[1], height, dtype=np.float32)[:, None]
    across = np.linspace(-frame[0], frame[0], width, dtype=np.float32)[None, :]
    away = np.clip((across**2 + down**2 - 0.8) / 1.5, 0, 1) * np.float32(0.18)
    return Sheet(sheet.width, sheet.height, sheet.rng, 1.0).layer("light", away, "#05060c", 0.0)
