"""A picture in layers, back to front: what a camera can move through.

The file is a zip archive without compression of its own: `layers.json`, and one lossless WebP for each layer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Literal, get_args
from zipfile import BadZipFile, ZipFile, ZipInfo

from PIL import Image, UnidentifiedImageError

Kind = Literal["sky", "far", "middle", "ground", "figure", "near", "smoke", "weather", "light"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_LAYERS = 64
MOST_PIXELS = 64 * 2**20  # of all layers together: 256 MB of RGBA
_INDEX = "layers.json"

Point = tuple[float, float]


class LayersError(ValueError):
    """A file that holds no layers, in words."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer: an RGBA picture that may be larger than the frame.

    left, top: its upper left corner, in pixels of the frame. depth: 0 is infinitely far and stays where it is when the
    camera moves, 1 is nearest and moves with it in full. near_depth: of a layer that lies flat (water, a floor) its
    depth at the frame's lower edge; `depth` is then the one at its upper edge, and it grows evenly in between.
    kind "smoke": smoke and steam alone, which rise in a clip from their picture's lower edge.
    figure: id of the character it shows, empty for anything else. mirrored: whether a figure's picture was turned over.
    """

    kind: Kind
    image: Image.Image
    left: float = 0
    top: float = 0
    depth: float = 0
    near_depth: float | None = None
    figure: str = ""
    mirrored: bool = False

    def depth_at(self, y: float, height: int) -> float:
        """Return the depth at the row y of a frame of that height, both in pixels."""
        if self.near_depth is None:
            return self.depth
        return self.depth + (self.near_depth - self.depth) * (y - self.top) / (height - self.top)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where people stand. polygon: x and y in parts of the frame. person: height of an adult at depth 1, in parts of
    the frame's height; somebody at the depth d is d times as tall.
    """

    polygon: tuple[Point, ...] = ()
    person: float = 0.6


@dataclass(frozen=True, slots=True)
class Layers:
    """A picture in layers, back to front. size: width and height of the frame, in pixels.

    made: what made it and may matter to who moves it (hour, weather, shot, seed), as JSON values.
    """

    size: tuple[int, int]
    layers: tuple[Layer, ...]
    ground: Ground = field(default_factory=Ground)
    made: Mapping[str, Any] = field(default_factory=dict)

    def flat(self) -> Image.Image:
        """Stack the layers to the RGB picture of the frame, as the camera at rest sees it."""
        picture = Image.new("RGBA", self.size, "black")
        for layer in self.layers:
            place = (round(layer.left), round(layer.top))
            box = (max(-place[0], 0), max(-place[1], 0))
            if box[0] < layer.image.width and box[1] < layer.image.height:
                picture.alpha_composite(layer.image, (max(place[0], 0), max(place[1], 0)), box)
        return picture.convert("RGB")


def write(layers: Layers, file: IO[bytes], *, quality: int | None = None) -> None:
    """Write the file of a picture in layers: the same bytes for the same layers.

    quality: of WebP with loss, for art that is kept for long; without it nothing is lost, and it is written fast.
    """
    index: dict[str, Any] = {
        "size": layers.size,
        "ground": {"polygon": layers.ground.polygon, "person": layers.ground.person},
        "made": dict(layers.made),
        "layers": [],
    }
    with ZipFile(file, "w") as archive:
        for number, layer in enumerate(layers.layers):
            name, data = f"{number:02}-{layer.kind}.webp", BytesIO()
            # `exact` keeps the colours under full transparency, which show when a layer is resampled.
            if quality is None:
                layer.image.save(data, "WEBP", lossless=True, exact=True, quality=0, method=0)
            else:
                layer.image.save(data, "WEBP", exact=True, quality=quality, method=6, alpha_quality=100)
            archive.writestr(ZipInfo(name), data.getvalue())  # its date is always the same
            said = {name: getattr(layer, name) for name in Layer.__slots__ if name != "image"}
            index["layers"].append({"file": name} | said)
        archive.writestr(ZipInfo(_INDEX), json.dumps(index))


def read(file: Path | IO[bytes]) -> Layers:
    """Read the file of a picture in layers, its pictures too. Raises LayersError, OSError."""
    try:
        with ZipFile(file) as archive:
            index = json.loads(archive.read(_INDEX))
            if len(index["layers"]) > MOST_LAYERS:
                raise LayersError(f"It has {len(index['layers'])} layers; {MOST_LAYERS} are allowed.")
            pixels, layers = 0, []
            for said in index["layers"]:
                image = Image.open(BytesIO(archive.read(said.pop("file"))))
                pixels += image.width * image.height
                if pixels > MOST_PIXELS:
                    raise LayersError(f"Its layers have more than {MOST_PIXELS // 10**6} million pixels.")
                if said["kind"] not in KINDS:
                    raise LayersError(f"“{said['kind']}” is no kind of layer.")
                layers.append(Layer(image=image.convert("RGBA"), **said))
            polygon = tuple((float(x), float(y)) for x, y in index["ground"]["polygon"])
            width, height = index["size"]
            return Layers(
                (int(width), int(height)),
                tuple(layers),
                Ground(polygon, float(index["ground"]["person"])),
                index["made"],
            )
    except (BadZipFile, UnidentifiedImageError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, LayersError):
            raise
        raise LayersError(f"It is no picture in layers ({error}).") from error
