"""The settings of one generation as one frozen value. Every limit is declared here, and nowhere else.

The form, the body of the API, its OpenAPI schema and the worker derive from these models: the same verdict in the same
words wherever a value comes from. Nothing is rounded in silence.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from annotated_types import Ge, Le
from django.conf import settings
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import ErrorDetails, PydanticCustomError

from videogen.errors import shown

DURATION_RANGE = range(1, 9)  # whole seconds
FrameRate = Literal[24, 25, 30]  # frames a second
FRAME_RATES: tuple[int, ...] = get_args(FrameRate)
STEP_RANGE = range(1, 51)
GUIDANCE_RANGE = (1.0, 20.0)
STRENGTH_RANGE = (0.0, 1.0)
SEED_RANGE = range(2**32)
SIDE_RANGE = range(64, 4097, 2)  # pixels
PROMPT_LENGTH = 4000  # characters
YES_OR_NO = {"true": True, "false": False, "": None}  # what a form sends for a switch
MOST_CHARACTERS = 64  # people of one picture

DEFAULT_DURATION = 5
DEFAULT_FRAME_RATE: FrameRate = 24
DEFAULT_STEPS = 28
DEFAULT_GUIDANCE_SCALE = 3.0
DEFAULT_STRENGTH = 1.0
DEFAULT_WIDTH, DEFAULT_HEIGHT = 1280, 704

# What the makers give LTX where nobody says otherwise, word for word: DEFAULT_NEGATIVE_PROMPT of ltx_pipelines in
# Lightricks/LTX-2 (packages/ltx-pipelines/src/ltx_pipelines/utils/constants.py at 400fd31). Other pipelines film
# without one.
DEFAULT_NEGATIVE_PROMPT = (
    "has_subtitles, has_blurbox, transition from black, transition to black, speech_ending_short, blurry, out of "
    "focus, overexposed, underexposed, low contrast, washed out colors, excessive noise, grainy texture, poor "
    "lighting, flickering, motion blur, distorted proportions, unnatural skin tones, deformed facial features, "
    "asymmetrical face, missing facial features, extra limbs, disfigured hands, wrong hand count, artifacts "
    "around text, inconsistent perspective, camera shake, incorrect depth of field, background too sharp, "
    "background clutter, distracting reflections, harsh shadows, inconsistent lighting direction, color banding, "
    "cartoonish rendering, 3D CGI look, unrealistic materials, uncanny valley effect, incorrect ethnicity, wrong "
    "gender, exaggerated expressions, wrong gaze direction, mismatched lip sync, silent or muted audio, "
    "distorted voice, robotic voice, echo, background noise, off-sync audio, incorrect dialogue, added dialogue, "
    "repetitive speech, jittery movement, awkward pauses, incorrect timing, unnatural transitions, inconsistent "
    "framing, tilted camera, flat lighting, inconsistent tone, cinematic oversaturation, stylized filters, or AI "
    "artifacts."
)

# Control characters but line breaks and tabs, and halves of surrogate pairs: no database stores them all.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class SpecError(Exception):
    """One or more settings are out of bounds. `errors` maps a field's name to a sentence naming the value."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Must:
    """What a value of the field must be, for the sentence about one that is not. Its bounds are added to `what`."""

    what: str
    otherwise: str = ""


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _real(value: object) -> object:
    # An integer beyond all floats is left for the limits to refuse, like any other number out of bounds.
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 128:
        return float(value)
    return value


