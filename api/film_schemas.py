"""What the API answers of films and of the screenplays that are brought to them."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from api.camel import CamelSchema
from scenes.revision import Proposal


class FilmSummary(CamelSchema):
    """A film in a list. sceneCount: of the scenes you see."""

    id: UUID
    title: str
    logline: str
    style: str
    owner: str
    scene_count: int
    created_at: datetime
    updated_at: datetime
    url: str


class FilmPage(CamelSchema):
    """One page of the films the caller may see, newest first. count: of all pages together."""

    count: int
    page: int
    page_size: int
    items: list[FilmSummary]


class BlockCounts(CamelSchema):
    """How many blocks of a scene a screenplay keeps, changes, moves, brings and leaves out."""

    kept: int
    changed: int
    moved: int
    new: int
    gone: int


class PlannedScene(CamelSchema):
    """What a screenplay makes of a scene. What is gone is shelved with its frames and clips."""

    title: str
    heading: str
    status: Literal["kept", "changed", "moved", "new", "gone"]
    blocks: BlockCounts


class ScreenplayWarning(CamelSchema):
    """What to know of a line of the file. line: 0 for the file as a whole."""

    line: int
    message: str


class ScreenplayPlan(CamelSchema):
    """What a screenplay changes, or has changed. characters, locations: those that are new."""

    scenes: list[PlannedScene]
    characters: list[str]
    locations: list[str]
    warnings: list[ScreenplayWarning]

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        """Convert what was compared."""
        return cls(
            scenes=[
                PlannedScene(
                    title=scene.new.title if scene.new else scene.old.title if scene.old else "",
                    heading=scene.new.heading if scene.new else scene.old.heading if scene.old else "",
                    status=scene.status,
                    blocks=BlockCounts(**scene.counts),
                )
                for scene in proposal.plan.scenes
            ],
            characters=proposal.new_characters,
            locations=proposal.new_locations,
            warnings=[
                ScreenplayWarning(line=warning.line, message=warning.message) for warning in proposal.reading.warnings
            ],
        )
