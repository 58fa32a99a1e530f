"""Choose the pipelines on offer and the default, with the reason."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from videogen.pipelines import shortcuts
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.registry import MODELS, PipelineInfo
from videogen.pipelines.weights import beside, installed, traits

AUTO = "auto"
SETTING = {"frame": "FRAME_MODEL", "video": "VIDEO_MODEL"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The default pipeline of a kind and the reason in a sentence. explicit: a setting names it."""

    model: PipelineInfo
    reason: str
    explicit: bool = False


# Returns the models that living workers can run. Set by videogen.worker.presence: this floor cannot read its rows.
_ask_workers: Callable[[], frozenset[str]] = frozenset
OFFERS_SECONDS = 5.0  # how long an answer is used before the workers, or the files of this machine, are asked again
_heard: frozenset[str] = frozenset()
_heard_at = float("-inf")


@dataclass(frozen=True, slots=True)
class _Offer:
    """What was found for one kind. key: of what it was found. until: as time.monotonic counts."""

    key: tuple[object, ...]
    until: float
    choice: Choice
    models: tuple[PipelineInfo, ...]


_offers: dict[str, _Offer] = {}


def ask_workers_by(ask: Callable[[], frozenset[str]]) -> None:
    """Set the function that says what the workers offer: the names of models."""
    global _ask_workers
    _ask_workers = ask


def explicit(makes: str) -> PipelineInfo | None:
    """Return the model that the setting names, None for `auto`. Raises ImproperlyConfigured for an unknown name."""
    configured = ModelSettings.read()
    name = configured.video_model if makes == "video" else configured.frame_model
    if name == AUTO:
        return None
    if name not in MODELS[makes]:
        names = ", ".join([AUTO, *MODELS[makes]])
        raise ImproperlyConfigured(f"{SETTING[makes]} must be one of {names}; got {name!r}.")
    return MODELS[makes][name]


def problem(model: PipelineInfo) -> str | None:
    """Return why this machine cannot run the model, in a sentence that says what to do; None where it can."""
    if not model.checkpoint:
        return None
    if lacking := installed.missing_libraries():
        return f"Not installed: {', '.join(lacking)}. Run “make install”."
    return files_problem(model) or _device_problem(model) or shortcuts.problem(model)


def checkpoint_of(model: PipelineInfo) -> Checkpoint | None:
    """Return what the setting of a model's weights names; None where it is empty, or the model has no weights."""
    checkpoint: Checkpoint | None = getattr(ModelSettings.read(), model.checkpoint) if model.checkpoint else None
    return checkpoint


def is_hidden(model: PipelineInfo) -> bool:
    """Whether nobody is told of a model: the setting of its weights has no default, and names none."""
    return bool(model.checkpoint) and checkpoint_of(model) is None


def _setting_of(model: PipelineInfo) -> str:
    return f"{model.checkpoint.upper()}_CHECKPOINT"


def files_problem(model: PipelineInfo) -> str | None:
    """Return why the weights of a model cannot be used, in a sentence that says what to do; None where they can."""
    checkpoint = checkpoint_of(model)
    if checkpoint is None:
        return f"{_setting_of(model)} is empty. Set it to a folder or repository with {model.label}."
    folder = installed.folder_of(checkpoint)
    if folder is None:
        return f"The files of {checkpoint} are not on this machine. Run “manage.py models download {model.name}”."
    if missing := installed.missing_files(folder):
        return (
            f"The files of {checkpoint} are not complete: {missing[0]} is missing. "
            f"Run “manage.py models download {model.name}”."
        )
    if short := installed.cut_short(folder):
        again = f"Run “manage.py models verify {model.name} --repair”."
        again = again if installed.commit_of(folder) else "Copy it anew."
        return f"The files of {checkpoint} are not complete: {short} is cut short. {again}"
    index = installed.index_of(folder)
    if not _claims(model, index):
        name = index.get("_class_name") or "model without a name"
        return f"{checkpoint} holds {_kind(index)} {name}, which {model.name} cannot run."
    return traits.foreign(model, checkpoint, folder) or _lacking(model, folder)


def _lacking(model: PipelineInfo, checkpoint: Path) -> str | None:
    """Return what a model lacks of what it needs beside its checkpoint, in a sentence; None where it has all."""
    for field, wanted in model.beside:
        setting, named = field.upper(), getattr(ModelSettings.read(), field)
        if named is None:
            return f"{setting} is empty. Set it to what {model.label} needs there."
        folder = installed.folder_of(named)
        if folder is None:
            return f"{setting} is {named}, which is not on this machine."
        if not any(folder.glob(wanted)):
            return f"{setting} is {named}, which holds no {wanted}."
        if unfit := beside.unfit(wanted, folder, checkpoint):
            return f"{setting} is {named}, which does not fit {model.label}: it {unfit}."
    return None


def _kind(index: Mapping[str, object]) -> str:
    if "is_distilled" not in index:
        return "a"
    return "a distilled" if index["is_distilled"] else "an undistilled"


