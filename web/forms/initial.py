"""What the forms of the three steps begin with: the settings of videogen.prefill, as the forms' fields write them."""

from collections.abc import Sequence
from typing import Any

from scenes.models import Block, Character
from videogen import prefill
from videogen.models import BlockGenerations, PromptRewrite
from videogen.spoken import BlockLine
from web.forms.generation import size_name


def frame_values(
    block: Block, role: str, made: BlockGenerations, rewrite: PromptRewrite | None, cast: Sequence[Character]
) -> dict[str, Any]:
    """Fill a frame's form."""
    values = _written(prefill.frame_settings(block, role, made, rewrite, cast))
    return values | {"like_start": {None: "", True: "true", False: "false"}[values["like_start"]]}


def video_values(
    block: Block, made: BlockGenerations, rewrite: PromptRewrite | None, line: BlockLine | None
) -> dict[str, Any]:
    """Fill the clip's form. The first clip of a line is as long as the line."""
    values = prefill.video_settings(block, made, rewrite, line=line)
    return _written(values) | {name: f"{values[name]:.10g}" for name in ("start_strength", "end_strength")}


def _written(values: dict[str, Any]) -> dict[str, Any]:
    size = size_name(values["width"], values["height"])
    return values | {"guidance_scale": f"{values['guidance_scale']:g}", "size": size}
