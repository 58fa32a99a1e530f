"""The Keeper's Kitchen at night: rain on the window, a fire in the stove, the cat asleep."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from scenes.demo_art.canvas import Canvas, Outline, box, brush, line, mix, oval, shape

_WALL = ("#26393f", "#3f5653", "#5d6a58")
_WOOD, _WOOD_DARK, _WOOD_LIGHT = "#8a5a3c", "#51322c", "#c98a52"
_IRON, _IRON_DARK, _IRON_LIGHT = "#343040", "#201d2b", "#5d5563"
_FIRE, _LAMP = "#ff8a3a", "#ffcf7d"
_FLOOR = 650


def draw() -> Image.Image:
    """The location's picture, 1600 x 900."""
    canvas = Canvas(1600, 900)
    _room(canvas)
    _window(canvas)
    _shelf(canvas)
    _hooks(canvas)
    _stove(canvas)
    _rug(canvas)
    _dresser_and_chair(canvas)
    _table(canvas)
    _cat(canvas)
    _pendant(canvas)
    _light(canvas)
    return canvas.finished().convert("RGB")


def _room(canvas: Canvas) -> None:
    canvas.fill(box(0, 0, 1600, _FLOOR), _WALL)
    # Beams of the ceiling.
    canvas.fill(box(0, 0, 1600, 46), ("#2b1f25", "#3d2a29"))
    for x in (150, 560, 970, 1380):
        canvas.fill([(x, 0), (x + 70, 0), (x + 62, 74), (x + 8, 74)], ("#35242a", "#5a3b30"))
        canvas.fill([(x + 48, 0), (x + 70, 0), (x + 62, 74), (x + 46, 74)], "#251921", 0.7)
    # Panelling below, plaster above.
    canvas.fill(box(0, 452, 1600, _FLOOR), ("#4f5a4c", "#3a4540"))
    for x in range(0, 1600, 44):
        canvas.fill(box(x, 462, x + 3, _FLOOR), "#2a3433", 0.75)
        canvas.fill(box(x + 3, 462, x + 5, _FLOOR), "#7f8866", 0.25)
    canvas.fill(box(0, 446, 1600, 462), ("#8b8a66", "#515a4b"))
    canvas.fill(box(0, 632, 1600, _FLOOR), ("#6a6f57", "#3c4540"))
    floor = canvas.fill(box(0, _FLOOR, 1600, 900), ("#7a4f38", "#5e3a30", "#3d2529"))
    vanishing = (820, 120)
    for far in range(-1500, 3200, 118):
        reach = (900 - vanishing[1]) / (_FLOOR - vanishing[1])
        near = vanishing[0] + (far - vanishing[0]) * reach
        canvas.fill([(far, _FLOOR), (far + 2, _FLOOR), (near + 5, 900), (near, 900)], "#2e1c22", 0.7, within=floor)
    rng = np.random.default_rng(12)
    for _ in range(40):
        y = float(_FLOOR + 8 + 240 * rng.random() ** 1.3)
        left, length = float(rng.uniform(0, 1600)), float(rng.uniform(60, 220))
        canvas.fill(brush(line(f"{left} {y}, {left + length / 2} {y + 1}, {left + length} {y}"), 3), "#a56b45", 0.22)
    canvas.fill(box(0, _FLOOR, 1600, _FLOOR + 16), ("#241820", "#4a2f2c"), 0.45)


