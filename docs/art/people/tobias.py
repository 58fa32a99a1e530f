"""Old Tobias, who kept the light before Mara: white beard, a jumper for every storm, his pipe gone cold."""

from PIL import Image, ImageOps

from art.canvas import Canvas, brush, line, oval, shape
from art.people.faces import Look, brow, eye

_WOOL, _WOOL_SHADE, _WOOL_DEEP, _WOOL_LIGHT = "#47718a", "#335670", "#233d55", "#6f9db0"
_CREAM, _CREAM_SHADE = "#efe2c8", "#bfae9c"
_SKIN, _SKIN_SHADE, _SKIN_DEEP = "#e0a486", "#be7b62", "#96574a"
_BEARD, _BEARD_SHADE, _BEARD_DEEP = "#f1ece2", "#c6bfc0", "#978f9c"
_CAP, _CAP_SHADE, _CAP_LIGHT = "#2a3350", "#1b2239", "#46527a"
_CORD, _CORD_SHADE, _CORD_LIGHT = "#75543f", "#53392f", "#90694c"
_RIM, _COOL = "#fff0c4", "#8ea3d6"

_LOOK = Look(
    iris="#4a6f93",
    brow="#e6dfd6",
    lip="#a85d50",
    dark="#33202a",
    shade=_SKIN_SHADE,
    open_eye=0.62,
    brow_width=13,
)


def draw() -> Image.Image:
    """Tobias, 800 x 1200, on nothing. He is drawn looking right and then turned to look left."""
    canvas = Canvas(800, 1200)
    _legs(canvas)
    _boots(canvas)
    _arm_behind(canvas)
    _jumper(canvas)
    _head(canvas)
    _cap(canvas)
    _arm_front(canvas)
    edge = canvas.alpha()
    canvas.rim(edge, _RIM, (-3.2, -1.4), 0.55, blur=0.6)
    canvas.rim(edge, _COOL, (2.6, 0.6), 0.35, blur=0.8)
    return ImageOps.mirror(canvas.finished())


def _legs(canvas: Canvas) -> None:
    left_leg = shape("!292 690, 288 800, 300 920, !304 1060, !396 1060, 402 920, 410 800, !412 700")
    right_leg = shape("!398 700, 408 820, 418 940, !422 1060, !512 1060, 518 930, 526 800, !524 690")
    left = canvas.fill(left_leg, _CORD)
    right = canvas.fill(right_leg, _CORD)
    for x in range(300, 400, 13):
        canvas.fill(
            brush(line(f"{x} 700, {x - 3} 860, {x + 2} 1060"), 3, start=1, end=1),
            _CORD_LIGHT,
            0.5,
            within=left,
        )
    for x in range(414, 520, 13):
        canvas.fill(
            brush(line(f"{x} 700, {x + 3} 860, {x + 2} 1060"), 3, start=1, end=1),
            _CORD_LIGHT,
            0.4,
            within=right,
        )
    canvas.fill(shape("376 690, 372 820, 384 1060, 430 1060, 430 690"), _CORD_SHADE, 0.8, within=left)
    canvas.fill(shape("486 690, 478 820, 488 1060, 530 1060, 550 690"), _CORD_SHADE, 0.8, within=right)
    canvas.fill(
        shape("280 680, 540 680, 540 772, 410 742, 280 768"),
        "#2b1d20",
        0.5,
        within=canvas.mask(left_leg, right_leg),
    )
    canvas.fill(shape("296 960, 340 976, 400 962, 400 980, 340 994, 296 978"), _CORD_SHADE, 0.6, within=left)
    canvas.fill(shape("416 968, 470 980, 520 966, 520 984, 470 996, 416 986"), _CORD_SHADE, 0.6, within=right)


def _boots(canvas: Canvas) -> None:
    for text, shade, sole, laces in (
        (
            "!296 1040, 292 1100, 284 1140, !282 1164, !408 1164, 408 1138, 398 1100, !404 1038, 350 1052",
            "370 1040, 372 1100, 384 1170, 420 1170, 420 1030",
            "!280 1150, !410 1150, !410 1170, !280 1170",
            346,
        ),
        (
            "!416 1040, 420 1100, 414 1140, !412 1164, !560 1164, 558 1142, 530 1122, 514 1096, !518 1038, 470 1052",
            "482 1040, 490 1110, 520 1170, 570 1170, 550 1030",
            "!410 1150, !562 1150, !562 1170, !410 1170",
            474,
        ),
    ):
        boot = canvas.fill(shape(text), ("#5d4038", "#3e2a2a"))
        canvas.fill(shape(shade), "#291b20", 0.65, within=boot)
        canvas.fill(shape(sole), "#1d1418", within=canvas.alpha())
        for y in (1072, 1090, 1108):
            canvas.fill(
                brush(line(f"{laces - 18} {y}, {laces} {y + 6}, {laces + 18} {y}"), 4, start=0.8, end=0.8),
                "#c9a27a",
                0.8,
            )


