"""Where the camera is at every moment of a clip, in time and over one flat picture."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.camera_words import CameraMove, read_camera

__all__ = ["CameraMove", "CameraPath", "Timing", "View", "ease", "read_camera"]


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees of the picture.

    zoom: how many times closer than the whole picture, at least 1. x, y: where in the room that leaves, -1 (left,
    top) to 1 (right, bottom). turn: degrees, clockwise. sway_x, sway_y: shake, in parts of the picture's width.
    """

    zoom: float
    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0
    sway_x: float = 0.0
    sway_y: float = 0.0


def ease(t: float, ramp: float = 0.3) -> float:
    """0..1 to 0..1: at rest at both ends, steady in between, without a jerk where the steady part begins."""
    if t > 0.5:
        return 1 - ease(1 - t, ramp)
    if t >= ramp:
        return (t - ramp / 2) / (1 - ramp)
    return (t / 2 - ramp / (2 * math.pi) * math.sin(math.pi * t / ramp)) / (1 - ramp)


class Timing:
    """When a clip's move begins, how it gathers speed, when it ends and how far it goes: the seed varies all four.

    Of a clip that stands still nothing depends on the seed.
    """

    def __init__(self, move: CameraMove, frames: int, seed: int) -> None:
        self.frames = frames
        self._wait, self._rest, self._ramp, self.reach = 0.0, 0.0, 0.3, 1.0
        if not move.static:
            rng = np.random.default_rng((seed, 3))
            self._wait, self._rest = (float(value) for value in rng.uniform(0, (0.08, 0.06)))
            self._ramp, self.reach = (float(value) for value in rng.uniform((0.22, 0.94), (0.42, 1.06)))

    def at(self, index: int) -> float:
        """How much of the move is done in frame `index`: 0 in the first, 1 in the last."""
        share = index / max(self.frames - 1, 1)
        if share >= 1:
            return 1.0
        return ease(min(max((share - self._wait) / (1 - self._wait - self._rest), 0.0), 1.0), self._ramp)


class CameraPath:
    """The views of a whole clip over one flat picture, one for every frame.

    Moves that need no room beside the picture begin on the whole picture; a pan or tilt alone begins and ends
    inside of it, since a picture has nothing beyond its edge; a pull out ends on the whole picture. `seed` decides
    how a handheld camera shakes, and the timing.
    """

    def __init__(self, move: CameraMove, frames: int, frame_rate: int, seed: int) -> None:
        if not move.goes and not move.handheld and not move.static:
            move = replace(move, closer=1, speed=0.6)
        self.move = move
        self.timing = Timing(move, frames, seed)
        self._frames = frames
        seconds = frames / frame_rate
        self.reach = min((0.06 + 0.026 * seconds) * move.speed, 0.4) * self.timing.reach
        self._seconds = np.arange(frames) / frame_rate
        self._shake = _shake(self._seconds, seed) if move.handheld else None

    def __len__(self) -> int:
        return self._frames

    def __getitem__(self, index: int) -> View:
        """The view of frame `index`."""
        move = self.move
        eased = self.timing.at(index)
        # A flat picture has no other side: going around it or along it is a pan.
        across = move.pan or move.orbit
        if move.closer:
            share = eased if move.closer > 0 else 1 - eased
            # Equal ratios in equal times look like a steady speed.
            zoom = (1 + self.reach * 1.15) ** share
            view = View(zoom, x=across * move.closer * 0.9, y=move.tilt * move.closer * 0.9 or -0.12)
        elif across or move.tilt:
            place = 2 * eased - 1
            view = View(1 + self.reach, x=across * place, y=move.tilt * place)
        else:
            view = View(1.0)
        return self.shaken(view, index)

    def shaken(self, view: View, index: int) -> View:
        """The view with the shake of a handheld camera, where it is one."""
        if self._shake is None:
            return view
        # The shake needs a margin, taken in the first half second so that the clip still begins on its picture.
        grown = ease(min(float(self._seconds[index]) / 0.8, 1.0))
        sway_x, sway_y, turn = (float(value) * grown for value in self._shake[index])
        return replace(view, zoom=view.zoom * (1 + 0.045 * grown), sway_x=sway_x, sway_y=sway_y, turn=turn)


def _shake(seconds: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    # A body sways slowly and trembles faster and less; a sum of a few sines is smooth at every frame rate.
    rng = np.random.default_rng(seed)
    axes = []
    for size in (0.0065, 0.005, 0.22):  # parts of the width, parts of the width, degrees
        rates, phases = rng.uniform((0.25, 0.6, 1.3, 2.4), (0.45, 1.0, 1.9, 3.4)), rng.uniform(0, 2 * np.pi, 4)
        heights = np.array([0.5, 0.3, 0.14, 0.06]) * size
        axes.append((np.sin(2 * np.pi * np.outer(seconds, rates) + phases) * heights).sum(axis=1))
    return np.stack(axes, axis=1)
