"""Checks of uploaded pictures, before one is decoded or stored."""

import shutil
import warnings
from pathlib import Path

from django.conf import settings
from django.core.files import File
from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
SMALLEST_SIDE = 64  # pixels
LARGEST_SIDE = 4096  # pixels; larger pictures are reduced


class PictureError(ValueError):
    """The picture is refused. The message is for the person; `code`, and `status` of HTTP, are for programs."""

    status = 422

    def __init__(self, message: str, code: str = "image_invalid") -> None:
        super().__init__(message)
        self.code = code


class DiskFullError(PictureError):
    """There is no room for a picture."""

    status = 507

    def __init__(self) -> None:
        super().__init__("The disk is full, so the picture was not kept. Ask the operator to free space.", "disk_full")


def check_room() -> None:
    """Raise DiskFullError where less of the disk is free than the reserve."""
    place = Path(settings.MEDIA_ROOT)
    while not place.exists():
        place = place.parent
    if shutil.disk_usage(place).free < settings.DISK_RESERVE_BYTES:
        raise DiskFullError


def open_picture(file: "File[bytes]", *, size: int, name: str) -> Image.Image:
    """Open an uploaded picture without decoding it; its format, size and frame count are checked.

    size: bytes. Raises PictureError.
    """
    limit = settings.UPLOAD_MAX_BYTES
    if getattr(file, "found_disk_full", False):
        raise DiskFullError
    if size > limit:
        raise PictureError(
            # Not how large it is: an upload is cut off behind the limit.
            f"Image “{name}” is too large: at most {limit // 2**20} MB can be taken. Save it smaller.",
            "image_too_large",
        )
    if size == 0:
        raise PictureError(f"Image “{name}” is empty. Choose a PNG, JPEG or WebP picture.")
    try:
        with warnings.catch_warnings():
            # Pillow's own warning about many pixels; the limit below is ours and is an error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(file.open(), formats=FORMATS)
        _check_header(opened, name)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(_too_many_pixels(name), "image_too_large") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise unreadable(name) from error
    return opened


def unreadable(name: str) -> PictureError:
    """Return the error for a file that holds no picture, or half of one."""
    return PictureError(f"Image “{name}” could not be read. Choose a PNG, JPEG or WebP picture.")


def _check_header(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    if width * height > settings.UPLOAD_MAX_PIXELS:
        raise PictureError(_too_many_pixels(name, width, height), "image_too_large")
    # A photograph may hold further pictures that are no animation: maps of depth or brightness. Its first is meant.
    if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
        raise PictureError(f"Image “{name}” is an animation. Choose a still picture.")
    if min(width, height) < SMALLEST_SIDE:
        raise PictureError(f"Image “{name}” is {width} × {height}; both sides need at least {SMALLEST_SIDE} pixels.")
    if min(width, height) * LARGEST_SIDE < SMALLEST_SIDE * max(width, height):
        raise PictureError(f"Image “{name}” is {width} × {height}: far too narrow for a film. Cut a part out of it.")


def _too_many_pixels(name: str, width: int = 0, height: int = 0) -> str:
    asked = f"has {width} × {height} pixels" if width else "has too many pixels"
    return f"Image “{name}” {asked}; at most {settings.UPLOAD_MAX_PIXELS // 10**6} megapixels can be taken."
