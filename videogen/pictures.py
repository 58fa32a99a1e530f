"""Pictures people bring: looked at with suspicion, turned upright, stripped, and written anew."""

import warnings
from pathlib import Path

from django.conf import settings
from django.core.files import File
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
SMALLEST_SIDE = 64  # pixels
LARGEST_SIDE = 4096  # pixels; larger pictures are reduced
POSTER_SIDE = 640  # pixels


class PictureError(ValueError):
    """The picture cannot be taken. The message is the sentence; `code` is what a program branches on."""

    def __init__(self, message: str, code: str = "image_invalid") -> None:
        super().__init__(message)
        self.code = code


def read_upload(file: "File[bytes]", *, size: int, name: str) -> Image.Image:
    """The picture in an uploaded file as upright RGB, at most LARGEST_SIDE a side, without its metadata.

    size: bytes. Nothing is decoded before format, pixel count and frame count are known. Raises PictureError.
    """
    limit = settings.UPLOAD_MAX_BYTES
    if size > limit:
        raise PictureError(
            f"Image “{name}” is {size / 2**20:.1f} MB; at most {limit // 2**20} MB can be taken. Save it smaller.",
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
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError:
        raise PictureError(_too_many_pixels(name), "image_too_large") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"Image “{name}” could not be read. Choose a PNG, JPEG or WebP picture.") from error
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _with_even_sides(picture)


def _check_header(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    if width * height > settings.UPLOAD_MAX_PIXELS:
        raise PictureError(_too_many_pixels(name, width, height), "image_too_large")
    # A photograph may hold further pictures that are no animation: maps of depth or brightness. Its first is meant.
    if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
        raise PictureError(f"Image “{name}” is an animation. Choose a still picture.")
    if min(width, height) < SMALLEST_SIDE:
        raise PictureError(f"Image “{name}” is {width} × {height}; both sides need at least {SMALLEST_SIDE} pixels.")


def _too_many_pixels(name: str, width: int = 0, height: int = 0) -> str:
    asked = f"has {width} × {height} pixels" if width else "has too many pixels"
    return f"Image “{name}” {asked}; at most {settings.UPLOAD_MAX_PIXELS // 10**6} megapixels can be taken."


def _with_even_sides(picture: Image.Image) -> Image.Image:
    # Video needs even sides; a column or row is cut rather than the whole picture resampled.
    width, height = (side - side % 2 for side in picture.size)
    return picture.crop((0, 0, width, height))


def write_png(picture: Image.Image, path: Path) -> None:
    """Write a picture without loss and without metadata."""
    picture.info.clear()
    picture.save(path, "PNG", compress_level=3)


def write_poster(picture: Image.Image, path: Path) -> None:
    """Write the small picture that cards and thumbnails show."""
    small = picture.copy()
    small.thumbnail((POSTER_SIDE, POSTER_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.save(path, "WEBP", quality=82, method=4)
