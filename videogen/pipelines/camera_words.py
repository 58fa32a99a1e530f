"""What the words of a prompt ask of the camera. Imports nothing heavy: the web process asks it too."""

import re
from dataclasses import dataclass, replace
from typing import Literal

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
_ACROSS = {"left": -1, "leftwards": -1, "right": 1, "rightwards": 1}
_STATIC = re.compile(
    r"\bstatic\b(?!\s+(?:on|from|of|noise|crackl\w+|electricity))|\blocked[\s-]?(?:off|down)\b|\b(?:fixed|still|stationary)"
    r"\s+(?:camera|shot|frame)\b|\bon a tripod\b|\bno camera (?:move|movement|motion)\b"
    r"|\bcamera (?:is|stays|remains|holds) still\b"
)
_HANDHELD = re.compile(r"\bhand[\s-]?held\b|\bshaky (?:cam|camera)\b")
_SLOW = re.compile(r"\b(?:slow|slowly|gentle|gently|subtle|subtly|slight|slightly|barely|softly|creep\w*)\b")
_FAST = re.compile(r"\b(?:fast|quick|quickly|rapid|rapidly|sudden|suddenly|whip|crash)\b")


_CRANE = re.compile(r"\b(?:crane|cranes|craning|pedestal|pedestals|jib)\b")
_TRACK = re.compile(r"\b(?:truck|trucks|trucking|tracking|dolly|dollies)\b|\bcamera tracks?\b")
_TRACKING_SHOT = re.compile(r"\btracking shot\b")
_ORBIT = re.compile(
    r"\b(?:orbit|orbits|orbiting|arc shot|arcs around|arcing around)\b(?P<rest>(?:\W+\w+){0,6})"
    r"|\bcamera (?:circles|arcs)\b(?P<more>(?:\W+\w+){0,6})"
)
_RACK = re.compile(
    r"\b(?:rack|racks|racking|pull|pulls|pulling|shift|shifts) (?:the )?focus\b(?P<rest>(?:\W+\w+){0,6})"
    r"|\bfocus (?:racks|pulls|shifts)\b(?P<more>(?:\W+\w+){0,6})"
)
_NEAR = re.compile(r"\b(?:foreground|near|nearer|face|her|him|close)\b")
_OPTICAL = re.compile(r"\bzoom\w*\b")
_DOLLIES = re.compile(r"\b(?:dolly|dollies|push\w*|truck\w*|mov\w+|creep\w*|pull\w*)\b")


@dataclass(frozen=True, slots=True)
class CameraMove:
    """What the camera does. closer: 1 in, -1 out. pan: -1 left, 1 right. tilt: -1 up, 1 down. speed: 1 is normal.

    zoom: it comes closer with the lens and not on its way. track: the sideways move is a ride along what is seen.
    crane: the upright move is a rise or fall of the camera. orbit: -1 around to the left, 1 to the right. rack: which
    the focus goes to.
    """

    closer: int = 0
    pan: int = 0
    tilt: int = 0
    handheld: bool = False
    static: bool = False
    speed: float = 1.0
    zoom: bool = False
    track: bool = False
    crane: bool = False
    orbit: int = 0
    rack: Literal["", "near", "far"] = ""

    @property
    def goes(self) -> bool:
        """Whether the camera goes anywhere."""
        return bool(self.closer or self.pan or self.tilt or self.orbit)

    @property
    def named(self) -> bool:
        """Whether the words asked for anything."""
        return self.goes or self.handheld or self.static or bool(self.rack)


def read_camera(prompt: str) -> CameraMove:
    """The move that the camera words of `prompt` ask for; several may combine."""
    text = " ".join(prompt.lower().split())
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause and clause.strip()]
    orbit = _orbit(text)
    pan = 0 if orbit else _direction(text, _SIDEWAYS, _ACROSS)
    if not (pan or orbit) and _TRACKING_SHOT.search(text):
        pan = 1
    tilt = _direction(text, _UPRIGHT, {"up": -1, "upwards": -1, "upward": -1, "down": 1, "downwards": 1, "downward": 1})
    closer = (1 if _said(_IN, text, clauses) else 0) - (1 if _said(_OUT, text, clauses) else 0)
    if not (closer or pan or orbit or _said(_OUT, text, clauses)) and _BARE_IN.search(text):
        closer = 1
    handheld, rack = bool(_HANDHELD.search(text)), _rack(text)
    move = CameraMove(
        closer=closer,
        pan=pan,
        tilt=tilt,
        handheld=handheld,
        speed=0.6 if _SLOW.search(text) else 1.6 if _FAST.search(text) else 1.0,
        zoom=bool(closer and _OPTICAL.search(text) and not _DOLLIES.search(text)),
        track=bool(pan and _TRACK.search(text)),
        crane=bool(tilt and _CRANE.search(text)),
        orbit=orbit,
        rack=rack,
    )
    return move if move.named else replace(move, static=bool(_STATIC.search(text)))


def stands_still(prompt: str) -> bool:
    """Whether the words want a clip in which nothing moves: no camera, no rain, no breath."""
    return read_camera(prompt).static


def _orbit(text: str) -> int:
    found = _ORBIT.search(text)
    if found is None:
        return 0
    ways = [word for word in re.findall(r"\w+", found["rest"] or found["more"] or "") if word in _ACROSS]
    return _ACROSS[ways[0]] if ways else 1


def _rack(text: str) -> Literal["", "near", "far"]:
    found = _RACK.search(text)
    if found is None:
        return ""
    rest = found["rest"] or found["more"] or ""
    # "from the background to her face": what comes last is meant.
    return "near" if _NEAR.search(rest.rpartition(" to ")[2] or rest) else "far"


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
