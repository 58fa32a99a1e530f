"""The animatic: storyboard panels and camera moves over them, without a model, a GPU or a download."""

from videogen.pipelines.animatic.panel import AnimaticFrame
from videogen.pipelines.animatic.video import AnimaticVideo

__all__ = ["AnimaticFrame", "AnimaticVideo"]
