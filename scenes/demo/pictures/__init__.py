"""The demo's pictures, as files. `make art` rewrites them; see docs/art.

A location is here twice: flat, and as the layers that, stacked, give the flat picture. Its row holds both.
"""

from pathlib import Path

from scenes import layers
from scenes.layers import Layers

FOLDER = Path(__file__).parent

_LOCATIONS = {"The Lighthouse at Gull Rock": "lighthouse", "The Keeper's Kitchen": "kitchen"}
_CHARACTERS = {"Mara": "mara", "Old Tobias": "old-tobias", "Wren": "wren"}


def picture_of(name: str) -> Path:
    """Find the picture of a location (1600 x 900) or a character (800 x 1200, with alpha). Raises KeyError."""
    return FOLDER / f"{(_LOCATIONS | _CHARACTERS)[name]}.webp"


def layers_file_of(location: str) -> Path:
    """Find the file of a location's layers. Raises KeyError for any other name."""
    return FOLDER / f"{_LOCATIONS[location]}.layers"


def layers_of(location: str) -> Layers:
    """Read the layers of a location of the demo, by its name. Raises KeyError for any other name."""
    return layers.read(layers_file_of(location))
