"""Gull Rock: the lighthouse, whose lamp has just been lit, and the keeper's cottage."""

import numpy as np
from PIL import Image

from art.canvas import OVERSAMPLING, Canvas, Outline, box, brush, line, oval, shape
from art.lighthouse.palette import LAMP, WARM
from art.scenery import LEFT

_ROCK_DARK, _ROCK_LIGHT = "#272446", "#7d5578"


def draw_rock(canvas: Canvas) -> None:
    """Draw the lamp's beam, and before it the rock with the keeper's cottage and the tower."""
    _beam(canvas)
    _rock(canvas)
    _cottage(canvas)
    canvas.halo(LAMP, (240, 220), "#ffe3a8", 0.62, falloff=2.4)
    _tower(canvas)
    canvas.glow(LAMP, (150, 140), "#ffdf96", 0.6, falloff=2.4)
    canvas.halo(LAMP, (70, 66), "#fffbea", 0.97, falloff=1.5)


def _beam(canvas: Canvas) -> None:
    x, y = LAMP
    for spread, strength in ((70, 0.24), (40, 0.28), (16, 0.3)):
        west = [(x, y - 5), (-60, y - 130 - spread), (-60, y - 130 + spread), (x, y + 5)]
        east = [(x, y - 4), (2174, y + 80 - spread * 0.9), (2174, y + 80 + spread * 0.9), (x, y + 4)]
        for outline in (west, east):
            _ray(canvas, outline, strength)


def _ray(canvas: Canvas, outline: Outline, strength: float) -> None:
    mask = np.asarray(canvas.mask(outline, blur=3), dtype=np.float32)
    away = np.abs(np.arange(mask.shape[1], dtype=np.float32) / OVERSAMPLING + (LEFT - LAMP[0])) / 1200
    faded = mask * np.clip(1 - away, 0, 1) ** 1.4
    canvas.fill(Image.fromarray(faded.astype(np.uint8)), "#ffe9c4", strength)


def _rock(canvas: Canvas) -> None:
    back = canvas.fill(
        shape(
            "!866 716, !880 656, 906 628, !930 604, 960 598, !984 586, 994 560, !1006 544, 1040 528, !1056 512, "
            "1070 492, !1086 480, 1120 474, 1200 470, 1262 474, !1330 480, 1366 500, !1384 534, 1420 546, !1452 574, "
            "1500 580, !1540 590, 1580 604, !1622 610, 1664 632, !1700 650, 1744 664, "
            "!1776 690, 1800 700, !1836 720, !866 720"
        ),
        ("#5b4474", "#33305a", "#232545"),
    )
    canvas.rim(back, "#ffb08a", (-5, -3), 0.55, blur=1.5)
    # Planes that still see the sunset, and planes that do not.
    for points, colour, opacity in (
        (((1006, 544), (1056, 512), (1040, 572), (1010, 626), (984, 640), (984, 586)), _ROCK_LIGHT, 0.5),
        (((930, 604), (984, 586), (972, 640), (936, 690), (900, 700), (906, 628)), _ROCK_LIGHT, 0.42),
        (((1086, 480), (1120, 474), (1128, 530), (1104, 600), (1066, 650), (1056, 512)), _ROCK_LIGHT, 0.36),
        (((880, 656), (906, 628), (900, 700), (880, 716), (866, 716)), _ROCK_LIGHT, 0.3),
        (((1128, 530), (1180, 560), (1168, 640), (1120, 690), (1066, 650), (1104, 600)), _ROCK_DARK, 0.35),
        (((1200, 486), (1262, 496), (1256, 580), (1216, 660), (1168, 640), (1180, 560)), _ROCK_DARK, 0.55),
        (((1330, 500), (1384, 534), (1400, 610), (1352, 690), (1290, 680), (1300, 590)), _ROCK_DARK, 0.6),
        (((1452, 574), (1540, 590), (1560, 650), (1500, 700), (1440, 690), (1430, 630)), _ROCK_DARK, 0.6),
        (((1540, 590), (1622, 610), (1640, 660), (1600, 716), (1500, 716), (1560, 650)), _ROCK_DARK, 0.3),
        (((1664, 632), (1744, 664), (1760, 716), (1650, 716), (1640, 660)), _ROCK_DARK, 0.6),
        (((1010, 626), (1066, 650), (1040, 712), (960, 716), (936, 690), (984, 640)), _ROCK_DARK, 0.3),
    ):
        canvas.fill(points, colour, opacity, within=back)
    grass = canvas.fill(
        shape("!1074 492, 1090 476, 1130 468, 1200 464, 1270 468, !1340 480, 1300 496, 1240 488, 1180 486, 1120 492"),
        "#55596f",
    )
    canvas.rim(grass, "#ffc48a", (-3, -3), 0.6, blur=1)
    for y, width in ((716, 960), (724, 780), (708, 640)):
        foam = line(f"{1360 - width / 2} {y}, 1360 {y + 3}, {1360 + width / 2} {y - 2}")
        canvas.fill(brush(foam, 6), "#e9c9c4", 0.4)
    # The rock lies dark on the water.
    canvas.fill(shape("!876 716, 1000 742, 1200 760, 1400 758, 1640 748, !1830 720, !1830 714"), "#1b2347", 0.6, blur=5)


