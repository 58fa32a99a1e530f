"""The near shore: a meadow with a path and a fence, and the grass and flowers right before the camera."""

import numpy as np

from art.canvas import Canvas, Outline, brush, line, oval, shape
from art.scenery import LEFT, RIGHT

_FENCE, _FENCE_LIT = "#221f40", "#b98494"
_NEAR = ("#20264a", "#161b3a", "#0e1128")
_MOUNDS = (  # x, y of the mounds before the camera, from the left edge inwards and from the right
    ((-340, 806), (-220, 822), (-110, 842), (-20, 836), (80, 820), (200, 842), (330, 876), (430, 910), (520, 960)),
    ((1940, 800), (1780, 806), (1620, 812), (1500, 822), (1380, 846), (1270, 866), (1180, 910), (1090, 960)),
)


def draw_meadow(canvas: Canvas) -> None:
    """Draw the ground that people stand on, with the path down to the jetty."""
    meadow = canvas.fill(
        shape(
            "!-340 774, -250 782, -150 806, -20 800, 60 762, 170 752, 260 776, 360 800, 470 806, 600 824, 760 834, "
            "920 822, 1060 812, 1200 790, 1340 772, 1480 776, 1620 752, 1740 746, 1840 766, !1940 782, !1940 1010, "
            "!-340 1010"
        ),
        ("#3c4468", "#272f53", "#1b2244", "#141936"),
    )
    canvas.rim(meadow, "#f2a58a", (-1, -3.5), 0.5, blur=1)
    rng = np.random.default_rng(17)
    tufts: list[Outline] = []
    for x, y in zip(rng.uniform(LEFT, RIGHT, 150), rng.uniform(0, 1, 150) ** 1.4, strict=True):
        foot = 838 + 150 * float(y)
        for lean in (-7, 0, 6):
            tall = float(rng.uniform(7, 13)) * (1 + float(y))
            blade = f"{x} {foot}, {x + lean * 0.4} {foot - tall * 0.6}, {x + lean} {foot - tall}"
            tufts.append(brush(line(blade), 2.6, start=1))
    canvas.fill(canvas.mask(*tufts, within=meadow), "#4b5680", 0.5)
    path = canvas.fill(
        shape("!430 1010, 560 910, 640 868, 740 846, 850 838, 930 822, 950 830, 900 850, 860 872, 880 910, !960 1010"),
        ("#8d6c83", "#5f4f76", "#463d62"),
        within=meadow,
    )
    canvas.fill(
        shape("!430 1010, 560 910, 640 872, 760 852, 850 842, 800 860, 720 880, 690 910, !640 1010"),
        "#b98a8e",
        0.4,
        within=path,
    )


def draw_fence(canvas: Canvas) -> None:
    """Draw a fence of two rails along the edge of the cliff."""
    posts = [
        (float(x), float(np.interp(x, (1060, 1200, 1340, 1480, 1620, 1740), (818, 797, 780, 784, 762, 754))))
        for x in range(1030, 1710, 72)
    ]
    wood = []
    for above in (52, 26):
        rail = ", ".join(f"{x + 5} {y - above}" for x, y in posts)
        wood.append(canvas.fill(brush(line(rail), 6, start=1, end=1), _FENCE))
    for x, y in posts:
        wood.append(
            canvas.fill([(x, y - 64), (x + 5, y - 69), (x + 10, y - 64), (x + 11, y + 10), (x, y + 10)], _FENCE)
        )
    for mask in wood:
        canvas.rim(mask, _FENCE_LIT, (-1.6, -1.6), 0.6)


def draw_near(canvas: Canvas) -> None:
    """Draw two dark mounds with grass and flowers in the lower corners of the frame."""
    for edge in _MOUNDS:
        last = edge[-1][0] + (100 if edge[0][0] < 0 else -100)
        text = ", ".join(f"{x} {y}" for x, y in edge)
        mound = canvas.fill(shape(f"!{text}, !{last} 1010, !{edge[0][0]} 1010"), _NEAR)
        canvas.rim(mound, "#c98a90", (-1, -3), 0.4, blur=1)
    rng = np.random.default_rng(5)
    blades: list[Outline] = []
    for edge, (low, high), count in zip(_MOUNDS, ((-330, 530), (1085, 1930)), (230, 230), strict=True):
        known = sorted(edge)
        for x in rng.uniform(low, high, count):
            ground = float(np.interp(x, [place[0] for place in known], [place[1] for place in known])) + 16
            tall, lean = rng.uniform(24, 64), rng.uniform(-4, 20)
            blade = f"{x} {ground}, {x + lean * 0.3} {ground - tall * 0.6}, {x + lean} {ground - tall}"
            blades.append(brush(line(blade), 3.8, start=1))
    canvas.fill(canvas.mask(*blades), "#1a2044")
    _flowers(canvas, rng)


def _flowers(canvas: Canvas, rng: np.random.Generator) -> None:
    known = sorted(_MOUNDS[0])
    stems: list[Outline] = []
    heads: list[Outline] = []
    for x, above in zip(rng.uniform(-300, 390, 30), rng.uniform(20, 58, 30), strict=True):
        ground = float(np.interp(x, [place[0] for place in known], [place[1] for place in known]))
        stem = f"{x - above * 0.2} {ground + 12}, {x - above * 0.08} {ground - above * 0.5}, {x} {ground - above}"
        stems.append(brush(line(stem), 2.4, start=1, end=0.8))
        heads.append(oval(float(x), ground - float(above), 8, 12, 15))
    canvas.fill(canvas.mask(*stems), "#2b3060")
    canvas.fill(canvas.mask(*heads), "#d98a8f", 0.85)
