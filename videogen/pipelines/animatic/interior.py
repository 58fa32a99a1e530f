"""A room drawn from words alone."""

import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.picture import add_light, colour, glow, gradient, lay, polygon
from videogen.pipelines.animatic.scene import LAMP, Scene, circle, ridge

Colour = NDArray[np.float32]


def draw_room(scene: Scene) -> float:
    """A wall with a window and pictures, a floor of boards with a rug, an armchair and a standing lamp.

    Returns the row where the floor begins, in parts of the height.
    """
    height, width, palette = scene.height, scene.width, scene.palette
    line = int(0.7 * height)
    scene.begin("middle", 0.45)
    scene.picture[:line, :, :3] = gradient(palette.wall, line, width)
    scene.picture[line:, :, :3] = colour(palette.floor[0])
    scene.picture[..., 3] = 1
    _panelling(scene, line)
    _window(scene)
    side = 1 if scene.rng.random() < 0.5 else -1
    reach = min(0.36 * width, 560 * scene.unit)
    _pictures(scene, width / 2 - side * reach)
    scene.begin("ground", 0.45, 1)
    scene.picture[line:, :, :3] = gradient(palette.floor, height - line, width)
    scene.picture[line:, :, 3] = 1
    _boards(scene, line)
    _rug(scene)
    scene.begin("near", 0.55)
    _armchair(scene, width / 2 + side * reach * 0.9, line + 70 * scene.unit, side)
    _lamp(scene, width / 2 + side * reach * 1.16, line + 40 * scene.unit)
    return 0.73


def _box(scene: Scene, left: float, top: float, right: float, bottom: float, paint: Colour, share: float = 1.0) -> None:
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    lay(scene.picture, polygon(scene.height, scene.width, corners), paint, share)


def _panelling(scene: Scene, line: int) -> None:
    unit, shade = scene.unit, colour(scene.palette.wall[0]) * np.float32(0.7)
    _box(scene, 0, line - 200 * unit, scene.width, line, shade, 0.35)
    _box(scene, 0, line - 206 * unit, scene.width, line - 194 * unit, colour(scene.palette.wall[-1]), 0.7)
    _box(scene, 0, line - 26 * unit, scene.width, line, shade, 0.8)


def _boards(scene: Scene, line: int) -> None:
    height, width = scene.height, scene.width
    boards = np.zeros((height, width), np.float32)
    step = 130 * scene.unit
    for x in np.arange(-1.5 * width, 2.5 * width, step):
        near = width / 2 + (x - width / 2) * 2.1
        board = np.array([[x, line], [x + 1.5, line], [near + 4 * scene.unit, height], [near, height]], np.float32)
        np.maximum(boards, polygon(height, width, board), out=boards)
    lay(scene.picture, boards, colour(scene.palette.floor[1]) * np.float32(0.6), 0.5)


def _rug(scene: Scene) -> None:
    height, width, reach = scene.height, scene.width, min(0.42 * scene.width, 620 * scene.unit)
    for grow, tone, share in ((1.0, 0.55, 0.75), (0.9, 0.1, 0.5), (0.84, 0.7, 0.75)):
        outline = circle(0, 0, reach * grow) * np.array([1, 0.19], np.float32)
        place = np.array([width / 2, 0.88 * height], np.float32)
        lay(scene.picture, polygon(height, width, outline + place), scene.tone(tone), share)


def _pictures(scene: Scene, x: float) -> None:
    unit, y = scene.unit, 0.3 * scene.height
    for aside, down, size in ((0.0, 0.0, 1.0), (170.0, 60.0, 0.62)):
        middle_x, middle_y = x + aside * unit, y + down * unit
        for grow, tone in ((1.0, 0.8), (0.84, 0.15), (0.68, 0.5)):
            half_w, half_h = 84 * unit * grow * size, 112 * unit * grow * size
            box = (middle_x - half_w, middle_y - half_h, middle_x + half_w, middle_y + half_h)
            _box(scene, *box, scene.tone(tone))


