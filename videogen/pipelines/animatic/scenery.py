"""A place drawn from words alone: layered flat colour for sea, forest, street, room and hills, at any hour."""

from collections.abc import Callable, Mapping
from itertools import pairwise

import cv2
import numpy as np
from PIL import Image

from scenes.layers import Ground, Layer, Layers
from videogen.pipelines.animatic.interior import draw_room
from videogen.pipelines.animatic.picture import Mask, add_light, colour, glow, gradient, lay, polygon
from videogen.pipelines.animatic.scene import LAMP, PALETTES, Plane, Scene, circle, ridge
from videogen.pipelines.animatic.setting import Setting

_BESIDE = (0.14, 0.1)  # drawn beyond the frame at each side, in parts of its width and height
_HOURS = {"noon": "day", "candle": "night"}  # hours that are drawn as another one, and then lit


def draw_place(setting: Setting, width: int, height: int, seed: int) -> Layers:
    """The place in layers; the seed decides where its hills, trees and houses are."""
    time = _HOURS.get(setting.hour, setting.hour or "day")
    left, top = round(width * _BESIDE[0]), round(height * _BESIDE[1])
    scene = Scene(width + 2 * left, height + 2 * top, PALETTES[time], time, np.random.default_rng(seed))
    ground = _DRAWN[setting.place](scene)
    layers = tuple(_finished(plane, left, top) for plane in scene.planes)
    low = (ground * scene.height - top) / height
    polygon = ((0.06, low + 0.03), (0.94, low + 0.03), (0.94, 0.99), (0.06, 0.99))
    return Layers((width, height), layers, Ground(polygon, 0.62))