def _arm_behind(canvas: Canvas) -> None:
    # His right arm hangs, the thumb hooked into the trouser pocket.
    hand = canvas.fill(shape("272 664, 262 700, 272 744, 296 760, 318 740, 322 700, 312 664"), _SKIN)
    canvas.fill(shape("300 660, 302 700, 290 760, 330 760, 330 660"), _SKIN_SHADE, within=hand)
    sleeve = canvas.fill(
        shape(
            "306 296, 268 322, 244 392, 234 480, 238 570, 252 640, !262 676, !326 676, 330 600, 332 520, "
            "344 420, 350 330"
        ),
        (_WOOL_LIGHT, _WOOL, _WOOL),
    )
    canvas.fill(shape("340 320, 316 420, 304 520, 306 680, 340 680, 350 500, 360 400"), _WOOL_DEEP, 0.8, within=sleeve)
    canvas.fill(shape("238 480, 270 500, 300 496, 280 520, 240 520"), _WOOL_SHADE, 0.8, within=sleeve)
    canvas.rim(sleeve, _WOOL_LIGHT, (-7, -2), 0.7, blur=1)
    cuff = canvas.fill(shape("!256 640, 290 648, !330 640, 332 664, !328 684, 292 690, !258 684, 254 662"), _WOOL_SHADE)
    for x in range(264, 330, 9):
        canvas.fill(brush(line(f"{x} 642, {x} 688"), 2.4, start=1, end=1), _WOOL_DEEP, 0.7, within=cuff)


def _jumper(canvas: Canvas) -> None:
    body = canvas.fill(
        shape(
            "!350 272, 312 290, 282 322, 276 420, 270 520, 266 620, !272 704, 340 722, 410 726, 480 722, "
            "!542 702, 552 620, 548 520, 540 420, 536 330, 506 290, !462 270, 410 290"
        ),
        (_WOOL_LIGHT, _WOOL, _WOOL),
    )
    canvas.fill(shape("470 280, 500 380, 492 480, 506 600, 490 730, 570 730, 570 300"), _WOOL_SHADE, within=body)
    canvas.fill(shape("524 330, 522 480, 536 600, 520 730, 580 730, 570 330"), _WOOL_DEEP, 0.7, within=body)
    for text in (
        "296 560, 340 586, 380 590, 340 602, 292 586",
        "500 570, 470 600, 430 606, 476 616, 520 596",
        "306 640, 350 656, 390 656, 350 668, 300 660",
    ):
        canvas.fill(shape(text), _WOOL_SHADE, 0.7, within=body)
    _yoke(canvas, body)
    hem = canvas.fill(
        shape(
            "!268 676, 340 696, 410 700, 480 696, !546 674, 546 700, !540 712, 480 730, 410 734, 340 730, "
            "!274 712, 268 696"
        ),
        _WOOL_SHADE,
    )
    for x in range(276, 546, 10):
        bow = 22 * (1 - ((x - 408) / 140) ** 2)
        canvas.fill(
            brush(line(f"{x} {678 + bow:.0f}, {x} {716 + bow:.0f}"), 2.6, start=1, end=1),
            _WOOL_DEEP,
            0.65,
            within=hem,
        )
    canvas.rim(body, _WOOL_LIGHT, (-6, -2), 0.6, blur=1)


def _yoke(canvas: Canvas, body: Image.Image) -> None:
    # Three rows of a knitted pattern around the shoulders.
    for row, (drop, colour) in enumerate(((352, _CREAM), (388, _CREAM), (424, "#c8574b"))):
        for step in range(-9, 10):
            x = 408 + step * 17 + (8.5 if row % 2 else 0)
            y = drop - 0.0021 * (x - 408) ** 2
            size = 7.5 if colour == _CREAM else 5.5
            tilt = (x - 408) * -0.06
            diamond = [
                (x, y - size),
                (x + size * 0.8, y + tilt * 0.3),
                (x, y + size),
                (x - size * 0.8, y - tilt * 0.3),
            ]
            canvas.fill(diamond, colour, 0.95 if x < 480 else 0.62, within=body)
    for drop in (334, 370, 406, 440):
        arc = ", ".join(f"{x} {drop - 0.0021 * (x - 408) ** 2:.1f}" for x in range(250, 580, 30))
        canvas.fill(brush(line(arc), 3, start=1, end=1), _CREAM, 0.7, within=body)


