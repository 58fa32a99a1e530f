"""A place being drawn: its colours at each hour, and the shapes that indoors and outdoors share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scenes.layers import Kind
from videogen.pipelines.animatic.picture import Light, Mask, colour, polygon


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one hour. sky: top to horizon. far, near: ends of the row of layers. lamp: lit windows."""

    sky: tuple[str, ...]
    light: str
    far: str
    near: str
    water: tuple[str, ...]
    lamp: float  # how many of the lamps and windows are lit
    wall: tuple[str, ...]
    floor: tuple[str, ...]


PALETTES: Mapping[str, Palette] = {
    "dawn": Palette(
        ("#6f86b8", "#b9a6c9", "#f2bfb5", "#ffe3bd"), "#ffe9c4", "#c7a9bd", "#3f4a68",
        ("#f0c9b8", "#a9a3c2", "#5b719c"), 0.25, ("#8f97a6", "#c3b0ab"), ("#8d7469", "#6b5650"),
    ),
    "day": Palette(
        ("#4f9bd1", "#8cc3e3", "#cfe6ec", "#f3f1dd"), "#fff7dc", "#a9c4cb", "#2f5d5a",
        ("#a8d3d8", "#5aa3b5", "#2c708e"), 0.0, ("#c9c7b4", "#e3dcc4"), ("#b08b64", "#8c6a4e"),
    ),
    "dusk": Palette(
        ("#2b2a5e", "#6d4a8c", "#d97f86", "#ffc98a"), "#ffd79a", "#a86f90", "#262849",
        ("#eab08a", "#7d6796", "#2c3765"), 0.7, ("#4c4360", "#8a6066"), ("#6f4a45", "#4b3338"),
    ),
    "night": Palette(
        ("#0b1230", "#16224c", "#253a68", "#3e5682"), "#dfe8ff", "#36486f", "#0b1228",
        ("#2d4470", "#1a2b55", "#0c1734"), 0.85, ("#1f2a3c", "#34404a"), ("#4a362f", "#2f2226"),
    ),
}  # fmt: skip

LAMP = "#ffc979"


@dataclass(slots=True)
class Plane:
    """One layer being drawn; see scenes.layers.Layer for its depths."""

    kind: Kind
    depth: float
    near_depth: float | None
    picture: Light


@dataclass(slots=True)
class Scene:
    """A place being drawn, back to front. unit: pixels that stand for one part of a thousand of the shorter side."""

    width: int
    height: int
    palette: Palette
    time: str
    rng: np.random.Generator
    horizon: float = 0.6
    planes: list[Plane] = field(default_factory=list)

    def begin(self, kind: Kind, depth: float, near_depth: float | None = None) -> None:
        """Draw on a new layer from now on, before all others."""
        self.planes.append(Plane(kind, depth, near_depth, np.zeros((self.height, self.width, 4), np.float32)))

    @property
    def picture(self) -> Light:
        """The layer that is drawn on."""
        return self.planes[-1].picture

    @property
    def unit(self) -> float:
        return min(self.height, self.width) / 1000

    def tone(self, share: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """The colour of a layer, 0 for the farthest and 1 for the nearest."""
        return np.asarray(colour(self.palette.far) * (1 - share) + colour(self.palette.near) * share, dtype=np.float32)


def circle(x: float, y: float, radius: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The outline of a circle."""
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1).astype(np.float32)


def ridge(scene: Scene, base: float, height: float, waves: float) -> Mask:
    """A hill's outline from side to side: base and height in parts of the picture's height."""
    x = np.linspace(0, 1, 200)
    aspect = scene.width / scene.height
    line = np.zeros_like(x)
    for octave, share in ((1.0, 0.62), (2.3, 0.26), (5.1, 0.12)):
        line += share * np.sin(2 * np.pi * (x * aspect * waves * octave + scene.rng.random()))
    y = (base - height * (0.5 + 0.5 * line)) * scene.height
    outline = np.concatenate([np.stack([x * scene.width, y], 1), [[scene.width, scene.height], [0, scene.height]]])
    return polygon(scene.height, scene.width, outline.astype(np.float32))
