"""The pipelines, by model name. A pipeline's class is imported on first use, in the worker only."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from videogen.pipelines.choice import Choice, chosen, known, names, offered
from videogen.pipelines.registry import FRAME_MODELS, KINDS, MODELS, VIDEO_MODELS, PipelineInfo, find

if TYPE_CHECKING:  # the web process imports no arrays for the names of pipelines
    from videogen.pipelines.base import Enhancer, FramePipeline, VideoPipeline

__all__ = [
    "FRAME_MODELS",
    "KINDS",
    "MODELS",
    "VIDEO_MODELS",
    "Choice",
    "PipelineInfo",
    "chosen",
    "enhancer",
    "find",
    "frame_pipeline",
    "known",
    "names",
    "offered",
    "video_pipeline",
]


@cache
def _instance(path: str) -> Any:
    # Read when torch is imported, which happens in the last line. Without it clips of many sizes leave the GPU's memory
    # in pieces that no tensor fits into.
    if "PYTORCH_CUDA_ALLOC_CONF" not in os.environ:
        os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")
    return import_string(path)()


def frame_pipeline(info: PipelineInfo) -> "FramePipeline":
    """Return the pipeline of frames with this record, made once per process. Only workers call this."""
    pipeline: FramePipeline = _instance(info.path)
    return pipeline


def video_pipeline(info: PipelineInfo) -> "VideoPipeline":
    """Return the pipeline of clips with this record, made once per process. Only workers call this."""
    pipeline: VideoPipeline = _instance(info.path)
    return pipeline


def enhancer(info: PipelineInfo) -> "Enhancer":
    """Return the pipeline with this record, which says `enhances`, as a writer of prompts. Only workers call this."""
    pipeline: Enhancer = _instance(info.path)
    return pipeline
