"""A file that a person brought: what format it has, what its letters are, and what to say where it cannot be read."""

import codecs
from contextlib import suppress
from dataclasses import replace

from charset_normalizer import from_bytes

from scenes.screenplay import fdx, fountain
from scenes.screenplay.document import Reading, ScreenplayError, ScreenplayWarning

MOST_BYTES = 5 * 1024 * 1024
EXTENSIONS = (".fountain", ".txt", ".spmd", ".fdx")  # .spmd is what Fountain was called before

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES = {
    "cp1252": "Western European (Windows-1252)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp932": "Japanese (Shift JIS)",
}
_SAMPLE = 64 * 1024  # bytes that a guess is made from
# How files begin that are no text, and what to do with them.
_OTHERS = (
    (b"%PDF", "This is a PDF, which holds pages and no script. Export the script as Fountain or Final Draft (.fdx)."),
    (b"{\\rtf", "This is a rich text document. Save it as plain text (.txt) and bring that file in."),
    (b"PK\x03\x04", "This is a packed document or archive. Export the script in it as Fountain or Final Draft (.fdx)."),
    (b"\xd0\xcf\x11\xe0", "This is an old Word document. Save it as plain text (.txt) and bring that file in."),
)
_SAVE_AS_UTF8 = "Save it as UTF-8 in the program that wrote it, and bring that file in."
_SENTENCE_OF_TYPES = "A screenplay is brought in as Fountain (.fountain, .txt) or Final Draft (.fdx)."


def read(data: bytes, name: str) -> Reading:
    """Read a file by its bytes and its name. Raises ScreenplayError with a sentence for the person.

    What begins as XML is read as Final Draft and everything else as Fountain, whichever of the names it has.
    """
    if len(data) > MOST_BYTES:
        raise ScreenplayError(
            f"This file has {len(data) / 1024 / 1024:.1f} MB, and 5 MB is the most. Export the script alone, without "
            "pictures, or in parts."
        )
    if not data.strip():
        raise ScreenplayError("This file is empty. Choose the file that holds the script.")
    for beginning, sentence in _OTHERS:
        if data.startswith(beginning):
            raise ScreenplayError(sentence)
    if not name.lower().endswith(EXTENSIONS):
        raise ScreenplayError(f"{_SENTENCE_OF_TYPES} Choose such a file.")
    text, guess = _decode(data)
    text = text.lstrip("\ufeff")
    if text.lstrip().startswith(("<?xml", "<FinalDraft")):
        return fdx.read(data.lstrip())
    if name.lower().endswith(".fdx"):
        raise ScreenplayError(
            "This file is called .fdx but is no Final Draft document. If it is Fountain, call it .fountain."
        )
    if not text.strip():
        raise ScreenplayError("This file is empty. Choose the file that holds the script.")
    done = fountain.read(text)
    return replace(done, warnings=(guess, *done.warnings)) if guess else done


def _decode(data: bytes) -> tuple[str, ScreenplayWarning | None]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), None
            except UnicodeDecodeError as error:
                raise ScreenplayError(f"This text is damaged. {_SAVE_AS_UTF8}") from error
    if b"\x00" in data:
        return _without_mark(data), None
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        return _guessed(data)


def _without_mark(data: bytes) -> str:
    """UTF-16 that does not say so: of most of its letters one byte is zero, always the same one of the two."""
    encoding = "utf-16-be" if data[0::2].count(0) > data[1::2].count(0) else "utf-16-le"
    with suppress(UnicodeDecodeError):
        text = data.decode(encoding)
        if "\x00" not in text:
            return text
    raise ScreenplayError(f"This file holds no text. {_SENTENCE_OF_TYPES}")


def _guessed(data: bytes) -> tuple[str, ScreenplayWarning]:
    sample = data[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=list(_GUESSES)).best()
    if best is None or _looks_binary(data):
        raise ScreenplayError(f"The letters of this file cannot be told. {_SAVE_AS_UTF8}")
    text = data.decode(best.encoding, errors="replace")
    return text, ScreenplayWarning(
        0,
        f"This file does not say what its letters are; they were taken for {_GUESSES[best.encoding]}. "
        f"If names look wrong, save it as UTF-8.",
    )


def _looks_binary(data: bytes) -> bool:
    control = sum(data.count(byte) for byte in range(32) if byte not in b"\t\n\r\x0c")
    return control * 100 > len(data)
