"""The sea, and what floats and stands in it: the jetty and the rowing boat."""

import numpy as np

from art.canvas import Canvas, Outline, box, brush, line, oval, shape
from art.lighthouse.palette import DARK, HORIZON, SUN
from art.scenery import BOTTOM, LEFT, RIGHT

_SEA = ("#f4bd8c", "#b9818f", "#6c6293", "#3d4a80", "#26355f", "#1a2548", "#131c3c")


def draw_sea(canvas: Canvas) -> None:
    """Draw calm water from the horizon to below the frame, with the path that the sun lays on it."""
    sea = canvas.fill(box(LEFT, HORIZON, RIGHT, BOTTOM), _SEA)
    canvas.glow((SUN, HORIZON), (520, 260), "#ffd189", 0.75, within=sea)
    rng = np.random.default_rng(3)
    glints: list[Outline] = []
    shades: list[Outline] = []
    for _ in range(640):
        depth = rng.random() ** 1.5
        y = HORIZON + 5 + depth * 420
        x = rng.normal(SUN, 50 + 260 * depth) if rng.random() < 0.45 else rng.uniform(LEFT, RIGHT)
        length, height = rng.uniform(14, 60) * (0.35 + 1.9 * depth), 1.2 + 4.2 * depth
        (glints if rng.random() < 0.5 else shades).append(oval(float(x), float(y), float(length), float(height)))
    canvas.fill(canvas.mask(*shades), "#23305f", 0.2)
    canvas.light(canvas.mask(*glints), "#ffc98f", 0.36)
    path = [
        oval(
            SUN + float(rng.normal(0, 10 + 52 * t)),
            HORIZON + 4 + 300 * t**1.3,
            float(rng.uniform(30, 120)) * (0.5 + t),
            1.8 + 4 * t,
        )
        for t in np.linspace(0, 1, 60)
    ]
    canvas.light(canvas.mask(*path), "#ffe3a6", 0.6)
    canvas.fill(box(LEFT, HORIZON, RIGHT, HORIZON + 1.5), "#fff0c8", 0.5)


def draw_jetty(canvas: Canvas) -> None:
    """Draw a jetty on four piles with a lamp, its reflections, and the boat tied to it."""
    for y, width in ((706, 30), (720, 22), (738, 28), (756, 16)):
        canvas.fill(oval(692, y, width, 3), "#ffc98a", 0.5)
    for x, top in ((700, 664), (760, 668), (820, 672), (880, 676)):
        canvas.fill([(x, top), (x + 9, top), (x + 9, top + 74), (x, top + 74)], DARK)
        reflection = line(f"{x + 4} {top + 74}, {x + 2} {top + 92}, {x + 7} {top + 112}")
        canvas.fill(brush(reflection, 9, start=1), "#1d2549", 0.55)
    deck = canvas.fill([(668, 672), (906, 684), (960, 664), (740, 656)], ("#7a5576", "#4a3c66"))
    canvas.fill([(668, 672), (906, 684), (906, 693), (668, 681)], DARK)
    canvas.rim(deck, "#ffc49a", (-1, -3), 0.7)
    canvas.fill(box(690, 622, 694, 674), DARK)
    canvas.halo((692, 618), (80, 76), "#ffc48a", 0.8)
    canvas.fill(oval(692, 618, 14, 18), "#ffe9b4")
    _boat(canvas)


def _boat(canvas: Canvas) -> None:
    canvas.fill(oval(566, 724, 150, 12), "#1d2549", 0.5)
    hull = canvas.fill(
        shape("!488 690, 530 700, 590 700, !650 684, 640 712, 612 726, 530 726, 500 714"),
        ("#8b4a58", "#4d2f4f"),
    )
    canvas.fill(shape("!488 690, 530 700, 590 700, !650 684, !646 694, 590 709, 530 709, !492 700"), "#f0c6a4")
    canvas.rim(hull, "#ffcb98", (-4, -2), 0.5)
    canvas.fill(brush(line("560 704, 600 716, 660 742"), 5, start=0.8, end=1), DARK)
    canvas.fill(oval(662, 744, 10, 22, -60), DARK)
    canvas.fill(brush(line("650 688, 672 694, 700 680"), 2.4, start=1, end=1), "#f0c6a4", 0.7)
    canvas.fill(shape("500 734, 540 742, 600 742, 640 732, 600 752, 540 754"), "#2a2a52", 0.6)
