"""Telling a model's files from those of another that is laid out alike, by what its parts say of themselves."""

from pathlib import Path

from videogen.pipelines.config import Checkpoint
from videogen.pipelines.registry import PipelineInfo
from videogen.pipelines.weights import installed


def foreign(model: PipelineInfo, checkpoint: Checkpoint, folder: Path) -> str | None:
    """Return why the files in `folder` are another model's, in a sentence; None where they are this one's."""
    for trait in model.traits:
        found = installed.config_of(folder, trait.part).get(trait.key)
        family = isinstance(trait.value, str) and str(found).startswith(trait.value)  # gemma3, gemma3_text
        if found != trait.value and not family:
            return (
                f"{checkpoint} does not fit into {model.name}: it holds {trait.otherwise}. "
                f"({trait.key} of its {trait.part} is {found!r} and must be {trait.value!r}.)"
            )
    return None
