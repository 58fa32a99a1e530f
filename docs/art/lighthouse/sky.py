"""The evening sky over the bay, its clouds and gulls, and the hills on the other shore."""

import numpy as np
from PIL import Image

from art.canvas import Canvas, Outline, box, brush, line, oval, shape
from art.lighthouse.palette import HORIZON, SUN
from art.scenery import BOTTOM, LEFT, RIGHT, TOP

_SKY = ("#161b43", "#1d2350", "#333373", "#5f4a8c", "#a3638f", "#e08a7e", "#f8ba7c", "#ffe2a0")


def draw_sky(canvas: Canvas) -> None:
    """Draw sky, stars, moon and the last of the sun; below the horizon its light goes on, for cameras that rise."""
    canvas.fill(box(LEFT, HORIZON, RIGHT, BOTTOM), "#ffe2a0")
    canvas.fill(box(LEFT, TOP, RIGHT, HORIZON + 4), _SKY)
    rng = np.random.default_rng(7)
    for x, y, size, light in zip(
        rng.uniform(LEFT, RIGHT, 150),
        TOP + rng.uniform(0, 1, 150) ** 1.4 * 350,
        rng.uniform(1, 2.6, 150),
        rng.uniform(0.25, 0.95, 150),
        strict=True,
    ):
        canvas.fill(oval(float(x), float(y), float(size), float(size)), "#f6ecff", float(light * (1 - y / 330)))
    moon = canvas.mask(oval(250, 118, 62, 62))
    bite = canvas.mask(oval(268, 108, 58, 58))
    canvas.glow((250, 118), (170, 170), "#b9a6e8", 0.35)
    canvas.fill(_minus(moon, bite), "#fff3d8")
    canvas.glow((SUN, HORIZON + 6), (620, 250), "#ffcf7a", 0.85, falloff=1.7)
    canvas.glow((SUN, HORIZON), (190, 130), "#fff0bd", 0.8)


def _minus(one: Image.Image, other: Image.Image) -> Image.Image:
    return Image.composite(Image.new("L", one.size, 0), one, other)


def draw_clouds(canvas: Canvas) -> None:
    """Draw long thin clouds lit from below, and five gulls."""
    rng = np.random.default_rng(21)
    for x, y, length, height, colour, lit, opacity in (
        (1230, 96, 640, 26, "#4a4080", "#8a5f98", 0.55),
        (120, 232, 560, 30, "#5c4788", "#b86f92", 0.6),
        (820, 212, 420, 18, "#69508f", "#c77c93", 0.5),
        (1480, 300, 560, 34, "#7b5590", "#e08e8a", 0.65),
        (330, 350, 620, 30, "#9a648f", "#f6aa85", 0.7),
        (900, 398, 520, 20, "#b6748c", "#ffc08a", 0.6),
        (80, 438, 420, 18, "#c98083", "#ffd29a", 0.7),
        (700, 462, 360, 12, "#d88f80", "#ffe0a8", 0.75),
        (1700, 420, 460, 18, "#c07a86", "#ffc690", 0.65),
        (-190, 330, 300, 16, "#8d5c8e", "#eb9c88", 0.6),
        (1800, 190, 360, 18, "#5f4a8a", "#b56f92", 0.5),
    ):
        outline = _cloud(rng, x, y, length, height)
        mask = canvas.fill(outline, (colour, lit), opacity)
        canvas.rim(mask, "#ffe6b4", (0, 2.2), 0.45 * opacity, blur=0.8)
    _gulls(canvas)


def _cloud(rng: np.random.Generator, x: float, y: float, length: float, height: float) -> Outline:
    top, bottom = [], []
    for step in np.linspace(0, 1, 9):
        swell = np.sin(np.pi * step) ** 0.8
        top.append(f"{x + length * (step - 0.5):.1f} {y - height * swell * rng.uniform(0.55, 1.0):.1f}")
        bottom.append(f"{x + length * (step - 0.5):.1f} {y + height * 0.28 * swell * rng.uniform(0.4, 1.0):.1f}")
    return shape("!" + ", ".join([*top[:-1], "!" + top[-1], *bottom[-2:0:-1]]))


def _gulls(canvas: Canvas) -> None:
    for x, y, size, tilt in (
        (742, 268, 30, 0.0),
        (812, 236, 22, 4.0),
        (660, 316, 17, -3.0),
        (934, 300, 14, 2.0),
        (430, 262, 12, 0.0),
    ):
        left = line(f"{x - size} {y - size * 0.28 + tilt}, {x - size * 0.5} {y - size * 0.42 + tilt * 0.5}, {x} {y}")
        right = line(f"{x} {y}, {x + size * 0.55} {y - size * 0.4 - tilt * 0.5}, {x + size} {y - size * 0.2 - tilt}")
        for wing in (left, right):
            canvas.fill(brush(wing, max(2.4, size * 0.16), start=0.4, end=0.4), "#fff0e2", 0.9)


def draw_hills(canvas: Canvas) -> None:
    """Draw the other shore; its feet go on below the horizon, behind the sea."""
    far = canvas.fill(
        shape(
            "!-340 620, -340 500, -260 482, -160 500, -20 516, 60 498, 130 508, 210 486, 300 512, 380 530, !470 552, "
            "!470 620"
        ),
        ("#a8698f", "#d98f86", "#d98f86"),
    )
    canvas.rim(far, "#ffd6a0", (3, -2), 0.5, blur=1)
    middle = canvas.fill(
        shape("!-340 620, -340 520, -240 498, -120 484, -20 478, 40 470, 90 492, 150 520, 220 536, !300 556, !300 620"),
        ("#6f4f88", "#a3678c", "#a3678c"),
    )
    canvas.rim(middle, "#ffbf8e", (3, -2), 0.5, blur=1)
    for text in (
        "!690 620, !690 552, 740 534, 800 522, 860 530, 920 518, 990 532, !1060 552, !1060 620",
        "!1560 620, !1560 556, 1640 530, 1730 512, 1800 524, 1870 500, !1940 496, !1940 620",
    ):
        canvas.fill(shape(text), ("#b07390", "#e29c88", "#e29c88"), 0.85)
