"""Files that people bring: encodings, formats, and what is no screenplay."""

import time
from contextlib import suppress

import pytest

from scenes.screenplay import reading
from scenes.screenplay.document import ScreenplayError
from scenes.screenplay.fdx_writer import to_fdx
from scenes.screenplay.fountain_writer import to_fountain
from tests.fixtures.scripts import long_script

CYRILLIC = "ИНТ. КУХНЯ - УТРО\n\nМАРИЯ\nТы опять не спал, и чайник молчит.\n"
FRENCH = "INT. CAFÉ - JOUR\n\nÉLOÏSE\nÇa va très bien, j’espère. Où étais-tu ?\n"
JAPANESE = ".灯台の部屋 - 夜\n\n@花子\nだれかいるの。雨の音がする。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_unicode_is_read_without_a_word(encoding, line_end):
    # Catches a byte order mark in the first heading, UTF-16 without one, and the line ends of three systems.
    done = reading.read(CYRILLIC.replace("\n", line_end).encode(encoding), "a.fountain")
    assert done.screenplay.characters == ("МАРИЯ",)
    assert done.warnings == ()


@pytest.mark.parametrize(
    ("text", "encoding", "name", "said"),
    [
        (CYRILLIC, "cp1251", "МАРИЯ", "Cyrillic"),
        (FRENCH, "cp1252", "ÉLOÏSE", "Western European"),
        (JAPANESE, "cp932", "花子", "Japanese"),
    ],
)
def test_other_letters_are_guessed_and_it_is_said(text, encoding, name, said):
    # Catches names of wrong letters about which nobody was told.
    done = reading.read(text.encode(encoding), "a.txt")
    assert done.screenplay.characters == (name,)
    assert said in done.warnings[0].message
    assert done.warnings[0].line == 0


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.fountain", "empty"),
        (b" \n\t\n", "a.fountain", "empty"),
        ("\ufeff \n".encode("utf-16"), "a.fountain", "empty"),
        (b"%PDF-1.7 ...", "a.pdf", "PDF"),
        (b"%PDF-1.7 ...", "a.fountain", "PDF"),
        (b"PK\x03\x04....", "a.docx", "packed"),
        (b"{\\rtf1 INT. A}", "a.txt", "rich text"),
        (b"\xd0\xcf\x11\xe0....", "a.doc", "Word"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "a.txt", "no text"),
        (bytes(range(1, 256)) * 40, "a.txt", "letters of this file"),
        (b"INT. A\n\nGo.\n", "a.docx", "Fountain"),
        (b"INT. A\n\nGo.\n", "a.fdx", "no Final Draft document"),
        (b"x" * (5 * 1024 * 1024 + 100_000), "a.fountain", "5.1 MB"),
        (b"x" * 60_000, "a.txt", "50,000 characters"),
        (b"\xff\xfeI\x00\x00\xd8", "a.txt", "damaged"),
        (b"\n\n=\n[[ ]]\n", "a.txt", "no scene"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_is_no_screenplay_is_refused_with_what_to_do(data, name, said):
    # Catches a traceback, and a refusal that does not say what to do next.
    with pytest.raises(ScreenplayError, match=said) as refused:
        reading.read(data, name)
    assert str(refused.value).count(".") >= 2


def test_final_draft_is_known_by_what_it_holds():
    # Catches a file that is read by its name alone.
    script = long_script(1, 3)
    assert reading.read(to_fdx(script), "a.txt").format == "fdx"
    assert reading.read(b"\n" + to_fdx(script), "a.FDX").format == "fdx"
    assert reading.read(to_fountain(script).encode(), "A.FOUNTAIN").format == "fountain"


@pytest.mark.parametrize(
    "junk",
    ["[[", "/*", "(", "*", "_a", "*_", "\\", "@\n", "#\n", "=\n", ">\n", "A\n(a\n", "!\n", "  \n", "INT. A\n", "[[ ]]"],
)
def test_junk_does_not_keep_the_reader_busy(junk):
    # Catches time that grows with the square of the length: 40 kB of [[ took 8.8 s in another reader.
    size = 60_000
    text = "\n".join([junk * (1000 // len(junk))] * (size // 1000)) if "\n" not in junk else junk * (size // len(junk))
    began = time.process_time()
    with suppress(ScreenplayError):
        reading.read(f"INT. A\n\nA\n{text}".encode(), "a.txt")
    assert time.process_time() - began < 2  # it takes a tenth


@pytest.mark.parametrize("written", [lambda script: to_fountain(script).encode(), to_fdx], ids=["fountain", "fdx"])
def test_120_pages_are_read_in_less_than_three_seconds(written):
    # Catches a reader that makes people wait; it takes a tenth of a second.
    data = written(long_script())
    began = time.perf_counter()
    done = reading.read(data, "a.fdx" if data.startswith(b"<") else "a.fountain")
    assert time.perf_counter() - began < 3
    assert sum(len(scene.blocks) for scene in done.screenplay.scenes) == 3000
