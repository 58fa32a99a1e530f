"""What a frame or clip is made with where nobody says otherwise: the last settings of its step, or the defaults.

The dialog's forms begin with these, and plans are made of them.
"""

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
    SIZES,
)
from videogen.spoken import BlockLine, was_suggested


def frame_settings(
    block: Block,
    role: str,
    made: BlockGenerations,
    rewrite: PromptRewrite | None,
    cast: Sequence[Character],
    stand_in: str = "",
    *,
    anew: bool = False,
) -> dict[str, Any]:
    """Return the settings of a frame. Without settings of its own, an end frame takes those of the start frame.

    stand_in: a prompt to take instead of one composed of the script, which costs a millisecond. anew: the last prompt
    is not taken.
    """
    own = made.last_with_settings(role)
    asked = own or made.last_with_settings(Frame.Role.START)
    shown = compose.mentioned(block, cast)
    return {
        "include_location": True,
        "character_ids": [str(character.pk) for character in shown],
        **_common(asked, "frame", _size_like(made.chosen(Frame.Role.START))),
        "candidates": 1,
        "like_start": own.spec.get("like_start") if own else None,
        "prompt": ("" if anew else _last_prompt(rewrite, own)) or stand_in or compose.frame_prompt(block, shown, role),
    }


def video_settings(
    block: Block,
    made: BlockGenerations,
    rewrite: PromptRewrite | None,
    cast: Sequence[Character] | None = None,
    stand_in: str = "",
    *,
    line: BlockLine | None = None,
    anew: bool = False,
) -> dict[str, Any]:
    """Return the settings of a clip: as long as the line, until somebody chose another length.

    cast: of the block, which is read where it is None. The rest as for a frame.
    """
    asked = made.last_with_settings(VIDEO)
    follows = line is not None and isinstance(asked, Video) and was_suggested(asked, line)
    return {
        "negative_prompt": DEFAULT_NEGATIVE_PROMPT,
        "duration": line.duration if line else DEFAULT_DURATION,
        "frame_rate": DEFAULT_FRAME_RATE,
        "sound": True,
        "start_strength": DEFAULT_STRENGTH,
        "end_strength": DEFAULT_STRENGTH,
        **_common(asked, "video", _size_like(made.chosen(Frame.Role.START))),
        **({"duration": line.duration} if line and follows else {}),
        "takes": 1,
        "prompt": ("" if anew else _last_prompt(rewrite, asked)) or stand_in or compose.video_prompt(block, cast),
    }


def _common(asked: Frame | Video | None, kind: str, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    return {
        "steps": DEFAULT_STEPS,
        "guidance_scale": DEFAULT_GUIDANCE_SCALE,
        "width": width,
        "height": height,
        "model": pipelines.chosen(kind).model.name,
        **({name: value for name, value in asked.spec.items() if name != "line"} if asked else {}),
        **({"seed": None} if asked and _is_counted_on(asked) else {}),
    }


def _is_counted_on(row: Frame | Video) -> bool:
    """Whether its seed is that of the one before it at the same press, and one more: nobody chose it."""
    return (row.nth if isinstance(row, Video) else row.candidate) > 1


def _last_prompt(rewrite: PromptRewrite | None, asked: Frame | Video | None) -> str:
    """The latest prompt of a step: what was last optimized, or typed to be, or generated from; nothing before."""
    if rewrite and (asked is None or rewrite.created_at > asked.created_at):
        return str(rewrite.result or rewrite.typed)
    return asked.prompt if asked else ""


def _size_like(start: Frame | None) -> tuple[int, int]:
    """The size to begin with: the start frame's own where it is one of the offered, else the default, as upright."""
    if start is None:
        return DEFAULT_WIDTH, DEFAULT_HEIGHT
    if (start.width, start.height) in SIZES or (start.height, start.width) in SIZES:
        return start.width, start.height
    upright = start.height > start.width
    return (DEFAULT_HEIGHT, DEFAULT_WIDTH) if upright else (DEFAULT_WIDTH, DEFAULT_HEIGHT)
