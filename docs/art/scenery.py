"""A location as a stack of layers: how far they reach, how they are stacked, what is written of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from art.canvas import Canvas, Outline
from scenes import layers

FRAME = (1600, 900)
BEYOND = (320, 90)  # how far every layer is drawn beyond the frame, at each side and above and below

LEFT, TOP = -BEYOND[0], -BEYOND[1]
RIGHT, BOTTOM = FRAME[0] + BEYOND[0], FRAME[1] + BEYOND[1]

_QUALITY, _FLAT_QUALITY = 92, 90  # layers are scaled up when a camera comes closer
_UNSEEN = 3  # alpha below this is nothing


def painted(*parts: Callable[[Canvas], None]) -> Image.Image:
    """Draw the parts one after the other on the canvas of a layer; (0, 0) is the frame's upper left corner."""
    canvas = Canvas(RIGHT - LEFT, BOTTOM - TOP, left=LEFT, top=TOP)
    for part in parts:
        part(canvas)
    return canvas.finished()


@dataclass(frozen=True, slots=True)
class Layer:
    """One finished layer, as large as its canvas. kind: what it is to whoever moves it.

    depth: 0 infinitely far, 1 nearest. near_depth: of a layer that lies flat, its depth at the frame's lower edge,
    while `depth` is the one at its upper edge.
    """

    kind: layers.Kind
    image: Image.Image
    depth: float
    near_depth: float | None = None


@dataclass(frozen=True, slots=True)
class Scenery:
    """A location: its layers from back to front, and where people stand.

    outline: of the ground, in pixels of the frame. person: height of an adult at depth 1, in parts of the frame's
    height.
    """

    layers: tuple[Layer, ...]
    outline: Outline
    person: float

    def flat(self) -> Image.Image:
        """Stack the layers at rest and crop the picture to the frame."""
        stacked = Image.new("RGBA", self.layers[0].image.size)
        for layer in self.layers:
            stacked.alpha_composite(layer.image)
        return stacked.crop((*BEYOND, BEYOND[0] + FRAME[0], BEYOND[1] + FRAME[1])).convert("RGB")

    def write(self, folder: Path, name: str) -> None:
        """Write the flat picture, and the file of its layers, each cropped to what is painted."""
        self.flat().save(folder / f"{name}.webp", quality=_FLAT_QUALITY, method=6)
        polygon = tuple((round(x / FRAME[0], 4), round(y / FRAME[1], 4)) for x, y in self.outline)
        cropped = tuple(_cropped(layer) for layer in self.layers)
        found = layers.Layers(FRAME, cropped, layers.Ground(polygon, self.person))
        with (folder / f"{name}.layers").open("wb") as file:
            layers.write(found, file, quality=_QUALITY)


def _cropped(layer: Layer) -> layers.Layer:
    seen = layer.image.getchannel("A").point([0] * _UNSEEN + [255] * (256 - _UNSEEN))
    left, top, right, bottom = seen.getbbox() or (0, 0, *seen.size)
    left, top = left // 2 * 2, top // 2 * 2  # WebP keeps one colour for a square of four pixels
    image = layer.image.crop((left, top, right, bottom))
    return layers.Layer(layer.kind, image, left + LEFT, top + TOP, layer.depth, layer.near_depth)
