"""A cut as a storyboard to print: panels with their words, lengths and notes, in three layouts."""

import io
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import count, groupby
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from videogen.exports import fonts
from videogen.exports.cut import Cut, Shot
from videogen.exports.sheet_drawing import Box, draw
from videogen.exports.spec import LayoutWord
from videogen.exports.stored import picture_of, poster_of
from videogen.media.mp4 import writing_errors
from videogen.phase import Phase
from videogen.pipelines.base import OnStep

LATIN = "NotoSans"
# Known to readers of PDF by these names, for signs that no font here has; the file does not hold them.
KANA, HAN, HANGUL = "HeiseiKakuGo-W5", "STSong-Light", "HYSMyeongJo-Medium"
MARGIN = 14 * mm
GAP = 6 * mm
HEAD, FOOT = 12 * mm, 8 * mm
INK, PALE = (0.09, 0.09, 0.12), (0.42, 0.42, 0.47)
QUALITY = 82  # of the pictures
LEADING = 1.35  # of lines, in sizes of their font
NOTE_SIZE = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """A page: how many panels stand beside and below each other. side: the longest of a picture, in pixels.

    words_beside: the words stand at the right of the picture, with lines to write on; else below it.
    """

    landscape: bool
    columns: int
    rows: int
    side: int
    words_beside: bool = False

    @property
    def page(self) -> tuple[float, float]:
        """Width and height in points."""
        width, height = sorted(A4, reverse=self.landscape)
        return width, height


LAYOUTS: Mapping[LayoutWord, Layout] = {
    "grid": Layout(landscape=True, columns=3, rows=2, side=640),
    "list": Layout(landscape=False, columns=1, rows=3, side=640, words_beside=True),
    "single": Layout(landscape=True, columns=1, rows=1, side=1280),
}


rl_config.useA85 = 0  # pictures as they are: as text they would be a quarter larger, and take a second