def _window(canvas: Canvas) -> None:
    canvas.fill(box(520, 118, 900, 440), ("#8a6444", "#5d3f34"))
    glass = canvas.fill(box(540, 138, 880, 420), ("#101b3c", "#1d3058", "#35507a"))
    rng = np.random.default_rng(4)
    canvas.fill(
        shape("!530 338, 600 330, 690 334, 780 326, !900 332, !900 430, !530 430"),
        ("#223a5e", "#12223f"),
        within=glass,
    )
    for _ in range(26):
        x, y, length = rng.uniform(540, 880), rng.uniform(342, 418), rng.uniform(20, 60)
        canvas.fill(oval(float(x), float(y), float(length), 2.4), "#6d8fb3", 0.5, within=glass)
    # The light on its rock, far out, sweeping.
    canvas.fill(shape("!742 346, 768 322, 800 318, 830 330, !860 346"), "#0e1833", within=glass)
    canvas.fill([(786, 322), (790, 262), (800, 262), (804, 322)], "#2b3a61", within=glass)
    beam = canvas.mask([(795, 258), (500, 176), (500, 236), (795, 264)], blur=3, within=glass)
    canvas.light(beam, "#bcd3ef", 0.42)
    canvas.light(canvas.mask([(795, 258), (900, 250), (900, 290), (795, 264)], blur=3, within=glass), "#bcd3ef", 0.42)
    canvas.glow((795, 261), (46, 46), "#fff0bd", 1.0, within=glass)
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


def _stove(canvas: Canvas) -> None:
    canvas.fill(oval(356, 668, 330, 40), "#160f18", 0.55)
    canvas.fill([(330, 0), (376, 0), (376, 352), (330, 352)], (_IRON_DARK, _IRON), sideways=False)
    canvas.fill(box(330, 0, 340, 352), _IRON_LIGHT, 0.5)
    for y in (96, 246):
        canvas.fill(box(324, y, 382, y + 14), _IRON_LIGHT)
    body = canvas.fill(shape("!242 386, !470 386, 476 500, !466 628, !246 628, 236 500"), (_IRON, _IRON_DARK))
    canvas.fill(box(430, 380, 490, 640), "#141019", 0.5, within=body)
    canvas.rim(body, "#8d7a78", (-4, -2), 0.5, blur=1)
    canvas.fill(
        shape("!224 386, 230 368, 300 358, 410 358, 482 368, !488 386, !484 396, !228 396"),
        (_IRON_LIGHT, _IRON_DARK),
    )
    for x in (262, 442):
        canvas.fill(
            shape(f"!{x - 14} 626, !{x + 14} 626, {x + 10} 650, !{x + 18} 672, !{x - 18} 672, {x - 10} 650"),
            _IRON_DARK,
        )
    canvas.fill(shape("!284 430, !428 430, 434 500, !428 566, !284 566, 278 500"), _IRON_DARK)
    fire = canvas.fill(
        shape("!300 446, !412 446, 417 500, !412 550, !300 550, 295 500"), ("#5e1f1c", "#a8352a", "#f07a32")
    )
    for text, colour in (
        (
            "!296 556, 300 520, 312 486, !318 468, 326 494, 338 470, !346 448, 364 490, !378 470, 396 506, !416 556",
            "#ff9a3c",
        ),
        (
            "!306 556, 312 530, 322 508, 334 522, 342 494, !350 476, 362 504, 374 526, 384 508, 396 530, !406 556",
            "#ffc659",
        ),
        ("!322 556, 330 538, 340 530, 350 508, 362 532, 374 540, !384 556", "#fff3bd"),
    ):
        canvas.fill(shape(text), colour, within=fire)
    canvas.fill(shape("!292 556, 320 544, 356 549, 392 543, !420 556"), "#4a1a1a", within=fire)
    for x in (324, 352, 380):
        canvas.fill(box(x, 442, x + 6, 556), _IRON_DARK)
    canvas.fill(box(292, 496, 420, 501), _IRON_DARK)
    canvas.fill(oval(434, 498, 14, 14), "#c79a4b")
    for x in (262, 300, 340, 380, 420, 448):
        canvas.fill(oval(x, 596, 20, 8), "#0f0c14")
    # The kettle is about to sing.
    kettle = canvas.fill(
        shape("!258 358, 250 334, 262 308, 290 298, 318 308, 330 334, !322 358"), ("#b0603e", "#6b3430")
    )
    canvas.fill(shape("310 300, 316 330, 306 360, 340 360, 340 310"), "#45232a", 0.7, within=kettle)
    canvas.fill(shape("268 318, 276 308, 290 304, 280 318, 272 338"), "#f3b47c", 0.8, within=kettle)
    canvas.fill(brush(line("326 336, 344 328, 350 310, 360 304"), 11, start=1, end=0.6), "#8a4836")
    canvas.fill(brush(line("264 306, 268 276, 290 266, 312 276, 316 306"), 6, start=1, end=1), "#2b2229")
    canvas.fill(oval(290, 296, 14, 10), "#2b2229")
    steam = canvas.mask(
        brush(line("364 298, 376 270, 360 244, 380 214, 366 184, 384 150"), 20, start=0.2, end=0.1), blur=5
    )
    canvas.light(steam, "#e8d8c8", 0.35)
    # Logs beside.
    for x, y, size in ((510, 640, 34), (546, 642, 32), (528, 610, 33)):
        canvas.fill(oval(x, y, size, size), "#54352c")
        canvas.fill(oval(x, y, size - 8, size - 8), "#c08b5c")
        canvas.fill(oval(x, y, size - 18, size - 18), "#94613f", 0.7)


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


