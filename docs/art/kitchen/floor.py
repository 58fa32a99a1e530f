"""The floor with the rug, and the shadows of what stands on it."""

import numpy as np

from art.canvas import Canvas, box, brush, line, oval
from art.kitchen.palette import FLOOR, SHADE, VANISHING
from art.scenery import BOTTOM, LEFT, RIGHT

_SHADOWS = (  # x, y, width, height, opacity: of the stove, the chair, the table, the cat, the clock
    (356, 668, 330, 40, 0.55),
    (1078, 776, 190, 22, 0.4),
    (1330, 812, 560, 60, 0.5),
    (590, 796, 190, 26, 0.4),
    (1764, 656, 210, 24, 0.5),
)


def draw_floor(canvas: Canvas) -> None:
    """Draw boards that run to one vanishing point, and the rug."""
    floor = canvas.fill(box(LEFT, FLOOR, RIGHT, BOTTOM), ("#7a4f38", "#5e3a30", "#3d2529", "#2c1b20"))
    for far in range(-2090, 3800, 118):
        near = VANISHING[0] + (far - VANISHING[0]) * (BOTTOM - VANISHING[1]) / (FLOOR - VANISHING[1])
        gap = [(far, FLOOR), (far + 2, FLOOR), (near + 5, BOTTOM), (near, BOTTOM)]
        canvas.fill(gap, "#2e1c22", 0.7, within=floor)
    rng = np.random.default_rng(12)
    for _ in range(70):
        y = float(FLOOR + 8 + 320 * rng.random() ** 1.3)
        left, length = float(rng.uniform(LEFT, RIGHT)), float(rng.uniform(60, 220))
        canvas.fill(brush(line(f"{left} {y}, {left + length / 2} {y + 1}, {left + length} {y}"), 3), "#a56b45", 0.22)
    canvas.fill(box(LEFT, FLOOR, RIGHT, FLOOR + 16), ("#241820", "#4a2f2c"), 0.45)
    _rug(canvas)
    for x, y, width, height, opacity in _SHADOWS:
        canvas.fill(oval(x, y, width, height), SHADE, opacity, within=floor)


def _rug(canvas: Canvas) -> None:
    for width, height, colour in (
        (700, 150, "#6f2f38"),
        (640, 132, "#c98c58"),
        (600, 122, "#8d3d40"),
        (470, 92, "#3f5f68"),
        (420, 80, "#c98c58"),
        (380, 71, "#9a4a44"),
    ):
        canvas.fill(oval(690, 786, width, height), colour)
    for step in range(-9, 10):
        x, y = 690 + 268 * np.sin(step / 9.5 * np.pi), 786 + 53 * np.cos(step / 9.5 * np.pi)
        canvas.fill(oval(float(x), float(y), 22, 9), "#e6c48c", 0.9)
