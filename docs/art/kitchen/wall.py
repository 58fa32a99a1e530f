"""The kitchen's back wall: beams, panelling, a door, shelves, what hangs on hooks, and a clock."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from art.canvas import Canvas, Outline, box, brush, line, mix, oval, shape
from art.kitchen.palette import FLOOR
from art.scenery import LEFT, RIGHT, TOP

_WALL = ("#1d2b32", "#26393f", "#3f5653", "#5d6a58")


def draw_wall(canvas: Canvas) -> None:
    """Draw the wall with all that is on it, save the window; it goes on a little behind the floor."""
    canvas.fill(box(LEFT, TOP, RIGHT, FLOOR), _WALL)
    canvas.fill(box(LEFT, TOP, RIGHT, 46), ("#1c141b", "#2b1f25", "#3d2a29"))
    for x in range(-260, RIGHT, 410):  # beams of the ceiling
        canvas.fill([(x, TOP), (x + 70, TOP), (x + 62, 74), (x + 8, 74)], ("#291b22", "#35242a", "#5a3b30"))
        canvas.fill([(x + 48, TOP), (x + 70, TOP), (x + 62, 74), (x + 46, 74)], "#251921", 0.7)
    # Panelling below, plaster above.
    canvas.fill(box(LEFT, 452, RIGHT, FLOOR), ("#4f5a4c", "#3a4540"))
    for x in range(-308, RIGHT, 44):
        canvas.fill(box(x, 462, x + 3, FLOOR), "#2a3433", 0.75)
        canvas.fill(box(x + 3, 462, x + 5, FLOOR), "#7f8866", 0.25)
    canvas.fill(box(LEFT, 446, RIGHT, 462), ("#8b8a66", "#515a4b"))
    canvas.fill(box(LEFT, 632, RIGHT, FLOOR), ("#6a6f57", "#3c4540"))
    canvas.fill(box(LEFT, FLOOR, RIGHT, FLOOR + 60), "#4a2f2c")
    _door(canvas)
    _shelf(canvas)
    _hooks(canvas)
    _clock(canvas)


def _door(canvas: Canvas) -> None:
    canvas.fill([(-292, 130), (-70, 130), (-70, FLOOR), (-292, FLOOR)], ("#7a563c", "#51382f"))
    door = canvas.fill(box(-274, 148, -88, FLOOR), ("#4a2f2d", "#5d3a30", "#472c2a"))
    for x in (-237, -200, -163, -126):
        canvas.fill(box(x, 148, x + 3, FLOOR), "#2c1d20", 0.8, within=door)
        canvas.fill(box(x + 3, 148, x + 5, FLOOR), "#8d6448", 0.3, within=door)
    for y in (210, 560):
        canvas.fill(shape(f"!-274 {y}, -180 {y + 3}, !-150 {y + 10}, -180 {y + 17}, !-274 {y + 20}"), "#231d28")
        for x in (-262, -226, -190):
            canvas.fill(oval(x, y + 10, 7, 7), "#6b6472")
    # A porthole, and the night behind it.
    canvas.fill(oval(-181, 300, 104, 104), ("#d6a24c", "#7d5530"))
    glass = canvas.fill(oval(-181, 300, 82, 82), ("#101b3c", "#274066"))
    canvas.fill(brush(line("-206 326, -204 294, -186 272"), 7), "#9db8da", 0.4, within=glass)
    for x, y in ((-181, 254), (-181, 346), (-227, 300), (-135, 300)):
        canvas.fill(oval(x, y, 7, 7), "#6e4a2c")
    canvas.fill(oval(-112, 420, 20, 20), ("#e0b15c", "#8c6334"))
    canvas.fill(box(-114, 438, -109, 452), "#231d28")


def _clock(canvas: Canvas) -> None:
    canvas.fill([(1702, 300), (1818, 300), (1812, 560), (1708, 560)], ("#6d4632", "#4f3229"))
    canvas.fill(
        shape("!1686 176, 1700 140, 1760 118, 1820 140, !1834 176, !1834 306, !1686 306"), ("#8a5a3c", "#5f3d30")
    )
    canvas.fill(shape("!1694 548, !1826 548, 1834 566, !1836 654, !1684 654, 1686 566"), ("#7a4f38", "#472c28"))
    face = canvas.fill(oval(1760, 230, 104, 104), ("#f2e6c8", "#cbb48c"))
    for hour in range(12):
        turn = np.radians(hour * 30)
        canvas.fill(oval(1760 + 42 * float(np.sin(turn)), 230 - 42 * float(np.cos(turn)), 6, 6), "#4b3430", within=face)
    canvas.fill(brush(line("1760 230, 1748 210, 1738 196"), 6, start=1, end=0.4), "#2d2028")
    canvas.fill(brush(line("1760 230, 1764 208, 1768 190"), 4, start=1, end=0.4), "#2d2028")
    canvas.fill(oval(1760, 230, 9, 9), "#c79a4b")
    canvas.fill(box(1724, 330, 1796, 524), "#261b22")
    canvas.fill(box(1758, 330, 1762, 466), "#8c6a3c")
    canvas.fill(oval(1760, 474, 40, 40), ("#f0c670", "#8c6334"))
    for y in (330, 520):
        canvas.fill(box(1720, y - 4, 1800, y + 4), "#9a6a44")


def _shelf(canvas: Canvas) -> None:
    for y in (214, 336):
        canvas.fill(box(978, y, 1262, y + 14), ("#a06a44", "#5f3d30"))
        canvas.fill(box(984, y + 14, 1256, y + 26), "#1d2a2d", 0.45)
    for x, y, width, height, colour, dark in (
        (996, 214, 44, 64, "#c9c0a0", "#8f8a76"),
        (1048, 214, 36, 48, "#b4593f", "#7c3a34"),
        (1092, 214, 50, 78, "#6f95a0", "#456875"),
        (1000, 336, 30, 44, "#6f95a0", "#456875"),
        (1036, 336, 30, 44, "#d8cbb0", "#9a8f80"),
        (1072, 336, 30, 44, "#b4593f", "#7c3a34"),
    ):
        _jar(canvas, x, y, width, height, colour, dark)
    for index, x in enumerate((1178, 1202, 1226)):
        plate = canvas.fill(oval(x, 186, 56, 56), ("#eee2c8", "#b9ab9a"))
        canvas.fill(oval(x, 186, 38, 38), ("#5f87a0", "#3f6580")[index % 2], 0.55, within=plate)
        canvas.fill(oval(x, 186, 30, 30), "#e6d9c0", within=plate)
    # Books, one of them fallen against the others.
    for x, height, colour in (
        (1126, 62, "#8e4350"),
        (1144, 54, "#3f6580"),
        (1161, 66, "#8a7a4e"),
        (1179, 58, "#54604a"),
    ):
        canvas.fill(box(x, 336 - height, x + 15, 336), (colour, mix(colour, "#2d2630", 0.6)))
        canvas.fill(box(x + 3, 336 - height + 9, x + 12, 336 - height + 13), "#e0b15c", 0.8)
    canvas.fill([(1200, 336), (1228, 278), (1241, 284), (1214, 336)], ("#a2593f", "#5a3430"))


def _jar(canvas: Canvas, x: float, y: float, width: float, height: float, colour: str, dark: str) -> None:
    jar = canvas.fill(
        shape(
            f"!{x} {y}, {x - 2} {y - height * 0.5}, {x + 3} {y - height + 6}, {x + width / 2} {y - height}, "
            f"{x + width - 3} {y - height + 6}, {x + width + 2} {y - height * 0.5}, !{x + width} {y}"
        ),
        colour,
    )
    canvas.fill(box(x + width * 0.62, y - height - 4, x + width + 6, y + 2), dark, 0.8, within=jar)
    canvas.fill(brush(line(f"{x + 7} {y - height * 0.75}, {x + 6} {y - height * 0.3}"), 4), "#ffffff", 0.35)
    canvas.fill(box(x + 2, y - height - 5, x + width - 2, y - height + 7), "#4d3a33")


def _hooks(canvas: Canvas) -> None:
    canvas.fill(box(44, 210, 250, 228), ("#8a5a3c", "#51322c"))
    for x in (80, 146, 212):
        canvas.fill(brush(line(f"{x} 222, {x} 240, {x + 8} 246, {x + 10} 238"), 5, start=1, end=1), "#c79a4b")
    coat = canvas.fill(
        shape("!80 236, 60 262, 46 340, 40 430, !34 520, 70 532, !124 520, 118 430, 108 330, 100 262"),
        ("#d99b35", "#a86a28"),
    )
    canvas.fill(shape("80 240, 96 300, 92 420, 100 530, 130 530, 120 400, 106 280"), "#6e431f", 0.65, within=coat)
    for text in ("66 280, 60 380, 56 520", "84 300, 80 420, 80 524"):
        canvas.fill(brush(line(text), 5), "#7d4c20", 0.7, within=coat)
    canvas.rim(coat, "#ffd98a", (3, -1), 0.45, blur=1)
    rope = [oval(146, 300, 74, 104), oval(146, 304, 54, 84)]
    canvas.fill(_ring(canvas, rope), ("#d2ad78", "#8a6643"))
    canvas.fill(brush(line("146 240, 144 252, 148 262"), 8, start=1, end=1), "#c79e6a")
    lantern = canvas.fill(shape("!196 268, !232 268, !236 322, !192 322"), ("#7d6a52", "#463a36"))
    canvas.fill(box(200, 278, 228, 312), "#2b3640", within=lantern)
    canvas.fill(brush(line("196 270, 206 248, 222 246, 232 270"), 4, start=1, end=1), "#7d6a52")


def _ring(canvas: Canvas, ovals: Sequence[Outline]) -> Image.Image:
    outer, inner = (canvas.mask(outline) for outline in ovals)
    return Image.composite(Image.new("L", outer.size, 0), outer, inner)
