"""Mara, the young keeper: yellow raincoat, wind in her hair, the lantern always at hand."""

from PIL import Image

from art.canvas import Canvas, brush, line, oval, shape
from art.people.faces import Look, brow, eye

_COAT, _COAT_SHADE, _COAT_DEEP, _COAT_LIGHT = "#f2b134", "#d68a22", "#a9621d", "#ffd36b"
_SKIN, _SKIN_SHADE, _SKIN_DEEP = "#e9b48f", "#cb8768", "#a9654f"
_HAIR, _HAIR_LIGHT, _HAIR_DARK = "#3c2430", "#6b4046", "#281722"
_NAVY, _NAVY_DARK = "#33415f", "#222c45"
_RIM, _COOL = "#fff0c4", "#8ea3d6"

_LOOK = Look(iris="#4d6b5c", brow="#341d28", lip="#b75a54", dark="#2a151d", shade=_SKIN_SHADE, brow_width=7)


def draw() -> Image.Image:
    """Mara, 800 x 1200, on nothing."""
    canvas = Canvas(800, 1200)
    _hair_behind(canvas)
    _legs(canvas)
    _boots(canvas)
    _arm_behind(canvas)
    _coat(canvas)
    _neck(canvas)
    _head(canvas)
    _collar(canvas)
    _lantern(canvas)
    _arm_front(canvas)
    edge = canvas.alpha()
    canvas.rim(edge, _RIM, (3.2, -1.4), 0.55, blur=0.6)
    canvas.rim(edge, _COOL, (-2.6, 0.6), 0.4, blur=0.8)
    return canvas.finished()


def _hair_behind(canvas: Canvas) -> None:
    # A braid that the wind takes to the left.
    canvas.fill(
        shape(
            "352 120, 330 170, 322 230, 300 280, !250 322, 300 316, 338 290, 330 330, !296 380, 350 350, "
            "380 290, 400 230"
        ),
        _HAIR_DARK,
    )
    for text, width in (
        ("326 236, 292 272, 252 286, 222 278", 13),
        ("334 262, 306 306, 270 330, 240 330", 11),
    ):
        canvas.fill(brush(line(text), width, start=1.2), _HAIR_DARK)
    canvas.fill(brush(line("344 176, 334 220, 318 262, 290 296"), 6), _HAIR)


def _legs(canvas: Canvas) -> None:
    left = canvas.fill(shape("!330 760, 322 880, 332 990, !338 1070, !398 1070, 398 980, 402 880, !408 760"), _NAVY)
    canvas.fill(shape("320 760, 318 1070, 352 1070, 350 900, 366 760"), _NAVY_DARK, 0.7, within=left)
    right = canvas.fill(shape("!404 760, 414 880, 424 980, !426 1070, !490 1070, 492 980, 488 880, !488 760"), _NAVY)
    canvas.fill(shape("400 760, 406 900, 420 1070, 446 1070, 440 900, 446 780"), _NAVY_DARK, 0.7, within=right)
    canvas.fill(
        shape("320 770, 500 770, 500 850, 410 838, 320 856"),
        "#141b30",
        0.55,
        within=canvas.mask(
            shape("!330 760, 322 880, 332 990, !338 1070, !398 1070, 398 980, 402 880, !408 760"),
            shape("!404 760, 414 880, 424 980, !426 1070, !490 1070, 492 980, 488 880, !488 760"),
        ),
    )


