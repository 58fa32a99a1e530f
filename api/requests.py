"""What programs may send, described for the OpenAPI document from the specs' own limits, and read by the specs."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from api.body import Body, shown
from scenes.models import Block, Character
from videogen import specs
from videogen.prompts import compose
from videogen.read_specs import read_cast, read_frame_spec, read_video_spec
from videogen.specs import Collected, FrameSpec, SpecError, VideoSpec

Json = dict[str, Any]

_PROMPT: Json = {"type": "string", "minLength": 1, "maxLength": specs.PROMPT_LENGTH, "pattern": r"\S"}
_SIDE: Json = {"type": "integer", "minimum": specs.SIDES[0], "maximum": specs.SIDES[-1], "multipleOf": 2}
_COMMON: Mapping[str, Json] = {
    "block_id": {"type": "string", "format": "uuid", "description": "A block of the scene in the address."},
    "prompt": {**_PROMPT, "description": "What should be seen."},
    "negative_prompt": {"type": "string", "maxLength": specs.PROMPT_LENGTH, "description": "Things to avoid."},
    "steps": {
        "type": "integer",
        "minimum": specs.STEPS[0],
        "maximum": specs.STEPS[-1],
        "default": specs.DEFAULT_STEPS,
        "description": "Diffusion steps.",
    },
    "guidance_scale": {
        "type": "number",
        "minimum": specs.GUIDANCE_SCALES[0],
        "maximum": specs.GUIDANCE_SCALES[1],
        "default": specs.DEFAULT_GUIDANCE_SCALE,
        "description": "How closely the prompt is followed.",
    },
    "seed": {
        "type": "integer",
        "minimum": specs.SEEDS[0],
        "maximum": specs.SEEDS[-1],
        "description": "For reproducibility; null or absent for a random one.",
    },
    "width": {**_SIDE, "default": specs.DEFAULT_WIDTH, "description": "Pixels."},
    "height": {**_SIDE, "default": specs.DEFAULT_HEIGHT, "description": "Pixels."},
}
VIDEO_FIELDS: Mapping[str, Json] = {
    **_COMMON,
    "duration": {
        "type": "integer",
        "minimum": specs.DURATIONS[0],
        "maximum": specs.DURATIONS[-1],
        "default": specs.DEFAULT_DURATION,
        "description": "Seconds.",
    },
    "frame_rate": {
        "type": "integer",
        "enum": list(specs.FRAME_RATES),
        "default": specs.DEFAULT_FRAME_RATE,
        "description": "Frames a second.",
    },
    "model": {"type": "string", "description": "A pipeline of this installation; its first where absent."},
}
FRAME_FIELDS: Mapping[str, Json] = {
    **_COMMON,
    "role": {"type": "string", "enum": list(specs.ROLES)},
    "include_location": {"type": "boolean", "default": True, "description": "Show the scene's location."},
    "character_ids": {
        "type": "array",
        "items": {"type": "string", "format": "uuid"},
        "description": "Characters of the scene to show; where absent, those that the block names.",
    },
    "model": VIDEO_FIELDS["model"],
}
PROMPT_FIELDS: Mapping[str, Json] = {
    "block_id": _COMMON["block_id"],
    "target": {"type": "string", "enum": [*specs.ROLES, "video"], "description": "What the prompt is for."},
    "prompt": _COMMON["prompt"],
}


def _or_null(described: Json) -> Json:
    """A field that may be null, which means the same as leaving it out."""
    if "enum" not in described:
        return {**described, "type": [described["type"], "null"]}
    # Generators of clients understand an enumeration that may be null in this form only.
    values = {"type": described["type"], "enum": described["enum"]}
    rest = {name: value for name, value in described.items() if name not in values}
    return {"anyOf": [values, {"type": "null"}], **rest}


def document(title: str, fields: Mapping[str, Json], required: Sequence[str]) -> Json:
    """The OpenAPI description of a request body."""
    schema = {
        "title": title,
        "type": "object",
        "properties": {
            to_camel(name): described if name in required else _or_null(described) for name, described in fields.items()
        },
        "required": [to_camel(name) for name in required],
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def read_video(body: Body) -> VideoSpec:
    """The settings of a video. Raises ProblemError naming every bad field."""
    spec: VideoSpec = body.read(lambda: read_video_spec(body.values), SpecError)
    return spec


def read_frame(block: Block, body: Body) -> FrameSpec:
    """The settings of a frame; the prompt is composed where it is absent. Raises ProblemError."""
    spec: FrameSpec = body.read(lambda: _read_frame(block, dict(body.values)), SpecError)
    return spec


def _read_frame(block: Block, values: dict[str, Any]) -> FrameSpec:
    cast = compose.cast_of(block)
    collected = Collected()
    include = collected.call(lambda: _include_location(values.get("include_location")), True)
    chosen = collected.call(lambda: _characters(block, cast, values.get("character_ids")), ())
    if values.get("prompt") is None:
        people = [one for one in cast if str(one.pk) in chosen]
        target = "end" if values.get("role") == "end" else "start"
        values["prompt"] = compose.frame_prompt(block, people, target, include_location=include)
    role = "" if values.get("role") is None else values["role"]  # for the rule to refuse: there is no default
    spec: FrameSpec = collected.call(
        lambda: read_frame_spec(values, role=role, include_location=include, characters=lambda: chosen)
    )
    collected.check()
    return spec


def _include_location(given: object) -> bool:
    if given is None:
        return True
    if not isinstance(given, bool):
        raise SpecError({"include_location": f"Location must be true or false; {shown(given)} was given."})
    return given


def _characters(block: Block, cast: Sequence[Character], given: object) -> tuple[str, ...]:
    if given is None:
        return tuple(str(one.pk) for one in compose.mentioned(block, cast))
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise SpecError({"character_ids": f"Characters must be a list of ids; {shown(given)} was given."})
    return read_cast(cast, [one.lower() for one in given])


def read_prompt(body: Body) -> str:
    """The prompt to optimize. Raises ProblemError."""
    text: str = body.read(lambda: _read_prompt(body.values), SpecError)
    return text


def _read_prompt(values: Mapping[str, Any]) -> str:
    # A video's prompt keeps the same rules wherever it is sent.
    return VideoSpec.read({"prompt": values.get("prompt")}, model="").prompt
