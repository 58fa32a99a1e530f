"""The letters of captions, cards and storyboards: Noto Sans for Latin, Greek and Cyrillic, what a setting names, and
for what both lack the fonts of this machine.
"""

import os
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import fontpkg_noto_sans
from django.conf import settings
from PIL import ImageFont

REGULAR = next(Path(fontpkg_noto_sans.ROOT, "files").glob("NotoSans[[]*.ttf"))
# Where fontconfig looks, and macOS.
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
)
LARGE = 1_000_000  # bytes that a font with thousands of signs has at least
MOST = 24  # fonts of this machine that are looked into
ASIAN = 0x2E80  # the first sign of Chinese, Japanese and Korean; what lies before is Noto Sans's, or nobody's


def named() -> Iterator[Path]:
    """Yield the font files of this installation: its own, and the one of the setting."""
    yield REGULAR
    if settings.CAPTION_FONT:
        yield Path(settings.CAPTION_FONT)


@cache
def installed() -> tuple[Path, ...]:
    """Return the large TrueType fonts of this machine, in the order of their names. None is read for it."""
    found = []
    for folder in FOLDERS:
        for place, _folders, names in os.walk(Path(folder).expanduser()):
            paths = (Path(place, name) for name in names if name.lower().endswith((".ttf", ".ttc")))
            found += [path for path in paths if path.stat().st_size >= LARGE]
    return tuple(sorted(found, key=lambda path: (path.name, path))[:MOST])


@cache
def signs_of(path: Path) -> frozenset[int]:
    """Return the code points that a font file can draw; none of one that cannot be read, or embedded in a PDF."""
    from reportlab.pdfbase.ttfonts import TTFError, TTFontFile  # noqa: PLC0415  (a web process asks seldom)

    try:
        return frozenset(TTFontFile(str(path), charInfo=1).charToGlyph)
    except (TTFError, OSError):
        return frozenset()


def missing(*texts: str) -> str:
    """Return the signs of texts that no font can draw, each once."""
    return "".join(dict.fromkeys(sign for text in texts for sign in _missing(text)))


def _missing(text: str) -> list[str]:
    lacking = _lacking(text)
    if any(ord(sign) >= ASIAN for sign in lacking):
        known = signs_of(best(text))
        lacking = [sign for sign in lacking if ord(sign) not in known]
    return lacking


def _lacking(text: str) -> list[str]:
    """Return the signs that the named fonts lack, each once."""
    known = [signs_of(path) for path in named()]
    return [
        sign for sign in dict.fromkeys(text) if sign.isprintable() and not any(ord(sign) in signs for signs in known)
    ]


@lru_cache(512)
def best(text: str) -> Path:
    """Return the font file that has the most of a text's signs.

    Those of this machine are read, a tenth of a second each, only for signs from ASIAN on that the named ones lack.
    """
    codes = {ord(sign) for sign in text}

    def count(path: Path) -> int:
        return len(codes & signs_of(path))

    lacking = {ord(sign) for sign in _lacking(text) if ord(sign) >= ASIAN}
    if lacking:
        for path in installed():
            if lacking <= signs_of(path):
                return path
    return max([*named(), *(installed() if lacking else ())], key=count)


def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the font that has the most of a text's signs, `size` pixels high."""
    return _font(best(text), size)


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)
