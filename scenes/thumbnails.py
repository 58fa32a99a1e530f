"""Small versions of the pictures of locations and characters, made on first request and kept in the storage."""

import hashlib
import logging
from io import BytesIO
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db.models.fields.files import ImageFieldFile
from PIL import Image

from scenes import decoding
from scenes.uploads import FORMATS

logger = logging.getLogger(__name__)

WIDTHS = {"small": 640, "large": 1600}  # pixels
FACE = 160  # pixels a side, for chips on dense screens
FACE_FROM = 4096  # pixels a side of the picture that the face is cut out of
SIZES = (*WIDTHS, "face")
FOLDER = "thumbnails"
# Pixels of a stored picture, which may have been taken under a higher limit than that of uploads is now: as many of
# each format as can be read within the memory that is promised (docs/decisions/0035).
MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 40_000_000, "WEBP": 24_000_000}

_HEAD = 0.27  # how much of a standing figure's height its head and shoulders are


class ThumbnailError(ValueError):
    """The picture is gone or cannot be read."""


def key(picture: ImageFieldFile, size: str) -> str:
    """Return a string that changes with the picture's bytes, without a call to the storage."""
    return hashlib.sha256(f"2|{picture.name}|{size}".encode()).hexdigest()[:32]


def thumbnail(picture: ImageFieldFile, size: str) -> bytes:
    """Return the picture in one of SIZES, as WebP. Raises ThumbnailError or decoding.BusyError."""
    name = _name(picture, size)
    storage: Storage = picture.storage
    try:
        with storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        pass  # the first time
    try:
        with storage.open(picture.name or "") as file, decoding.turn(patient=True):
            made = _make(file, size)
    except decoding.BusyError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ThumbnailError(f"{picture.name} cannot be read") from error
    try:
        storage.save(name, ContentFile(made))
    except OSError as error:  # a disk that is full: the picture can be shown all the same
        logger.warning("The thumbnail %s cannot be kept: %s", name, error)
    return made


def names(picture: ImageFieldFile) -> list[str]:
    """Return the storage names of the picture in all of SIZES, whether made yet or not."""
    return [_name(picture, size) for size in SIZES]


def _name(picture: ImageFieldFile, size: str) -> str:
    return f"{FOLDER}/{key(picture, size)}.webp"


def _make(file: IO[bytes], size: str) -> bytes:
    image = Image.open(file, formats=FORMATS)
    if image.width * image.height > max(settings.UPLOAD_MAX_PIXELS, MOST_PIXELS[image.format or ""]):
        raise ThumbnailError("too many pixels")
    if size == "face":
        upright = decoding.decode(image, (FACE_FROM, FACE_FROM), keep_transparency=True)
        small = upright.crop(_face_box(upright)).resize((FACE, FACE), Image.Resampling.LANCZOS, reducing_gap=3)
    else:
        small = decoding.decode(image, (WIDTHS[size], 4 * WIDTHS[size]), keep_transparency=True)
    buffer = BytesIO()
    small.save(buffer, "WEBP", quality=84, method=4)
    return buffer.getvalue()


def _face_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Return a square around the head: of a cut-out figure its top, of any other picture the upper middle."""
    left, top, right, bottom = 0, 0, image.width, image.height
    if image.mode == "RGBA":
        alpha = image.getchannel("A").point([255 if value > 40 else 0 for value in range(256)])
        left, top, right, bottom = alpha.getbbox() or (left, top, right, bottom)
        side = round((bottom - top) * _HEAD)
        head = alpha.crop((left, top, right, min(bottom, top + side * 2 // 3))).getbbox() or (0, 0, right - left, 1)
        middle = left + (head[0] + head[2]) // 2
        top -= side // 16
    else:
        side = min(image.size)
        middle = image.width // 2
    return middle - side // 2, top, middle - side // 2 + side, top + side
