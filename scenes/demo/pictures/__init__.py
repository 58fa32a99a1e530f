"""The demo's pictures, as files. `make art` rewrites them; see docs/art.

A location is here twice: flat, and as the layers that, stacked, give the flat picture. The rows hold the flat one.
"""

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent

_LOCATIONS = {"The Lighthouse at Gull Rock": "lighthouse", "The Keeper's Kitchen": "kitchen"}
_CHARACTERS = {"Mara": "mara", "Old Tobias": "old-tobias", "Wren": "wren"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a location: a picture with alpha that may be larger than the frame.

    left, top: its upper left corner, in pixels of the frame. depth: 0 is infinitely far and stays where it is when the
    camera moves, 1 is nearest and moves with it in full. near_depth: of a layer that lies flat (water, a floor) its
    depth at the frame's lower edge; `depth` is then the one at its upper edge, and it grows evenly in between.
    """

    path: Path
    left: int
    top: int
    depth: float
    near_depth: float | None

    def depth_at(self, y: float, height: int) -> float:
        """Return the depth at the row y of a frame of that height, both in pixels."""
        if self.near_depth is None:
            return self.depth
        return self.depth + (self.near_depth - self.depth) * (y - self.top) / (height - self.top)


@dataclass(frozen=True, slots=True)
class Layers:
    """A location in layers, from back to front.

    frame: width and height of the picture at rest, in pixels. ground: the layer that people stand on. polygon: where
    on it they can stand, x and y in parts of the frame. person: height of an adult at depth 1, in parts of the frame's
    height; somebody whose feet are at the row y is ground.depth_at(y) times as tall, and stands before all layers of
    less depth.
    """

    frame: tuple[int, int]
    layers: tuple[Layer, ...]
    ground: Layer
    polygon: tuple[tuple[float, float], ...]
    person: float


def picture_of(name: str) -> Path:
    """Find the picture of a location (1600 x 900) or a character (800 x 1200, with alpha). Raises KeyError."""
    return FOLDER / f"{(_LOCATIONS | _CHARACTERS)[name]}.webp"


def layers_of(location: str) -> Layers:
    """Read the layers of a location of the demo, by its name. Raises KeyError for any other name."""
    folder = FOLDER / _LOCATIONS[location]
    found = json.loads((folder / "layers.json").read_text())
    layers = {
        layer["file"]: Layer(
            folder / layer["file"], layer["left"], layer["top"], layer["depth"], layer.get("near_depth")
        )
        for layer in found["layers"]
    }
    width, height = found["frame"]
    return Layers(
        frame=(width, height),
        layers=tuple(layers.values()),
        ground=layers[found["ground"]["file"]],
        polygon=tuple((x, y) for x, y in found["ground"]["polygon"]),
        person=found["ground"]["person"],
    )