def _boots(canvas: Canvas) -> None:
    for text, shade, gleam, sole in (
        (
            "!326 960, 330 1040, 322 1110, 306 1146, !300 1166, !402 1166, 404 1130, 400 1060, !404 958, 364 968",
            "326 950, 320 1120, 290 1170, 350 1170, 352 1090, 354 950",
            "384 985, 382 1060, 386 1110",
            "!299 1156, !403 1156, 403 1170, 380 1172, 320 1172, 298 1170",
        ),
        (
            (
                "!418 958, 424 1040, 420 1120, !420 1166, !538 1166, 536 1142, 510 1122, 494 1090, 494 1030, "
                "!498 960, 460 968"
            ),
            "418 950, 420 1170, 452 1170, 452 1090, 446 950",
            "478 985, 476 1060, 484 1104, 508 1132",
            "!419 1156, !539 1156, 540 1170, 500 1172, 440 1172, 418 1170",
        ),
    ):
        boot = canvas.fill(shape(text), ("#40665f", "#2c4a49"))
        canvas.fill(shape(shade), "#1f3639", 0.75, within=boot)
        canvas.fill(brush(line(gleam), 6), "#a5cfb9", 0.6)
        canvas.fill(shape(sole), "#182527")


def _arm_behind(canvas: Canvas) -> None:
    # Her right arm, hand deep in the pocket.
    sleeve = canvas.fill(
        shape(
            "322 308, 290 330, 268 400, 254 490, 258 560, 284 618, !316 640, !352 606, 336 560, 334 500, "
            "352 420, 360 340"
        ),
        _COAT_SHADE,
    )
    canvas.fill(
        shape("300 310, 260 400, 240 500, 250 600, 300 650, 300 590, 286 540, 290 470, 312 380"),
        _COAT_DEEP,
        0.75,
        within=sleeve,
    )


def _coat(canvas: Canvas) -> None:
    coat = canvas.fill(
        shape(
            "!352 286, 322 304, 312 340, 316 420, 312 520, 300 640, 284 740, !268 812, 330 830, 400 824, "
            "470 832, !548 806, 528 720, 510 620, 500 520, 502 420, 508 350, 500 312, !452 284, 400 300"
        ),
        (_COAT_LIGHT, _COAT, _COAT),
    )
    # The side away from the light, and the folds that hang from shoulder and pocket.
    canvas.fill(
        shape(
            "340 280, 300 320, 296 460, 284 640, 250 830, 350 840, 352 760, 344 660, 350 560, 340 460, 352 380, 346 330"
        ),
        _COAT_SHADE,
        within=coat,
    )
    canvas.fill(shape("!352 838, 366 720, 362 640, 372 720, !380 838"), _COAT_SHADE, 0.8, within=coat)
    canvas.fill(shape("!452 838, 462 740, 446 650, 480 740, !496 838"), _COAT_SHADE, 0.8, within=coat)
    canvas.fill(shape("!290 838, 304 740, 312 660, 318 740, !316 838"), _COAT_DEEP, 0.6, within=coat)
    canvas.fill(shape("480 470, 440 500, 430 520, 470 512, 506 490"), _COAT_SHADE, 0.75, within=coat)
    canvas.fill(shape("330 480, 372 506, 384 524, 350 516, 318 500"), _COAT_DEEP, 0.5, within=coat)
    canvas.fill(
        shape("!262 800, 330 816, 400 810, 470 818, !560 792, !560 840, !262 840"),
        _COAT_DEEP,
        0.35,
        within=coat,
    )
    # The front edge with its toggles, and the pocket that holds a hand.
    canvas.fill(brush(line("414 300, 420 420, 418 560, 424 700, 430 824"), 4.5, start=0.9, end=0.9), _COAT_DEEP, 0.85)
    for y in (392, 486, 580, 674):
        canvas.fill(brush(line(f"404 {y}, 440 {y - 2}"), 5, start=0.8, end=0.8), "#7b4a22")
        canvas.fill(oval(440, y - 2, 11, 22, 12), "#f4e3c4")
        canvas.fill(oval(438, y - 2, 4, 20, 12), "#b9946a", 0.7)
    pocket = canvas.fill(
        shape("!300 596, 340 602, !374 600, 372 660, !362 698, 330 704, !292 694, 296 640"), _COAT_SHADE
    )
    canvas.fill(shape("286 590, 300 600, 312 640, 300 710, 280 710"), _COAT_DEEP, 0.6, within=pocket)
    canvas.fill(brush(line("300 598, 340 604, 374 601"), 6, start=0.9, end=0.9), _COAT_DEEP)
    canvas.rim(coat, _COAT_LIGHT, (9, -2), 0.8, blur=1.2)


