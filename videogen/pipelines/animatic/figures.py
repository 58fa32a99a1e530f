"""The people of a panel: cut out where their picture has transparency, on a card where not, else a silhouette."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from videogen.geometry import cover_box
from videogen.pipelines.base import Picture

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

    facing: -1 looks left, 1 looks right, 0 where it cannot be told.
    """

    picture: Image.Image
    kind: Kind
    tall: float
    facing: int
    speaking: bool

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.picture.width / self.picture.height


def figure(person: Picture) -> Figure:
    """The figure of one character."""
    image = person.image
    if image is None:
        return _from_cut_out(silhouette(person.name), person.speaking)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        low, _high = rgba.getchannel("A").getextrema()
        if isinstance(low, int) and low < _SEE_THROUGH:
            return _from_cut_out(rgba, person.speaking)
    return Figure(_card(image.convert("RGB")), Kind.CARD, 1.0, 0, person.speaking)


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
    return Figure(person, Kind.BUST if cut else Kind.FULL, 1.0 if cut else tall, _facing(person), speaking)


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
    rows, columns = np.nonzero(inside)
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
    """A person of whom there is no picture: a flat figure whose colour, hair and coat come from the name."""
    digest = hashlib.sha256(name.encode()).digest()
    hair, coat, wide, child = digest[0] % 3, digest[1] % 3, 0.92 + digest[2] / 255 * 0.2, digest[3] % 7 == 0
    width, height = _SILHOUETTE
    body = np.zeros((height, width), np.uint8)
    for points in _body(coat, wide):
        cv2.fillPoly(body, [np.round(np.array(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    cv2.ellipse(body, (400, 168), (74, 94), 0, 0, 360, 255, -1, cv2.LINE_AA)
    for centre, axes in _HAIR[hair]:
        cv2.ellipse(body, centre, axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    # Blurring and cutting again turns the joints of the simple shapes into one drawn line.
    soft = cv2.GaussianBlur(body, (0, 0), 11).astype(np.float32)
    alpha = np.clip((soft - 112) / 32, 0, 1)
    tone = _tone(digest[4])
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    paint = np.array(tone, np.float32) * (1.12 - 0.3 * rows) * np.ones((1, width, 1), np.float32)
    shade = np.clip((np.roll(soft, -46, axis=1) - 112) / 32, 0, 1)
    paint *= (0.78 + 0.22 * shade)[..., None]
    rim = np.clip(alpha - np.clip((np.roll(soft, -9, axis=1) - 112) / 32, 0, 1), 0, 1)[..., None]
    paint += rim * (255 - paint) * 0.45
    pixels = np.dstack([np.clip(paint, 0, 255), alpha * 255]).astype(np.uint8)
    image = Image.fromarray(pixels)
    if child:
        small = image.resize((640, 960), Image.Resampling.LANCZOS)
        image = Image.new("RGBA", _SILHOUETTE, (0, 0, 0, 0))
        image.paste(small, (80, 228))
    return image


_HAIR: tuple[tuple[tuple[tuple[int, int], tuple[int, int]], ...], ...] = (
    (((400, 140), (84, 80)),),
    (((400, 142), (86, 84)), ((400, 58), (40, 36))),
    (((400, 150), (92, 92)), ((400, 236), (98, 74))),
)


def _body(coat: int, wide: float) -> list[Sequence[tuple[float, float]]]:
    def across(*points: tuple[float, float]) -> list[tuple[float, float]]:
        right = [(400 + x * wide, y) for x, y in points]
        return right + [(800 - x, y) for x, y in reversed(right)]

    hem = (560, 700, 820)[coat]
    flare = (100, 122, 146)[coat]
    torso = across((30, 230), (34, 280), (112, 308), (124, 420), (106, 540), (flare, hem))
    arms = [
        [(400 + side * x * wide, y) for x, y in ((92, 304), (136, 330), (166, 470), (172, 640), (150, 668), (128, 640), (120, 480), (96, 380))]
        for side in (1, -1)
    ]
    legs = [
        [(400 + side * x * wide, y) for x, y in ((6, 540), (102, 540), (96, 780), (84, 1000), (82, 1120), (112, 1168), (22, 1168), (20, 1000), (14, 780))]
        for side in (1, -1)
    ]
    return [torso, *arms, *legs]


def _tone(value: int) -> tuple[float, float, float]:
    # The hue from the name; saturation and lightness are those of a dyed cloth, never of a warning sign.
    hls = np.array([[[value / 255 * 360, 0.42, 0.34]]], dtype=np.float32)
    red, green, blue = (float(part) * 255 for part in cv2.cvtColor(hls, cv2.COLOR_HLS2RGB)[0, 0])
    return red, green, blue


def alpha_of(picture: Image.Image) -> NDArray[np.float32]:
    """Where the picture is, 0..1."""
    return np.asarray(picture.getchannel("A"), dtype=np.float32) / np.float32(255)