def _finished(plane: Plane, left: int, top: int) -> Layer:
    alpha = plane.picture[..., 3:]
    colours = plane.picture[..., :3] / np.maximum(alpha, np.float32(1e-4))
    pixels = np.concatenate([colours, alpha], axis=2)
    image = Image.fromarray(np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    bounds = image.getchannel("A").getbbox() or (0, 0, *image.size)
    return Layer(
        plane.kind, image.crop(bounds), bounds[0] - left, bounds[1] - top, plane.depth, near_depth=plane.near_depth
    )


def _sky(scene: Scene) -> None:
    scene.begin("sky", 0)
    height, width = scene.height, scene.width
    below = int(scene.horizon * height) + 2
    scene.picture[..., 3] = 1
    scene.picture[:below, :, :3] = gradient(scene.palette.sky, below, width)
    scene.picture[below:, :, :3] = colour(scene.palette.sky[-1])
    x = width * float(scene.rng.uniform(0.2, 0.8))
    light = colour(scene.palette.light)
    if scene.time == "night":
        _stars(scene, below)
        y, size = height * 0.17, 46 * scene.unit
        add_light(scene.picture, glow(height, width, x, y, size * 7), light, 0.35)
        disc = polygon(height, width, circle(x, y, size))
        lay(
            scene.picture,
            disc * (1 - polygon(height, width, circle(x + size * 0.5, y - size * 0.2, size * 0.9))),
            light,
        )
    else:
        y = height * (0.2 if scene.time == "day" else scene.horizon - 0.03)
        add_light(scene.picture, glow(height, width, x, y, 620 * scene.unit, 0.7), light, 0.7)
        lay(scene.picture, polygon(height, width, circle(x, y, 52 * scene.unit)), light, 0.9)
    for _ in range(5):
        _cloud(scene)


def _stars(scene: Scene, below: int) -> None:
    count = 120
    xs, ys = scene.rng.uniform(0, scene.width, count), scene.rng.random(count) ** 1.5 * below * 0.8
    stars = np.zeros((scene.height, scene.width), np.uint8)
    for x, y, size in zip(xs, ys, scene.rng.uniform(0.6, 1.6, count), strict=True):
        radius = max(round(size * scene.unit * 16), 8)
        cv2.circle(stars, (round(x * 16), round(y * 16)), radius, 210, -1, cv2.LINE_AA, 4)
    add_light(scene.picture, stars.astype(np.float32) / np.float32(255), colour("#eef2ff"), 0.9)


def _cloud(scene: Scene) -> None:
    rng, width = scene.rng, scene.width
    x, y = width * rng.uniform(0, 1), scene.height * rng.uniform(0.08, scene.horizon - 0.1)
    length, tall = 420 * scene.unit * rng.uniform(0.6, 1.5), 20 * scene.unit * rng.uniform(0.7, 1.5)
    t = np.linspace(0, 1, 40)
    swell = np.sin(np.pi * t) ** 0.7 * (0.75 + 0.25 * np.sin(t * rng.uniform(7, 13) + rng.uniform(0, 6)))
    top, bottom = y - tall * swell, y + tall * 0.25 * np.sin(np.pi * t)
    xs = x + length * (t - 0.5)
    outline = np.concatenate([np.stack([xs, top], 1), np.stack([xs, bottom], 1)[::-1]]).astype(np.float32)
    shade = (colour(scene.palette.sky[1]) + colour(scene.palette.light)) * np.float32(0.5)
    lay(scene.picture, polygon(scene.height, scene.width, outline), shade, 0.45)


def _shade_down(scene: Scene, mask: Mask, share: float) -> None:
    """Fill a layer, a little lighter towards its foot, as if air lay in the valley before it."""
    height, width = scene.height, scene.width
    top = np.repeat(scene.tone(share)[None, :], height, 0)
    air = colour(scene.palette.sky[-1])
    foot = np.linspace(0, 0.3 * (1 - share), height, dtype=np.float32)[:, None]
    lay(scene.picture, mask, np.repeat((top * (1 - foot) + air * foot)[:, None, :], width, 1).astype(np.float32))


def _hills(scene: Scene) -> float:
    scene.horizon = 0.62
    _sky(scene)
    for depth, share, base, height in ((0.06, 0.0, 0.62, 0.16), (0.18, 0.3, 0.7, 0.14), (0.34, 0.62, 0.79, 0.1)):
        scene.begin("far" if depth < 0.1 else "middle", depth)
        _shade_down(scene, ridge(scene, base, height, 0.55 + share * 0.3), share)
    scene.begin("ground", 0.5, 1)
    _shade_down(scene, ridge(scene, 0.86, 0.03, 0.5), 0.92)
    return 0.86


def _sea(scene: Scene) -> float:
    scene.horizon = 0.55
    _sky(scene)
    height, width = scene.height, scene.width
    line = int(scene.horizon * height)
    scene.begin("far", 0.05)
    island = ridge(scene, scene.horizon + 0.02, 0.09, 0.4)
    island[line + 3 :] = 0
    _shade_down(scene, island, 0.12)
    scene.begin("middle", 0.02, 0.9)
    scene.picture[line:, :, :3] = gradient(scene.palette.water, height - line, width)
    scene.picture[line:, :, 3] = 1
    glints, shades = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    for index in range(260):
        depth = float(scene.rng.random()) ** 1.6
        y = line + (height - line) * (0.01 + 0.8 * depth)
        x, length = scene.rng.uniform(0, width), 70 * scene.unit * (0.25 + 1.6 * depth) * scene.rng.uniform(0.4, 1.3)
        axes = (max(round(length * 8), 16), max(round(2.6 * scene.unit * (0.3 + depth) * 16), 10))
        target = glints if index % 2 else shades
        cv2.ellipse(target, (round(x * 16), round(y * 16)), axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    lay(scene.picture, shades.astype(np.float32) / np.float32(255), colour(scene.palette.near), 0.16)
    add_light(scene.picture, glints.astype(np.float32) / np.float32(255), colour(scene.palette.light), 0.3)
    scene.begin("ground", 0.5, 1)
    _shade_down(scene, ridge(scene, 0.86, 0.05, 0.35), 0.85)
    return 0.86


def _forest(scene: Scene) -> float:
    scene.horizon = 0.7
    _sky(scene)
    for share, foot, tall, count in ((0.08, 0.74, 0.42, 26), (0.36, 0.8, 0.56, 18), (0.66, 0.88, 0.74, 11)):
        scene.begin("far" if share < 0.1 else "middle", 0.1 + share * 0.5)
        mask = ridge(scene, foot - 0.1 * tall, 0.03, 0.7)
        for x in (np.arange(count) + scene.rng.uniform(0, 1, count)) / count:
            tree = _pine(
                scene,
                float(x) * scene.width,
                foot * scene.height,
                tall * scene.height * float(scene.rng.uniform(0.7, 1.1)),
            )
            np.maximum(mask, tree, out=mask)
        _shade_down(scene, mask, share)
        mist = np.zeros((scene.height, scene.width), np.float32)
        mist[:] = np.clip(1 - np.abs(np.linspace(0, 1, scene.height) - foot) / 0.16, 0, 1)[:, None].astype(np.float32)
        lay(scene.picture, mist, colour(scene.palette.sky[-1]), 0.28 * (1 - share))
    scene.begin("ground", 0.5, 1)
    _shade_down(scene, ridge(scene, 0.87, 0.04, 0.5), 0.95)
    return 0.87


def _pine(scene: Scene, x: float, foot: float, tall: float) -> Mask:
    half = tall * 0.17
    right: list[tuple[float, float]] = [(x, foot - tall)]
    for step in range(1, 7):
        reach, y = half * (step / 6) ** 0.9, foot - tall * (1 - step / 6.6)
        right += [(x + reach, y), (x + reach * 0.55, y - tall * 0.015)]
    right += [(x + half * 0.12, foot - tall * 0.08), (x + half * 0.12, foot)]
    left = [(2 * x - px, py) for px, py in reversed(right)]
    return polygon(scene.height, scene.width, np.array(right + left, dtype=np.float32))


def _street(scene: Scene) -> float:
    scene.horizon = 0.62
    _sky(scene)
    height, width = scene.height, scene.width
    for share, foot, tall, count in ((0.05, 0.66, 0.34, 12), (0.4, 0.7, 0.46, 7)):
        scene.begin("far" if share < 0.1 else "middle", 0.08 + share * 0.6)
        _houses(scene, share, foot, tall, count)
    scene.begin("ground", 0.33, 1)
    ground = np.array([[0, 0.7 * height], [width, 0.7 * height], [width, height], [0, height]], np.float32)
    _shade_down(scene, polygon(height, width, ground), 0.7)
    middle = width * float(scene.rng.uniform(0.42, 0.58))
    road = np.array(
        [[middle - 0.05 * width, 0.7 * height], [middle + 0.05 * width, 0.7 * height],
         [middle + 0.75 * width, height], [middle - 0.75 * width, height]], np.float32,
    )  # fmt: skip
    lay(scene.picture, polygon(height, width, road), scene.tone(0.35), 0.65)
    scene.begin("near", 0.6)
    for side in (-1, 1):
        _lamp_post(scene, middle + side * 0.36 * width, 0.86 * height, 0.62 * height)
    return 0.78


def _houses(scene: Scene, share: float, foot: float, tall: float, count: int) -> None:
    rng, width, height = scene.rng, scene.width, scene.height
    mask, lit, dark = (np.zeros((height, width), np.float32) for _ in range(3))
    edges = (
        np.sort(np.concatenate([[0.0, 1.0], (np.arange(1, count) + rng.uniform(-0.3, 0.3, count - 1)) / count])) * width
    )
    for left, right in pairwise(edges):
        # Lower towards the middle, where the street opens.
        middle = abs((left + right) / 2 / width - 0.5) * 2
        top = (foot - tall * (0.35 + 0.65 * middle) * rng.uniform(0.8, 1.1)) * height
        peak = 0.25 * (right - left) * float(rng.random() < 0.6)
        house = [
            [left, foot * height + 4],
            [left, top],
            [(left + right) / 2, top - peak],
            [right, top],
            [right, foot * height + 4],
        ]
        np.maximum(mask, polygon(height, width, np.array(house, np.float32)), out=mask)
        size = 0.018 * height * (0.8 + share)
        for y in np.arange(top + size, foot * height - size * 1.6, size * 2.2):
            for x in np.arange(left + size, right - size * 1.2, size * 1.9):
                pane = slice(int(y), int(y + size)), slice(int(x), int(x + size * 0.7))
                (lit if rng.random() < scene.palette.lamp * 0.55 else dark)[pane] = 1
    _shade_down(scene, mask, share)
    lay(scene.picture, dark * mask, scene.tone(min(share + 0.45, 1.0)), 0.35)
    lay(scene.picture, lit * mask, colour(LAMP), 0.9)


def _lamp_post(scene: Scene, x: float, foot: float, tall: float) -> None:
    height, width, thick = scene.height, scene.width, 5 * scene.unit
    top = foot - tall
    post = np.array([[x - thick, foot], [x - thick * 0.6, top], [x + thick * 0.6, top], [x + thick, foot]], np.float32)
    lay(scene.picture, polygon(height, width, post), scene.tone(1.0))
    head = np.array(
        [
            [x - thick * 3, top],
            [x - thick * 2, top - thick * 7],
            [x + thick * 2, top - thick * 7],
            [x + thick * 3, top],
        ],
        np.float32,
    )
    lit = scene.palette.lamp > 0.5
    lay(scene.picture, polygon(height, width, head), colour(LAMP) if lit else scene.tone(0.8))
    if lit:
        add_light(scene.picture, glow(height, width, x, top - thick * 3, 260 * scene.unit), colour(LAMP), 0.55)
        add_light(scene.picture, glow(height, width, x, foot, 240 * scene.unit, 0.25), colour(LAMP), 0.3)


# Each draws its place and returns the row where its ground begins, in parts of the height.
_DRAWN: Mapping[str, Callable[[Scene], float]] = {
    "hills": _hills,
    "sea": _sea,
    "forest": _forest,
    "street": _street,
    "room": draw_room,
}