def _armchair(scene: Scene, x: float, foot: float, side: int) -> None:
    unit = scene.unit
    for points, tone in (
        ((-150, -40, -130, 0, -110, 0, -110, -40), 1.0),
        ((110, -40, 110, 0, 130, 0, 150, -40), 1.0),
        ((-130, -60, -150, -330, -110, -372, 110, -372, 150, -330, 130, -60), 0.62),
        ((-120, -40, -120, -170, 120, -170, 120, -40), 0.45),
        ((-185, -36, -190, -210, -165, -232, -130, -220, -118, -36), 0.8),
        ((118, -36, 130, -220, 165, -232, 190, -210, 185, -36), 0.8),
    ):
        outline = np.array(points, np.float32).reshape(-1, 2) * np.float32(unit)
        outline = outline * np.array([side, 1], np.float32) + np.array([x, foot], np.float32)
        lay(scene.picture, polygon(scene.height, scene.width, outline, 1.5 * unit), scene.tone(tone))


def _lamp(scene: Scene, x: float, foot: float) -> None:
    unit, height, width = scene.unit, scene.height, scene.width
    top, dark = foot - 620 * unit, scene.tone(1.0)
    _box(scene, x - 4 * unit, top + 60 * unit, x + 4 * unit, foot, dark)
    _box(scene, x - 46 * unit, foot - 8 * unit, x + 46 * unit, foot, dark)
    lit = scene.palette.lamp > 0.2
    corners = ((-48, 0), (48, 0), (92, 130), (-92, 130))
    shade = np.array([[x + a * unit, top + b * unit] for a, b in corners], np.float32)
    lay(scene.picture, polygon(height, width, shade, unit), colour("#ffdf9e") if lit else scene.tone(0.25))
    if lit:
        middle = top + 90 * unit
        add_light(scene.picture, glow(height, width, x, middle, 760 * unit), colour(LAMP), 0.6)
        add_light(scene.picture, glow(height, width, x, middle, 260 * unit), colour(LAMP), 0.5)
        add_light(scene.picture, glow(height, width, x, foot, 560 * unit, 0.28), colour(LAMP), 0.3)


def _window(scene: Scene) -> None:
    height, width, unit = scene.height, scene.width, scene.unit
    half, top, bottom = 210 * unit, 0.12 * height, 0.52 * height
    x = width / 2 + 60 * unit * float(scene.rng.uniform(-1, 1))
    edge, bar, middle = 20 * unit, 5 * unit, (top + bottom) / 2
    wood = colour(scene.palette.floor[0])
    _box(scene, x - half - edge, top - edge, x + half + edge, bottom + edge, wood)
    outside = np.zeros((height, width, 3), np.float32)
    rows = slice(int(top), int(bottom) + 1)
    outside[rows] = gradient(scene.palette.sky, rows.stop - rows.start, width)
    lay(outside, ridge(scene, 0.5, 0.08, 0.8), scene.tone(0.3))
    lay(outside, ridge(scene, 0.53, 0.05, 0.9), scene.tone(0.55))
    pane = np.array([[x - half, top], [x + half, top], [x + half, bottom], [x - half, bottom]], np.float32)
    lay(scene.picture, polygon(height, width, pane), outside)
    _box(scene, x - bar, top, x + bar, bottom, wood)
    _box(scene, x - half, middle - bar, x + half, middle + bar, wood)
    _box(scene, x - half * 1.2, bottom + edge, x + half * 1.2, bottom + 2 * edge, wood * np.float32(1.15))
    for side in (-1, 1):
        _curtain(scene, x + side * (half + 40 * unit), top - 2 * edge, 0.68 * height, side)
    if scene.time != "night":
        add_light(scene.picture, glow(height, width, x, middle, 620 * unit), colour(scene.palette.light), 0.35)


def _curtain(scene: Scene, x: float, top: float, bottom: float, side: int) -> None:
    unit = scene.unit
    points = ((-110, 0), (60, 0), (64, 1), (-52, 1), (-46, 0.62), (-84, 0.4))
    outline = np.array([[x + side * a * unit, top + (bottom - top) * b] for a, b in points], np.float32)
    cloth = polygon(scene.height, scene.width, outline, unit)
    lay(scene.picture, cloth, scene.tone(0.42))
    for fold in (-40, 0, 36):
        fall = np.array([[fold, 0], [fold + 14, 0], [fold + 8, 1], [fold, 1]], np.float32)
        places = np.array([[x + side * a * unit, top + (bottom - top) * b] for a, b in fall], np.float32)
        lay(scene.picture, polygon(scene.height, scene.width, places, 3 * unit) * cloth, scene.tone(0.8), 0.4)
