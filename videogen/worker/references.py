"""What a frame refers to: the start frame, the place and the people, as its pipeline takes them."""

from dataclasses import replace

from django.db.models.fields.files import FieldFile, ImageFieldFile
from PIL import Image

from scenes import layers
from scenes.layers import Layers, LayersError
from scenes.models import Block
from videogen.media import pictures
from videogen.models import Frame
from videogen.pipelines.base import Picture
from videogen.prompts import compose
from videogen.specs import FrameSpec


def of_frame(block: Block, spec: FrameSpec) -> list[Picture]:
    """Collect the start frame for an end frame, then the location, then the cast. Raises GenerationError."""
    found = []
    sides = sides_of(block)
    start = block.frames.filter(role="start", is_chosen=True).first() if spec.role == "end" else None
    if start is not None:
        image = pictures.read_stored(start.file)
        found.append(Picture("start_frame", "start frame", start.prompt, image, layers=_layers(start.layers)))
    location = block.scene.location
    if spec.include_location and location is not None:
        place = Picture("location", location.name, location.description, _open(location.image))
        stacked = _layers(location.layers) if location.image else None
        found.append(replace(place, layers=stacked, ground_line=location.ground_line))
    cast = {str(character.pk): character for character in block.cast}
    found += [
        Picture(
            "character",
            who.name,
            who.description,
            _open(who.portrait),
            who.pk == block.character_id,
            key=key,
            side=sides.get(key, 0),
        )
        for key in spec.character_ids
        if (who := cast.get(key)) is not None
    ]
    return found


def layers_of(frame: Frame | None) -> Layers | None:
    """Read a frame's layers; None for one without, or whose file is gone or broken."""
    return None if frame is None else _layers(frame.layers)


def sides_of(block: Block) -> dict[str, int]:
    """On which side of the line between them the people of the scene are: -1 left, 1 right, by the character's id.

    They keep it in every block, so that two who talk look at each other across cuts: whoever speaks for the first time
    stands opposite to who spoke before.
    """
    spoken = block.scene.blocks.filter(character__isnull=False).order_by("position").values_list("character", flat=True)
    sides: dict[str, int] = {}
    before = 1
    for speaker in map(str, spoken):
        before = sides.setdefault(speaker, -before)
    return sides


def resolved(block: Block, spec: FrameSpec) -> FrameSpec:
    """The spec with `like_start` decided: an end frame follows its start frame where nothing of it was changed."""
    if spec.role != "end" or spec.like_start is not None:
        return spec
    start = block.frames.filter(role="start", is_chosen=True).first()
    shown = compose.mentioned(block, block.cast)
    usual = {compose.frame_prompt(block, shown, "end"), *([start.prompt] if start else [])}
    cast = {str(who.pk) for who in shown} if start is None else set(start.spec.get("character_ids", ()))
    place = True if start is None else start.spec.get("include_location", True)
    same = spec.prompt in usual and set(spec.character_ids) == cast and spec.include_location == place
    return spec.replace(like_start=same)


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
