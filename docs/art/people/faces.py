"""The parts that every face of the demo has: a few confident shapes, turned a little to the right."""

from dataclasses import dataclass

from art.canvas import Canvas, Point, brush, line, oval, shape


@dataclass(frozen=True, slots=True)
class Look:
    """The colours and the mood of a face. `open_eye` is the height of the eyes, 1 for wide awake."""

    iris: str
    brow: str
    lip: str
    dark: str  # lashes, nostril, line of the mouth
    shade: str  # the skin in shadow
    white: str = "#f6ece2"
    open_eye: float = 1.0
    brow_width: float = 6.0


def _moved(text: str, centre: Point, scale: float, flip: float = 1.0) -> str:
    pieces = []
    for piece in text.split(","):
        corner, words = ("!" in piece), piece.replace("!", "").split()
        x, y = centre[0] + float(words[0]) * scale * flip, centre[1] + float(words[1]) * scale
        pieces.append(f"{'!' if corner else ''}{x:.2f} {y:.2f}")
    return ", ".join(pieces)


def eye(canvas: Canvas, centre: Point, width: float, look: Look, *, gaze: float = 2.0) -> None:
    """One eye around `centre`, `width` pixels wide, looking `gaze` pixels to the right."""
    unit = width / 30
    tall = look.open_eye
    almond = shape(
        _moved(
            f"!-15 2, -8 {-6 * tall}, 2 {-9 * tall}, 11 {-5 * tall}, !15 1, 8 {6 * tall}, -4 {7 * tall}",
            centre,
            unit,
        )
    )
    lid = line(_moved(f"-17 4, -9 {-6.5 * tall}, 2 {-10 * tall}, 11 {-6 * tall}, 17 0", centre, unit))
    inside = canvas.fill(almond, look.white)
    canvas.fill(
        shape(
            _moved(
                f"-15 -1, 0 {-12 * tall}, 15 -2, 12 {-2 * tall}, 0 {-4.5 * tall}, -12 {-1 * tall}",
                centre,
                unit,
            )
        ),
        look.shade,
        0.55,
        within=inside,
    )
    pupil = (centre[0] + gaze, centre[1] - 0.5 * unit)
    canvas.fill(oval(*pupil, 15 * unit, 16 * unit), look.iris, within=inside)
    canvas.fill(oval(*pupil, 8 * unit, 9 * unit), look.dark, within=inside)
    canvas.fill(oval(pupil[0] + 3 * unit, pupil[1] - 3.5 * unit, 4.2 * unit, 4.2 * unit), "#ffffff", 0.95)
    canvas.fill(brush(lid, 5.2 * unit, start=0.3, end=0.5), look.dark)


def brow(canvas: Canvas, text: str, look: Look) -> None:
    """An eyebrow along a line."""
    canvas.fill(brush(line(text), look.brow_width, start=0.55, end=0.15), look.brow)
