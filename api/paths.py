"""Addresses of the API: their parameters, and how they are built."""

from typing import Annotated, Literal
from uuid import UUID

from ninja import Path, Query

from scenes.models import Block
from videogen.models import Batch, Export, Frame, Job, PromptRewrite

FilmId = Annotated[UUID, Path(alias="filmId", description="The film.")]
SceneId = Annotated[UUID, Path(alias="sceneId", description="The scene.")]
BlockId = Annotated[UUID, Path(alias="blockId", description="A block of that scene.")]
ExportId = Annotated[UUID, Path(alias="exportId", description="An export.")]
TimelineId = Annotated[UUID, Path(alias="timelineId", description="A timeline that was applied.")]
TakeId = Annotated[UUID, Path(alias="takeId", description="A take of that block.")]
ItemId = Annotated[UUID, Path(alias="itemId", description="A location or character of that film.")]
BatchId = Annotated[UUID, Path(alias="batchId", description="A batch that you started.")]
Role = Annotated[Literal["start", "end"], Path(description="Which of the two frames of a clip.")]
DryRun = Annotated[bool, Query(alias="dryRun", description="Say what would be done, and do nothing.")]
Page = Annotated[int, Query(ge=1, le=100_000, description="Which page, counted from 1.")]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=200, description="How many a page has.")]
PER_PAGE = 50
Wait = Annotated[
    int,
    Query(
        ge=0,
        le=30,
        description=(
            "Seconds to hold the answer until the status or the phase changes. What is final is answered at once; "
            "so is everybody when too many wait already."
        ),
    ),
]


def rows_of(page: int, size: int) -> slice:
    """Return which rows a page shows, counted from 1; none where it is past the last."""
    return slice((page - 1) * size, page * size)


def video_url(block: Block) -> str:
    """Return where the video of a block is read."""
    return f"/api/scenes/{block.scene_id}/blocks/{block.pk}/video"


def frame_url(block: Block, role: str) -> str:
    """Return where a frame of a block is read."""
    return f"/api/scenes/{block.scene_id}/blocks/{block.pk}/frames/{role}"


def prompt_url(row: PromptRewrite) -> str:
    """Return where a rewrite is read."""
    return f"/api/scenes/{row.block.scene_id}/blocks/{row.block_id}/prompts/{row.pk}"


def url_of(row: Job | Batch) -> str:
    """Return where a frame, a video, a rewrite, an export or a batch is read."""
    if isinstance(row, Batch):
        return f"/api/batches/{row.pk}"
    if isinstance(row, Export):
        return f"/api/exports/{row.pk}"
    if isinstance(row, PromptRewrite):
        return prompt_url(row)
    return frame_url(row.block, row.role) if isinstance(row, Frame) else video_url(row.block)
