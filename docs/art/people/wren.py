"""Wren, ten years old: a red scarf that was her grandfather's, and a paper boat with somewhere to go."""

import numpy as np
from PIL import Image

from art.canvas import Canvas, brush, line, oval, shape
from art.people.faces import Look, brow, eye

_SKIN, _SKIN_SHADE, _SKIN_DEEP = "#b97f5b", "#935a42", "#6f4033"
_HAIR, _HAIR_LIGHT = "#2b1d27", "#5a3a3d"
_RED, _RED_SHADE, _RED_DEEP, _RED_LIGHT = "#d5433f", "#a92f3b", "#7b2233", "#ef6f58"
_KNIT, _KNIT_SHADE, _KNIT_DEEP = "#f0e6d2", "#cbb9a6", "#a08d88"
_DENIM, _DENIM_SHADE, _DENIM_LIGHT = "#4f7f8d", "#365e70", "#78a9ad"
_RIM, _COOL = "#fff0c4", "#8ea3d6"

_LOOK = Look(
    iris="#5b3526",
    brow="#2b1d27",
    lip="#a5493f",
    dark="#20131a",
    shade=_SKIN_SHADE,
    open_eye=1.15,
    brow_width=6,
)


def draw() -> Image.Image:
    """Wren, 800 x 1200, on nothing; the room above her head is her height beside the others."""
    canvas = Canvas(800, 1200)
    _scarf_behind(canvas)
    _legs(canvas)
    _body(canvas)
    _head(canvas)
    _sleeves(canvas)
    _scarf(canvas)
    _boat(canvas)
    _hands(canvas)
    edge = canvas.alpha()
    canvas.rim(edge, _RIM, (3.2, -1.4), 0.55, blur=0.6)
    canvas.rim(edge, _COOL, (-2.6, 0.6), 0.4, blur=0.8)
    return canvas.finished()


def _scarf_behind(canvas: Canvas) -> None:
    tail = canvas.fill(
        shape(
            "!360 496, 320 500, 280 530, 240 532, 200 560, !172 604, 190 622, !214 640, 236 604, 272 588, "
            "306 588, 340 560, !372 540"
        ),
        _RED_SHADE,
    )
    canvas.fill(
        shape("360 496, 320 520, 280 552, 240 556, 190 620, 172 604, 200 560, 240 532, 280 530"),
        _RED,
        within=tail,
    )
    for t, (x, y) in enumerate(((176, 606), (186, 616), (196, 625), (206, 634))):
        canvas.fill(brush(line(f"{x} {y}, {x - 12} {y + 10 + t}, {x - 18} {y + 22 + t}"), 5, start=1), _RED_SHADE)
    for text in ("226 534, 240 556, 246 590", "214 546, 228 568, 232 602"):
        canvas.fill(brush(line(text), 7, start=1, end=1), "#f3d9b0", 0.85, within=tail)


