"""The pipelines by model name. A pipeline's class is imported on first use, in the worker only."""

from functools import cache
from typing import Any

from django.utils.module_loading import import_string

from videogen.pipelines.choice import Choice, chosen, names, offered
from videogen.pipelines.registry import FRAME_MODELS, MODELS, VIDEO_MODELS, Model, find

__all__ = [
    "FRAME_MODELS",
    "MODELS",
    "VIDEO_MODELS",
    "Choice",
    "Model",
    "chosen",
    "find",
    "load",
    "names",
    "offered",
]


@cache
def _instance(path: str) -> Any:
    return import_string(path)()


def load(model: Model) -> Any:
    """The pipeline of a model, made once per process; only workers call this."""
    return _instance(model.path)
