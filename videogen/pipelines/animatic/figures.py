"""The people of a panel: cut out where their picture has transparency, on a card where not, else a silhouette."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

from videogen.pipelines.base import Picture
from videogen.pipelines.geometry import cover_box

_SEE_THROUGH = 24  # alpha below this is nothing
_CARD = (600, 800)
_SILHOUETTE = (800, 1200)


class Kind(StrEnum):
    """How a person stands in the panel."""

    FULL = "full"  # from head to foot, on the ground
    BUST = "bust"  # cut by the lower edge of the picture, so of the panel as well
    CARD = "card"  # a picture with a background of its own


@dataclass(frozen=True, slots=True)
class Figure:
    """One person. picture: RGBA, cropped to the person. tall: height beside the others, 0.7 to 1.

    facing: -1 looks left, 1 looks right, 0 where it cannot be told. head: where in the picture the head is: its middle
    from side to side, half its width, and its chin, in parts of the picture's width, width and height. name, words:
    what people call the character, for finding out of whom a prompt speaks. key: the character's id. side: of the line
    between the people of the scene: -1 left, 1 right, 0 where they have none.
    """

    picture: Image.Image
    kind: Kind
    tall: float
    facing: int
    speaking: bool
    head: tuple[float, float, float] = (0.5, 0.3, 0.16)
    name: str = ""
    words: tuple[str, ...] = ()
    key: str = ""
    side: int = 0

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.picture.width / self.picture.height


def figure(person: Picture) -> Figure:
    """The figure of one character."""
    return replace(
        _drawn(person), name=person.name, words=_called(person), key=person.key or person.name, side=person.side
    )


def _called(person: Picture) -> tuple[str, ...]:
    """What a prompt may call a person: the name, its last part, and what the look begins with ("young keeper")."""
    name = " ".join(person.name.lower().split())
    look = re.split(r",|;|\.|\b(?:in|with|of|who|wearing)\b", person.description.lower(), maxsplit=1)[0].split()
    look = look[1:] if look[:1] in (["a"], ["an"], ["the"]) else look
    told = {name, name.split()[-1] if name else "", " ".join(look), look[-1] if look else ""}
    return tuple(sorted((word for word in told if len(word) > 2), key=len, reverse=True))


def _drawn(person: Picture) -> Figure:
    image = person.image
    if image is None:
        return _from_cut_out(silhouette(person.name), person.speaking)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        if np.asarray(rgba.getchannel("A")).min() < _SEE_THROUGH:
            return _from_cut_out(rgba, person.speaking)
    return Figure(_card(image.convert("RGB")), Kind.CARD, 1.0, 0, person.speaking, (0.5, 0.42, 0.6))


def _from_cut_out(rgba: Image.Image, speaking: bool) -> Figure:
    alpha = rgba.getchannel("A")
    bounds = alpha.point([0] * _SEE_THROUGH + [255] * (256 - _SEE_THROUGH)).getbbox()
    if bounds is None:
        return _from_cut_out(silhouette(""), speaking)
    person = rgba.crop(bounds)
    lowest = np.asarray(alpha)[-1] > 127
    cut = bounds[3] == rgba.height and lowest.mean() > 0.2
    # The room that an artist left above a figure tells how tall it is beside the others.
    tall = float(np.clip((bounds[3] - bounds[1]) / rgba.height / 0.95, 0.72, 1.0))
    kind = Kind.BUST if cut else Kind.FULL
    return Figure(person, kind, 1.0 if cut else tall, _facing(person), speaking, _head(person, kind))


def _head(person: Image.Image, kind: Kind) -> tuple[float, float, float]:
    """Middle, half width and chin of the head: above the place where a figure is narrowest, which is the neck."""
    usual, low, high = (0.2, 0.1, 0.27) if kind is Kind.FULL else (0.5, 0.28, 0.66)
    small = person.getchannel("A").resize((80, 160), Image.Resampling.BOX)
    solid = np.asarray(small) > 128
    wide = np.convolve(np.pad(solid.sum(axis=1), 2, mode="edge"), np.ones(5) / 5, "valid")
    first, last = round(low * 160), round(high * 160)
    # Seen from the chin on a body only becomes wider: the narrowest row counts where it is a neck, not a forehead.
    neck = first + int(np.argmin(wide[first:last]))
    shoulders = wide[min(neck + round(0.08 * 160), 159)]
    is_neck = wide[neck] < 0.92 * wide[: neck + 1].max() and neck > first and shoulders > 1.45 * wide[neck]
    chin = max(neck / 160 + 0.02, 0.16) if is_neck else usual
    columns = np.flatnonzero(solid[: max(round(chin * 160), 4)].any(axis=0))
    if not columns.size:
        return 0.5, 0.3, usual
    left, right = columns[0] / 80, (columns[-1] + 1) / 80
    return float(left + right) / 2, float(right - left) / 2, float(chin)


def _facing(person: Image.Image) -> int:
    """Where a cut-out looks: a face turned aside has its features nearer to the edge it looks to."""
    head = person.crop((0, 0, person.width, max(round(person.height * 0.2), 8)))
    head = head.resize((96, max(round(96 * head.height / head.width), 8)), Image.Resampling.BOX)
    pixels = np.asarray(head).astype(np.float32)
    inside = (pixels[..., 3] > 200).astype(np.uint8)
    if inside.sum() < 40:
        return 0
    grey = cv2.cvtColor(pixels[..., :3], cv2.COLOR_RGB2GRAY)
    detail = np.abs(cv2.Laplacian(grey, cv2.CV_32F)) * cv2.erode(inside, np.ones((5, 5), np.uint8))
    columns = np.nonzero(inside)[1]
    if detail.sum() < 1:
        return 0
    centre = float(columns.mean())
    features = float((detail.sum(axis=0) * np.arange(detail.shape[1])).sum() / detail.sum())
    width = float(columns.std()) or 1.0
    lean = (features - centre) / width
    return 0 if abs(lean) < 0.06 else (1 if lean > 0 else -1)


def _card(image: Image.Image) -> Image.Image:
    """A portrait on a card with round corners and a pale edge."""
    width, height = _CARD
    left, top, right, bottom = cover_box(image.size, _CARD)
    lift = top * 0.7  # faces are more often above the middle than below
    portrait = image.resize(_CARD, Image.Resampling.LANCZOS, box=(left, top - lift, right, bottom - lift))
    twice = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(twice).rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), radius=72, fill=255)
    inner = Image.new("L", twice.size, 0)
    ImageDraw.Draw(inner).rounded_rectangle((16, 16, width * 2 - 17, height * 2 - 17), radius=58, fill=255)
    card = Image.new("RGB", _CARD, "#f4efe6")
    card.paste(portrait, (0, 0), inner.resize(_CARD, Image.Resampling.LANCZOS))
    card.putalpha(twice.resize(_CARD, Image.Resampling.LANCZOS))
    return card


def silhouette(name: str) -> Image.Image:
    """A person of whom there is no picture: a flat figure whose colour, hair, coat and build come from the name."""
    digest = hashlib.sha256(name.encode()).digest()
    width, height = _SILHOUETTE
    body = np.zeros((height, width), np.uint8)
    wide = 0.94 + digest[2] / 255 * 0.16
    for points in (_outline(_COATS[digest[1] % len(_COATS)], wide), *_legs(wide)):
        cv2.fillPoly(body, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    for centre, axes in ((_HEAD, (57, 74)), *_HAIR[digest[0] % len(_HAIR)]):
        cv2.ellipse(body, centre, axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    # Blurring and cutting again turns the joints of the simple shapes into one drawn line.
    soft = cv2.GaussianBlur(body, (0, 0), 7).astype(np.float32)
    alpha = np.clip((soft - 108) / 40, 0, 1)
    tone = np.array(ImageColor.getrgb(_CLOTHS[digest[4] % len(_CLOTHS)]), np.float32)
    fall = np.linspace(1.12, 0.72, height, dtype=np.float32)[:, None]
    lit = np.clip((cv2.GaussianBlur(np.roll(soft, -40, axis=1), (0, 0), 3) - 90) / 80, 0, 1)  # light from the right
    paint = tone * (fall * (1.1 - 0.2 * lit))[..., None]
    return Image.fromarray(np.dstack([np.clip(paint, 0, 255), alpha * 255]).astype(np.uint8))


_HEAD = (400, 142)
_CLOTHS = (
    "#5b7f8c", "#9a5b52", "#6b6f9a", "#7d8a5e", "#a37f52", "#84627f", "#4f7a6b", "#b0745e", "#56688f", "#8c6a5d",
)  # fmt: skip
_HAIR: tuple[tuple[tuple[tuple[int, int], tuple[int, int]], ...], ...] = (
    (((400, 120), (64, 60)),),
    (((400, 120), (65, 62)), ((400, 52), (30, 27))),
    (((400, 132), (72, 72)), ((366, 196), (34, 52)), ((434, 196), (34, 52))),
    (((400, 122), (66, 62)), ((350, 210), (20, 70))),
)
# Half the width of the clothes from the hip to the hem: trousers, a coat, a long skirt.
_COATS = (((104, 560), (100, 640)), ((106, 560), (128, 790)), ((100, 560), (146, 960)))


def _outline(hem: Sequence[tuple[float, float]], wide: float) -> NDArray[np.float64]:
    neck = ((26, 196), (28, 238), (64, 262), (112, 284), (134, 322), (146, 400), (156, 500), (158, 590), (150, 650))
    hand = ((140, 676), (122, 676), (114, 640), (112, 560), (106, 470))
    half = [(x * wide, y) for x, y in (*neck, *hand, *hem)]
    return np.array([(400 + x, y) for x, y in half] + [(400 - x, y) for x, y in reversed(half)])


def _legs(wide: float) -> list[NDArray[np.float64]]:
    leg = (
        (4, 600),
        (100, 600),
        (92, 800),
        (78, 1000),
        (76, 1110),
        (104, 1152),
        (104, 1168),
        (22, 1168),
        (20, 1000),
        (10, 800),
    )
    return [np.array([(400 + side * x * wide, y) for x, y in leg]) for side in (1, -1)]
