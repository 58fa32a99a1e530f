"""The Lighthouse at Gull Rock at dusk: the lamp has just been lit."""

import numpy as np
from PIL import Image

from scenes.demo_art.canvas import Canvas, Outline, box, brush, line, oval, shape

_SKY = ("#1d2350", "#333373", "#5f4a8c", "#a3638f", "#e08a7e", "#f8ba7c", "#ffe2a0")
_SEA = ("#f4bd8c", "#b9818f", "#6c6293", "#3d4a80", "#26355f", "#1a2548")
_HORIZON = 548
_LAMP = (1146, 168)
_GLOW, _WARM = "#ffd98a", "#ff9d4d"
_ROCK, _ROCK_DARK, _ROCK_LIGHT = "#3b335c", "#272446", "#7d5578"


def draw() -> Image.Image:
    """The location's picture, 1600 x 900."""
    canvas = Canvas(1600, 900)
    _sky(canvas)
    _clouds(canvas)
    _islands(canvas)
    _sea(canvas)
    _beam(canvas)
    _rock(canvas)
    _cottage(canvas)
    _tower(canvas)
    _jetty(canvas)
    _boat(canvas)
    _foreground(canvas)
    _gulls(canvas)
    return canvas.finished().convert("RGB")


def _sky(canvas: Canvas) -> None:
    canvas.fill(box(0, 0, 1600, _HORIZON + 4), _SKY)
    rng = np.random.default_rng(7)
    for x, y, size, light in zip(
        rng.uniform(0, 1600, 90),
        rng.uniform(0, 1, 90) ** 1.6 * 260,
        rng.uniform(1, 2.6, 90),
        rng.uniform(0.25, 0.95, 90),
        strict=True,
    ):
        canvas.fill(oval(float(x), float(y), float(size), float(size)), "#f6ecff", float(light * (1 - y / 330)))
    moon = canvas.mask(oval(250, 118, 62, 62))
    bite = canvas.mask(oval(268, 108, 58, 58))
    canvas.glow((250, 118), (170, 170), "#b9a6e8", 0.35)
    canvas.fill(_minus(moon, bite), "#fff3d8")
    canvas.glow((520, _HORIZON + 6), (620, 250), "#ffcf7a", 0.85, falloff=1.7)
    canvas.glow((520, _HORIZON), (190, 130), "#fff0bd", 0.8)


def _minus(one: Image.Image, other: Image.Image) -> Image.Image:
    return Image.composite(Image.new("L", one.size, 0), one, other)


def _cloud(rng: np.random.Generator, x: float, y: float, length: float, height: float) -> Outline:
    top, bottom = [], []
    for step in np.linspace(0, 1, 9):
        swell = np.sin(np.pi * step) ** 0.8
        top.append(f"{x + length * (step - 0.5):.1f} {y - height * swell * rng.uniform(0.55, 1.0):.1f}")
        bottom.append(f"{x + length * (step - 0.5):.1f} {y + height * 0.28 * swell * rng.uniform(0.4, 1.0):.1f}")
    return shape("!" + ", ".join([*top[:-1], "!" + top[-1], *bottom[-2:0:-1]]))


def _clouds(canvas: Canvas) -> None:
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
    ):
        outline = _cloud(rng, x, y, length, height)
        mask = canvas.fill(outline, (colour, lit), opacity)
        canvas.rim(mask, "#ffe6b4", (0, 2.2), 0.45 * opacity, blur=0.8)


def _islands(canvas: Canvas) -> None:
    far = canvas.fill(
        shape("!-20 556, -20 516, 60 498, 130 508, 210 486, 300 512, 380 530, !470 552"),
        ("#a8698f", "#d98f86"),
    )
    canvas.rim(far, "#ffd6a0", (3, -2), 0.5, blur=1)
    mid = canvas.fill(shape("!-20 560, -20 478, 40 470, 90 492, 150 520, 220 536, !300 556"), ("#6f4f88", "#a3678c"))
    canvas.rim(mid, "#ffbf8e", (3, -2), 0.5, blur=1)
    canvas.fill(
        shape("!690 552, 740 534, 800 522, 860 530, 920 518, 990 532, !1060 552"),
        ("#b07390", "#e29c88"),
        0.85,
    )


