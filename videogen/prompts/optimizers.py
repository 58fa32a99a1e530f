"""Choose the optimizer of this installation, from the settings."""

from dataclasses import dataclass

from django.conf import settings

from videogen import pipelines
from videogen.pipelines import choice

LLM, ENCODER, COMPOSER = "llm", "encoder", "composer"


@dataclass(frozen=True, slots=True)
class Optimizer:
    """kind: "llm", "encoder" or "composer". model: the language model, or the pipeline whose encoder it is."""

    kind: str
    model: str = ""


def current() -> Optimizer:
    """Return the optimizer that PROMPT_OPTIMIZER names; "auto" takes the best one that is set up."""
    kind = settings.PROMPT_OPTIMIZER
    encoder = choice.enhancing()
    if kind == "auto":
        kind = LLM if settings.PROMPT_LLM_URL else ENCODER if encoder and _is_default(encoder) else COMPOSER
    if kind == LLM:
        return Optimizer(LLM, settings.PROMPT_LLM_MODEL)
    if kind == ENCODER:
        return Optimizer(ENCODER, encoder.name if encoder else "")
    return Optimizer(COMPOSER)


def _is_default(model: pipelines.PipelineInfo) -> bool:
    # Where another pipeline is the default, this one would be loaded for the prompts alone.
    return pipelines.chosen("video").model is model
