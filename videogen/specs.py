"""All settings of one generation as one frozen value, and the only place their limits are written.

The forms and the HTTP API both read a person's input through `VideoSpec.read` and `FrameSpec.read`, so both
give the same verdict in the same words; a spec made any other way is held to the same rules when it is built.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from django.conf import settings

DURATIONS = range(1, 9)  # whole seconds
FRAME_RATES = (24, 25, 30)  # frames a second
STEPS = range(1, 51)
GUIDANCE_SCALES = (1.0, 20.0)
SEEDS = range(2**32)
SIDES = range(64, 4097, 2)  # pixels
PROMPT_LENGTH = 4000  # characters
ROLES = ("start", "end")

DEFAULT_DURATION = 5
DEFAULT_FRAME_RATE = 24
DEFAULT_STEPS = 28
DEFAULT_GUIDANCE_SCALE = 3.0
DEFAULT_WIDTH, DEFAULT_HEIGHT = 1280, 704

# The faults of picture and sound that are worth naming to a video model.
DEFAULT_NEGATIVE_PROMPT = (
    "blurry, out of focus, distorted, deformed hands or faces, extra limbs, flickering, jitter, low contrast, "
    "washed out colours, heavy noise, compression artifacts, text, watermark, still picture, robotic voice, echo"
)

# Control characters but line breaks and tabs, and halves of surrogate pairs: no database stores them all.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class SpecError(ValueError):
    """One or more settings are out of bounds. `errors` maps a field's name to a sentence naming the value."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class Collected:
    """Runs one reader after the other, so that everything that is wrong is told at once."""

    def __init__(self) -> None:
        self._errors: dict[str, str] = {}

    def call(self, reader: Callable[[], Any], instead: Any = None) -> Any:
        """What `reader` reads, or `instead` where it raises SpecError."""
        try:
            return reader()
        except SpecError as refused:
            self._errors |= refused.errors
            return instead

    def check(self) -> None:
        """Raises SpecError with all that was wrong, if anything was."""
        if self._errors:
            raise SpecError(self._errors)


class _RefusedError(ValueError):
    """One value breaks one rule. The message is a sentence, {given} standing for the value."""


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number too large to show"
    text = value if isinstance(value, str) else repr(value)
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:41])
    return f"“{text}”" if len(text) <= 40 else f"“{text[:40]}…”"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _whole(label: str, allowed: range | tuple[int, ...], words: str) -> Callable[[object], int]:
    def read(value: object) -> int:
        number = _number(value)
        if number is None or number != int(number) or int(number) not in allowed:
            raise _RefusedError(f"{label} must be {words}; {{given}} was given.")
        return int(number)

    return read