@cache
def _register() -> None:
    pdfmetrics.registerFont(TTFont(LATIN, str(fonts.REGULAR)))
    for name in (KANA, HAN, HANGUL):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def write_sheet(path: Path, cut: Cut, layout: LayoutWord, on_step: OnStep) -> None:
    """Write a cut as PDF. The same cut gives the same bytes."""
    _register()
    shape = LAYOUTS[layout]
    per_page = shape.columns * shape.rows
    pages = -(-len(cut.shots) // per_page)
    canvas = Canvas(str(path), pagesize=shape.page, invariant=1, pageCompression=1)
    canvas.setTitle(f"{cut.title} – storyboard")
    for told in (canvas.setAuthor, canvas.setSubject):  # else it is by "anonymous", and its subject "unspecified"
        told("")
    canvas.setCreator("Storyreel")
    gone = len(fonts.missing(*cut.words))
    told = f"Signs without a font in this file: {gone}. They may be blank or left out." if gone else ""
    for place, shot in enumerate(cut.shots):
        on_step(Phase.DECODING, place, len(cut.shots))
        at = place % per_page
        if at == 0:
            _frame(canvas, shape, cut, place // per_page + 1, pages, told)
        _panel(canvas, shape, _box(shape, at), cut, shot)
        if at == per_page - 1 or place == len(cut.shots) - 1:
            canvas.showPage()
    with writing_errors():
        path.write_bytes(canvas.getpdfdata())  # its own `save` leaves the file open where the disk is full


def _box(shape: Layout, at: int) -> Box:
    width, height = shape.page
    own_width = (width - 2 * MARGIN - (shape.columns - 1) * GAP) / shape.columns
    own_height = (height - 2 * MARGIN - HEAD - FOOT - (shape.rows - 1) * GAP) / shape.rows
    row, column = divmod(at, shape.columns)
    top = height - MARGIN - HEAD - row * (own_height + GAP)
    return MARGIN + column * (own_width + GAP), top - own_height, own_width, own_height


def _frame(canvas: Canvas, shape: Layout, cut: Cut, page: int, pages: int, words: str) -> None:
    """Write the head and the foot of a page. words: what is to be said of the whole, at the foot."""
    width, height = shape.page
    title = cut.title if cut.title == cut.film else f"{cut.film} – {cut.title}"
    _write(canvas, title, (MARGIN, height - MARGIN - HEAD, width - 2 * MARGIN - 30 * mm, HEAD), size=13)
    canvas.setFont(LATIN, 8)
    canvas.setFillColorRGB(*PALE)
    canvas.drawRightString(width - MARGIN, height - MARGIN - 10, f"{page} / {pages}")
    length = f"{len(cut.shots)} shots, {cut.seconds:.1f} s at {cut.frame_rate} frames a second"
    canvas.drawString(MARGIN, MARGIN, length)
    if words:
        canvas.drawRightString(width - MARGIN, MARGIN, words)


def _panel(canvas: Canvas, shape: Layout, box: Box, cut: Cut, shot: Shot) -> None:
    left, bottom, width, height = box
    if shape.words_beside:
        picture: Box = (left, bottom, width * 0.55, height)
        words: Box = (left + width * 0.55 + GAP, bottom, width * 0.45 - GAP, height)
    else:
        room = min(height * 0.34, 40 * mm)
        picture, words = (left, bottom + room, width, height - room), (left, bottom, width, room - 2 * mm)
    _picture(canvas, shape, picture, cut, shot)
    used = _words(canvas, words, cut, shot)
    if shape.words_beside:
        _lines(canvas, words, used)


def _picture(canvas: Canvas, shape: Layout, box: Box, cut: Cut, shot: Shot) -> None:
    left, bottom, width, height = box
    picture = (poster_of(shot) if shape.side <= 640 else None) or picture_of(shot)
    size = picture.size if picture else (cut.width, cut.height)
    scale = min(width / size[0], height / size[1])
    own_width, own_height = size[0] * scale, size[1] * scale
    x, y = left, bottom + height - own_height
    if picture:
        picture.thumbnail((shape.side, shape.side), Image.Resampling.BILINEAR, reducing_gap=2.0)
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=QUALITY)
        data.seek(0)
        canvas.drawImage(ImageReader(data), x, y, own_width, own_height)
        drawn = [note.drawing for note in shot.notes if note.drawing]
        draw(canvas, drawn, (x, y, own_width, own_height), LATIN)
    canvas.setStrokeColorRGB(*PALE)
    canvas.setLineWidth(0.5)
    canvas.rect(x, y, own_width, own_height)
    if not picture:
        canvas.setFillColorRGB(*PALE)
        canvas.setFont(LATIN, 8)
        canvas.drawCentredString(x + own_width / 2, y + own_height / 2, "No picture yet")


def _words(canvas: Canvas, box: Box, cut: Cut, shot: Shot) -> float:
    """Write what belongs to a panel, from the top; return the height that it took."""
    first, last = cut.numbers(shot)
    facts = f"{shot.name}   {shot.frames / cut.frame_rate:.1f} s   {first}–{last}"
    if shot.panel_frame:
        facts += f"   picture: {cut.number_of(shot, shot.panel_frame)}"
    left, bottom, width, height = box
    used = _write(canvas, facts, box, size=7, ink=PALE)
    said = f"{shot.speaker} ({shot.parenthetical})" if shot.parenthetical else shot.speaker
    notes = "\n".join(_noted(cut, shot))
    kept = NOTE_SIZE * LEADING if notes else 0.0  # a line of them at least: "…" says that there are more
    for text, size, room in ((said, 8, height - kept), (shot.words, 9, height - kept), (notes, NOTE_SIZE, height)):
        if text and used < room:
            used += _write(canvas, text, (left, bottom + height - room, width, room - used), size=size)
    return used


def _noted(cut: Cut, shot: Shot) -> Iterator[str]:
    """Yield a line for each note: first those with a drawing in the picture, with its number, else one may not fit."""
    numbers = count(1)
    for note, line in sorted(zip(shot.notes, cut.noted(shot), strict=True), key=lambda of: of[0].drawing is None):
        if note.drawing:
            yield f"{next(numbers)}: {line}"
        else:
            yield f"• {line}{' (drawn on that frame)' if note.is_drawn else ''}"


def _lines(canvas: Canvas, box: Box, used: float) -> None:
    """Draw lines to write notes on, below the words."""
    left, bottom, width, height = box
    canvas.setStrokeColorRGB(0.8, 0.8, 0.84)
    y = bottom + height - used - 9 * mm
    while y > bottom:
        canvas.line(left, y, left + width, y)
        y -= 7 * mm


def _write(canvas: Canvas, text: str, box: Box, *, size: float, ink: tuple[float, float, float] = INK) -> float:
    """Write a text at the top of a box, with "…" where it does not fit; return the height that it took."""
    left, bottom, width, height = box
    style = ParagraphStyle(
        "panel", fontName=LATIN, fontSize=size, leading=size * LEADING, textColor=ink, splitLongWords=True
    )
    if any(_font_of(sign, text) != LATIN for sign in text):
        style.wordWrap = "CJK"  # breaks between signs
    paragraph = _fitting(text, style, width, height)
    if paragraph is None:
        return height
    paragraph.drawOn(canvas, left, bottom + height - paragraph.height)
    return float(paragraph.height)


def _fitting(text: str, style: ParagraphStyle, width: float, height: float) -> Paragraph | None:
    """Return as much of a text as fits, with "…" behind it where that is not all of it; None where not a line fits."""

    def begun(signs: int) -> Paragraph:
        words = text if signs == len(text) else f"{text[:signs].rstrip()}…"
        paragraph = Paragraph(_marked(words), style)
        paragraph.wrap(width, height)
        return paragraph

    whole = begun(len(text))
    if whole.height <= height:
        return whole
    signs = bisect_left(range(1, len(text)), True, key=lambda signs: begun(signs).height > height)
    return begun(signs) if signs else None


def _marked(text: str) -> str:
    """Name the font of each run of signs. What no font has is left out."""
    known = fonts.signs_of(fonts.REGULAR)
    found = []
    for name, run in groupby(text, key=partial(_font_of, whole=text)):
        signs = "".join(run)
        if name == LATIN:
            kept = "".join(sign for sign in signs if ord(sign) in known or sign in "\n ")
            found.append(escape(kept).replace("\n", "<br/>"))
        else:
            found.append(f'<font name="{name}">{escape(signs)}</font>')
    return "".join(found)


@cache
def _embedded(path: Path) -> str:
    """Register a font of which the file gets the signs that it needs. Returns its name."""
    name = f"Own-{path.stem}"
    pdfmetrics.registerFont(TTFont(name, str(path)))
    return name


_SCRIPTS: tuple[tuple[str, Callable[[int], bool]], ...] = (
    (KANA, lambda code: 0x3040 <= code <= 0x30FF or 0xFF66 <= code <= 0xFF9D),
    (HANGUL, lambda code: 0xAC00 <= code <= 0xD7AF),
)


def _font_of(sign: str, whole: str) -> str:
    """Return the font of a sign: one that this machine has, else that which readers have for the language around it."""
    code = ord(sign)
    if code < fonts.ASIAN:
        return LATIN
    path = fonts.best(whole)
    if path != fonts.REGULAR and code in fonts.signs_of(path):
        return _embedded(path)
    for name, holds in _SCRIPTS:
        if holds(code):
            return name
    if 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFF00 <= code <= 0xFF65:
        return next((name for name, holds in _SCRIPTS if any(holds(ord(other)) for other in whole)), HAN)
    return LATIN
