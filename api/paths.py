"""Addresses of the API: their parameters, and how they are built."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from typing import Annotated, Any, Literal, get_args, get_type_hints
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query
from ninja.params.models import Query as QueryParameter
from pydantic.alias_generators import to_snake

from api.problems import ProblemError
from scenes.models import Block
from videogen.errors import shown
from videogen.models import Batch, Export, Frame, Job, PromptRewrite

FilmId = Annotated[UUID, Path(alias="filmId", description="The film.")]
SceneId = Annotated[UUID, Path(alias="sceneId", description="The scene.")]
BlockId = Annotated[UUID, Path(alias="blockId", description="A block of that scene.")]
ExportId = Annotated[UUID, Path(alias="exportId", description="An export.")]
TimelineId = Annotated[UUID, Path(alias="timelineId", description="A timeline that was applied.")]
TakeId = Annotated[UUID, Path(alias="takeId", description="A take of that block.")]
FrameId = Annotated[UUID, Path(alias="frameId", description="A finished frame of that block and role.")]
ItemId = Annotated[UUID, Path(alias="itemId", description="A location or character of that film.")]
BatchId = Annotated[UUID, Path(alias="batchId", description="A batch that you started.")]
Role = Annotated[Literal["start", "end"], Path(description="Which of the two frames of a clip.")]
DryRun = Annotated[bool, Query(alias="dryRun", description="Say what would be done, and do nothing.")]
Page = Annotated[int, Query(ge=1, le=100_000, description="Which page, counted from 1.")]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=200, description="How many a page has.")]
PER_PAGE = 50
MOST_NAMED = 8  # unknown parameters that an answer names
LONGEST_NAME = 60  # characters of a parameter's name that are looked at
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


def refuse_unknown(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a query that names what the operation does not have: `?dry_run=true`, ignored, would change things."""
    names = _query_names(view)

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        unknown = [name for name in request.GET if name not in names]
        if unknown:
            errors = {name: _no_parameter(name, names) for name in unknown[:MOST_NAMED]}
            raise ProblemError(422, "invalid", " ".join(errors.values()), errors=errors)
        return view(request, *args, **kwargs)

    return checked


def _query_names(view: Callable[..., Any]) -> list[str]:
    found = []
    for name, hint in get_type_hints(view, include_extras=True).items():
        found += [about.alias or name for about in get_args(hint)[1:] if isinstance(about, QueryParameter)]
    return found


def _no_parameter(given: str, names: list[str]) -> str:
    near = get_close_matches(to_snake(given[:LONGEST_NAME]), {to_snake(name): name for name in names}, 1)
    hint = f" Did you mean {next(name for name in names if to_snake(name) == near[0])}?" if near else ""
    return f"This address has no parameter {shown(given)}.{hint}"


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
