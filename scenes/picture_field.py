"""The pictures of locations and characters: checked, drawn anew and named by us, whatever was sent."""

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils.crypto import get_random_string
from PIL import Image

from scenes import decoding, uploads
from scenes.uploads import PictureError

QUALITY = 92  # of a JPEG
_NEARLY = 1.01  # times a side: nobody sees what is less, and it is left
_SEEN_THROUGH = 128  # of 255: a picture that is less opaque anywhere shows a figure that was cut out


class PictureFormField(forms.ImageField):
    """A picture in a form, with the errors of scenes.uploads beside the field.

    What is stored is not what was sent but a picture drawn from it: upright, at most uploads.LARGEST_SIDE a side,
    without metadata and without whatever else was in the file.
    """

    def to_python(self, data: Any) -> Any:
        """Return the picture as a file of our own. Raises ValidationError."""
        if data in self.empty_values:
            return super().to_python(data)
        try:
            drawn, _ = drawn_anew(data)
        except PictureError as error:
            raise ValidationError(str(error), code=error.code) from None
        return super().to_python(drawn)


@dataclass(frozen=True, slots=True)
class Shape:
    """The sides that a picture is cropped to: width to height. A cut-out figure may be left whole."""

    width: int
    height: int
    spares_cutouts: bool = False

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cropped away, as parts of the picture's width (is_across) or height: at its start and at its end."""

    is_across: bool
    start: float
    end: float


def drawn_anew(data: Any, shape: Shape | None = None, focus: float = 0.5) -> tuple[SimpleUploadedFile, Cut | None]:
    """Draw an uploaded picture: as a PNG where it was one or parts are transparent, else as a JPEG.

    shape: what it is cropped to. focus: where along the longer side what is kept lies, 0 the left or upper end, 1 the
    other. Returns what was cropped too, None for nothing. Raises PictureError.
    """
    uploads.check_room()
    with decoding.turn():
        return _drawn(data, shape, focus)


def _drawn(data: Any, shape: Shape | None, focus: float) -> tuple[SimpleUploadedFile, Cut | None]:
    name = data.name[:80]
    opened = uploads.open_picture(data, size=data.size, name=name)
    was_png = opened.format == "PNG"
    box = (uploads.LARGEST_SIDE, uploads.LARGEST_SIDE)
    try:
        picture = decoding.decode(opened, box, keep_transparency=True)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise uploads.unreadable(name) from error
    cut = None
    if shape and not (shape.spares_cutouts and _is_cut_out(picture)):
        picture, cut = _cropped(picture, shape, focus)
        if min(picture.size) < uploads.SMALLEST_SIDE:
            raise PictureError(
                f"Image “{name}” is too narrow: cropped to {shape} it would have {picture.width} × {picture.height} "
                f"pixels; both sides need at least {uploads.SMALLEST_SIDE}."
            )
    suffix = "png" if was_png or picture.mode == "RGBA" else "jpg"
    return SimpleUploadedFile(f"picture.{suffix}", _encoded(picture, suffix)), cut


def _is_cut_out(picture: Image.Image) -> bool:
    return picture.mode == "RGBA" and cast("int", picture.getchannel("A").getextrema()[0]) < _SEEN_THROUGH


def _cropped(picture: Image.Image, shape: Shape, focus: float) -> tuple[Image.Image, Cut | None]:
    width, height = picture.size
    kept = round(height * shape.width / shape.height)  # of the width, at the whole height
    if kept * _NEARLY < width:
        start = round((width - kept) * focus)
        return picture.crop((start, 0, start + kept, height)), Cut(True, start / width, 1 - (start + kept) / width)
    kept = round(width * shape.height / shape.width)  # of the height, at the whole width
    if kept * _NEARLY < height:
        start = round((height - kept) * focus)
        return picture.crop((0, start, width, start + kept)), Cut(False, start / height, 1 - (start + kept) / height)
    return picture, None


def _encoded(picture: Image.Image, suffix: str) -> bytes:
    written = BytesIO()
    if suffix == "jpg":
        picture.save(written, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    else:
        picture.save(written, "PNG")
    return written.getvalue()


class PictureField(models.ImageField):
    """A picture of a row. Every form takes it through PictureFormField."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": PictureFormField, **kwargs})

    def generate_filename(self, instance: models.Model, filename: str | os.PathLike[str]) -> str:
        """Give a name of our own that no other file ever has: thumbnails, and what browsers keep, go by the name."""
        return super().generate_filename(instance, f"{get_random_string(24)}{Path(filename).suffix.lower()}")

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Describe the field to migrations as Django's own: in the database it is one."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ImageField", args, kwargs