def _legs(canvas: Canvas) -> None:
    socks = canvas.mask(
        shape("!350 1010, 352 1100, !352 1124, !398 1124, 396 1080, !398 1010"),
        shape("!416 1010, 420 1100, !422 1124, !466 1124, 464 1080, !464 1010"),
    )
    canvas.fill(socks, _KNIT_SHADE)
    for y in range(1018, 1120, 22):
        canvas.fill(
            shape(f"!340 {y}, 374 {y + 5}, !400 {y}, !400 {y + 10}, 374 {y + 15}, !340 {y + 10}"),
            _RED_SHADE,
            within=socks,
        )
        canvas.fill(
            shape(f"!410 {y}, 440 {y + 5}, !470 {y}, !470 {y + 10}, 440 {y + 15}, !410 {y + 10}"),
            _RED_SHADE,
            within=socks,
        )
    canvas.fill(shape("340 1000, 340 1130, 366 1130, 366 1000"), "#4a2536", 0.35, within=socks)
    canvas.fill(shape("410 1000, 410 1130, 434 1130, 434 1000"), "#4a2536", 0.35, within=socks)
    left_leg = shape("!326 800, 330 900, 338 980, !340 1030, !404 1034, 406 960, 408 880, !410 810")
    right_leg = shape("!402 810, 408 900, 410 980, !410 1034, !474 1030, 480 960, 486 880, !488 800")
    for outline, dark in (
        (left_leg, "320 800, 330 1040, 362 1040, 358 900, 366 800"),
        (right_leg, "396 800, 404 1040, 432 1040, 428 900, 436 800"),
    ):
        leg = canvas.fill(outline, _DENIM)
        canvas.fill(shape(dark), _DENIM_SHADE, 0.9, within=leg)
    for text in (
        "!334 1008, 372 1016, !408 1010, 409 1028, !407 1042, 372 1048, !336 1038, 333 1022",
        "!406 1010, 442 1016, !478 1006, 480 1022, !477 1038, 442 1048, !408 1042, 405 1026",
    ):
        turn_up = canvas.fill(shape(text), _DENIM_LIGHT)
        canvas.fill(shape("320 1000, 320 1050, 360 1050, 358 1000"), _DENIM_SHADE, 0.6, within=turn_up)
    for text, shade, sole in (
        (
            "!344 1092, 340 1130, 328 1150, !324 1166, !404 1166, 404 1130, !402 1090, 372 1100",
            "340 1086, 330 1170, 362 1170, 362 1086",
            "!323 1157, !405 1157, !405 1170, !323 1170",
        ),
        (
            "!416 1090, 416 1130, !414 1166, !516 1166, 512 1146, 490 1134, 474 1116, !470 1092, 444 1100",
            "410 1086, 410 1170, 440 1170, 440 1086",
            "!413 1157, !517 1157, !517 1170, !413 1170",
        ),
    ):
        boot = canvas.fill(shape(text), ("#8a5238", "#67392e"))
        canvas.fill(shape(shade), "#43242a", 0.6, within=boot)
        canvas.fill(shape(sole), "#2a181d")


def _body(canvas: Canvas) -> None:
    jumper = canvas.fill(
        shape(
            "!368 480, 340 500, 324 540, 322 640, 320 740, !320 800, 400 820, !492 800, 488 740, 484 640, "
            "486 550, 474 506, !444 480"
        ),
        _KNIT,
    )
    canvas.fill(shape("340 490, 318 560, 316 810, 362 820, 352 700, 356 600, 350 520"), _KNIT_SHADE, within=jumper)
    bib = canvas.fill(
        shape("!350 612, 400 622, !462 610, 470 700, 486 770, !488 850, 408 872, !327 852, 325 780, 342 700"),
        (_DENIM_LIGHT, _DENIM),
    )
    canvas.fill(shape("340 600, 320 700, 306 860, 362 872, 356 760, 364 680, 362 612"), _DENIM_SHADE, 0.9, within=bib)
    canvas.fill(shape("!430 880, 446 800, 436 740, 462 800, !466 880"), _DENIM_SHADE, 0.7, within=bib)
    pocket = shape("!374 660, 408 664, !444 658, !446 706, 410 722, !376 708")
    canvas.fill(pocket, _DENIM_SHADE, 0.55)
    canvas.fill(brush(line("374 660, 408 664, 444 658"), 4, start=1, end=1), _DENIM_LIGHT)
    for text in ("356 500, 358 560, 362 628", "452 500, 456 560, 454 624"):
        canvas.fill(brush(line(text), 20, start=1, end=1), _DENIM)
    for x, y in ((362, 630), (453, 627)):
        canvas.fill(oval(x, y, 17, 17), "#e8b65b")
        canvas.fill(oval(x - 1, y - 1, 7, 7), "#9a6a2c")
    canvas.rim(bib, _DENIM_LIGHT, (6, -2), 0.7, blur=1)


