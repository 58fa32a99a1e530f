"""The iron stove with its fire, and the kettle that is about to sing."""

from art.canvas import Canvas, box, brush, line, oval, shape
from art.scenery import TOP

_IRON, _IRON_DARK, _IRON_LIGHT = "#343040", "#201d2b", "#5d5563"


def draw_stove(canvas: Canvas) -> None:
    """Draw the stove, the kettle, and logs beside."""
    canvas.fill([(330, TOP), (376, TOP), (376, 352), (330, 352)], (_IRON_DARK, _IRON_DARK, _IRON))
    canvas.fill(box(330, TOP, 340, 352), _IRON_LIGHT, 0.5)
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
    # Logs beside.
    for x, y, size in ((510, 640, 34), (546, 642, 32), (528, 610, 33)):
        canvas.fill(oval(x, y, size, size), "#54352c")
        canvas.fill(oval(x, y, size - 8, size - 8), "#c08b5c")
        canvas.fill(oval(x, y, size - 18, size - 18), "#94613f", 0.7)


def draw_kettle_steam(canvas: Canvas) -> None:
    """Draw what rises from the kettle."""
    steam = canvas.mask(
        brush(line("364 298, 376 270, 360 244, 380 214, 366 184, 384 150"), 20, start=0.2, end=0.1), blur=5
    )
    canvas.fill(steam, "#e8dccb", 0.3)
