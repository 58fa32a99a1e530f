"""The pictures a frame is made from, in the order a model should read them, and in words."""

import re
from collections.abc import Sequence

from PIL import Image

from videogen.pipelines.base import Picture
from videogen.pipelines.geometry import cover_box

# What a reference may hold at most; the reference implementation scales larger ones down.
REFERENCE_PIXELS = 1024 * 1024
GRID = 16
MOST_OBLONG = 4
CUT_OUT_GROUND = (128, 128, 128)  # behind a cut-out: neither a white nor a black room


def in_order(pictures: Sequence[Picture], prompt: str) -> list[Picture]:
    """The start frame first, then in the order the prompt names them, then those it does not name as they came."""

    def place(picture: Picture) -> tuple[int, int]:
        if picture.kind == "start_frame":
            return (0, 0)
        found = re.search(rf"(?<!\w){re.escape(picture.name)}(?!\w)", prompt, re.IGNORECASE) if picture.name else None
        return (1, found.start()) if found else (2, 0)

    return sorted(pictures, key=place)


def as_reference(image: Image.Image) -> Image.Image:
    """The picture in RGB, at most REFERENCE_PIXELS large, both sides on the grid, nothing distorted.

    So the model's own reading of it neither scales nor crops it a second time.
    """
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, CUT_OUT_GROUND)
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    image = image.convert("RGB")
    width, height = _reference_size(image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, box=cover_box(image.size, (width, height)))


def _reference_size(size: tuple[int, int]) -> tuple[int, int]:
    width, height = size
    width, height = min(width, height * MOST_OBLONG), min(height, width * MOST_OBLONG)
    scale = min(1.0, (REFERENCE_PIXELS / (width * height)) ** 0.5)
    smallest = 4 * GRID
    return max(smallest, int(width * scale) // GRID * GRID), max(smallest, int(height * scale) // GRID * GRID)


def keyed_prompt(prompt: str, pictures: Sequence[Picture]) -> str:
    """The prompt, and below it which reference shows what. `pictures` are in order; those without one have words."""
    lines, number = [], 0
    for picture in pictures:
        if picture.image is None:
            lines.append(in_words(picture))
            continue
        number += 1
        if picture.kind == "start_frame":
            lines.append(f"Image {number} is how the shot begins: keep its place, people, light and style.")
        else:
            lines.append(f"Image {number} shows {_what(picture)}.")
    return "\n".join([prompt, *(line for line in lines if line)])


def described_prompt(prompt: str, pictures: Sequence[Picture]) -> str:
    """The prompt and a description of everything, for a model that takes no references."""
    return "\n".join([prompt, *(line for line in map(in_words, pictures) if line)])


def in_words(picture: Picture) -> str:
    """What the picture shows as a sentence, empty where nobody described it."""
    description = picture.description.strip().rstrip(".")
    if not description:
        return ""
    return f"{picture.name}: {description}." if picture.name else f"{description}."


def _what(picture: Picture) -> str:
    kind = "the place" if picture.kind == "location" else ""
    return " ".join(part for part in (kind, picture.name) if part) or "what belongs into the picture"