def _head(canvas: Canvas) -> None:
    _curls(canvas)
    canvas.fill(shape("!378 440, 380 500, 408 520, 440 500, !444 440"), _SKIN_SHADE)
    face = canvas.fill(
        shape("344 356, 344 392, 354 428, 382 454, 416 464, 446 448, 466 420, 474 384, 472 348, 444 306, 388 302"),
        _SKIN,
    )
    canvas.fill(
        shape("338 340, 340 430, 416 466, 402 450, 374 436, 362 404, 366 366, 380 340"),
        _SKIN_SHADE,
        0.85,
        within=face,
    )
    canvas.fill(shape("336 330, 360 356, 410 340, 450 344, 480 356, 480 296, 336 296"), _SKIN_SHADE, 0.75, within=face)
    canvas.glow((386, 414), (30, 20), "#e8452f", 0.4, within=face)
    canvas.glow((458, 410), (20, 18), "#e8452f", 0.36, within=face)
    ear = canvas.fill(shape("348 384, 334 376, 330 394, 340 414, 352 416"), _SKIN_SHADE)
    canvas.fill(oval(341, 396, 8, 18, -12), _SKIN_DEEP, 0.8, within=ear)
    eye(canvas, (400, 388), 34, _LOOK, gaze=3)
    eye(canvas, (450, 386), 28, _LOOK, gaze=3)
    brow(canvas, "378 364, 398 352, 418 358", _LOOK)
    brow(canvas, "440 356, 453 350, 468 358", _LOOK)
    canvas.fill(shape("432 392, 436 408, !442 414, 434 420, !424 418, 430 408"), _SKIN_SHADE, 0.9)
    canvas.fill(brush(line("422 418, 431 422, 441 417"), 3.4), _SKIN_DEEP)
    canvas.fill(oval(435, 409, 7, 6), "#d8a07a", 0.9)
    # An open, gap-toothed smile.
    mouth = canvas.fill(shape("!402 430, 420 434, 438 433, !452 427, 448 442, 432 450, 414 446"), "#5a2027")
    canvas.fill(shape("!404 428, 420 434, 438 433, !452 426, 446 438, 428 441, 410 438"), "#fff6ea", within=mouth)
    canvas.fill(brush(line("429 432, 429 442"), 3.4, start=1, end=1), "#5a2027", within=mouth)
    canvas.fill(shape("414 448, 430 442, 446 446, 430 456"), "#c4574f", within=mouth)
    canvas.fill(brush(line("398 428, 420 434, 438 433, 456 424"), 3, start=0.4), _LOOK.dark)
    _fringe(canvas)


def _curls(canvas: Canvas) -> None:
    rng = np.random.default_rng(10)
    canvas.fill(
        shape(
            "340 420, 312 396, 304 346, 322 290, 366 252, 420 246, 470 268, 494 316, 494 370, 484 410, 440 380, 380 380"
        ),
        _HAIR,
    )
    for angle in np.linspace(150, 400, 22):
        x, y = 402 + 92 * np.cos(np.radians(angle)), 344 + 92 * np.sin(np.radians(angle))
        size = rng.uniform(34, 48)
        canvas.fill(oval(float(x), float(y), size, size), _HAIR)
    for centre in ((318, 264), (478, 258)):
        for angle in np.linspace(0, 330, 10):
            x, y = centre[0] + 30 * np.cos(np.radians(angle)), centre[1] + 30 * np.sin(np.radians(angle))
            canvas.fill(oval(float(x), float(y), 40, 40), _HAIR)
        canvas.fill(oval(*centre, 60, 60), _HAIR)
        for reach in (16, 28, 38):
            arc = ", ".join(
                f"{centre[0] + reach * np.cos(np.radians(a)):.1f} {centre[1] + reach * np.sin(np.radians(a)):.1f}"
                for a in range(-80, 40, 24)
            )
            canvas.fill(brush(line(arc), 4.5), _HAIR_LIGHT, 0.8)
    canvas.fill(oval(346, 292, 26, 15, -40), _RED)
    canvas.fill(oval(460, 286, 26, 15, 40), _RED)


def _fringe(canvas: Canvas) -> None:
    for x, y, size in (
        (352, 346, 44),
        (372, 326, 46),
        (398, 314, 46),
        (424, 310, 44),
        (448, 318, 42),
        (468, 336, 36),
        (344, 372, 30),
    ):
        canvas.fill(oval(x, y, size, size * 0.9), _HAIR)
    for text in (
        "356 334, 372 322, 388 326",
        "388 308, 404 300, 420 306",
        "428 304, 444 306, 454 316",
        "360 290, 384 276, 410 272",
    ):
        canvas.fill(brush(line(text), 4.5), _HAIR_LIGHT, 0.85)