def _real(label: str, low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        number = _number(value)
        if number is None or not low <= number <= high:
            raise _RefusedError(f"{label} must be a number from {low:g} to {high:g}; {{given}} was given.")
        return number

    return read


def _text(label: str, *, required: bool) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise _RefusedError(f"{label} must be text; {{given}} was given.")
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if required and not text:
            raise _RefusedError(f"{label} is empty. Write what should be seen, in a sentence or two.")
        if len(text) > PROMPT_LENGTH:
            raise _RefusedError(f"{label} may hold {PROMPT_LENGTH} characters; {len(text)} were given. Shorten it.")
        if found := _CONTROL.search(text):
            raise _RefusedError(
                f"{label} holds a control character (U+{ord(found[0]):04X}) at position {found.start() + 1}. Remove it."
            )
        return text

    return read


def _role(value: object) -> str:
    if value not in ROLES:
        raise _RefusedError("Role must be start or end; {given} was given.")
    return str(value)


def _seed(value: object) -> int | None:
    return None if value is None else _whole("Seed", SEEDS, f"a whole number from 0 to {SEEDS[-1]}, or empty")(value)


_SIDE = "an even number of pixels from 64 to 4096"
_RULES: Mapping[str, Callable[[object], Any]] = {
    "prompt": _text("Prompt", required=True),
    "negative_prompt": _text("Negative prompt", required=False),
    "duration": _whole("Duration", DURATIONS, "a whole number of seconds from 1 to 8"),
    "frame_rate": _whole("Frame rate", FRAME_RATES, "24, 25 or 30"),
    "steps": _whole("Steps", STEPS, "a whole number from 1 to 50"),
    "guidance_scale": _real("Guidance scale", *GUIDANCE_SCALES),
    "seed": _seed,
    "width": _whole("Width", SIDES, _SIDE),
    "height": _whole("Height", SIDES, _SIDE),
    "role": _role,
}


_TEXTS = ("prompt", "negative_prompt", "role")


def _from_text(text: str) -> object:
    """What a form's text field stands for: nothing, a number, or itself (for the rule to refuse)."""
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        return text


def read_prompt(value: object) -> str:
    """The prompt that was sent, without spaces around it. Raises SpecError."""
    try:
        return str(_RULES["prompt"](value))
    except _RefusedError as refused:
        raise SpecError({"prompt": str(refused).format(given=_shown(value))}) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    """What frames and videos have in common.

    seed: None until the worker draws one. width, height: pixels of the delivered picture.
    """

    model: str
    prompt: str
    negative_prompt: str = ""
    steps: int = DEFAULT_STEPS
    guidance_scale: float = DEFAULT_GUIDANCE_SCALE
    seed: int | None = None
    width: int = DEFAULT_WIDTH
    height: int = DEFAULT_HEIGHT

    @property
    def frames(self) -> int:
        """How many pictures are delivered."""
        return 1

    @classmethod
    def read(cls, raw: Mapping[str, object], *, as_text: bool = False, **fixed: object) -> Self:
        """Read what a person sent; what is missing gets its default, `fixed` is taken as is.

        as_text: numbers come as text, as forms send them. Raises SpecError naming every bad field and its value.
        """
        values: dict[str, Any] = dict(fixed)
        errors: dict[str, str] = {}
        for field in fields(cls):
            if field.name in fixed or field.name not in _RULES:
                continue
            given = value = raw.get(field.name)
            if as_text and isinstance(given, str) and field.name not in _TEXTS:
                value = _from_text(given)
            if value is None:
                if field.name != "prompt":
                    continue
                value = ""
            try:
                values[field.name] = _RULES[field.name](value)
            except _RefusedError as refused:
                errors[field.name] = str(refused).format(given=_shown(given))
        if errors:
            raise SpecError(errors)
        return cls(**values)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises SpecError where it no longer keeps the limits."""
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        """The spec as plain JSON values."""
        return asdict(self)

    def __post_init__(self) -> None:
        errors = {}
        for field in fields(self):
            if field.name in _RULES:
                value = getattr(self, field.name)
                try:
                    _RULES[field.name](value)
                except _RefusedError as refused:
                    errors[field.name] = str(refused).format(given=_shown(value))
        budget = settings.CLIP_PIXEL_BUDGET
        if not errors and (asked := self.width * self.height * self.frames) > budget:
            errors["width"] = (
                f"{self.width} × {self.height} × {self.frames} frames is {asked / 1e6:.0f} million pixels; this "
                f"installation allows {budget / 1e6:.0f}. Choose a smaller size or a shorter clip."
            )
        if errors:
            raise SpecError(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSpec(_Spec):
    """Everything that decides a video, its start and end frame apart.

    duration: whole seconds. frame_rate: frames a second.
    """

    duration: int = DEFAULT_DURATION
    frame_rate: int = DEFAULT_FRAME_RATE

    @property
    def frames(self) -> int:
        """Exactly duration x frame_rate frames are delivered."""
        return self.duration * self.frame_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSpec(_Spec):
    """Everything that decides a generated frame, the pictures it refers to apart.

    role: "start" or "end". character_ids: ids of the scene's characters to show, in order.
    """

    role: str
    include_location: bool = True
    character_ids: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; JSON has no tuples."""
        return cls(**{**stored, "character_ids": tuple(stored["character_ids"])})
