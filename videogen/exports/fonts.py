"""The letters of captions, cards and storyboards: Noto Sans for Latin, Greek and Cyrillic, and what a setting names."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
from django.conf import settings
from PIL import ImageFont

REGULAR = next(Path(fontpkg_noto_sans.ROOT, "files").glob("NotoSans[[]*.ttf"))


def paths() -> Iterator[Path]:
    """Yield the font files, the first that has a sign is used for it."""
    yield REGULAR
    if settings.CAPTION_FONT:
        yield Path(settings.CAPTION_FONT)


@cache
def signs_of(path: Path) -> frozenset[int]:
    """Return the code points that a font file can draw; none of one that cannot be read."""
    from reportlab.pdfbase.ttfonts import TTFError, TTFontFile  # noqa: PLC0415  (a web process asks seldom)

    try:
        return frozenset(TTFontFile(str(path), charInfo=1).charToGlyph)
    except (TTFError, OSError):
        return frozenset()


def missing(text: str) -> str:
    """Return the signs of a text that no font can draw, each once."""
    known = frozenset[int]().union(*map(signs_of, paths()))
    return "".join(dict.fromkeys(sign for sign in text if sign.isprintable() and ord(sign) not in known))


def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the font that has the most of a text's signs, `size` pixels high."""
    codes = {ord(sign) for sign in text}
    best = max(paths(), key=lambda path: len(codes & signs_of(path)))
    return _font(best, size)


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)
