"""What a frame refers to: the start frame, the place and the people, as its pipeline takes them."""

from django.db.models.fields.files import FieldFile, ImageFieldFile
from PIL import Image

from scenes import layers
from scenes.layers import Layers, LayersError
from scenes.models import Block
from videogen.media import pictures
from videogen.models import Frame
from videogen.pipelines.base import Picture
from videogen.specs import FrameSpec


def of_frame(block: Block, spec: FrameSpec) -> list[Picture]:
    """Collect the start frame for an end frame, then the location, then the cast. Raises GenerationError."""
    found = []
    start = block.frames.filter(role="start", is_chosen=True).first() if spec.role == "end" else None
    if start is not None:
        found.append(Picture("start_frame", "start frame", start.prompt, pictures.read_stored(start.file)))
    location = block.scene.location
    if spec.include_location and location is not None:
        image = _open(location.image)
        found.append(
            Picture(
                "location",
                location.name,
                location.description,
                image,
                layers=None if image is None else _layers(location.layers),
                ground_line=location.ground_line,
            )
        )
    cast = {str(character.pk): character for character in block.cast}
    found += [
        Picture("character", who.name, who.description, _open(who.portrait), who.pk == block.character_id, key=key)
        for key in spec.character_ids
        if (who := cast.get(key)) is not None
    ]
    return found


def layers_of(frame: Frame | None) -> Layers | None:
    """Read a frame's layers; None for one without, or whose file is gone or broken."""
    return None if frame is None else _layers(frame.layers)


def _open(field: ImageFieldFile) -> Image.Image | None:
    return pictures.read_stored(field, keep_transparency=True) if field else None


def _layers(field: FieldFile) -> Layers | None:
    """Read a file of layers; one that is none is no reason to fail, as the flat picture is there."""
    if not field:
        return None
    try:
        with field.open() as file:
            return layers.read(file)
    except (LayersError, FileNotFoundError):
        return None
