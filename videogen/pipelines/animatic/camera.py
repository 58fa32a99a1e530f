"""What the words of a prompt ask of the camera, and where that puts it at every moment of a clip."""

import math
import re
from dataclasses import dataclass, replace

import numpy as np

_LEADING = r"^\W*(?:(?:slow|slowly|gentle|gently|soft|softly|quick|quickly|fast|steady|steadily|then|and|a|the|we)\W+)*"
_CAMERA = re.compile(r"\b(?:camera|shot|view|lens|we)\b")
_CLAUSE = re.compile(r"[.;,:!?\n]+|\b(?:and|while|as|then|but)\b")

# Phrases that can only mean the camera, and phrases that a person in the story may do as well ("she pulls out
# a letter"): the second kind counts where a clause begins with it or speaks of the camera.
_IN = (
    re.compile(r"\b(?:dolly|dollies|dollying|zoom|zooms|zooming|truck|crash zoom)(?:\s+\w+ly)?[\s-]+in\b|\bpush-in\b"),
    re.compile(
        r"\b(?:push|pushes|pushing|move|moves|moving|creep|creeps|creeping)(?:\s+\w+ly)?\s+(?:in\b|closer|forward)"
    ),
)
_OUT = (
    re.compile(
        r"\b(?:dolly|dollies|dollying|zoom|zooms|zooming)(?:\s+\w+ly)?[\s-]+(?:out|back)\b|\bpull-(?:out|back)\b"
    ),
    re.compile(r"\b(?:pull|pulls|pulling|move|moves|moving)(?:\s+\w+ly)?\s+(?:out\b|back\b|away\b|backwards?)"),
)
_BARE_IN = re.compile(r"\b(?:dolly|zoom)\b")
_SIDEWAYS = re.compile(
    r"(?<!frying )(?<!sauce )\b(?:pan|pans|panned|panning|truck|trucks|trucking|dolly|dollies|tracking|track|tracks)\b"
    r"(?!\s+(?:on|of|with|in|out|is|full)\b)(?P<rest>(?:\W+\w+){0,6})"
)
_UPRIGHT = re.compile(
    r"\b(?:tilt|tilts|tilted|tilting|crane|cranes|craning|pedestal|pedestals|jib)\b(?P<rest>(?:\W+\w+ly)?(?:\W+(?:shot|camera))?"
    r"\W+(?:up|down)(?:wards?)?)"
)
_STATIC = re.compile(
    r"\bstatic\b(?!\s+(?:on|from|of|noise|crackl\w+|electricity))|\blocked[\s-]?(?:off|down)\b|\b(?:fixed|still|stationary)"
    r"\s+(?:camera|shot|frame)\b|\bon a tripod\b|\bno camera (?:move|movement|motion)\b"
    r"|\bcamera (?:is|stays|remains|holds) still\b"
)
_HANDHELD = re.compile(r"\bhand[\s-]?held\b|\bshaky (?:cam|camera)\b")
_SLOW = re.compile(r"\b(?:slow|slowly|gentle|gently|subtle|subtly|slight|slightly|barely|softly|creep\w*)\b")
_FAST = re.compile(r"\b(?:fast|quick|quickly|rapid|rapidly|sudden|suddenly|whip|crash)\b")


@dataclass(frozen=True, slots=True)
class CameraMove:
    """What the camera does. closer: 1 in, -1 out. pan: -1 left, 1 right. tilt: -1 up, 1 down. speed: 1 is normal."""

    closer: int = 0
    pan: int = 0
    tilt: int = 0
    handheld: bool = False
    static: bool = False
    speed: float = 1.0

    @property
    def named(self) -> bool:
        """Whether the words asked for anything."""
        return bool(self.closer or self.pan or self.tilt or self.handheld or self.static)


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


def read_camera(prompt: str) -> CameraMove:
    """The move that the camera words of `prompt` ask for; several may combine."""
    text = " ".join(prompt.lower().split())
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause and clause.strip()]
    pan = _direction(text, _SIDEWAYS, {"left": -1, "leftwards": -1, "right": 1, "rightwards": 1})
    tilt = _direction(text, _UPRIGHT, {"up": -1, "upwards": -1, "upward": -1, "down": 1, "downwards": 1, "downward": 1})
    closer = (1 if _said(_IN, text, clauses) else 0) - (1 if _said(_OUT, text, clauses) else 0)
    if not (closer or pan or _said(_OUT, text, clauses)) and _BARE_IN.search(text):
        closer = 1
    handheld = bool(_HANDHELD.search(text))
    static = bool(_STATIC.search(text)) and not (closer or pan or tilt or handheld)
    speed = 0.6 if _SLOW.search(text) else 1.6 if _FAST.search(text) else 1.0
    return CameraMove(closer=closer, pan=pan, tilt=tilt, handheld=handheld, static=static, speed=speed)