def _head(canvas: Canvas) -> None:
    canvas.fill(shape("!356 220, 352 290, 400 320, 460 296, !458 220"), _SKIN_SHADE)
    collar = canvas.fill(shape("344 262, 338 292, 372 320, 412 328, 456 316, 476 288, 466 262, 410 276"), _WOOL_SHADE)
    for x in range(346, 476, 9):
        canvas.fill(brush(line(f"{x} 262, {x} 326"), 2.4, start=1, end=1), _WOOL_DEEP, 0.6, within=collar)
    face = canvas.fill(
        shape("344 130, 342 180, 352 226, 390 262, 430 262, 462 226, 472 180, 470 130, 440 96, 380 96"), _SKIN
    )
    canvas.fill(shape("460 120, 452 160, 460 200, 440 250, 480 250, 490 120"), _SKIN_SHADE, 0.75, within=face)
    canvas.fill(shape("336 100, 340 152, 400 158, 480 150, 480 96"), _SKIN_SHADE, 0.8, within=face)
    ear = canvas.fill(shape("346 168, 330 160, 324 180, 334 206, 350 212"), _SKIN)
    canvas.fill(oval(338, 184, 9, 22, -12), _SKIN_SHADE, within=ear)
    canvas.glow((384, 212), (30, 20), "#d8402c", 0.4, within=face)
    canvas.glow((456, 208), (20, 18), "#d8402c", 0.35, within=face)
    eye(canvas, (398, 182), 28, _LOOK)
    eye(canvas, (448, 181), 23, _LOOK)
    for text in (
        "372 178, 364 172, 356 172",
        "374 184, 364 184, 356 188",
        "384 194, 398 198, 412 194",
        "440 194, 450 197, 460 193",
    ):
        canvas.fill(brush(line(text), 2.6), _SKIN_DEEP, 0.75)
    # A nose that has met weather.
    nose = canvas.fill(shape("424 176, 416 202, 414 216, 428 226, 446 224, 454 214, 446 198, 440 178"), "#d38b70")
    canvas.fill(shape("440 180, 446 204, 438 222, 452 228, 462 214, 450 190"), _SKIN_SHADE, within=nose)
    canvas.fill(oval(430, 210, 10, 8), "#f0b799", 0.9)
    _beard(canvas)
    brow(canvas, "374 172, 390 158, 406 160, 420 168", _LOOK)
    brow(canvas, "436 166, 450 158, 464 162, 470 170", _LOOK)


def _beard(canvas: Canvas) -> None:
    beard = canvas.fill(
        shape(
            "!336 176, 346 210, 366 226, 392 226, 412 220, 430 228, 448 222, 462 222, !474 190, 482 230, "
            "480 280, 462 326, 436 352, !416 366, 396 350, 364 330, 342 290, 332 240"
        ),
        _BEARD,
    )
    canvas.fill(shape("474 190, 462 240, 466 280, 446 320, 416 370, 480 350, 500 250"), _BEARD_SHADE, within=beard)
    canvas.fill(shape("480 230, 474 290, 450 336, 420 368, 500 360, 500 240"), _BEARD_DEEP, 0.6, within=beard)
    # Mouth between moustache and beard.
    canvas.fill(shape("404 246, 424 242, 448 244, 440 256, 420 258"), "#7b4440", within=beard)
    canvas.fill(shape("410 252, 426 250, 440 252, 430 259"), _LOOK.lip, 0.9, within=beard)
    moustache = canvas.fill(
        shape(
            "!430 224, 408 222, 388 234, 370 256, !356 268, 384 268, 408 256, !430 244, 448 252, 466 262, "
            "!482 258, 470 240, 452 226"
        ),
        "#fbf8f1",
    )
    canvas.fill(shape("432 228, 444 246, 480 262, 484 250, 456 226"), _BEARD_SHADE, 0.8, within=moustache)
    for text in (
        "352 240, 362 286, 386 320",
        "372 276, 386 306, 402 330",
        "400 280, 408 310, 416 342",
        "430 280, 430 312, 422 340",
        "452 276, 448 304, 438 326",
    ):
        canvas.fill(brush(line(text), 5), _BEARD_SHADE, 0.9, within=beard)
    canvas.rim(beard, "#ffffff", (-5, -1), 0.9, blur=1)


