"""The storyboard as PDF."""

import re
import time
import zlib
from io import BytesIO

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas

from tests.fixtures.cuts import cut_of_shots, number_of, shot_of, stored_shot
from videogen.exports import fonts, sheet
from videogen.exports.cut import Media, Note
from videogen.exports.sheet import HAN, HANGUL, KANA, LATIN, write_sheet
from videogen.strokes import Drawing


def quiet(phase, step=0, steps=0) -> None:
    """Report to nobody."""


def still(number: int) -> Media:
    data, small = BytesIO(), BytesIO()
    Image.effect_noise((1280, 704), 60 + number % 20).convert("RGB").save(data, "PNG", compress_level=1)
    Image.effect_noise((640, 352), 60).convert("RGB").save(small, "WEBP", quality=82)
    names = [
        default_storage.save(f"frames/{number}.{ending}", ContentFile(part.getvalue()))
        for ending, part in (("png", data), ("webp", small))
    ]
    return Media(file=names[0], sha256="", width=1280, height=704, poster=names[1])


@pytest.mark.parametrize(("layout", "pages"), [("grid", 3), ("list", 5), ("single", 13)])
def test_every_layout_has_a_place_for_every_panel(tmp_path, layout, pages):
    # Catches a last page that is left out, or an empty one behind it.
    shots = [shot_of(number, None, 48, still=still(number) if number == 1 else None) for number in range(1, 14)]
    write_sheet(tmp_path / "board.pdf", cut_of_shots(*shots), layout, quiet)
    data = (tmp_path / "board.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", data)) == pages
    assert len(re.findall(rb"/Subtype /Image", data)) == 1


def test_the_same_cut_gives_the_same_bytes(tmp_path):
    # Catches the hour and a random id in the file.
    cut = cut_of_shots(shot_of(1, None, 48))
    for name in ("one", "other"):
        write_sheet(tmp_path / name, cut, "grid", quiet)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert b"anonymous" not in (tmp_path / "one").read_bytes()


def test_each_script_is_set_in_a_font_that_has_it(tmp_path, machine_fonts):
    # Catches boxes instead of Cyrillic, and Japanese in a font that has no kana.
    assert [sheet._font_of(sign, "灯台の光") for sign in "灯の"] == [KANA, KANA]
    assert sheet._font_of("灯", "灯塔的光") == HAN
    assert sheet._font_of("등", "등대") == HANGUL
    assert [sheet._font_of(sign, "Жéω") for sign in "Жéω"] == [LATIN] * 3
    words = "Кто там? Ποιος είναι; Żółć 灯台の光 등대 🎬 <b>&"
    write_sheet(tmp_path / "board.pdf", cut_of_shots(shot_of(1, None, 48, words=words)), "list", quiet)
    data = (tmp_path / "board.pdf").read_bytes()
    for name in (KANA, HANGUL):
        assert f"/BaseFont /{name}".encode() in data
    assert b"NotoSans" in data
    foot = b"".join(texts_of(data))
    assert b"Signs without a font in this file: 7." in foot.replace(b"\x00", b"")


def texts_of(data: bytes) -> list[bytes]:
    """What the pages of a PDF say to whoever draws them."""
    pages = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    return [zlib.decompress(page) for page in pages if page[:1] == b"x"]


def test_a_font_of_the_machine_is_put_into_the_file_with_the_signs_that_are_used(tmp_path, machine_fonts):
    # Catches Japanese that a reader without such fonts shows as nothing, and a file with all of a font in it.
    machine_fonts(("가", "힣"), ("ぁ", "鿿"))
    words = ["灯台の光", "등대"]
    cut = cut_of_shots(*(shot_of(number, None, 48, words=text) for number, text in enumerate(words, 1)))
    write_sheet(tmp_path / "board.pdf", cut, "grid", quiet)
    data = (tmp_path / "board.pdf").read_bytes()
    assert (fonts.best(words[0]).name, fonts.best(words[1]).name) == ("font-1.ttf", "font-0.ttf")
    assert data.count(b"/FontFile2") == 3  # with Noto Sans
    assert not any(f"/BaseFont /{name}".encode() in data for name in (KANA, HAN, HANGUL))
    assert len(data) < 100_000
    assert fonts.missing(*words) == ""


def test_words_that_are_too_long_end_with_their_panel(tmp_path):
    # Catches a monologue that is written over the next panel, or that makes the page fail.
    shots = [shot_of(number, None, 48, words="Nobody asked. " * 300) for number in (1, 2, 3)]
    write_sheet(tmp_path / "board.pdf", cut_of_shots(*shots), "grid", quiet)
    texts = texts_of((tmp_path / "board.pdf").read_bytes())
    lines = [text.count(b" Tj") for text in texts if text.count(b" Tj") > 10]
    assert lines  # a few lines of each of the three, and none of the 300 sentences' hundred
    assert max(lines) < 90