def _said(kinds: tuple[re.Pattern[str], re.Pattern[str]], text: str, clauses: list[str]) -> bool:
    plain, shared = kinds
    if plain.search(text):
        return True
    leading = re.compile(_LEADING + shared.pattern)
    return any(leading.search(clause) or (shared.search(clause) and _CAMERA.search(clause)) for clause in clauses)


def _direction(text: str, verb: re.Pattern[str], ways: dict[str, int]) -> int:
    for found in verb.finditer(text):
        rest = re.split(r"[.;!?\n]", found["rest"])[0]
        words = [word for word in re.findall(r"\w+", rest) if word in ways]
        if words:
            # "from left to right" ends at the right; otherwise the first direction named is the one meant.
            return ways[words[-1]] if re.search(r"\bfrom\b", rest) else ways[words[0]]
    return 0


def ease(t: float) -> float:
    """0..1 to 0..1: at rest at both ends, steady in between, without a jerk where the steady part begins."""
    ramp = 0.3
    if t > 0.5:
        return 1 - ease(1 - t)
    if t >= ramp:
        return (t - ramp / 2) / (1 - ramp)
    return (t / 2 - ramp / (2 * math.pi) * math.sin(math.pi * t / ramp)) / (1 - ramp)


class CameraPath:
    """The views of a whole clip, one for every frame.

    Moves that need no room beside the picture begin on the whole picture; a pan or tilt alone begins and ends
    inside of it, since a picture has nothing beyond its edge; a pull out ends on the whole picture. `seed` decides
    only how a handheld camera shakes.
    """

    def __init__(self, move: CameraMove, frames: int, frame_rate: int, seed: int) -> None:
        if not move.named:
            move = replace(move, closer=1, speed=0.6)
        self._move = move
        self._frames = frames
        seconds = frames / frame_rate
        self._reach = min((0.06 + 0.026 * seconds) * move.speed, 0.4)
        self._seconds = np.arange(frames) / frame_rate
        self._shake = _shake(self._seconds, seed) if move.handheld else None

    def __len__(self) -> int:
        return self._frames

    def __getitem__(self, index: int) -> View:
        """The view of frame `index`."""
        move = self._move
        eased = ease(index / max(self._frames - 1, 1))
        if move.closer:
            share = eased if move.closer > 0 else 1 - eased
            # Equal ratios in equal times look like a steady speed.
            zoom = (1 + self._reach * 1.15) ** share
            view = View(zoom, x=move.pan * move.closer * 0.9, y=move.tilt * move.closer * 0.9 or -0.12)
        elif move.pan or move.tilt:
            place = 2 * eased - 1
            view = View(1 + self._reach, x=move.pan * place, y=move.tilt * place)
        else:
            view = View(1.0)
        return view if self._shake is None else self._shaken(view, index, self._shake)

    def _shaken(self, view: View, index: int, shake: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> View:
        # The shake needs a margin, taken in the first half second so that the clip still begins on its picture.
        grown = ease(min(float(self._seconds[index]) / 0.8, 1.0))
        sway_x, sway_y, turn = (float(value) * grown for value in shake[index])
        return replace(view, zoom=view.zoom * (1 + 0.045 * grown), sway_x=sway_x, sway_y=sway_y, turn=turn)


def _shake(
    seconds: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    # A body sways slowly and trembles faster and less; a sum of a few sines is smooth at every frame rate.
    rng = np.random.default_rng(seed)
    axes = []
    for size in (0.0065, 0.005, 0.22):  # parts of the width, parts of the width, degrees
        rates, phases = rng.uniform((0.25, 0.6, 1.3, 2.4), (0.45, 1.0, 1.9, 3.4)), rng.uniform(0, 2 * np.pi, 4)
        heights = np.array([0.5, 0.3, 0.14, 0.06]) * size
        axes.append((np.sin(2 * np.pi * np.outer(seconds, rates) + phases) * heights).sum(axis=1))
    return np.stack(axes, axis=1)
