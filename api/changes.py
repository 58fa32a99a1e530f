"""What a frame or video is out of date for, as a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from api.camel import CamelSchema
from scenes.models import Block, Scene
from videogen import estimates, models, outdated

PartWord = Literal[
    "text", "kind", "speaker", "parenthetical", "cast", "castPicture", "hour", "location", "locationPicture",
    "startFrame", "endFrame",
]  # fmt: skip
Chosen = Mapping[str, models.Frame]


class Change(CamelSchema):
    """What a frame or video was made from, and what is there now.

    was and is: words; of pictures and frames the SHA-256 of the file. Empty where there was, or is, none.
    """

    what: PartWord
    was: str
    now: str = Field(alias="is")


@dataclass(frozen=True, slots=True)
class Context:
    """What documents of rows are made with: estimates, and what the scene says now."""

    forecasts: estimates.Forecasts
    present: outdated.Present

    @classmethod
    def of(cls, scene: Scene) -> "Context":
        """Read it. One query, none where the scene's characters were prefetched."""
        return cls(estimates.Forecasts(), outdated.Present.of(scene))

    def outdated(self, row: models.Frame | models.Video, block: Block, made: Chosen) -> list[Change]:
        """List what has changed since a row was queued."""
        changes = outdated.changes(row, block, self.present, made.get("start"), made.get("end"))
        return [Change.model_validate({"what": change.what, "was": change.was, "is": change.now}) for change in changes]
