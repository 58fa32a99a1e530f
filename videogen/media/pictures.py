"""Read uploaded and stored pictures; write frames and posters."""

from pathlib import Path

from django.core.files import File
from django.db.models.fields.files import FieldFile
from PIL import Image

from scenes import decoding, uploads
from videogen.errors import GenerationError, StorageAwayError

POSTER_SIDE = 640  # pixels
LOSSY_QUALITY = 95  # of a JPEG with colours at full size: the eye sees no loss
PREVIEW_QUALITY = 70  # of a small picture that lasts for seconds
SMALL_ENOUGH = 1.5  # times the bytes of a file with loss, within which it is kept without further loss


def read_upload(file: "File[bytes]", *, size: int, name: str) -> Image.Image:
    """Read an uploaded picture as upright RGB, at most LARGEST_SIDE a side, without its metadata.

    size: bytes. To be called within `decoding.turn`. Raises PictureError.
    """
    opened = uploads.open_picture(file, size=size, name=name)
    try:
        return _with_even_sides(decoding.decode(opened, (uploads.LARGEST_SIDE, uploads.LARGEST_SIDE)))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise uploads.unreadable(name) from error


def _with_even_sides(picture: Image.Image) -> Image.Image:
    # Video needs even sides; a column or row is cut rather than the whole picture resampled.
    width, height = (side - side % 2 for side in picture.size)
    return picture if (width, height) == picture.size else picture.crop((0, 0, width, height))


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


def write_png(picture: Image.Image, path: Path) -> Path:
    """Write a picture without loss and without metadata; return where."""
    picture.info.clear()
    picture.save(path, "PNG", compress_level=3)
    return path


def was_compressed_with_loss(file: "File[bytes]") -> bool:
    """Whether a picture is a JPEG, or a WebP that is not lossless."""
    file.seek(0)
    head = file.read(2**16)
    return head.startswith(b"\xff\xd8") or (head[8:12] == b"WEBP" and b"VP8 " in head)


def write_smaller(picture: Image.Image, folder: Path, given: int) -> Path:
    """Write a picture that was compressed with loss, and had `given` bytes, into a folder; return the file.

    Without further loss where that is not much larger, else as a JPEG whose loss the eye does not see.
    """
    png, jpeg = folder / "frame.png", folder / "frame.jpg"
    write_png(picture, png)
    if png.stat().st_size <= SMALL_ENOUGH * given:
        return png
    picture.save(jpeg, "JPEG", quality=LOSSY_QUALITY, subsampling=0, optimize=True)
    smaller, other = sorted((png, jpeg), key=lambda path: path.stat().st_size)
    other.unlink()
    return smaller


def write_poster(picture: Image.Image, path: Path) -> None:
    """Write the small picture that cards and thumbnails show."""
    small = picture.copy()
    small.thumbnail((POSTER_SIDE, POSTER_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.save(path, "WEBP", quality=82, method=4)


def write_preview(picture: Image.Image, path: Path) -> None:
    """Write a small picture as WebP, in a few thousand bytes."""
    picture.save(path, "WEBP", quality=PREVIEW_QUALITY)
