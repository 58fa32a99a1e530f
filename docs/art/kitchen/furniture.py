"""The table with its chair, the cat, the lamp above the table, and a basket right before the camera."""

from art.canvas import Canvas, box, brush, line, oval, shape
from art.kitchen.palette import WOOD, WOOD_DARK, WOOD_LIGHT
from art.scenery import TOP


def draw_chair(canvas: Canvas) -> None:
    """Draw a ladder-back chair, half turned away from the table."""
    for text in ("!1006 470, !1022 470, !1018 748, !1004 748", "!1116 474, !1130 474, !1124 730, !1112 730"):
        canvas.fill(shape(text), (WOOD, WOOD_DARK))
    for y in (494, 532, 570):
        canvas.fill(
            shape(f"!1014 {y}, 1066 {y - 8}, !1122 {y}, !1122 {y + 15}, 1066 {y + 8}, !1014 {y + 15}"),
            (WOOD_LIGHT, WOOD_DARK),
        )
    canvas.fill([(994, 622), (1120, 616), (1150, 642), (1010, 650)], ("#d2ad78", "#96704a"))
    canvas.fill([(1010, 650), (1150, 642), (1150, 653), (1010, 661)], WOOD_DARK)
    for x, y in ((1014, 776), (1140, 766)):
        canvas.fill([(x, 654), (x + 12, 654), (x + 9, y), (x + 2, y)], (WOOD, "#3a2426"))


def draw_table(canvas: Canvas) -> None:
    """Draw a table with a chart, a mug and bread."""
    for x, bottom in ((1130, 800), (1500, 800), (1180, 760), (1460, 760)):
        canvas.fill([(x, 590), (x + 26, 590), (x + 21, bottom), (x + 5, bottom)], (WOOD, "#3a2426"))
    canvas.fill([(1110, 590), (1560, 590), (1556, 632), (1114, 632)], (WOOD, WOOD_DARK))
    top = canvas.fill([(1150, 540), (1530, 540), (1600, 588), (1080, 588)], (WOOD, WOOD_LIGHT))
    canvas.fill([(1080, 588), (1600, 588), (1600, 602), (1080, 602)], "#6d432f")
    for a, b in ((1240, 1200), (1330, 1322), (1424, 1450)):
        canvas.fill([(a, 540), (a + 2, 540), (b + 3, 588), (b, 588)], WOOD_DARK, 0.6, within=top)
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


def draw_mug_steam(canvas: Canvas) -> None:
    """Draw what rises from the mug."""
    steam = brush(line("1214 516, 1222 496, 1208 478, 1220 456"), 12, start=0.3)
    canvas.fill(steam, "#f0e0c4", 0.3, blur=4)


def draw_cat(canvas: Canvas) -> None:
    """Draw a ginger cat, asleep."""
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


def draw_lamp(canvas: Canvas) -> None:
    """Draw the lamp above the table and the light in the air around it."""
    canvas.halo((1400, 332), (190, 150), "#ffe7b8", 0.6)
    canvas.fill(box(1398, TOP, 1402, 236), "#1b1418")
    canvas.fill(box(1388, 226, 1412, 248), "#c79a4b")
    shade = canvas.fill(shape("!1384 246, !1416 246, 1446 278, !1480 322, !1320 322, 1354 278"), ("#e8b257", "#c0763a"))
    canvas.fill(shape("1384 246, 1360 280, 1326 322, 1350 322, 1376 280, 1396 246"), "#fbe0a0", 0.7, within=shade)
    canvas.fill(oval(1400, 322, 160, 22), "#fff4cf")
    canvas.fill(oval(1400, 330, 40, 36), "#fffbe8")
    canvas.glow((1400, 332), (190, 150), "#ffe7b0", 0.4)


def draw_basket(canvas: Canvas) -> None:
    """Draw a basket of wool with a pair of needles, dark against the room."""
    for text in ("34 806, 92 752, 148 694", "66 812, 52 742, 22 686"):
        canvas.fill(brush(line(text), 7, start=1, end=0.4), "#8c6a4a")
    for x, y in ((151, 690), (20, 682)):
        canvas.fill(oval(x, y, 13, 13), "#b88a55")
    for x, y, size, colour, lit in (
        (-38, 836, 104, "#4a2b3a", "#7a4450"),
        (120, 832, 108, "#3b3a4c", "#5f6274"),
        (42, 812, 124, "#7b2f36", "#b4523f"),
    ):
        ball = canvas.fill(oval(x, y, size, size), (lit, colour))
        for bend in (-0.3, -0.12, 0.06, 0.24):
            side, high, low = size * 0.5, y + size * (bend - 0.16), y + size * bend
            strand = f"{x - side} {low}, {x} {high}, {x + side} {low}"
            canvas.fill(brush(line(strand), 4, start=1, end=1), colour, 0.8, within=ball)
        canvas.rim(ball, "#ffb070", (4, -3), 0.55, blur=1)
    basket = canvas.fill(
        shape("!-118 852, 40 872, !206 850, 196 930, !176 1010, !-90 1010, -108 930"), ("#5a3f33", "#3a2828", "#241a20")
    )
    for index, y in enumerate(range(868, 1010, 20)):
        for x in range(-130 + 17 * (index % 2), 230, 34):
            canvas.fill(
                brush(line(f"{x} {y}, {x + 17} {y + 7}, {x + 34} {y}"), 9, start=0.6), "#74533d", 0.6, within=basket
            )
    canvas.rim(basket, "#ff9d5c", (5, -2), 0.45, blur=1)
    canvas.fill(brush(line("-122 850, 44 876, 210 848"), 17, start=1, end=1), ("#80593f", "#4a322b"))