def _dresser_and_chair(canvas: Canvas) -> None:
    # A ladder-back chair, half turned away from the table.
    for text in ("!1006 470, !1022 470, !1018 748, !1004 748", "!1116 474, !1130 474, !1124 730, !1112 730"):
        canvas.fill(shape(text), (_WOOD, _WOOD_DARK))
    for y in (494, 532, 570):
        canvas.fill(
            shape(f"!1014 {y}, 1066 {y - 8}, !1122 {y}, !1122 {y + 15}, 1066 {y + 8}, !1014 {y + 15}"),
            (_WOOD_LIGHT, _WOOD_DARK),
        )
    canvas.fill([(994, 622), (1120, 616), (1150, 642), (1010, 650)], ("#d2ad78", "#96704a"))
    canvas.fill([(1010, 650), (1150, 642), (1150, 653), (1010, 661)], _WOOD_DARK)
    for x, y in ((1014, 776), (1140, 766)):
        canvas.fill([(x, 654), (x + 12, 654), (x + 9, y), (x + 2, y)], (_WOOD, "#3a2426"))
    canvas.fill(oval(1078, 776, 190, 22), "#160f18", 0.4)


def _table(canvas: Canvas) -> None:
    canvas.fill(oval(1330, 812, 560, 60), "#160f18", 0.5)
    for x, bottom in ((1130, 800), (1500, 800), (1180, 760), (1460, 760)):
        canvas.fill([(x, 590), (x + 26, 590), (x + 21, bottom), (x + 5, bottom)], (_WOOD, "#3a2426"))
    canvas.fill([(1110, 590), (1560, 590), (1556, 632), (1114, 632)], (_WOOD, _WOOD_DARK))
    top = canvas.fill([(1150, 540), (1530, 540), (1600, 588), (1080, 588)], (_WOOD, _WOOD_LIGHT))
    canvas.fill([(1080, 588), (1600, 588), (1600, 602), (1080, 602)], "#6d432f")
    for a, b in ((1240, 1200), (1330, 1322), (1424, 1450)):
        canvas.fill([(a, 540), (a + 2, 540), (b + 3, 588), (b, 588)], _WOOD_DARK, 0.6, within=top)
    # A chart with its corners held down, a mug, bread, an oil lamp's ring of light.
    chart = canvas.fill([(1262, 548), (1414, 548), (1440, 580), (1240, 580)], ("#ead9b4", "#d3b98c"))
    canvas.fill(shape("1290 556, 1320 552, 1340 562, 1322 572, 1296 570, 1280 564"), "#8fa58a", 0.85, within=chart)
    canvas.fill(brush(line("1330 566, 1364 556, 1400 566, 1420 558"), 2.6, start=1, end=1), "#b4453c", 0.9)
    canvas.fill(oval(1424, 559, 8, 5), "#b4453c")
    mug = canvas.fill(
        shape("!1196 524, !1232 524, 1231 550, !1228 566, 1214 570, !1200 566, 1197 550"),
        ("#6f95a0", "#3f6171"),
    )
    canvas.fill(box(1218, 520, 1240, 575), "#2d4b5a", 0.7, within=mug)
    canvas.fill(oval(1214, 524, 36, 9), "#2c1c1c")
    canvas.fill(brush(line("1198 532, 1184 536, 1186 552, 1200 556"), 6, start=1, end=1), "#54808c")
    canvas.light(
        canvas.mask(brush(line("1214 516, 1222 496, 1208 478, 1220 456"), 12, start=0.3), blur=4),
        "#e8d8c8",
        0.35,
    )
    canvas.fill(oval(1496, 570, 120, 16), "#5a3a2c", 0.8)
    bread = canvas.fill(
        shape("1444 566, 1446 540, 1474 526, 1516 528, 1544 546, 1546 566, 1496 572"), ("#dda25c", "#9a5c34")
    )
    for text in (
        "1468 530, 1476 544, 1470 558",
        "1494 528, 1502 543, 1496 560",
        "1520 532, 1526 546, 1520 560",
    ):
        canvas.fill(brush(line(text), 6), "#f6d59a", 0.9, within=bread)


