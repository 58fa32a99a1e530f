"""Rewrite one prompt: gather the context, ask the optimizer, and keep only what passes the checks."""

from dataclasses import replace
from typing import Any

from django.utils.module_loading import import_string
from PIL import Image

from scenes.models import Character
from videogen import pipelines
from videogen.errors import GenerationError
from videogen.media.pictures import read_stored
from videogen.models import Frame, PromptRewrite
from videogen.phase import Phase
from videogen.pipelines import choice
from videogen.pipelines.base import OnStep
from videogen.prompts import compose, instructions, optimizers, structure, trust
from videogen.prompts.context import PromptContext
from videogen.worker.progress import noting_loaded

# Imported on first use: it brings an HTTP client along that most workers never need.
_ASK_LLM = "videogen.prompts.llm.rewrite"


def rewrite(row: PromptRewrite, on_step: OnStep, hostname: str) -> dict[str, Any]:
    """Return what the row ends with: the checked text and the version of what made it. Raises GenerationError."""
    on_step(Phase.LOADING)
    context = gather(row)
    if row.optimizer == optimizers.COMPOSER:
        on_step(Phase.ENCODING)
        return {"result": structure.structure(context), "version": structure.VERSION}
    answer = (
        _ask_encoder(row, context, on_step, hostname)
        if row.optimizer == optimizers.ENCODER
        else _ask_llm(context, on_step)
    )
    return {"result": trust.check(answer, context), "version": instructions.VERSION}


def _ask_llm(context: PromptContext, on_step: OnStep) -> str:
    on_step(Phase.ENCODING)
    return str(import_string(_ASK_LLM)(context, on_step))


def _ask_encoder(row: PromptRewrite, context: PromptContext, on_step: OnStep, hostname: str) -> str:
    model = choice.enhancing()
    if model is None:
        raise GenerationError("optimizer_unavailable", reason="No pipeline there has a text encoder that can write.")
    enhancer = pipelines.enhancer(model)
    on_step = noting_loaded(on_step, hostname, model, enhancer.device)
    start = context.frames.get("start")
    attached = ("start",) if start else ()
    text = instructions.user_message(context, attached)
    return enhancer.enhance(text, start, instructions.system_prompt(context), on_step)


def gather(row: PromptRewrite) -> PromptContext:
    """Collect everything the script and the pictures say about the row's prompt."""
    block = row.block
    location = block.scene.location if row.shown.get("include_location", True) else None
    chosen = {frame.role: frame for frame in block.frames.filter(is_chosen=True)}
    context = compose.context_of(block, _shown(row), step=row.dialog_step, location=location, typed=row.typed)
    return replace(context, has_end="end" in chosen, frames=_pictures(row, chosen))


def _shown(row: PromptRewrite) -> list[Character]:
    """Return who is in it: whoever the form has switched on, else whoever the block names."""
    cast = row.block.cast
    if "character_ids" not in row.shown:
        return compose.mentioned(row.block, cast)
    chosen = [character for character in cast if str(character.pk) in row.shown["character_ids"]]
    return sorted(chosen, key=lambda one: one.pk != row.block.character_id)


def _pictures(row: PromptRewrite, chosen: dict[str, Frame]) -> dict[str, Image.Image]:
    """Open the pictures an optimizer may look at: both frames for a clip, the start frame for an end frame."""
    roles = {"video": ("start", "end"), "end": ("start",), "start": ()}[row.dialog_step]
    if row.optimizer == optimizers.COMPOSER:
        return {}
    return {role: read_stored(chosen[role].file) for role in roles if role in chosen}