def _neck(canvas: Canvas) -> None:
    canvas.fill(shape("!372 210, 374 262, !352 300, 400 330, !462 296, 444 266, !442 220"), _SKIN_SHADE)
    # A navy roll-neck jumper.
    wool = canvas.fill(shape("!364 262, 400 280, !450 258, 462 292, !474 318, 424 352, !344 320, 354 288"), _NAVY)
    canvas.fill(shape("350 260, 390 284, 402 350, 330 330"), _NAVY_DARK, 0.8, within=wool)
    for x in (372, 386, 402, 418, 434, 448):
        canvas.fill(
            brush(line(f"{x} 274, {x + 1} 300, {x + (x - 410) * 0.15:.1f} 330"), 2.2),
            "#52638a",
            0.55,
            within=wool,
        )


def _head(canvas: Canvas) -> None:
    face = canvas.fill(
        shape(
            "352 140, 350 176, 358 212, 382 240, !412 256, 424 256, 448 238, 464 208, 470 172, 468 136, 440 96, 390 92"
        ),
        _SKIN,
    )
    canvas.fill(
        shape("340 120, 346 230, 412 262, 404 244, 378 226, 368 196, 372 160, 388 128"),
        _SKIN_SHADE,
        0.85,
        within=face,
    )
    canvas.fill(shape("344 130, 392 142, 430 134, 474 142, 474 90, 344 90"), _SKIN_SHADE, 0.7, within=face)
    canvas.glow((388, 208), (26, 16), "#e0563f", 0.32, within=face)
    canvas.glow((454, 206), (18, 14), "#e0563f", 0.32, within=face)
    ear = canvas.fill(shape("352 168, 342 162, 338 178, 346 198, 356 202"), _SKIN_SHADE)
    canvas.fill(oval(348, 180, 8, 18, -10), _SKIN_DEEP, 0.7, within=ear)
    eye(canvas, (404, 178), 31, _LOOK)
    eye(canvas, (450, 177), 25, _LOOK)
    brow(canvas, "384 158, 402 150, 422 155", _LOOK)
    brow(canvas, "440 154, 452 149, 466 155", _LOOK)
    # Nose: a lit ridge and the shadow under it.
    canvas.fill(shape("432 176, 440 200, !446 208, 438 214, !426 212, 432 204"), _SKIN_SHADE, 0.9)
    canvas.fill(brush(line("426 212, 434 215, 443 211"), 3.4), _SKIN_DEEP)
    canvas.fill(brush(line("440 184, 445 203"), 3.2), "#fbd9b8", 0.8)
    # A mouth about to smile at the left corner.
    canvas.fill(shape("!408 228, 422 226, 430 228, 438 226, !448 226, 438 236, 424 238"), _LOOK.lip, 0.85)
    canvas.fill(brush(line("404 226, 420 230, 432 230, 450 224"), 3.2, start=0.4), _LOOK.dark)
    for x, y in ((384, 200), (392, 204), (400, 199), (446, 201), (456, 203), (392, 195)):
        canvas.fill(oval(x, y, 3, 2.6), _SKIN_DEEP, 0.5)
    _hair(canvas)


def _hair(canvas: Canvas) -> None:
    hair = canvas.fill(
        shape(
            "!470 150, 462 128, 444 120, 430 118, 404 124, 384 140, 370 166, !358 196, 352 176, 344 164, "
            "336 190, !344 224, 326 200, 322 160, 332 112, 362 78, 404 66, 446 76, 474 106, 480 140, !474 172"
        ),
        _HAIR,
    )
    canvas.fill(shape("326 190, 322 150, 344 96, 374 82, 352 120, 346 170, 338 210"), _HAIR_DARK, 0.9, within=hair)
    for text in (
        "446 88, 412 92, 384 108, 364 138",
        "462 102, 430 100, 402 112, 380 136",
        "470 124, 456 110, 436 108",
    ):
        canvas.fill(brush(line(text), 5), _HAIR_LIGHT, 0.9, within=hair)
    canvas.fill(brush(line("474 128, 484 150, 482 178, 490 196"), 5, start=0.8), _HAIR)


