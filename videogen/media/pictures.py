"""Read uploaded and stored pictures; write frames and posters."""

from pathlib import Path

from django.core.files import File
from django.db.models.fields.files import FieldFile
from PIL import Image, ImageOps

from scenes import uploads
from videogen.errors import GenerationError, StorageAwayError

LARGEST_SIDE = 4096  # pixels; larger pictures are reduced
POSTER_SIDE = 640  # pixels


def read_upload(file: "File[bytes]", *, size: int, name: str) -> Image.Image:
    """Read an uploaded picture as upright RGB, at most LARGEST_SIDE a side, without its metadata.

    size: bytes. Raises PictureError.
    """
    opened = uploads.open_picture(file, size=size, name=name)
    try:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise uploads.unreadable(name) from error
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _with_even_sides(picture)


def _with_even_sides(picture: Image.Image) -> Image.Image:
    # Video needs even sides; a column or row is cut rather than the whole picture resampled.
    width, height = (side - side % 2 for side in picture.size)
    return picture.crop((0, 0, width, height))


def read_stored(field: FieldFile, *, keep_transparency: bool = False) -> Image.Image:
    """Read a stored picture as RGB, or as RGBA where it has transparency that is to be kept.

    Raises GenerationError("frame_unreadable").
    """
    try:
        with field.open() as file:
            picture = Image.open(file, formats=uploads.FORMATS)
            return picture.convert("RGBA" if keep_transparency and picture.has_transparency_data else "RGB")
    except StorageAwayError:
        raise  # the frame is not gone
    except (OSError, Image.DecompressionBombError) as error:
        raise GenerationError("frame_unreadable") from error


def write_png(picture: Image.Image, path: Path) -> None:
    """Write a picture without loss and without metadata."""
    picture.info.clear()
    picture.save(path, "PNG", compress_level=3)


def write_poster(picture: Image.Image, path: Path) -> None:
    """Write the small picture that cards and thumbnails show."""
    small = picture.copy()
    small.thumbnail((POSTER_SIDE, POSTER_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.save(path, "WEBP", quality=82, method=4)
