"""The LoRAs on offer: which there are, which of them a pipeline can use, and what a spec records of those chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from videogen.errors import shown
from videogen.pipelines.choice import checkpoint_of
from videogen.pipelines.config import Lora, ModelSettings
from videogen.pipelines.registry import VIDEO_MODELS, PipelineInfo
from videogen.pipelines.weights import installed, lora_file
from videogen.specs import LORA_STRENGTH_RANGE, MOST_LORAS, LoraUse, SpecError, VideoSpec


@dataclass(frozen=True, slots=True)
class Offer:
    """A LoRA of this installation. problem: why a pipeline cannot use it, in a sentence; empty where it can."""

    lora: Lora
    problem: str


def offers(model: PipelineInfo) -> list[Offer]:
    """Return all LoRAs of this installation, as a pipeline finds them; none where it uses no LoRAs."""
    if not model.uses("loras"):
        return []
    return [Offer(lora, problem(lora, model)) for lora in ModelSettings.read().ltx_loras]


def problem(lora: Lora, model: PipelineInfo) -> str:
    """Return why a pipeline cannot use a LoRA, in a sentence that names it; empty where it can.

    What is not on this machine may be on those that compute: there it is looked at again.
    """
    path = lora_file.path_of(lora)
    if path is None:
        if settings.WORKERS_ELSEWHERE:
            return ""
        where = f"{lora.file} of {lora.source}" if lora.file else f"the one file of {lora.source}"
        return f"LoRA “{lora.name}” cannot be used: {where} is not on this machine."
    checkpoint = checkpoint_of(model)
    folder = installed.folder_of(checkpoint) if checkpoint else None
    if folder is None:
        return ""
    try:
        lora_file.check(path, installed.weights_of(folder, "transformer"))
    except lora_file.NotALoraError as error:
        return f"LoRA “{lora.name}” does not fit {model.label}: it {error}."
    return ""


def chosen(model_name: str | None, asked: Sequence[object]) -> tuple[LoraUse, ...]:
    """Make LoRAs that were asked for, each by {name, strength}, into what a spec records. Raises SpecError.

    model_name: of the pipeline, None where that is not known.
    """
    if len(asked) > MOST_LORAS:
        raise _refused(f"LoRAs may hold {MOST_LORAS} entries; {len(asked)} were given.")
    wanted = [_read(item) for item in asked]
    names = [name for name, _strength in wanted]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise _refused(f"LoRA {shown(twice)} was given twice. Give it once.")
    model = VIDEO_MODELS.get(model_name or "")
    if model is None or not wanted:
        return ()
    if not model.uses("loras"):
        raise _refused(f"{model.label} uses no LoRAs. Leave them out, or choose another pipeline.")
    return tuple(_use(model, name, strength) for name, strength in wanted)


def check_again(spec: VideoSpec) -> None:
    """Check that a spec's LoRAs are still here, the same ones. Raises SpecError."""
    again = chosen(spec.model, [{"name": use.name, "strength": use.strength} for use in spec.loras])
    for was, now in zip(spec.loras, again, strict=True):
        if was.sha256 and now.sha256 and was.sha256 != now.sha256:
            raise _refused(f"LoRA {shown(was.name)} is another file now than when this was made. Generate anew.")


def _read(item: object) -> tuple[str, float | None]:
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str) or set(item) - {"name", "strength"}:
        raise _refused(f"A LoRA must be given as {{name, strength}}; {shown(item)} was given.")
    name, strength = str(item["name"]), item.get("strength")
    if strength is None:
        return name, None
    low, high = LORA_STRENGTH_RANGE
    is_number = isinstance(strength, int | float) and not isinstance(strength, bool)
    if not (is_number and low <= strength <= high):
        limits = f"must be a number from {low:g} to {high:g}"
        raise _refused(f"The strength of LoRA {shown(name)} {limits}; {shown(strength)} was given.")
    return name, float(strength)


def _use(model: PipelineInfo, name: str, strength: float | None) -> LoraUse:
    offer = next((offer for offer in offers(model) if offer.lora.name == name), None)
    if offer is None:
        known = ", ".join(lora.name for lora in ModelSettings.read().ltx_loras)
        raise _refused(f"There is no LoRA {shown(name)} here. {f'There are {known}.' if known else 'There are none.'}")
    if offer.problem:
        raise _refused(offer.problem)
    path = lora_file.path_of(offer.lora)
    used = offer.lora.strength if strength is None else strength
    return LoraUse(name=name, strength=used, sha256=lora_file.hash_of(path) if path else "")


def _refused(sentence: str) -> SpecError:
    return SpecError({"loras": sentence})
