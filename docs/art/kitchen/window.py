"""The window: the stormy night behind it, its frame, the rain on its panes and the curtains."""

import numpy as np

from art.canvas import Canvas, Outline, box, brush, line, oval, shape

_SEEN = (210, 20, 1210, 560)
_PANE = box(540, 138, 880, 420)


def draw_night(canvas: Canvas) -> None:
    """Draw what is seen through the window, wider than it: the sea in the storm and the light on its rock."""
    canvas.fill(box(_SEEN[0], _SEEN[1], _SEEN[2], 430), ("#0c1430", "#101b3c", "#1d3058", "#35507a"))
    rng = np.random.default_rng(4)
    sea = canvas.fill(
        shape(
            "!200 344, 330 336, 460 342, 530 338, 600 330, 690 334, 780 326, 900 332, 1010 340, 1110 334, !1220 342, "
            "!1220 560, !200 560"
        ),
        ("#223a5e", "#12223f", "#0d1830"),
        within=canvas.mask(box(*_SEEN)),
    )
    for _ in range(120):
        x, y, length = rng.uniform(_SEEN[0], _SEEN[2]), rng.uniform(342, 540), rng.uniform(20, 60)
        canvas.fill(oval(float(x), float(y), float(length), 2.4), "#6d8fb3", 0.5, within=sea)
    canvas.fill(shape("!742 346, 768 322, 800 318, 830 330, !860 346"), "#0e1833")
    canvas.fill([(786, 322), (790, 262), (800, 262), (804, 322)], "#16224a")
    seen = canvas.alpha()
    for outline in (
        [(795, 258), (500, 176), (205, 94), (205, 214), (500, 236), (795, 264)],
        [(795, 258), (900, 250), (1215, 226), (1215, 368), (900, 290), (795, 264)],
    ):
        canvas.light(canvas.mask(outline, blur=3, within=seen), "#bcd3ef", 0.42)
    canvas.glow((795, 261), (46, 46), "#fff0bd", 1.0)


def draw_window(canvas: Canvas) -> None:
    """Draw the frame, cut out where the panes are, with rain on them; curtains, and two things on the sill."""
    canvas.fill(box(520, 118, 900, 440), ("#8a6444", "#5d3f34"))
    canvas.erase(_PANE)
    glass = canvas.mask(_PANE)
    rng = np.random.default_rng(4)
    drops: list[Outline] = []
    for _ in range(120):
        x, y, length = rng.uniform(540, 900), rng.uniform(120, 420), rng.uniform(14, 44)
        drops.append([(x, y), (x + 1.6, y), (x - length * 0.28 + 1.6, y + length), (x - length * 0.28, y + length)])
    canvas.fill(canvas.mask(*drops, within=glass), "#c3d6ee", 0.34)
    beads = [
        oval(float(rng.uniform(544, 876)), float(rng.uniform(142, 416)), float(s), float(s * 1.3))
        for s in rng.uniform(2, 5.5, 70)
    ]
    canvas.fill(canvas.mask(*beads, within=glass), "#dbe8f6", 0.4)
    for x in (650, 763):
        canvas.fill(box(x, 138, x + 9, 420), ("#9a7350", "#6a4838"))
    for y in (228, 322):
        canvas.fill(box(540, y, 880, y + 8), "#7b5740")
    canvas.fill(box(500, 428, 920, 450), ("#c08a58", "#75513b"))
    _curtains(canvas)
    # A geranium and a brass shell on the sill.
    canvas.fill(shape("!570 400, !612 400, !606 430, !576 430"), ("#c0613f", "#8a3f34"))
    for x, y, size in ((576, 384, 30), (604, 380, 32), (590, 366, 34), (566, 394, 22), (616, 394, 24)):
        canvas.fill(oval(x, y, size, size * 0.8), "#3f6b4d")
    for x, y in ((580, 360), (600, 354), (592, 372), (572, 376)):
        canvas.fill(oval(x, y, 16, 14), "#e2605a")
    canvas.fill(shape("!838 430, 834 410, 842 398, 856 398, 864 410, !860 430"), ("#d6a24c", "#7d5530"))


def _curtains(canvas: Canvas) -> None:
    canvas.fill(box(470, 98, 950, 106), "#2d1f22")
    for x in (470, 950):
        canvas.fill(oval(x, 102, 20, 20), "#d6a24c")
    for outline, folds in (
        (
            "!478 104, !592 104, 584 190, 560 270, 532 320, !520 350, 524 400, !530 448, !470 448, 476 300",
            ("500 110, 506 240, 492 440", "536 110, 534 220, 506 340", "566 110, 562 190, 530 290"),
        ),
        (
            "!942 104, !828 104, 836 190, 860 270, 888 320, !900 350, 896 400, !890 448, !950 448, 944 300",
            ("920 110, 914 240, 928 440", "884 110, 886 220, 914 340", "854 110, 858 190, 890 290"),
        ),
    ):
        cloth = canvas.fill(shape(outline), ("#8f3b3a", "#b4523f", "#7c2f37"))
        for fold in folds:
            canvas.fill(brush(line(fold), 15, start=0.6), "#6a2631", 0.75, within=cloth)
        canvas.rim(cloth, "#f2a15e", (3, 1), 0.35, blur=1)
    for text in ("512 346, 526 340, 540 326", "908 346, 894 340, 880 326"):
        canvas.fill(brush(line(text), 9, start=1, end=1), "#e0b15c")
