"""Small life where nothing else moves: rain falls, smoke rises, water glitters, a lamp flickers, people breathe.

All of it begins at nothing, so that a clip begins on its frame, and is decided by the seed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from videogen.pipelines.animatic.compositor import Homography
from videogen.pipelines.animatic.sheet import Sheet
from videogen.pipelines.camera_words import stands_still

_BREATH = 0.0045  # of a figure's height, and at most two pixels
_TWINKLES = 3  # layers of glitter, which come and go by turns
_FLICKER = 0.14  # of a lamp's light
# How fast weather goes, in heights of the clip a second at depth 1, and how much slower what is farther falls.
_CALM = re.compile(r"\b(?:calm|calmly|subtle|subtly|barely|motionless|windless|still (?:air|water|sea|night))\b")
_FALLS = {"rain": 1.5, "storm": 2.0, "snow": 0.14, "fog": 0.0, "mist": 0.0}
_RISE = 0.55  # of its height: how far the top of smoke rises until it is gone, and other smoke has come in its place
_SWAY = 0.07  # of its height: how far its top goes aside
_DRIFTS = {"snow": 0.012, "fog": 0.02, "mist": 0.02}  # aside, in parts of the width


class Life:
    """What moves by itself in a clip. amount: 1 as ever, less where little is asked, 0 for a clip that stands still."""

    def __init__(
        self, made: Mapping[str, Any], size: tuple[int, int], frame_rate: int, seed: int, amount: float
    ) -> None:
        self._made, self._size, self._rate, self._amount = made, size, frame_rate, amount
        self._seed = seed

    @property
    def rests(self) -> bool:
        """Whether nothing moves by itself."""
        return not self._amount

    def grown(self, sheets: Sequence[Sheet]) -> list[Sheet]:
        """The sheets, with glitter upon water, rain that knows where it falls to, and lamps that flicker."""
        result: list[Sheet] = []
        for number, sheet in enumerate(sheets):
            rains = sheet.kind == "weather" and self._made.get("weather") not in ("snow", "fog", "mist")
            slant = slant_of(sheet.pixels) if rains else 0.0
            result.append(replace(sheet, slant=slant, flickers=sheet.kind == "light" and _is_bright(sheet)))
            if self._amount and is_water(sheet):
                result += _glitter(sheet, self._size, np.random.default_rng((self._seed, number, 5)))
        return result

    def matrix(self, sheet: Sheet, number: int, index: int) -> Homography | None:
        """How a sheet moves by itself, from where it would be seen to what of it is; None where it does not."""
        seconds = index / self._rate
        if not self._amount or not index:
            return None
        if sheet.figure or sheet.kind == "figure":
            return self._breath(sheet, number, seconds)
        return self.fall(sheet, number, index)

    def rising(self, sheet: Sheet, number: int, index: int) -> tuple[Homography, Homography, float] | None:
        """How smoke rises: its picture twice, by turns, and how much of the second is seen; None for anything else.

        Each grows upward from the foot, comes in while it is lower than it was drawn, and is gone when it is highest.
        At the beginning there is only the first, as it was drawn.
        """
        if sheet.kind != "smoke" or not self._amount or not index:
            return None
        seconds = index / self._rate
        period, pace, phase = np.random.default_rng((self._seed, number, 19)).uniform((3.6, 0.13, 0), (4.8, 0.19, 6.28))
        turns = [(seconds / period + begin) % 1.0 for begin in (0.5, 0.0)]
        foot, grown = sheet.top + sheet.rows, 1 + _RISE * self._amount
        sway = _SWAY * self._amount * float(np.sin(2 * np.pi * pace * seconds + phase) - np.sin(phase))
        one, other = (
            np.array([[1, sway, -sway * foot], [0, rise, foot * (1 - rise)], [0, 0, 1]], dtype=np.float64)
            for rise in (grown ** (0.5 - turn) for turn in turns)
        )
        return one, other, abs(2 * turns[0] - 1)

    def opacity(self, sheet: Sheet, number: int, index: int) -> float:
        """How much of a sheet is seen, 0 to 1."""
        if sheet.kind != "light":
            return 1.0
        if sheet.twinkle:
            return self._twinkle(sheet.twinkle, index / self._rate) if self._amount and index else 0.0
        if not self._amount or not index or not sheet.flickers:
            return 1.0
        return 1 - _FLICKER * self._amount * self._since(index) * self._wave(number, index / self._rate)

    def _breath(self, sheet: Sheet, number: int, seconds: float) -> Homography:
        rng = np.random.default_rng((self._seed, number, 7))
        rate, phase = float(rng.uniform(0.22, 0.34)), float(rng.uniform(0, 2 * np.pi))
        much = min(_BREATH, 2.0 / max(sheet.rows, 1)) * self._amount * min(seconds / 1.2, 1.0)
        foot = sheet.top + sheet.rows
        stretch = 1 / (1 + much * np.sin(2 * np.pi * rate * seconds + phase))
        return np.array([[1, 0, 0], [0, stretch, foot * (1 - stretch)], [0, 0, 1]], dtype=np.float64)

    def fall(self, sheet: Sheet, number: int, index: int) -> Homography | None:
        """How weather falls; None for anything else."""
        if sheet.kind != "weather" or not self._amount or not index:
            return None
        seconds = index / self._rate
        weather = str(self._made.get("weather") or "rain")
        width, height = self._size
        slower = 0.55 + 0.45 * float(np.clip(sheet.depth, 0, 1))
        pace = float(np.random.default_rng((self._seed, number, 11)).uniform(0.92, 1.08)) * slower * self._amount
        down = _FALLS.get(weather, _FALLS["rain"]) * height * pace * seconds
        aside = down * sheet.slant + _DRIFTS.get(weather, 0.0) * width * pace * seconds
        if weather == "snow":
            aside += 0.006 * width * (np.sin(0.9 * seconds + number) - np.sin(number))
        return np.array([[1, 0, -aside], [0, 1, -down], [0, 0, 1]], dtype=np.float64)

    def _twinkle(self, group: int, seconds: float) -> float:
        rate = 0.55 + 0.17 * group
        turn = float(np.random.default_rng((self._seed, group, 13)).uniform())
        wave = max(np.sin(2 * np.pi * (rate * seconds + turn)), 0.0)
        return float(0.75 * self._amount * min(seconds / 0.6, 1.0) * wave**1.5)

    def _since(self, index: int) -> float:
        return min(index / self._rate / 0.5, 1.0)

    def _wave(self, number: int, seconds: float) -> float:
        rates, phases = (
            np.random.default_rng((self._seed, number, 17)).uniform((0.5, 1.7, 4.1), (1.1, 2.9, 6.3)),
            number,
        )
        waves = np.sin(2 * np.pi * rates * seconds + phases + np.arange(3)) * (0.5, 0.3, 0.2)
        return float(waves.sum() / 2 + 0.5)


def is_water(sheet: Sheet) -> bool:
    """Whether it lies flat and is nothing to stand on."""
    return bool(sheet.slope) and sheet.kind not in ("ground", "weather", "light", "figure")


def slant_of(pixels: NDArray[np.uint8]) -> float:
    """How far to the side streaks of rain lead for each pixel down."""
    alpha = cv2.extractChannel(pixels, 3)
    across, down = (cv2.Sobel(alpha, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    # Along a streak nothing changes: the direction in which the gradients are least.
    xx, yy, xy = float((across * across).sum()), float((down * down).sum()), float((across * down).sum())
    values, ways = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))
    x, y = ways[:, 0]
    if abs(y) < 0.5 or values[1] < 1.6 * max(values[0], 1e-6):
        return 0.0
    return float(np.clip(x / y, -0.7, 0.7))


def _is_bright(sheet: Sheet) -> bool:
    alpha = int(sheet.pixels[..., 3].sum())
    return bool(alpha) and sheet.pixels[..., :3].sum() / 3 > 0.45 * alpha


def _glitter(water: Sheet, size: tuple[int, int], rng: np.random.Generator) -> list[Sheet]:
    """Short strokes of light on the water, where it is brightest, in groups that twinkle by turns."""
    columns, rows, height = water.columns, water.rows, size[1]
    grey = cv2.cvtColor(water.pixels, cv2.COLOR_RGBA2GRAY)
    sky = float(np.percentile(grey[water.pixels[..., 3] > 128], 97)) if (water.pixels[..., 3] > 128).any() else 0.0
    groups = []
    for group in range(1, _TWINKLES + 1):
        light = np.zeros((rows, columns), np.uint8)
        for _ in range(round(70 * columns / size[0])):
            x, y = rng.uniform(0, columns), rows * rng.uniform(0.02, 0.98) ** 1.4
            near = float(np.clip((water.top + y) / height, 0.3, 1.0))
            place = (int(min(x, columns - 1)), int(min(y, rows - 1)))
            if water.pixels[place[1], place[0], 3] < 200 or grey[place[1], place[0]] < 0.55 * sky * rng.uniform():
                continue
            half = max(height / 140 * near * rng.uniform(0.5, 1.3), 1.2), max(height / 900 * near, 0.6)
            centre, axes = (tuple(round(16 * value) for value in pair) for pair in ((x, y), half))
            cv2.ellipse(light, centre, axes, 0, 0, 360, int(rng.uniform(110, 220)), -1, cv2.LINE_AA, 4)
        tint = water.pixels[..., :3].reshape(-1, 3).max(axis=0).astype(np.float32) * 0.4 + 255 * 0.6
        alpha = cv2.multiply(light, water.pixels[..., 3], scale=1 / 255).astype(np.float32)
        pixels = np.dstack([alpha[..., None] * (tint / 255), alpha]).astype(np.uint8)
        groups.append(replace(water, kind="light", pixels=pixels, goes_on=False, twinkle=group))
    return groups


def asked_life(prompt: str) -> float:
    """How much small life the words leave: none to a clip that stands still, less to a calm one."""
    if stands_still(prompt):
        return 0.0
    return 0.5 if _CALM.search(prompt.lower()) else 1.0
