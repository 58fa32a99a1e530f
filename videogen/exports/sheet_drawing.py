"""What was drawn on a frame, over its picture on a storyboard: lines, not pixels, each drawing with its number."""

from collections.abc import Sequence

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from videogen.strokes import COLORS, Drawing, Line, lines

Box = tuple[float, float, float, float]  # left, bottom, width, height
EDGE = 0.8  # points of dark around a line: seen on a white wall as well
ROUND = 1  # ends and joins, as PDF counts them
BADGE = 4.2  # radius of a number's circle in points, at least ...
BADGE_SHARE = 0.013  # ... and in widths of the picture
DARK = (0.09, 0.09, 0.12)


def draw(canvas: Canvas, drawings: Sequence[Drawing], box: Box, font: str) -> None:
    """Draw over the picture in a box. Numbers count from 1, and stand where a drawing's first stroke begins."""
    left, bottom, width, height = box
    if not drawings:
        return
    canvas.saveState()
    frame = canvas.beginPath()
    frame.rect(*box)
    canvas.clipPath(frame, stroke=0)
    canvas.translate(left, bottom + height)
    canvas.scale(1, -1)  # strokes count from the upper edge
    canvas.setLineCap(ROUND)
    canvas.setLineJoin(ROUND)
    for drawing in drawings:
        found = list(lines(drawing, width, height))
        for line in found:
            canvas.setStrokeColorRGB(*DARK, alpha=0.6)
            _stroke(canvas, line, line.width + 2 * EDGE)
        for line in found:
            canvas.setStrokeColor(HexColor(line.color))
            canvas.setStrokeAlpha(1)
            _stroke(canvas, line, line.width)
    canvas.scale(1, -1)
    radius = max(BADGE, BADGE_SHARE * width)
    canvas.setFont(font, 1.4 * radius)
    for number, drawing in enumerate(drawings, start=1):
        _badge(canvas, drawing, str(number), (width, height), radius)
    canvas.restoreState()


def _stroke(canvas: Canvas, line: Line, width: float) -> None:
    path = canvas.beginPath()
    path.moveTo(*line.curves[0].start)
    for (x, y), (bend_x, bend_y), (end_x, end_y) in line.curves:
        # A quadratic curve as a cubic one, which is all that PDF has: its two bends lie two thirds of the way.
        path.curveTo(
            x + (bend_x - x) * 2 / 3,
            y + (bend_y - y) * 2 / 3,
            end_x + (bend_x - end_x) * 2 / 3,
            end_y + (bend_y - end_y) * 2 / 3,
            end_x,
            end_y,
        )
    canvas.setLineWidth(width)
    canvas.drawPath(path, stroke=1, fill=0)


def _badge(canvas: Canvas, drawing: Drawing, number: str, size: tuple[float, float], radius: float) -> None:
    width, height = size
    first = drawing.strokes[0]
    x = min(max(first.points[0][0] * width, radius), width - radius)
    y = min(max(first.points[0][1] * height, radius), height - radius)
    canvas.setStrokeColorRGB(*DARK)
    canvas.setFillColor(HexColor(COLORS[first.color]))
    canvas.setLineWidth(0.6)
    canvas.circle(x, -y, radius, stroke=1, fill=1)
    canvas.setFillColorRGB(*DARK)
    canvas.drawCentredString(x, -y - radius / 2, number)
