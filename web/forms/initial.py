"""What the forms of the three steps begin with: the last settings, or the defaults."""

from collections.abc import Sequence
from typing import Any

from scenes.models import Block, Character
from videogen import pipelines
from videogen.models import VIDEO, BlockGenerations, Frame, PromptRewrite, Video
from videogen.prompts import compose
from videogen.specs import (
    DEFAULT_DURATION,
    DEFAULT_FRAME_RATE,
    DEFAULT_GUIDANCE_SCALE,
    DEFAULT_HEIGHT,
    DEFAULT_NEGATIVE_PROMPT,
    DEFAULT_STEPS,
    DEFAULT_STRENGTH,
    DEFAULT_WIDTH,
)
from web.forms.generation import FrameForm, VideoForm, size_name


def frame_values(
    block: Block, role: str, made: BlockGenerations, rewrite: PromptRewrite | None, cast: Sequence[Character]
) -> dict[str, Any]:
    """Fill a frame's form. Without settings of its own, an end frame takes those of the start frame."""
    own = made.last_with_settings(role)
    asked = own or made.last_with_settings(Frame.Role.START)
    shown = compose.mentioned(block, cast)
    return {
        "include_location": True,
        "character_ids": [str(character.pk) for character in shown],
        **_common_values(asked, FrameForm.KIND, _size_like(made.chosen(Frame.Role.START))),
        "like_start": {None: "", True: "true", False: "false"}[own.spec.get("like_start") if own else None],
        "prompt": _last_prompt(rewrite, own) or compose.frame_prompt(block, shown, role),
    }


def video_values(block: Block, made: BlockGenerations, rewrite: PromptRewrite | None) -> dict[str, Any]:
    """Fill the clip's form."""
    asked = made.last_with_settings(VIDEO)
    values = {
        "negative_prompt": DEFAULT_NEGATIVE_PROMPT,
        "duration": DEFAULT_DURATION,
        "frame_rate": DEFAULT_FRAME_RATE,
        "sound": True,
        "start_strength": DEFAULT_STRENGTH,
        "end_strength": DEFAULT_STRENGTH,
        **_common_values(asked, VideoForm.KIND, _size_like(made.chosen(Frame.Role.START))),
        "prompt": _last_prompt(rewrite, asked) or compose.video_prompt(block),
    }
    return values | {name: f"{values[name]:.10g}" for name in ("start_strength", "end_strength")}


def _common_values(asked: Frame | Video | None, kind: str, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    values: dict[str, Any] = {
        "steps": DEFAULT_STEPS,
        "guidance_scale": DEFAULT_GUIDANCE_SCALE,
        "width": width,
        "height": height,
        "model": pipelines.chosen(kind).model.name,
        **(asked.spec if asked else {}),
    }
    values["guidance_scale"] = f"{values['guidance_scale']:g}"
    values["size"] = size_name(values["width"], values["height"])
    return values


def _last_prompt(rewrite: PromptRewrite | None, asked: Frame | Video | None) -> str:
    """The latest prompt of a step: what was last optimized, or typed to be, or generated from; nothing before."""
    if rewrite and (asked is None or rewrite.created_at > asked.created_at):
        return str(rewrite.result or rewrite.typed)
    return asked.prompt if asked else ""


def _size_like(start: Frame | None) -> tuple[int, int]:
    """The size to begin with: the start frame's own where it is one of the offered, else the default, as upright."""
    if start is None:
        return DEFAULT_WIDTH, DEFAULT_HEIGHT
    if size_name(start.width, start.height) != "custom":
        return start.width, start.height
    upright = start.height > start.width
    return (DEFAULT_HEIGHT, DEFAULT_WIDTH) if upright else (DEFAULT_WIDTH, DEFAULT_HEIGHT)