def _cap(canvas: Canvas) -> None:
    hair = canvas.fill(shape("342 140, 326 156, 328 182, 340 196, 352 178, 356 150"), _BEARD)
    canvas.fill(shape("346 150, 344 190, 360 190, 360 140"), _BEARD_SHADE, within=hair)
    crown = canvas.fill(
        shape("!330 138, 322 104, 340 66, 390 46, 444 52, 486 78, 496 108, !484 136, 440 120, 380 122"), _CAP
    )
    canvas.fill(shape("440 46, 470 80, 468 136, 510 140, 510 60"), _CAP_SHADE, within=crown)
    canvas.fill(shape("350 74, 390 60, 430 64, 392 74, 352 96"), _CAP_LIGHT, 0.7, within=crown)
    band = canvas.fill(
        shape("!328 132, 380 116, 440 114, !488 130, 488 144, !484 154, 440 138, 380 140, !330 158, 326 146"),
        _CAP_SHADE,
    )
    canvas.fill(brush(line("330 146, 380 129, 440 127, 486 143"), 5, start=1, end=1), "#c79a4b", within=band)
    canvas.fill(oval(432, 128, 17, 17), "#e2b658")
    canvas.fill(oval(432, 128, 8, 8), "#8d6a2c")
    peak = canvas.fill(
        shape("!352 146, 390 136, 440 136, 488 148, 514 168, !522 182, 496 176, 450 164, 400 160, !346 164"),
        _CAP_SHADE,
    )
    canvas.fill(brush(line("390 148, 436 144, 484 156, 514 176"), 4), _CAP_LIGHT, 0.8, within=peak)
    canvas.rim(crown, _CAP_LIGHT, (-5, -3), 0.8, blur=1)


def _arm_front(canvas: Canvas) -> None:
    # The other arm bends across his belly; the hand holds the pipe.
    upper = canvas.fill(
        shape("500 300, 536 316, 562 370, 576 450, 580 520, 566 566, 530 580, 506 548, 500 470, 484 390"),
        (_WOOL, _WOOL_SHADE),
    )
    canvas.fill(shape("540 310, 552 400, 556 500, 536 590, 600 590, 600 340"), _WOOL_DEEP, 0.75, within=upper)
    fore = canvas.fill(
        shape("580 520, 570 566, 534 584, 490 560, 448 512, !418 476, !454 432, 492 456, 532 480, 566 494"),
        _WOOL,
    )
    canvas.fill(
        shape("580 530, 540 560, 490 536, 440 486, 410 480, 440 530, 500 590, 590 590"),
        _WOOL_DEEP,
        0.75,
        within=fore,
    )
    canvas.rim(fore, _WOOL_LIGHT, (2, -6), 0.7, blur=1)
    cuff = canvas.fill(shape("!408 470, 424 444, !446 418, 464 430, !468 440, 448 472, !432 494, 418 486"), _WOOL_SHADE)
    canvas.rim(cuff, _WOOL_LIGHT, (-3, -5), 0.8)
    _pipe(canvas)
    hand = canvas.fill(shape("428 470, 402 458, 384 436, 380 412, 390 394, 412 388, 432 396, 448 420, 446 446"), _SKIN)
    canvas.fill(shape("440 400, 424 440, 428 476, 460 460, 460 410"), _SKIN_SHADE, within=hand)
    for text in ("382 414, 396 410, 412 414", "386 428, 400 424, 414 428", "394 442, 406 438, 418 441"):
        canvas.fill(brush(line(text), 3), _SKIN_DEEP, 0.8)
    thumb = canvas.fill(shape("406 402, 402 384, 408 368, 420 368, 428 384, 430 408"), _SKIN)
    canvas.fill(shape("420 364, 418 400, 436 410, 434 370"), _SKIN_SHADE, within=thumb)


def _pipe(canvas: Canvas) -> None:
    canvas.fill(brush(line("452 336, 432 352, 410 372, 388 392"), 9, start=0.7, end=1), "#20161a")
    bowl = canvas.fill(
        shape("!352 362, 350 386, 358 408, 376 416, 392 404, 400 384, !400 366, 376 360"),
        ("#8a4c30", "#5a2d22"),
    )
    canvas.fill(shape("352 362, 350 390, 362 410, 366 380, 364 362"), "#c07a4c", 0.9, within=bowl)
    canvas.fill(oval(376, 364, 48, 13), "#3b1f1a")
    canvas.fill(oval(376, 365, 34, 7), "#d8672e", 0.85)
