"""What a file says of how it was made: a sentence for people, an IPTC digital source type for programs."""

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
# Terms of the vocabulary. An upload has none: only who brought it knows how it was made.
GENERATED = "trainedAlgorithmicMedia"
DRAWN = "algorithmicMedia"
COMPOSITE = "composite"
PARTLY_GENERATED = "compositeWithTrainedAlgorithmicMedia"

_STATEMENTS = {
    GENERATED: "Made by a generative model with Storyreel. No camera recorded what is seen or heard.",
    PARTLY_GENERATED: "Made with Storyreel. A generative model made a part of what is seen or heard.",
    DRAWN: "Drawn by a program with Storyreel, without a generative model for pictures. Voices are synthetic.",
    COMPOSITE: (
        "Put together by a program with Storyreel, from pictures that it was given and without a generative model for "
        "pictures. Voices are synthetic."
    ),
}


def statement(source: str) -> str:
    """Return the sentence for people about a digital source type."""
    return _STATEMENTS[source]


def made_by(checkpoint: str, beside: Iterable[str] = ()) -> str:
    """Return the digital source type of what a pipeline made. checkpoint: its weights, empty for a program without any.

    beside: those of the pictures that it was made from, empty where that is not known. What a model makes of a drawn
    panel is wholly the model's.
    """
    if checkpoint:
        return GENERATED if set(beside) <= {GENERATED, DRAWN} else PARTLY_GENERATED
    return together([DRAWN, *beside])


def together(sources: Iterable[str]) -> str:
    """Return the digital source type of something with parts of these types, empty where a part's is not known."""
    kinds = set(sources)
    if len(kinds) == 1 and "" not in kinds:
        return kinds.pop()
    return PARTLY_GENERATED if {GENERATED, PARTLY_GENERATED} & kinds else COMPOSITE


def weights(checkpoint: str) -> str:
    """Name a checkpoint to strangers: repository@commit as it is, of a folder of this machine its own name only."""
    return PurePath(checkpoint).name if checkpoint.startswith(("/", "~", ".")) else checkpoint


def metadata(settings: Mapping[str, Any], *, model: str, checkpoint: str, source: str) -> dict[str, str]:
    """Return the tags of an mp4: for people in the comment, for programs as JSON in the description.

    Nothing in it tells when, where or by whom it was made: the same spec gives the same bytes.
    """
    told = {**settings, "model": model, "checkpoint": weights(checkpoint), "digitalSourceType": VOCABULARY + source}
    return {
        "comment": f"{statement(source)} Model: {model}, seed {settings.get('seed')}.",
        "description": json.dumps({"storyreel": told}, ensure_ascii=False, sort_keys=True),
    }