def _cottage(canvas: Canvas) -> None:
    wall = canvas.fill([(1226, 432), (1340, 432), (1340, 510), (1226, 496)], ("#b9899a", "#7c5f88"))
    canvas.fill([(1296, 432), (1340, 432), (1340, 510), (1296, 506)], "#4e4373", 0.75, within=wall)
    roof = canvas.fill([(1214, 436), (1238, 396), (1326, 396), (1352, 438)], ("#5b3b62", "#3d2f57"))
    canvas.rim(roof, "#ffb08a", (-3, -3), 0.6)
    canvas.fill(box(1306, 376, 1322, 404), "#3d2f57")
    for x in (1244, 1272):
        canvas.fill(box(x, 448, x + 18, 474), "#ffd27a")
        canvas.fill(box(x + 8, 448, x + 10, 474), "#8a5a5a")
        canvas.fill(box(x, 460, x + 18, 462), "#8a5a5a")
    canvas.fill(box(1308, 454, 1328, 506), "#2d2748")
    canvas.glow((1262, 462), (90, 60), WARM, 0.55)


def draw_chimney_smoke(canvas: Canvas) -> None:
    """Draw what rises from the cottage."""
    canvas.fill(brush(line("1314 372, 1308 350, 1322 332, 1314 308, 1330 288"), 10, start=0.3), "#d7b4c4", 0.28)


def _tower(canvas: Canvas) -> None:
    body = [(1094, 492), (1116, 222), (1176, 222), (1200, 492)]
    mask = canvas.fill(body, ("#fff0dc", "#f3cfc0", "#d8a6ae"))
    for top, bottom in ((262, 318), (376, 436)):
        left, right = (
            (1116 - 22 * (y - 222) / 270 for y in (top, bottom)),
            (1176 + 24 * (y - 222) / 270 for y in (top, bottom)),
        )
        (a, b), (c, d) = left, right
        canvas.fill(
            shape(f"!{a} {top}, 1146 {top + 7}, !{c} {top}, !{d} {bottom}, 1146 {bottom + 8}, !{b} {bottom}"),
            ("#d9564f", "#b8414f"),
            within=mask,
        )
    canvas.fill([(1158, 215), (1182, 215), (1210, 500), (1166, 500)], "#5a3f70", 0.5, within=mask)
    canvas.fill([(1170, 215), (1190, 215), (1214, 500), (1186, 500)], "#392f5e", 0.5, within=mask)
    canvas.rim(mask, "#ffe7b8", (-5, 0), 0.75, blur=1)
    for x, y in ((1130, 344), (1136, 242), (1126, 456)):
        canvas.fill(
            shape(f"!{x} {y + 18}, {x} {y + 4}, {x + 6} {y - 2}, {x + 12} {y + 4}, !{x + 12} {y + 18}"),
            "#ffd98f",
        )
        canvas.glow((x + 6, y + 8), (26, 26), WARM, 0.5)
    # Gallery, lamp room and dome.
    gallery = canvas.fill([(1100, 214), (1192, 214), (1180, 230), (1112, 230)], "#463a66")
    canvas.rim(gallery, "#ffcf9a", (-4, -3), 0.6)
    for x in range(1104, 1192, 10):
        canvas.fill(box(x, 196, x + 2, 215), "#463a66")
    canvas.fill(box(1100, 194, 1192, 197), "#5a4a7a")
    canvas.fill(box(1122, 140, 1170, 214), ("#fff6c9", "#ffe08a", "#ffc05e"))
    for x in (1122, 1137, 1153, 1168):
        canvas.fill(box(x, 138, x + 3, 214), "#4d3d62", 0.8)
    canvas.fill(oval(*LAMP, 30, 36), "#fffef0")
    dome = canvas.fill(shape("!1114 142, 1122 118, 1146 104, 1170 118, !1178 142"), ("#c94d4f", "#7e3356"))
    canvas.rim(dome, "#ffb99a", (-4, -2), 0.7)
    canvas.fill(box(1144, 80, 1148, 108), "#4d3d62")
    canvas.fill(oval(1146, 100, 10, 10), "#7e3356")
