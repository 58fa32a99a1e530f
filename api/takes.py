"""The takes of a block: list them, choose the clip, review, lock and star, delete and bring back."""

from datetime import datetime
from typing import Any, Literal, Self

from django.http import HttpRequest
from ninja import Router, Status

from api import schemas
from api.auth import caller
from api.body import Body, read_body, refuse
from api.changes import Chosen, Context
from api.openapi import Json, json_body, or_null, responses
from api.paths import BlockId, SceneId, TakeId
from api.problems import one_of
from api.submit import problem
from scenes import access
from scenes.models import DELETE_VIDEO, GENERATE_VIDEO, Block
from videogen import models, removal, review
from videogen.errors import ActionError, shown
from videogen.models import Review

router = Router(tags=["Takes"])

_PATH = "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/takes"
_FIELDS: dict[str, Json] = {
    "current": or_null({"type": "boolean", "enum": [True], "description": "Use it as the block's clip."}),
    "review": or_null({"type": "string", "enum": Review.values}),
    "locked": or_null({"type": "boolean", "description": "An approved take is locked until the approval is gone."}),
    "starred": or_null({"type": "boolean"}),
}


class Take(schemas.Video):
    """A finished video with what was said of it. number: never changes, and is not given again.

    current: it is the block's clip. locked: it stays that, and cannot be deleted. reviewedBy: who set `review` last.
    """

    number: int
    current: bool
    review: Literal["none", "for_review", "retake", "approved"]
    reviewed_by: str | None
    reviewed_at: datetime | None
    locked: bool
    starred: bool

    @classmethod
    def of(cls, row: models.Video, block: Block, context: Context, made: Chosen) -> Self:
        """Convert a take of a block. made: the chosen frames, by role."""
        video = schemas.Video.of(row, block, context, made)
        said = {
            "number": row.number,
            "current": row.is_current,
            "review": row.review,
            "reviewed_by": row.reviewed_by.get_username() if row.reviewed_by else None,
            "reviewed_at": row.reviewed_at,
            "locked": row.locked,
            "starred": row.starred,
        }
        return cls.model_validate({**video.model_dump(), **said})


def _chosen(block: Block) -> Chosen:
    return {frame.role: frame for frame in block.frames.filter(is_chosen=True)}


@router.get(
    _PATH,
    response=list[Take],
    by_alias=True,
    operation_id="listTakes",
    summary="List the takes of a block",
    openapi_extra=responses(401, 404),
)
@access.policy("block:view_scene")
def list_takes(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> list[Take]:
    """List the finished videos of a block, the newest first, each with its settings and what was said of it."""
    block = access.get_block(request.user, scene_id, block_id)
    context, made = Context.of(block.scene), _chosen(block)
    return [Take.of(row, block, context, made) for row in block.videos.takes().select_related("reviewed_by")]


@router.patch(
    f"{_PATH}/{{uuid:takeId}}",
    response=Take,
    by_alias=True,
    operation_id="changeTake",
    summary="Choose, review, lock or star a take",
    openapi_extra={**json_body("ChangedTake", _FIELDS, []), **responses(401, 403, 404, 409, 413, 415, 422)},
)
@access.policy(f"block:{GENERATE_VIDEO}")
def change_take(request: HttpRequest, scene_id: SceneId, block_id: BlockId, take_id: TakeId) -> Take:
    """Change what is sent, all or nothing. Approving makes the take the block's clip and locks it.

    409 `locked` names who approved or locked the take that is in the way.
    """
    block = access.get_block(request.user, scene_id, block_id, GENERATE_VIDEO)
    take = one_of(block.videos.takes(), take_id, "This block has no such take.")
    asked = _read(read_body(request, _FIELDS))
    try:
        row = review.change(take, asked, caller(request))
    except ActionError as error:
        raise problem(error) from None
    return Take.of(row, block, Context.of(block.scene), _chosen(block))


@router.delete(
    f"{_PATH}/{{uuid:takeId}}",
    response={204: None},
    operation_id="deleteTake",
    summary="Delete a take",
    openapi_extra=responses(401, 403, 404, 409),
)
@access.policy(f"block:{DELETE_VIDEO}")
def delete_take(request: HttpRequest, scene_id: SceneId, block_id: BlockId, take_id: TakeId) -> Status[None]:
    """Delete a take. It can be brought back for 30 days; none takes its place as the clip. 409 `locked`."""
    block = access.get_block(request.user, scene_id, block_id, DELETE_VIDEO)
    take = one_of(block.videos.takes(), take_id, "This block has no such take.")
    try:
        removal.remove(take, caller(request))
    except ActionError as error:
        raise problem(error) from None
    return Status(204, None)


@router.post(
    f"{_PATH}/{{uuid:takeId}}/restore",
    response=Take,
    by_alias=True,
    operation_id="restoreTake",
    summary="Bring a take back",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"block:{DELETE_VIDEO}")
def restore_take(request: HttpRequest, scene_id: SceneId, block_id: BlockId, take_id: TakeId) -> Take:
    """Bring back a take that was deleted in the last 30 days. It is the clip where the block has none."""
    block = access.get_block(request.user, scene_id, block_id, DELETE_VIDEO)
    take = one_of(removal.removed(block.pk), take_id, "No such take of this block was deleted within 30 days.")
    removal.restore(take)
    return Take.of(block.videos.get(pk=take.pk), block, Context.of(block.scene), _chosen(block))


def _read(body: Body) -> review.Change:
    """Read what is asked for. Raises ProblemError naming every wrong field."""
    given = {name: value for name, value in body.values.items() if value is not None}
    errors = dict(body.errors)
    for name in ("current", "locked", "starred"):
        if name in given and type(given[name]) is not bool:
            errors[name] = f"{name} must be true or false; {shown(given[name])} was given."
    if given.get("current") is False:
        errors["current"] = "current must be true: the clip of a block changes when another take is made current."
    if "review" in given and given["review"] not in Review.values:
        errors["review"] = f"review must be one of {', '.join(Review.values)}; {shown(given['review'])} was given."
    if errors:
        refuse(errors)
    return review.Change(**_typed(given))


def _typed(given: dict[str, Any]) -> dict[str, Any]:
    return {name: Review(value) if name == "review" else value for name, value in given.items()}
