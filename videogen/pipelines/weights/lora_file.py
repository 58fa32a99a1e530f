"""What is in the file of a LoRA, read off its header: without torch, so that a page can tell what fits."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from videogen.pipelines.config import Lora
from videogen.pipelines.weights import header, installed
from videogen.pipelines.weights.header import Shape

# The makers' names of layers in the library's words, in the order in which the library replaces them
# (diffusers.loaders.lora_conversion_utils).
_RENAMED = (
    ("patchify_proj", "proj_in"),
    ("av_ca_video_scale_shift_adaln_single", "av_cross_attn_video_scale_shift"),
    ("av_ca_a2v_gate_adaln_single", "av_cross_attn_video_a2v_gate"),
    ("av_ca_audio_scale_shift_adaln_single", "av_cross_attn_audio_scale_shift"),
    ("av_ca_v2a_gate_adaln_single", "av_cross_attn_audio_v2a_gate"),
    ("q_norm", "norm_q"),
    ("k_norm", "norm_k"),
    ("prompt_adaln_single", "prompt_adaln"),
)
_BEGINNINGS = (("audio_adaln_single.", "audio_time_embed."), ("adaln_single.", "time_embed."))
_KEY = re.compile(r"(diffusion_model|transformer)\.(.+)\.lora_(A|B)\.weight")


class NotALoraError(ValueError):
    """A file is not the LoRA of a transformer; the message says why, to go on after "it"."""


def path_of(lora: Lora) -> Path | None:
    """Return where the file of a LoRA is on this machine, None where it is not here."""
    given = Path(lora.source.source).expanduser()
    if given.is_file():
        return given
    folder = installed.folder_of(lora.source)
    if folder is None:
        return None
    found = [folder / lora.file] if lora.file else sorted(folder.glob("*.safetensors"))
    return found[0] if len(found) == 1 and found[0].is_file() else None


def hash_of(path: Path) -> str:
    """Return the sha256 of a file. The hub's cache names files by it; others are read once, which takes seconds."""
    named = path.resolve()
    if re.fullmatch(r"[0-9a-f]{64}", named.name):
        return named.name
    facts = named.stat()
    return _hash_of(named, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=64)
def _hash_of(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shapes_of(path: Path) -> Mapping[str, Shape]:
    """Return the shape of each tensor in a safetensors file. Raises NotALoraError."""
    try:
        return header.shapes_of(path)
    except (OSError, ValueError):
        raise NotALoraError("is not a safetensors file that can be read to its end") from None


def layer_of(key: str) -> tuple[str, str]:
    """Return the layer that a tensor of a LoRA is for, as the library names it, and which half, "A" or "B".

    Raises NotALoraError for a tensor that is neither.
    """
    match = _KEY.fullmatch(key)
    if match is None:
        raise NotALoraError(f"holds {key[:80]}, which is no part of a LoRA for a transformer")
    prefix, layer, half = match.groups()
    if prefix == "diffusion_model":
        for theirs, ours in _RENAMED:
            layer = layer.replace(theirs, ours)
        for theirs, ours in _BEGINNINGS:
            layer = ours + layer.removeprefix(theirs) if layer.startswith(theirs) else layer
    return layer, half


def check(path: Path, transformer: Iterable[Path], ignored: tuple[str, ...] = ()) -> None:
    """Check that a LoRA fits the transformer whose weights are in these files. Raises NotALoraError.

    ignored: how the names of tensors begin that are for other parts, and left out.
    """
    halves: dict[str, dict[str, Shape]] = {}
    for key, shape in shapes_of(path).items():
        if key.startswith(ignored):
            continue
        layer, half = layer_of(key)
        halves.setdefault(layer, {})[half] = shape
    if not halves:
        raise NotALoraError("holds no tensors")
    weights = {name: shape for file in transformer for name, shape in shapes_of(file).items()}
    for layer, found in halves.items():
        wanted = weights.get(f"{layer}.weight", ())
        if len(wanted) != 2:
            raise NotALoraError(f"is for a model with a layer {layer[:80]}, which is not here")
        down, up = found.get("A", ()), found.get("B", ())
        if len(down) != 2 or len(up) != 2 or down[0] != up[1]:
            raise NotALoraError(f"has no pair of lora_A and lora_B for {layer[:80]}")
        if (up[0], down[1]) != wanted:
            theirs, ours = f"{up[0]} by {down[1]}", f"{wanted[0]} by {wanted[1]}"
            raise NotALoraError(f"is for a model whose {layer[:80]} is {theirs}; here it is {ours}")