def _cat(canvas: Canvas) -> None:
    canvas.fill(oval(590, 796, 190, 26), "#160f18", 0.4)
    body = canvas.fill(
        shape("510 790, 506 762, 530 738, 576 728, 626 736, 660 760, 664 786, 630 800, 560 802"),
        ("#d98b4a", "#9a5634"),
    )
    canvas.fill(shape("640 744, 640 776, 600 796, 680 806, 680 750"), "#7b402c", 0.6, within=body)
    for text in ("560 730, 556 746, 566 760", "586 728, 584 746, 594 762", "612 732, 614 750, 624 762"):
        canvas.fill(brush(line(text), 8), "#8c4b2e", 0.85, within=body)
    head = canvas.fill(
        shape("!504 742, 514 758, 536 754, !552 738, 560 766, 550 788, 526 796, 504 788, 496 768"), "#e39a55"
    )
    canvas.fill(shape("544 744, 546 776, 520 796, 560 796, 566 750"), "#b3683a", 0.7, within=head)
    for text in ("508 774, 514 779, 521 775", "534 775, 540 780, 547 775"):
        canvas.fill(brush(line(text), 3), "#4d2620")
    canvas.fill(shape("523 782, 528 782, 526 786"), "#4d2620")
    canvas.fill(brush(line("660 782, 640 806, 590 810, 548 800"), 17, start=0.8, end=0.5), "#c4763f")
    canvas.rim(body, "#ffcf8a", (-3, -3), 0.8, blur=1)
    canvas.rim(head, "#ffcf8a", (-3, -2), 0.7, blur=1)


def _pendant(canvas: Canvas) -> None:
    canvas.fill(box(1398, 0, 1402, 236), "#1b1418")
    canvas.fill(box(1388, 226, 1412, 248), "#c79a4b")
    shade = canvas.fill(shape("!1384 246, !1416 246, 1446 278, !1480 322, !1320 322, 1354 278"), ("#e8b257", "#c0763a"))
    canvas.fill(shape("1384 246, 1360 280, 1326 322, 1350 322, 1376 280, 1396 246"), "#fbe0a0", 0.7, within=shade)
    canvas.fill(oval(1400, 322, 160, 22), "#fff4cf")
    canvas.fill(oval(1400, 330, 40, 36), "#fffbe8")


def _light(canvas: Canvas) -> None:
    cone = canvas.mask([(1326, 326), (1474, 326), (1660, 640), (1080, 640)], blur=18)
    canvas.light(cone, "#ffb45a", 0.13)
    canvas.glow((1400, 332), (190, 150), "#ffe7b0", 0.65)
    canvas.glow((1390, 450), (640, 430), "#ffae58", 0.42)
    canvas.glow((1340, 562), (340, 80), _LAMP, 0.38)
    canvas.glow((356, 520), (460, 340), _FIRE, 0.6)
    canvas.glow((356, 510), (120, 100), "#ffb860", 0.4)
    canvas.glow((420, 720), (460, 130), _FIRE, 0.42)
    # The corners fall away into the dark.
    dark = Image.new("L", canvas.image.size, 255)
    middle = canvas.mask(oval(820, 470, 1760, 1030), blur=120)
    canvas.fill(Image.composite(Image.new("L", dark.size, 0), dark, middle), "#0d0b1a", 0.55)