def _scarf(canvas: Canvas) -> None:
    wrap = canvas.fill(
        shape(
            "352 454, 334 474, 332 504, 356 530, 404 544, 452 532, 480 506, 478 474, 462 452, 440 472, 408 480, 376 472"
        ),
        _RED,
    )
    canvas.fill(
        shape("350 456, 330 476, 330 510, 366 540, 420 546, 384 520, 362 500, 366 470"),
        _RED_SHADE,
        within=wrap,
    )
    canvas.fill(brush(line("364 486, 400 506, 446 500, 474 482"), 7), _RED_SHADE, 0.9, within=wrap)
    canvas.fill(brush(line("352 508, 392 528, 440 524"), 6), _RED_DEEP, 0.7, within=wrap)
    end = canvas.fill(
        shape("!436 520, 462 516, !474 514, 484 560, 488 600, !486 636, 466 640, !446 638, 444 590"),
        (_RED_LIGHT, _RED),
    )
    canvas.fill(shape("430 520, 446 640, 460 640, 454 580, 452 520"), _RED_SHADE, within=end)
    for y in (592, 610):
        canvas.fill(brush(line(f"442 {y}, 466 {y + 3}, 490 {y - 2}"), 8, start=1, end=1), "#f3d9b0", 0.9, within=end)
    for x in (450, 460, 470, 480):
        canvas.fill(brush(line(f"{x} 634, {x + 1} 646, {x} 658"), 5, start=1), _RED_SHADE)
    canvas.rim(wrap, _RED_LIGHT, (5, -4), 0.9, blur=1)


def _boat(canvas: Canvas) -> None:
    canvas.fill([(428, 676), (470, 596), (512, 676)], "#fdf8ec")
    canvas.fill([(428, 676), (470, 596), (470, 676)], "#cfc9cf")
    canvas.fill([(384, 654), (556, 646), (522, 712), (418, 716)], "#fffdf4")
    canvas.fill([(384, 654), (470, 684), (418, 716)], "#d9d3d6")
    canvas.fill([(556, 646), (470, 684), (522, 712)], "#efe7df")
    canvas.fill([(384, 654), (470, 684), (556, 646), (470, 692)], "#b7b0ba", 0.7)


def _sleeves(canvas: Canvas) -> None:
    for text, shade in (
        (
            (
                "342 500, 312 520, 296 580, 288 650, 300 706, 340 728, !388 730, !396 692, 360 676, 344 650, "
                "350 590, 362 530"
            ),
            "330 510, 300 560, 286 640, 296 720, 390 740, 388 720, 340 708, 318 670, 320 590",
        ),
        (
            "472 508, 500 530, 522 590, 540 650, 546 700, 534 722, !508 730, !494 696, 490 650, 476 590, 462 540",
            "470 520, 486 590, 496 660, 494 740, 516 736, 510 660, 496 580",
        ),
    ):
        sleeve = canvas.fill(shape(text), _KNIT)
        canvas.fill(shape(shade), _KNIT_SHADE, within=sleeve)
        canvas.rim(sleeve, "#fffaf0", (5, -2), 0.8, blur=1)


def _hands(canvas: Canvas) -> None:
    for hand, dark, fingers, cuff in (
        (
            "396 694, 420 690, 438 700, 440 716, 422 730, 398 732",
            "390 716, 410 722, 436 720, 430 740, 390 740",
            ("416 702, 428 704, 438 706", "414 714, 426 716, 436 716"),
            "!380 688, 396 690, !402 694, 398 716, !392 736, !376 734",
        ),
        (
            "500 694, 484 690, 468 702, 470 720, 488 732, 504 730",
            "466 712, 484 722, 506 716, 500 740, 470 740",
            ("484 704, 474 708, 468 710", "486 716, 476 719, 470 720"),
            "!490 696, !512 690, 520 712, !522 730, !498 738, 490 720",
        ),
    ):
        palm = canvas.fill(shape(hand), _SKIN)
        canvas.fill(shape(dark), _SKIN_SHADE, within=palm)
        for finger in fingers:
            canvas.fill(brush(line(finger), 2.6), _SKIN_DEEP, 0.8)
        canvas.fill(shape(cuff), _KNIT_DEEP)
