"""The people of a panel with their parts and sides, and the places they are given."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from videogen.pipelines.animatic.directions import Directions, Part
from videogen.pipelines.animatic.figures import Figure
from videogen.pipelines.animatic.framing import Camera, Stage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure is seen: its middle, the line of its feet and its height, in pixels of the frame.

    depth: as layers have it. dark, blur: of a shoulder that is looked over.
    """

    figure: Figure
    x: float
    foot: float
    height: float
    depth: float
    mirrored: bool = False
    dark: bool = False
    blur: float = 0.0


@dataclass(frozen=True, slots=True)
class Staging:
    """The camera before the place, the people, the farthest first, and how soft what is far behind them is.

    nearest: what is nearer than this depth is not drawn, because it would stand between. unseen: who is out of frame.
    """

    camera: Camera
    places: tuple[Place, ...] = ()
    blur: float = 0.0
    nearest: float = np.inf
    unseen: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Cast:
    """Figures with their parts, the one who counts most first. sides: -1 left, 1 right, of each."""

    figures: tuple[Figure, ...]
    parts: tuple[Part, ...]
    sides: tuple[int, ...]

    @classmethod
    def of(cls, figures: Sequence[Figure], told: Directions, rng: np.random.Generator) -> "Cast":
        def weight(index: int) -> tuple[bool, bool, int, int]:
            part = told.parts[index]
            return not figures[index].speaking, part.near < 1, part.mentioned, index

        order = sorted(range(len(figures)), key=weight)
        people, parts = [figures[index] for index in order], [told.parts[index] for index in order]
        coin = 1 if rng.random() < 0.5 else -1
        sides = [part.side or figure.side for figure, part in zip(people, parts, strict=True)]
        for index, figure in enumerate(people):
            if not sides[index]:
                taken = sum(sides)
                # Who looks right stands left: people look into the frame, and at each other.
                free = -figure.facing or (coin if index == 0 else -1)
                sides[index] = free if taken * free <= 0 else -free
        if len(people) > 1 and abs(sum(sides)) == len(people) and not all(part.side for part in parts):
            sides[-1] = -sides[-1]  # all on one side: the last one looks at the others
        return cls(tuple(people), tuple(parts), tuple(sides))

    def mirrored(self, index: int) -> bool:
        """Whether a figure is turned over: it looks into the frame from its side, and out of it where it leaves."""
        facing, side = self.figures[index].facing, self.sides[index]
        wanted = side if self.parts[index].moves < 0 else -side
        return bool(facing) and facing != wanted


def cover(ground: Stage, size: tuple[int, int]) -> float:
    """How many pixels of the frame a pixel of the place is, where the place just fills it."""
    width, height = ground.place.size
    return max(size[0] / width, size[1] / height)


def spots_of(ground: Stage) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Places on the ground where people can stand, as rows of x and y in pixels of the place: feet inside of it."""
    width, height = ground.place.size
    polygon = np.array(ground.place.ground.polygon or ((0.1, 0.92), (0.9, 0.92), (0.92, 0.985), (0.08, 0.985)))
    outline = (polygon * (width, height)).astype(np.float32).reshape(-1, 1, 2)
    low, high = outline[:, 0].min(axis=0), outline[:, 0].max(axis=0)
    found = []
    for y in np.linspace(low[1] + 1, high[1] - 1, 12):
        half = 0.09 * ground.height_of(float(y))
        for x in np.linspace(low[0], high[0], 60):
            feet = ((float(x + aside), float(y)) for aside in (-half, 0.0, half))
            if all(cv2.pointPolygonTest(outline, foot, False) >= 0 for foot in feet):
                found += [(float(x), float(y))]
    if not found:
        middle = outline[:, 0].mean(axis=0)
        found = [(float(middle[0]), float(middle[1]))]
    return np.array(found)
