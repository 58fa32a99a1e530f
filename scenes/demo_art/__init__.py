"""The pictures of the demo scene, drawn by script: two locations and three characters."""

import io
from collections.abc import Callable, Mapping

from PIL import Image

from scenes.demo_art import kitchen, lighthouse, mara, tobias, wren

LOCATIONS: Mapping[str, Callable[[], Image.Image]] = {
    "The Lighthouse at Gull Rock": lighthouse.draw,
    "The Keeper's Kitchen": kitchen.draw,
}
CHARACTERS: Mapping[str, Callable[[], Image.Image]] = {
    "Mara": mara.draw,
    "Old Tobias": tobias.draw,
    "Wren": wren.draw,
}


def draw(name: str) -> Image.Image:
    """Draw one picture: a location as RGB, 1600 x 900, or a character as RGBA, 800 x 1200, on nothing.

    Raises KeyError for a name that is neither in LOCATIONS nor in CHARACTERS.
    """
    return (LOCATIONS.get(name) or CHARACTERS[name])()


def encoded(name: str) -> tuple[str, bytes]:
    """Draw one picture and pack it as WebP; returns a file name made of plain letters, and the bytes."""
    buffer = io.BytesIO()
    draw(name).save(buffer, "WEBP", quality=88, method=4, alpha_quality=100)
    plain = "".join(char if char.isalnum() else "-" for char in name.lower().replace("'", ""))
    return f"{plain}.webp", buffer.getvalue()