def _sea(canvas: Canvas) -> None:
    sea = canvas.fill(box(0, _HORIZON, 1600, 900), _SEA)
    canvas.glow((520, _HORIZON), (520, 260), "#ffd189", 0.75, within=sea)
    rng = np.random.default_rng(3)
    glints: list[Outline] = []
    shades: list[Outline] = []
    for _ in range(420):
        depth = rng.random() ** 1.5
        y = _HORIZON + 5 + depth * 330
        x = rng.normal(520, 50 + 260 * depth) if rng.random() < 0.6 else rng.uniform(0, 1600)
        length, height = rng.uniform(14, 60) * (0.35 + 1.9 * depth), 1.2 + 4.2 * depth
        (glints if rng.random() < 0.5 else shades).append(oval(float(x), float(y), float(length), float(height)))
    canvas.fill(canvas.mask(*shades), "#23305f", 0.2)
    canvas.light(canvas.mask(*glints), "#ffc98f", 0.36)
    path = [
        oval(
            520 + float(rng.normal(0, 10 + 52 * t)),
            _HORIZON + 4 + 300 * t**1.3,
            float(rng.uniform(30, 120)) * (0.5 + t),
            1.8 + 4 * t,
        )
        for t in np.linspace(0, 1, 60)
    ]
    canvas.light(canvas.mask(*path), "#ffe3a6", 0.6)
    canvas.fill(box(0, _HORIZON, 1600, _HORIZON + 1.5), "#fff0c8", 0.5)


def _beam(canvas: Canvas) -> None:
    x, y = _LAMP
    for spread, strength in ((70, 0.24), (40, 0.28), (16, 0.3)):
        _ray(canvas, [(x, y - 5), (-60, y - 130 - spread), (-60, y - 130 + spread), (x, y + 5)], strength, x)
        _ray(
            canvas,
            [(x, y - 4), (1660, y + 40 - spread * 0.45), (1660, y + 40 + spread * 0.45), (x, y + 4)],
            strength,
            x,
        )


def _ray(canvas: Canvas, outline: Outline, strength: float, x: float) -> None:
    mask = np.asarray(canvas.mask(outline, blur=3), dtype=np.float32)
    away = np.abs(np.arange(mask.shape[1], dtype=np.float32) / 2 - x) / 1200
    canvas.light(Image.fromarray((mask * np.clip(1 - away, 0, 1) ** 1.4).astype(np.uint8)), _GLOW, strength)


