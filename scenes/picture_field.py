"""The pictures of locations and characters: checked, drawn anew and named by us, whatever was sent."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils.crypto import get_random_string
from PIL import Image

from scenes import decoding, uploads
from scenes.uploads import PictureError

QUALITY = 92  # of a JPEG


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
            uploads.check_room()
            with decoding.turn():
                drawn = _drawn_anew(data)
        except PictureError as error:
            raise ValidationError(str(error), code=error.code) from None
        return super().to_python(drawn)


def _drawn_anew(data: Any) -> SimpleUploadedFile:
    """Draw an uploaded picture: as a PNG where it was one or parts are transparent, else as a JPEG."""
    name = data.name[:80]
    opened = uploads.open_picture(data, size=data.size, name=name)
    was_png = opened.format == "PNG"
    box = (uploads.LARGEST_SIDE, uploads.LARGEST_SIDE)
    try:
        picture = decoding.decode(opened, box, keep_transparency=True)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise uploads.unreadable(name) from error
    suffix = "png" if was_png or picture.mode == "RGBA" else "jpg"
    return SimpleUploadedFile(f"picture.{suffix}", _encoded(picture, suffix))


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