def _claims(model: PipelineInfo, index: Mapping[str, object]) -> bool:
    class_name = str(index.get("_class_name", ""))
    if model.family:
        right_kind = model.distilled in (None, bool(index.get("is_distilled")))
        return class_name.startswith(model.family) and right_kind
    rivals = [other for other in MODELS[model.makes].values() if other.checkpoint == model.checkpoint and other.family]
    return bool(class_name) and not any(class_name.startswith(rival.family) for rival in rivals)


def _device_problem(model: PipelineInfo) -> str | None:
    """Return why there is no device for the model. A setting that names the model accepts a slow CPU."""
    device = ModelSettings.read().device
    named = explicit(model.makes) is model
    if device.startswith("cuda") or (device == AUTO and installed.gpu()) or named:
        return None
    if device != AUTO:
        return f"DEVICE is {device}. Set {SETTING[model.makes]}={model.name} to run it there all the same."
    return f"There is no GPU. Set {SETTING[model.makes]}={model.name} to run it on the CPU all the same."


def known(makes: str) -> dict[str, Any]:
    """Return what a spec compares the name of a pipeline with, see Spec.read."""
    return {
        "models": names(makes),
        "why_not": partial(why_not, makes),
        "seed_matters": lambda name, prompt: MODELS[makes][name].seed_matters(prompt),
    }


def why_not(makes: str, name: str) -> str:
    """Return why a pipeline that was asked for is not on offer, in a sentence; empty for a name that nobody knows."""
    model = MODELS[makes].get(name)
    if model is None or is_hidden(model):
        return ""
    return f"{model.label} cannot run. {problem(model) or 'Ask the operator why.'}"


def runnable_here() -> frozenset[str]:
    """Return the names of the models with weights that this machine can run: what a worker offers."""
    models = [model for kind in MODELS.values() for model in kind.values()]
    return frozenset(model.name for model in models if model.checkpoint and problem(model) is None)


def offered(makes: str) -> list[PipelineInfo]:
    """Return the pipelines a person can choose from, the default first."""
    return list(_offer(makes).models)


def names(makes: str) -> list[str]:
    """Return the names of the pipelines on offer, the default first."""
    return [model.name for model in _offer(makes).models]


def chosen(makes: str) -> Choice:
    """Return the default pipeline of a kind: the one the setting names, the first that can run, or the animatic."""
    return _offer(makes).choice


def _offer(makes: str) -> _Offer:
    """Look for what can run, at most once in OFFERS_SECONDS: it leads through the files of every checkpoint."""
    key = (ModelSettings.texts(), _elsewhere())
    known, now = _offers.get(makes), time.monotonic()
    if known is None or known.key != key or known.until < now:
        choice = _choose(makes)
        known = _offers[makes] = _Offer(key, now + OFFERS_SECONDS, choice, tuple(_list(makes, choice.model)))
    return known


def _list(makes: str, default: PipelineInfo) -> list[PipelineInfo]:
    elsewhere = _elsewhere()
    rest = (model for model in MODELS[makes].values() if model is not default)
    return [default, *(model for model in rest if model.name in elsewhere or problem(model) is None)]


def _choose(makes: str) -> Choice:
    if named := explicit(makes):
        trouble = None if named.name in _elsewhere() else problem(named)
        reason = f"{SETTING[makes]} names it."
        return Choice(named, f"{reason} But: {trouble}" if trouble else reason, explicit=True)
    first = next(model for model in MODELS[makes].values() if model.checkpoint)
    for model in MODELS[makes].values():
        if not model.checkpoint:
            continue
        if model.name in _elsewhere():
            return Choice(model, "A worker has a GPU and its weights.")
        if problem(model) is None:
            return Choice(model, "A GPU and its weights are here.")
    return Choice(MODELS[makes]["animatic"], f"{first.label} cannot run. {problem(first)}")


def enhancing() -> PipelineInfo | None:
    """Return the first pipeline on offer whose text encoder can write with the files that are here."""
    return next((model for model in offered("video") if model.enhances and _has_processor(model)), None)


def _has_processor(model: PipelineInfo) -> bool:
    if not model.checkpoint:
        return True
    checkpoint = checkpoint_of(model)
    folder = installed.folder_of(checkpoint) if checkpoint else None
    return folder is not None and installed.has_part(folder, "processor")


def _elsewhere() -> frozenset[str]:
    """Return what workers on other machines can run, asked every few seconds."""
    global _heard, _heard_at
    if not settings.WORKERS_ELSEWHERE:
        return frozenset()
    if time.monotonic() - _heard_at > OFFERS_SECONDS:
        _heard, _heard_at = _ask_workers(), time.monotonic()
    return _heard


def forget() -> None:
    """Forget what the workers said and what was found here: all of it is asked the next time."""
    global _heard_at
    _heard_at = float("-inf")
    _offers.clear()