def _tidy(value: object) -> object:
    """Use one kind of line break and no space around. Raises ValueError for a control character."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) <= PROMPT_LENGTH and (found := _CONTROL.search(text)):
        code, position = ord(found[0]), found.start() + 1
        raise ValueError(f"holds a control character (U+{code:04X}) at position {position}. Remove it.")
    return text


# Bounds stand before the validator: so they are bounds of the number, in the schema as well.
Prompt = Annotated[
    str,
    Field(
        min_length=1,
        max_length=PROMPT_LENGTH,
        title="Prompt",
        description="What should be seen.",
        json_schema_extra={"pattern": r"\S"},  # not only spaces
    ),
    BeforeValidator(_tidy),
    Must("text"),
]
Side = Annotated[
    int,
    Field(ge=SIDE_RANGE[0], le=SIDE_RANGE[-1], multiple_of=SIDE_RANGE.step, description="Pixels."),
    BeforeValidator(_whole),
    Must("an even number of pixels"),
]


Strength = Annotated[
    float,
    Field(ge=STRENGTH_RANGE[0], le=STRENGTH_RANGE[1], allow_inf_nan=False),
    BeforeValidator(_real),
    Must("a number"),
]


class Limits(BaseModel):
    """Values within declared limits. Whatever is outside them raises SpecError, with a sentence for each field."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @classmethod
    def read(cls, given: Mapping[str, object], *, as_text: bool = False, **known: Sequence[str]) -> Self:
        """Read what a person or program sent. What is missing or None gets its default; other names are left alone.

        as_text: numbers come as text, as forms send them. known: what the validators compare with, see the subclasses.
        Raises SpecError naming every bad field and its value.
        """
        values = {name: _from_text(given.get(name), field, as_text) for name, field in cls.model_fields.items()}
        values = {name: value for name, value in values.items() if value is not None}
        return cls.model_validate(values, context={"given": given, **known})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises SpecError where it no longer keeps the limits."""
        return cls.model_validate(dict(stored))

    def to_json(self) -> dict[str, Any]:
        """Return the values as plain JSON values."""
        return self.model_dump(mode="json")

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values. Raises SpecError where they do not keep the limits."""
        return self.from_json({**self.to_json(), **changes})

    @model_validator(mode="wrap")
    @classmethod
    def _in_sentences(cls, values: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        try:
            within = handler(values)
        except ValidationError as invalid:
            given = (info.context or {}).get("given", values)
            raise SpecError(cls._sentences(invalid, given)) from None
        within.check()
        return within

    def check(self) -> None:
        """Check what concerns several fields, each of which is within its limits. Raises SpecError."""

    @classmethod
    def _sentences(cls, invalid: ValidationError, given: Mapping[str, object]) -> dict[str, str]:
        found: dict[str, str] = {}
        for error in invalid.errors(include_url=False):
            name = str(error["loc"][0])
            if name in found:  # a list has an error for each of its items
                continue
            field = cls.model_fields.get(name)
            sentence = _sentence(field, error, given.get(name)) if field else f"There is no field {shown(name)}."
            found[name] = sentence
        return found


def _from_text(value: object, field: FieldInfo, as_text: bool) -> object:
    """Convert a form's text to nothing, a number, yes or no, or itself (for the limits to refuse)."""
    if not as_text or not isinstance(value, str):
        return value
    if field.annotation is bool:
        return YES_OR_NO.get(value, value)
    if not is_number(field):
        return value
    if not value.strip():
        return None
    try:
        return float(value)
    except ValueError:
        return value


def is_number(field: FieldInfo) -> bool:
    """Whether the field holds a number, or one of some numbers, or none."""
    kinds = get_args(field.annotation) or (field.annotation,)
    return any(kind in (int, float) or type(kind) is int for kind in kinds)


def bounds(field: FieldInfo) -> tuple[float, float] | None:
    """Return the lowest and the highest value of a field, None for one without."""
    low: Any = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high: Any = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    return None if low is None or high is None else (low, high)


def _sentence(field: FieldInfo, error: ErrorDetails, given: object) -> str:
    label, kind = field.title, error["type"]
    if kind == "sentence":
        return error["msg"]
    if kind == "value_error":
        return f"{label} {error['ctx']['error']}"
    if kind == "string_too_long":
        return f"{label} may hold {PROMPT_LENGTH} characters; {len(error['input'])} were given. Shorten it."
    if kind == "string_too_short" or (kind == "missing" and field.annotation is str):
        return f"{label} is empty. Write what should be seen, in a sentence or two."
    return f"{label} must be {_wanted(field)}; {shown(given)} was given."


def _wanted(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        *first, last = map(str, get_args(field.annotation))
        return f"{', '.join(first)} or {last}"
    must = next((meta for meta in field.metadata if isinstance(meta, Must)), Must("text"))
    limits = bounds(field)
    return f"{must.what}{f' from {limits[0]:.10g} to {limits[1]:.10g}' if limits else ''}{must.otherwise}"


class Spec(Limits):
    """What frames and videos have in common.

    seed: None until the worker draws one. width, height: pixels of the delivered picture.
    """

    model: Annotated[
        str, Field(title="Pipeline", description="A pipeline of this installation; its first where absent.")
    ]
    prompt: Prompt
    negative_prompt: Annotated[
        str,
        Field(max_length=PROMPT_LENGTH, title="Negative prompt", description="Things to avoid."),
        BeforeValidator(_tidy),
        Must("text"),
    ] = ""
    steps: Annotated[
        int,
        Field(ge=STEP_RANGE[0], le=STEP_RANGE[-1], title="Steps", description="Diffusion steps."),
        BeforeValidator(_whole),
        Must("a whole number"),
    ] = DEFAULT_STEPS
    guidance_scale: Annotated[
        float,
        Field(
            ge=GUIDANCE_RANGE[0],
            le=GUIDANCE_RANGE[1],
            allow_inf_nan=False,
            title="Guidance scale",
            description="How closely the prompt is followed.",
        ),
        BeforeValidator(_real),
        Must("a number"),
    ] = DEFAULT_GUIDANCE_SCALE
    seed: Annotated[
        int | None,
        Field(
            ge=SEED_RANGE[0],
            le=SEED_RANGE[-1],
            title="Seed",
            description="For reproducibility; null or absent for a random one.",
        ),
        BeforeValidator(_whole),
        Must("a whole number", otherwise=", or empty"),
    ] = None
    width: Annotated[Side, Field(title="Width")] = DEFAULT_WIDTH
    height: Annotated[Side, Field(title="Height")] = DEFAULT_HEIGHT

    @property
    def frames(self) -> int:
        """How many pictures are delivered."""
        return 1

    @classmethod
    def read(cls, given: Mapping[str, object], *, as_text: bool = False, **known: Sequence[str]) -> Self:
        """Read what a person or program sent. known: `models`, the names of the pipelines on offer, default first."""
        return super().read({**given, "model": given.get("model") or known["models"][0]}, as_text=as_text, **known)

    @field_validator("model", mode="before")
    @classmethod
    def _offered(cls, name: object, info: ValidationInfo) -> object:
        offered = (info.context or {}).get("models")
        if offered and name not in offered:
            raise ValueError(f"must be one of {', '.join(offered)}; {shown(name)} was given.")
        return name

    def check(self) -> None:
        """Keep the picture or clip within the pixels this installation allows. Raises SpecError for the width."""
        asked, budget = self.width * self.height * self.frames, settings.CLIP_PIXEL_BUDGET
        if asked > budget:
            sentence = (
                f"{self.width} × {self.height} × {self.frames} frames is {asked / 1e6:.0f} million pixels; this "
                f"installation allows {budget / 1e6:.0f}. {self._largest(math.sqrt(budget / asked))}"
            )
            raise SpecError({"width": sentence})

    def _largest(self, scale: float) -> str:
        """Name the largest size of this shape at `scale` times its sides, where there is one."""
        width, height = (int(side * scale) // SIDE_RANGE.step * SIDE_RANGE.step for side in (self.width, self.height))
        if min(width, height) < SIDE_RANGE.start:
            return "Choose a smaller size or a shorter clip."
        return f"{width} × {height} fits; a shorter clip may be larger."


class VideoSpec(Spec):
    """Everything that decides a video, its start and end frame apart."""

    duration: Annotated[
        int,
        Field(ge=DURATION_RANGE[0], le=DURATION_RANGE[-1], title="Duration", description="Seconds."),
        BeforeValidator(_whole),
        Must("a whole number of seconds"),
    ] = DEFAULT_DURATION
    frame_rate: Annotated[
        FrameRate, Field(title="Frame rate", description="Frames a second."), BeforeValidator(_whole)
    ] = DEFAULT_FRAME_RATE

    start_strength: Annotated[
        Strength, Field(title="Start strength", description="How closely the first picture keeps to the start frame.")
    ] = DEFAULT_STRENGTH
    end_strength: Annotated[
        Strength, Field(title="End strength", description="How closely the last picture keeps to the end frame.")
    ] = DEFAULT_STRENGTH

    sound: Annotated[bool, Field(title="Sound", description="Whether the clip has sound."), Must("true or false")] = (
        True
    )

    @property
    def frames(self) -> int:
        """Exactly duration x frame_rate frames are delivered."""
        return self.duration * self.frame_rate


class FrameSpec(Spec):
    """Everything that decides a generated frame, the pictures it refers to apart.

    character_ids: ids of the scene's characters to show. `read` also takes `cast`, all ids there are: it refuses others
    and keeps their order.
    """

    role: Annotated[Literal["start", "end"], Field(title="Role")]
    include_location: Annotated[
        bool, Field(title="Location", description="Show the scene's location."), Must("true or false")
    ] = True
    character_ids: Annotated[
        tuple[str, ...],
        Field(
            max_length=MOST_CHARACTERS,
            title="Characters",
            description="Characters of the scene to show; where absent, those that the block names.",
            json_schema_extra={"items": {"type": "string", "format": "uuid"}},
        ),
        Must("a list of ids"),
    ] = ()

    @field_validator("character_ids", mode="before")
    @classmethod
    def _of_the_scene(cls, given: object, info: ValidationInfo) -> object:
        if isinstance(given, list | tuple) and len(given) > MOST_CHARACTERS:
            raise ValueError(f"may hold {MOST_CHARACTERS} ids; {len(given)} were given.")
        if not isinstance(given, list | tuple) or not all(isinstance(item, str) for item in given):
            return tuple(given) if isinstance(given, list) else given
        asked = tuple(item.lower() for item in given)
        cast = (info.context or {}).get("cast")
        if cast is None:
            return asked
        for character in asked:
            if character not in cast:
                sentence = f"Character {shown(character)} does not belong to this scene."
                raise PydanticCustomError("sentence", "{sentence}", {"sentence": sentence})
        return tuple(character for character in cast if character in asked)


class PromptSpec(Limits):
    """A prompt on its own, as Optimize Prompt takes it."""

    prompt: Prompt


def read_prompt(value: object) -> str:
    """Return the prompt that was sent, without spaces around it. Raises SpecError."""
    return PromptSpec.read({"prompt": value}).prompt
