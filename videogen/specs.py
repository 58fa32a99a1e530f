"""The settings of one generation as one frozen value. Every limit is declared here, and nowhere else.

The form, the body of the API, its OpenAPI schema and the worker derive from these models: the same verdict in the same
words wherever a value comes from. Nothing is rounded in silence.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from django.conf import settings
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from videogen.errors import shown
from videogen.limits import PROMPT_LENGTH as PROMPT_LENGTH  # what readers of specs need beside them
from videogen.limits import Limits as Limits
from videogen.limits import Must, real, tidy, whole
from videogen.limits import SpecError as SpecError
from videogen.speech.line import SpokenLine

DURATION_RANGE = range(1, 9)  # whole seconds
FrameRate = Literal[24, 25, 30]  # frames a second
FRAME_RATES: tuple[int, ...] = get_args(FrameRate)
STEP_RANGE = range(1, 51)
GUIDANCE_RANGE = (1.0, 20.0)
STRENGTH_RANGE = (0.0, 1.0)
LORA_STRENGTH_RANGE = (0.0, 2.0)
SEED_RANGE = range(2**32)
SIDE_RANGE = range(64, 4097, 2)  # pixels
MOST_CHARACTERS = 64  # people of one picture
MOST_AT_ONCE = 4  # pictures, or clips, that one press asks for
MOST_LORAS = 16  # of one clip, and of one installation

DEFAULT_DURATION = 5
DEFAULT_FRAME_RATE: FrameRate = 24
DEFAULT_STEPS = 28
DEFAULT_GUIDANCE_SCALE = 3.0
DEFAULT_STRENGTH = 1.0
DEFAULT_WIDTH, DEFAULT_HEIGHT = 1280, 704
# Width and height of the sizes offered first; each has its portrait twin.
SIZES = ((768, 512), (1024, 576), (1280, 704), (1280, 720), (1920, 1080))

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
    BeforeValidator(tidy),
    Must("text"),
]
Side = Annotated[
    int,
    Field(ge=SIDE_RANGE[0], le=SIDE_RANGE[-1], multiple_of=SIDE_RANGE.step, description="Pixels."),
    BeforeValidator(whole),
    Must("an even number of pixels"),
]


Strength = Annotated[
    float,
    Field(ge=STRENGTH_RANGE[0], le=STRENGTH_RANGE[1], allow_inf_nan=False),
    BeforeValidator(real),
    Must("a number"),
]

# How many one press asks for.
Several = Annotated[int, Field(ge=1, le=MOST_AT_ONCE), BeforeValidator(whole), Must("a whole number")]


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
        BeforeValidator(tidy),
        Must("text"),
    ] = ""
    steps: Annotated[
        int,
        Field(ge=STEP_RANGE[0], le=STEP_RANGE[-1], title="Steps", description="Diffusion steps."),
        BeforeValidator(whole),
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
        BeforeValidator(real),
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
        BeforeValidator(whole),
        Must("a whole number", otherwise=", or empty"),
    ] = None
    width: Annotated[Side, Field(title="Width")] = DEFAULT_WIDTH
    height: Annotated[Side, Field(title="Height")] = DEFAULT_HEIGHT

    @property
    def frames(self) -> int:
        """How many pictures are delivered."""
        return 1

    @classmethod
    def read(cls, given: Mapping[str, object], *, as_text: bool = False, **known: Any) -> Self:
        """Read what a person or program sent. known: `models`, the names of the pipelines on offer, default first.

        why_not: a function that says why another one is not on offer, by its name.
        """
        return super().read({**given, "model": given.get("model") or known["models"][0]}, as_text=as_text, **known)

    @field_validator("model", mode="before")
    @classmethod
    def _offered(cls, name: object, info: ValidationInfo) -> object:
        offered = (info.context or {}).get("models")
        if offered and name not in offered:
            why = (info.context or {}).get("why_not", lambda _name: "")(str(name))
            raise ValueError(f"must be one of {', '.join(offered)}; {shown(name)} was given. {why}".rstrip())
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


_LORA_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "strength": {"type": "number", "minimum": LORA_STRENGTH_RANGE[0], "maximum": LORA_STRENGTH_RANGE[1]},
    },
    "required": ["name"],
    "additionalProperties": False,
}


class LoraUse(BaseModel):
    """A LoRA of this installation, how much it counts, and the hash of its file: another one makes another clip."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    name: str
    strength: Annotated[float, Field(ge=LORA_STRENGTH_RANGE[0], le=LORA_STRENGTH_RANGE[1], allow_inf_nan=False)]
    sha256: str = ""  # empty where the file was on another machine only