DRAWING = Drawing.read({"strokes": [{"color": "red", "points": [[0.25, 0.5], [0.75, 0.5]]}]})


@pytest.mark.parametrize(("layout", "first"), [("grid", 0), ("list", 12), ("single", 0)])
def test_a_drawing_is_over_the_frame_that_it_was_drawn_on_as_lines(tmp_path, layout, first):
    # Catches a drawing that points at something else because its panel shows another frame, lines that are upside down
    # or of another size than the picture, and a number that leads to no note.
    shot = stored_shot(tmp_path, 3, 24)
    noted = [
        Note(frame=2, text="Wind.", author="bob"),
        Note(frame=10, text="Lower.", author="alice", is_drawn=True, drawing=DRAWING),
        Note(frame=11, text="Warmer.", author="alice", is_drawn=True),
    ]
    take = shot.take.model_copy(update={"first": first, "poster": "gone.webp"})
    shot = shot.model_copy(update={"take": take, "notes": tuple(noted)})
    write_sheet(tmp_path / "board.pdf", cut_of_shots(shot), layout, quiet)
    data = (tmp_path / "board.pdf").read_bytes()
    (jpeg,) = re.findall(rb"stream\r?\n(\xff\xd8.*?)endstream", data, re.DOTALL)
    assert number_of(np.asarray(Image.open(BytesIO(jpeg)).convert("RGB"))) == 3 * 256 + first + 10
    (page,) = (text for text in texts_of(data) if b" Do\n" in text and b" Tf" in text)
    width, height = map(float, re.search(rb"q\s([\d.]+) 0 0 ([\d.]+) [\d.]+ [\d.]+ cm\s/FormXob", page).groups())
    assert width / height == pytest.approx(320 / 192, abs=0.01)
    begins, ends = ([float(part) for part in found] for found in re.findall(rb"([-\d.]+) ([-\d.]+) m\b", page)[:2])
    assert begins == ends == pytest.approx([0.25 * width, 0.5 * height], abs=0.01)  # its dark edge, and the line
    *_bends, x, y = re.findall(rb"((?:[-\d.]+ ){6})c\b", page)[1].split()
    assert [float(x), float(y)] == pytest.approx([0.75 * width, 0.5 * height], abs=0.01)
    said = re.sub(rb"\x00", b"", b"".join(re.findall(rb"\((.*?)\) Tj", page)))
    for words in (b"1: 1011 alice: Lower.", b"1003 bob: Wind.", b"1012 alice: Warmer. \\(drawn on that frame\\)"):
        assert words in said, said
    assert b"picture: 1011" in said


def test_what_does_not_fit_its_panel_ends_with_a_sign_that_there_is_more(tmp_path):
    # Catches a note that is left out of a printed storyboard without a word, and one that long words crowd out.
    sheet._register()
    style = ParagraphStyle("panel", fontName=LATIN, fontSize=8, leading=8 * 1.35)
    notes = "\n".join(f"• {frame} alice: The lamp is too bright." for frame in range(1001, 1009))
    shown = sheet._fitting(notes, style, 200, 4 * 8 * 1.35).getPlainText()
    assert (shown.count("•"), shown[-1]) == (4, "…")
    assert sheet._fitting("All of it.", style, 200, 8 * 1.35).getPlainText() == "All of it."
    assert sheet._fitting("Nothing of it.", style, 200, 8) is None
    said = Note(frame=3, text="Her hand.", author="alice")
    noted = shot_of(1, None, 48, speaker="", words="Nobody asked. " * 300, notes=(said,))
    canvas = Canvas(str(tmp_path / "board.pdf"), pageCompression=0)
    assert sheet._words(canvas, (0, 0, 200, 100), cut_of_shots(noted), noted) <= 100
    assert b" 8 Tf" in canvas.getpdfdata()  # the size of notes alone, where nobody speaks


@pytest.mark.worker
def test_a_hundred_panels_take_less_than_five_seconds_of_a_processor(tmp_path):
    # Catches pictures that are decoded at full size, where a small one is there.
    kept = [still(number) for number in range(10)]
    cut = cut_of_shots(*(shot_of(number, None, 48, still=kept[number % 10]) for number in range(100)))
    began = time.process_time()
    write_sheet(tmp_path / "board.pdf", cut, "grid", quiet)
    assert time.process_time() - began < 5
