"""What a clip's own file says of how it was made."""

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

STATEMENT = "Made by a generative model with Storyreel. No camera recorded what is seen or heard."


def weights(checkpoint: str) -> str:
    """Name a checkpoint to strangers: repository@commit as it is, of a folder of this machine its own name only."""
    return PurePath(checkpoint).name if checkpoint.startswith(("/", "~", ".")) else checkpoint


def metadata(settings: Mapping[str, Any], *, model: str, checkpoint: str) -> dict[str, str]:
    """Return the tags of an mp4: for people in the comment, for programs as JSON in the description.

    Nothing in it tells when, where or by whom it was made: the same spec gives the same bytes.
    """
    told = {**settings, "model": model, "checkpoint": weights(checkpoint)}
    return {
        "comment": f"{STATEMENT} Model: {model}, seed {settings.get('seed')}.",
        "description": json.dumps({"storyreel": told}, ensure_ascii=False, sort_keys=True),
    }