class VideoSpec(Spec):
    """Everything that decides a video, its start and end frame apart.

    line: what is spoken in it, where its pipeline has scratch voices. It is the block's and its character's, so nobody
    sends it: videogen.actions writes it down.
    `read` also takes `loras`, a function that makes the LoRAs asked for by a list of {name, strength} into LoraUses,
    given the name of the pipeline; it raises SpecError for what cannot be used. seed_matters: a function that says
    whether another seed makes another clip, by the name of the pipeline and the prompt.
    """

    duration: Annotated[
        int,
        Field(
            ge=DURATION_RANGE[0],
            le=DURATION_RANGE[-1],
            title="Duration",
            description="Seconds; as long as the line of the block takes where absent, else 5.",
        ),
        BeforeValidator(whole),
        Must("a whole number of seconds"),
    ] = DEFAULT_DURATION
    frame_rate: Annotated[
        FrameRate, Field(title="Frame rate", description="Frames a second."), BeforeValidator(whole)
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

    loras: Annotated[
        tuple[LoraUse, ...],
        Field(
            max_length=MOST_LORAS,
            title="LoRAs",
            description="LoRAs of this installation to use, each with its strength; without one, its own default.",
            json_schema_extra={"items": _LORA_SCHEMA},
        ),
        Must("a list of {name, strength}"),
    ] = ()

    takes: Annotated[
        Several,
        Field(
            title="Takes",
            description="How many to make, one after the other, each with the next seed. The first becomes the clip.",
        ),
    ] = 1

    line: SkipJsonSchema[SpokenLine | None] = None

    @field_validator("line", mode="before")
    @classmethod
    def _nobody_sends(cls, given: object, info: ValidationInfo) -> object:
        return None if "given" in (info.context or {}) else given

    @field_validator("takes")
    @classmethod
    def _differ(cls, takes: int, info: ValidationInfo) -> int:
        seed_matters = (info.context or {}).get("seed_matters", lambda _model, _prompt: True)
        is_judged = takes > 1 and {"model", "prompt"} <= info.data.keys()
        if is_judged and not seed_matters(info.data["model"], info.data["prompt"]):
            why = "Nothing in it is left to the seed, so every take would be the same."
            raise ValueError(f"must be 1 with this prompt; {shown(takes)} was given. {why}")
        return takes

    @field_validator("loras", mode="before")
    @classmethod
    def _on_offer(cls, given: object, info: ValidationInfo) -> object:
        if not isinstance(given, list | tuple):
            return given
        resolve = (info.context or {}).get("loras")
        if resolve is None:
            return tuple(given)
        try:
            return resolve(info.data.get("model"), given)
        except SpecError as refused:
            raise PydanticCustomError("sentence", "{sentence}", {"sentence": str(refused)}) from None

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

    like_start: Annotated[
        bool | None,
        Field(
            title="Goes on from the start frame",
            description=(
                "Of an end frame: whether it shows the start frame after a while, not what its own prompt, people and "
                "place say. Null or absent: only where nothing of them was changed."
            ),
        ),
        Must("true or false", otherwise=", or empty"),
    ] = None

    candidates: Annotated[
        Several,
        Field(
            title="Candidates",
            description="How many pictures to make, one after the other, each with the next seed. The first is used.",
        ),
    ] = 1

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