def _rock(canvas: Canvas) -> None:
    back = canvas.fill(
        shape(
            "!866 716, !880 656, 906 628, !930 604, 960 598, !984 586, 994 560, !1006 544, 1040 528, !1056 512, "
            "1070 492, !1086 480, 1120 474, 1200 470, 1262 474, !1330 480, 1366 500, !1384 534, 1420 546, !1452 574, "
            "1500 580, !1540 590, 1580 604, !1620 606, !1620 720, !866 720"
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
        (((1010, 626), (1066, 650), (1040, 712), (960, 716), (936, 690), (984, 640)), _ROCK_DARK, 0.3),
    ):
        canvas.fill(points, colour, opacity, within=back)
    grass = canvas.fill(
        shape("!1074 492, 1090 476, 1130 468, 1200 464, 1270 468, !1340 480, 1300 496, 1240 488, 1180 486, 1120 492"),
        "#55596f",
    )
    canvas.rim(grass, "#ffc48a", (-3, -3), 0.6, blur=1)
    for y, width in ((716, 740), (724, 620), (708, 560)):
        canvas.fill(brush(line(f"{1250 - width / 2} {y}, 1250 {y + 3}, {1250 + width / 2} {y - 2}"), 6), "#e9c9c4", 0.4)
    # The rock lies dark on the water.
    canvas.fill(shape("!876 716, 1000 742, 1200 760, 1400 752, !1620 744, !1620 716"), "#1b2347", 0.6, blur=5)


def _cottage(canvas: Canvas) -> None:
    wall = canvas.fill([(1226, 432), (1340, 432), (1340, 510), (1226, 496)], ("#b9899a", "#7c5f88"))
    canvas.fill([(1296, 432), (1340, 432), (1340, 510), (1296, 506)], "#4e4373", 0.75, within=wall)
    roof = canvas.fill([(1214, 436), (1238, 396), (1326, 396), (1352, 438)], ("#5b3b62", "#3d2f57"))
    canvas.rim(roof, "#ffb08a", (-3, -3), 0.6)
    canvas.fill(box(1306, 376, 1322, 404), "#3d2f57")
    for text in ("1314 372, 1308 350, 1322 332, 1314 308, 1330 288",):
        canvas.fill(brush(line(text), 10, start=0.3), "#d7b4c4", 0.28)
    for x in (1244, 1272):
        canvas.fill(box(x, 448, x + 18, 474), "#ffd27a")
        canvas.fill(box(x + 8, 448, x + 10, 474), "#8a5a5a")
        canvas.fill(box(x, 460, x + 18, 462), "#8a5a5a")
    canvas.fill(box(1308, 454, 1328, 506), "#2d2748")
    canvas.glow((1262, 462), (90, 60), _WARM, 0.55)


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
        canvas.glow((x + 6, y + 8), (26, 26), _WARM, 0.5)
    # Gallery, lamp room and dome.
    gallery = canvas.fill([(1100, 214), (1192, 214), (1180, 230), (1112, 230)], "#463a66")
    canvas.rim(gallery, "#ffcf9a", (-4, -3), 0.6)
    for x in range(1104, 1192, 10):
        canvas.fill(box(x, 196, x + 2, 215), "#463a66")
    canvas.fill(box(1100, 194, 1192, 197), "#5a4a7a")
    canvas.fill(box(1122, 140, 1170, 214), ("#fff6c9", "#ffe08a", "#ffc05e"))
    for x in (1122, 1137, 1153, 1168):
        canvas.fill(box(x, 138, x + 3, 214), "#4d3d62", 0.8)
    canvas.fill(oval(*_LAMP, 30, 36), "#fffef0")
    dome = canvas.fill(shape("!1114 142, 1122 118, 1146 104, 1170 118, !1178 142"), ("#c94d4f", "#7e3356"))
    canvas.rim(dome, "#ffb99a", (-4, -2), 0.7)
    canvas.fill(box(1144, 80, 1148, 108), "#4d3d62")
    canvas.fill(oval(1146, 100, 10, 10), "#7e3356")
    canvas.glow(_LAMP, (240, 220), "#ffdf96", 0.75, falloff=2.4)
    canvas.glow(_LAMP, (70, 66), "#fff6d4", 0.95, falloff=1.6)


def _jetty(canvas: Canvas) -> None:
    for x, top in ((700, 664), (760, 668), (820, 672), (880, 676)):
        canvas.fill([(x, top), (x + 9, top), (x + 9, top + 74), (x, top + 74)], "#2b2748")
        canvas.fill(
            brush(line(f"{x + 4} {top + 74}, {x + 2} {top + 92}, {x + 7} {top + 112}"), 9, start=1),
            "#1d2549",
            0.55,
        )
    deck = canvas.fill([(668, 672), (906, 684), (960, 664), (740, 656)], ("#7a5576", "#4a3c66"))
    canvas.fill([(668, 672), (906, 684), (906, 693), (668, 681)], "#2b2748")
    canvas.rim(deck, "#ffc49a", (-1, -3), 0.7)
    canvas.fill(box(690, 622, 694, 674), "#2b2748")
    canvas.fill(oval(692, 618, 14, 18), "#ffd98f")
    canvas.glow((692, 618), (80, 76), _WARM, 0.75)
    for y, width in ((706, 30), (720, 22), (738, 28), (756, 16)):
        canvas.light(canvas.mask(oval(692, y, width, 3)), "#ffb765", 0.55)


def _boat(canvas: Canvas) -> None:
    canvas.fill(oval(566, 724, 150, 12), "#1d2549", 0.5)
    hull = canvas.fill(
        shape("!488 690, 530 700, 590 700, !650 684, 640 712, 612 726, 530 726, 500 714"),
        ("#8b4a58", "#4d2f4f"),
    )
    canvas.fill(shape("!488 690, 530 700, 590 700, !650 684, !646 694, 590 709, 530 709, !492 700"), "#f0c6a4")
    canvas.rim(hull, "#ffcb98", (-4, -2), 0.5)
    canvas.fill(brush(line("560 704, 600 716, 660 742"), 5, start=0.8, end=1), "#2b2748")
    canvas.fill(oval(662, 744, 10, 22, -60), "#2b2748")
    canvas.fill(brush(line("650 688, 672 694, 700 680"), 2.4, start=1, end=1), "#f0c6a4", 0.7)
    canvas.fill(shape("500 734, 540 742, 600 742, 640 732, 600 752, 540 754"), "#2a2a52", 0.6)


def _foreground(canvas: Canvas) -> None:
    mid = canvas.fill(
        shape(
            "!-20 800, 60 762, 170 752, 260 776, 360 800, 470 806, 600 824, 760 834, 920 822, 1060 812, "
            "1200 790, 1340 772, 1480 776, 1620 752, !1620 920, !-20 920"
        ),
        ("#3c4468", "#222a4c", "#171d3c"),
    )
    canvas.rim(mid, "#f2a58a", (-1, -3.5), 0.5, blur=1)
    path = canvas.fill(
        shape("!560 910, 640 868, 740 846, 850 838, 930 822, 950 830, 900 850, 860 872, !880 910"),
        ("#8d6c83", "#54486f"),
        within=mid,
    )
    canvas.fill(shape("560 910, 640 872, 760 852, 850 842, 800 860, 720 880, 690 910"), "#b98a8e", 0.4, within=path)
    front = canvas.fill(shape("!-20 910, -20 836, 80 820, 200 842, 330 876, !430 910"), ("#20264a", "#12162f"))
    canvas.rim(front, "#c98a90", (-1, -3), 0.4, blur=1)
    right = canvas.fill(shape("!1180 910, 1270 866, 1380 846, 1500 822, !1620 812, !1620 910"), ("#20264a", "#12162f"))
    canvas.rim(right, "#c98a90", (-1, -3), 0.4, blur=1)
    rng = np.random.default_rng(5)
    blades: list[Outline] = []
    for x in np.concatenate([rng.uniform(0, 420, 120), rng.uniform(1200, 1600, 120)]):
        ground = 832 + 0.00042 * (x - 80) ** 2 if x < 800 else 900 - 0.19 * (x - 1180)
        height, lean = rng.uniform(16, 52), rng.uniform(-4, 20)
        blades.append(
            brush(
                line(f"{x} {ground + 14}, {x + lean * 0.3} {ground - height * 0.5}, {x + lean} {ground - height}"),
                3.6,
                start=1,
            )
        )
    canvas.fill(canvas.mask(*blades), "#1a2044")
    heads = [
        oval(float(x), float(y), 7, 11, 15)
        for x, y in zip(rng.uniform(20, 360, 16), rng.uniform(786, 836, 16), strict=True)
    ]
    canvas.fill(canvas.mask(*heads), "#d98a8f", 0.85)
    _fence(canvas)


def _fence(canvas: Canvas) -> None:
    posts = [
        (float(x), float(np.interp(x, (1060, 1200, 1340, 1480), (814, 792, 775, 778)))) for x in range(1030, 1480, 56)
    ]
    for x, y in posts:
        canvas.fill([(x, y - 42), (x + 3, y - 45), (x + 7, y - 42), (x + 8, y + 8), (x, y + 8)], "#221f40")
    for above in (34, 18):
        rail = ", ".join(f"{x + 4} {y - above}" for x, y in posts)
        canvas.fill(brush(line(rail), 4, start=1, end=1), "#221f40")


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
