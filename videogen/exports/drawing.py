"""Pictures of a cut that no clip has: stills fitted into it, cards with words, captions over a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from videogen.exports import fonts
from videogen.exports.cut import Shot, Size
from videogen.exports.subtitles import wrapped
from videogen.pipelines.base import Pixels

BACKGROUND = (16, 16, 20)
INK, PALE = (239, 239, 244), (160, 160, 172)
CARD_COLUMNS, CARD_LINES = 44, 9


def fitted_size(width: int, height: int, into: Size) -> Size:
    """Return the largest even size of this shape inside of another: nothing is stretched."""
    scale = min(into[0] / width, into[1] / height)
    return max(2, int(width * scale / 2 + 0.5) * 2), max(2, int(height * scale / 2 + 0.5) * 2)


def letterboxed(picture: Pixels, size: Size) -> Pixels:
    """Put a picture that fits into the middle of a black one."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    canvas[top : top + height, left : left + width] = picture[: size[1], : size[0]]
    return canvas


def still(picture: Image.Image, size: Size) -> Pixels:
    """Fit a start frame into the cut's picture."""
    fitted = picture.convert("RGB").resize(fitted_size(*picture.size, size), Image.Resampling.LANCZOS)
    return letterboxed(np.asarray(fitted), size)


def card(shot: Shot, size: Size) -> Pixels:
    """Draw the words of a block of which there is no picture yet."""
    picture = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(picture)
    line = max(12, size[1] // 18)
    lines = wrapped(_drawable(shot.words), max(12, CARD_COLUMNS * size[0] // max(size[0], size[1] * 16 // 9)))
    shown = lines if len(lines) <= CARD_LINES else [*lines[: CARD_LINES - 1], "…"]
    top = (size[1] - line * 1.4 * len(shown)) / 2
    _centred(draw, shot.name, size[0], line, line // 2, PALE)
    if shot.speaker:
        _centred(draw, _drawable(shot.speaker), size[0], top - 1.6 * line, int(line * 0.7), PALE)
    for place, text in enumerate(shown):
        _centred(draw, text, size[0], top + place * line * 1.4, line, INK)
    return np.asarray(picture)


def _drawable(text: str) -> str:
    """Leave out the signs that no font has."""
    gone = fonts.missing(text)
    return "".join(sign for sign in text if sign not in gone) if gone else text


def _centred(
    draw: ImageDraw.ImageDraw, text: str, width: int, top: float, size: int, ink: tuple[int, int, int]
) -> None:
    draw.text((width / 2, top), text, fill=ink, font=fonts.font_for(text, size), anchor="ma")


@dataclass(frozen=True, slots=True)
class Overlay:
    """Captions ready to be put over pictures of one size. alpha: 0 to 1, of a band of rows that begins at `top`."""

    top: int
    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]

    @classmethod
    def of(cls, lines: tuple[str, ...], size: Size) -> "Overlay":
        """Draw white letters with a dark edge, at the lower edge of the picture."""
        letter = max(12, min(size[1] // 18, size[0] // 22))
        picture = Image.new("RGBA", size, (0, 0, 0, 0))
        draw = ImageDraw.Draw(picture)
        for place, text in enumerate(lines):
            bottom = size[1] - size[1] * 0.06 - (len(lines) - 1 - place) * letter * 1.3
            draw.text(
                (size[0] / 2, bottom),
                text,
                fill=(255, 255, 255, 255),
                font=fonts.font_for(text, letter),
                anchor="md",
                stroke_width=max(1, letter // 12),
                stroke_fill=(0, 0, 0, 255),
            )
        box = picture.getbbox() or (0, 0, 1, 1)
        band = np.asarray(picture, np.float32)[box[1] : box[3]]
        return cls(box[1], band[..., :3], band[..., 3:] / np.float32(255))

    def over(self, picture: Pixels) -> Pixels:
        """Return a picture with the captions over it."""
        found = picture.copy()
        rows = slice(self.top, self.top + len(self.colour))
        found[rows] = (found[rows] * (1 - self.alpha) + self.colour * self.alpha + 0.5).astype(np.uint8)
        return found