def _collar(canvas: Canvas) -> None:
    # The hood lies on her shoulders, its two sides meeting under the chin.
    left = canvas.fill(
        shape("!356 262, 332 270, 306 296, 300 322, 320 346, 366 356, !412 372, 404 340, 372 316"), _COAT
    )
    canvas.fill(
        shape("300 280, 290 330, 330 356, 412 374, 380 346, 340 326, 326 300, 346 262"),
        _COAT_SHADE,
        within=left,
    )
    right = canvas.fill(
        shape("!452 258, 480 266, 512 288, 520 314, 498 338, 456 352, !416 372, 426 336, 446 312"), _COAT
    )
    canvas.fill(shape("416 374, 424 330, 450 306, 446 330, 460 338, 500 330"), _COAT_SHADE, 0.8, within=right)
    canvas.rim(right, _COAT_LIGHT, (6, -5), 0.9)
    for text in ("396 352, 392 384, 398 410", "430 352, 434 380, 430 400"):
        canvas.fill(brush(line(text), 4, start=0.9, end=0.9), "#f4e3c4")


def _lantern(canvas: Canvas) -> None:
    canvas.fill(brush(line("546 560, 540 590, 552 612"), 5, start=1, end=1), "#5a4636")
    canvas.fill(brush(line("584 612, 596 590, 590 560, 568 548, 546 560"), 5, start=1, end=1), "#5a4636")
    canvas.fill(shape("!544 628, !548 608, 568 596, !588 608, !592 628"), ("#7d6247", "#4d3a2c"))
    glass = canvas.fill(
        shape("!546 628, 540 668, !544 708, !592 708, 596 668, !590 628"), ("#ffe9a8", "#ffc45a", "#f79a3a")
    )
    canvas.fill(shape("568 640, 580 668, 576 694, 560 694, 556 668"), "#fffbe0", 0.95, within=glass)
    for x in (546, 568, 590):
        canvas.fill(
            brush(line(f"{x} 626, {x + (x - 568) * 0.2:.1f} 668, {x} 710"), 4, start=1, end=1),
            "#5a4636",
            0.85,
        )
    canvas.fill(shape("!538 706, !598 706, !594 730, !542 730"), ("#7d6247", "#4d3a2c"))
    canvas.glow((568, 668), (150, 170), "#ff9d3c", 0.75, within=canvas.alpha())


def _arm_front(canvas: Canvas) -> None:
    sleeve = canvas.fill(
        shape("470 304, 506 312, 532 350, 556 420, 588 490, !598 534, 572 552, !540 556, 512 500, 484 440, 464 380"),
        (_COAT_LIGHT, _COAT),
    )
    canvas.fill(
        shape("456 320, 470 400, 500 470, 540 560, 560 556, 536 490, 504 430, 490 370, 486 330"),
        _COAT_SHADE,
        within=sleeve,
    )
    canvas.fill(shape("500 420, 540 440, 560 424, 540 462, 516 462"), _COAT_SHADE, 0.8, within=sleeve)
    canvas.rim(sleeve, _COAT_LIGHT, (7, -3), 0.9, blur=1)
    cuff = canvas.fill(shape("!536 540, 566 538, !600 516, 606 538, !604 550, 574 566, !544 570"), _COAT_SHADE)
    canvas.rim(cuff, _COAT_LIGHT, (5, -3), 0.8)
    hand = canvas.fill(shape("550 564, 574 560, 596 552, 600 572, 594 592, 580 604, 562 602, 552 588"), _SKIN)
    canvas.fill(shape("544 560, 552 604, 574 608, 566 590, 562 566"), _SKIN_SHADE, within=hand)
    for text in ("566 584, 580 586, 592 582", "564 594, 576 597, 588 594"):
        canvas.fill(brush(line(text), 2.6), _SKIN_DEEP, 0.8)
