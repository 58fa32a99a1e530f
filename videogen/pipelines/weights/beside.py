"""Telling what stands beside a checkpoint, an upsampler or a LoRA, from that of another model: before a job begins."""

import json
from pathlib import Path

from videogen.pipelines.weights import header, installed, lora_file

CONFIG = "config.json"
# The makers' LoRA may change the connectors as well; the second stage is made without that, as its prompt is read once.
CONNECTORS = ("text_embedding_projection.", "connectors.")
TWICE = 2.0  # in width and height: what the second stage expects


def unfit(wanted: str, folder: Path, checkpoint: Path) -> str:
    """Return why the files in `folder` are not for a checkpoint, to go on after "it"; empty where they are.

    wanted: the file that a pipeline looks for there, see PipelineInfo.beside.
    """
    return _upsampler(folder, checkpoint) if wanted == CONFIG else _lora(folder, checkpoint)


def _lora(folder: Path, checkpoint: Path) -> str:
    found = sorted(folder.glob("*.safetensors"))
    if len(found) != 1:
        return f"holds {len(found)} safetensors files and must hold the one of the LoRA"
    try:
        lora_file.check(found[0], installed.weights_of(checkpoint, "transformer"), CONNECTORS)
    except lora_file.NotALoraError as error:
        return str(error)
    return ""


def _upsampler(folder: Path, checkpoint: Path) -> str:
    try:
        config = json.loads((folder / CONFIG).read_text())
        channels, scale = config["in_channels"], config.get("rational_spatial_scale", TWICE)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"has no {CONFIG} of a latent upsampler"
    if scale != TWICE:
        return f"enlarges {scale:g} times, and two stages take one that enlarges twice"
    ours = installed.config_of(checkpoint, "transformer").get("in_channels", channels)
    if channels != ours:
        return f"is for latents of {channels} channels, and those of the checkpoint have {ours}"
    weights = sorted(folder.glob("*.safetensors"))
    try:
        whole = weights and all(path.stat().st_size >= header.length_of(path) for path in weights)
    except (OSError, ValueError):
        whole = False
    return "" if whole else "has no weights that can be read to their end"
