"""The pipelines by model name. A pipeline's class is imported on first use, in the worker only."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.module_loading import import_string

from videogen.specs import FrameSpec, SpecError, VideoSpec


@dataclass(frozen=True, slots=True)
class Model:
    """What the web process knows of a pipeline without importing it.

    makes: "frame" or "video". path: dotted path of the class. unused: fields of the spec it does not look at.
    enhances: its text encoder can rewrite prompts too (pipelines.base.Enhancer).
    """

    name: str
    makes: str
    label: str
    summary: str
    path: str
    unused: frozenset[str] = frozenset()

    enhances: bool = False

    def work(self, spec: FrameSpec | VideoSpec) -> int:
        """The size of a job in pixel-steps, which its duration grows with; a pipeline without steps takes one."""
        steps = 1 if "steps" in self.unused else spec.steps
        return spec.width * spec.height * spec.frames * steps


_ANIMATIC_UNUSED = frozenset({"negative_prompt", "steps", "guidance_scale"})

FRAME_MODELS: dict[str, Model] = {
    "animatic": Model(
        name="animatic",
        makes="frame",
        label="Animatic",
        summary="a storyboard panel composed from the pictures of the scene, without a model",
        path="videogen.pipelines.animatic.AnimaticFrame",
        unused=_ANIMATIC_UNUSED,
    ),
}

VIDEO_MODELS: dict[str, Model] = {
    "animatic": Model(
        name="animatic",
        makes="video",
        label="Animatic",
        summary="a camera move over the frames, without a model",
        path="videogen.pipelines.animatic.AnimaticVideo",
        unused=_ANIMATIC_UNUSED,
    ),
}


MODELS: dict[str, dict[str, Model]] = {"frame": FRAME_MODELS, "video": VIDEO_MODELS}


def find(makes: str, name: str) -> Model:
    """The model of that kind and name. Raises KeyError for an unknown one."""
    return MODELS[makes][name]


def named(makes: str, given: object) -> str:
    """The name of a model a person chose; the installation's first where nothing is given. Raises SpecError."""
    names = list(MODELS[makes])
    if given in (None, ""):
        return names[0]
    if given not in names:
        text = given if isinstance(given, str) else repr(given)
        raise SpecError({"model": f"Pipeline must be one of {', '.join(names)}; “{text[:40]}” was given."})
    return str(given)


@cache
def _instance(path: str) -> Any:
    return import_string(path)()


def load(model: Model) -> Any:
    """The pipeline of a model, made once per process; only workers call this."""
    return _instance(model.path)
