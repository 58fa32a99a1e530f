"""The candidates of a frame: list them, use one, delete one."""

from typing import Self
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Status

from api import schemas
from api.auth import caller
from api.body import read_body, refuse
from api.changes import Context
from api.openapi import Json, json_body, responses
from api.paths import BlockId, FrameId, Role, SceneId
from api.problems import one_of
from scenes import access
from scenes.models import GENERATE_FRAME, Block
from videogen import actions, models
from videogen.errors import shown
from videogen.models import Status as StatusOfJob

router = Router(tags=["Frames"])

_PATH = "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/frames/{role}/candidates"
_FIELDS: dict[str, Json] = {
    "chosen": {"type": "boolean", "enum": [True], "description": "Use it as the frame of its role."}
}


class Candidate(schemas.Frame):
    """A finished picture of a step. chosen: it is the frame in use, which clips are made from."""

    chosen: bool

    @classmethod
    def of(cls, row: models.Frame, block: Block, context: Context) -> Self:  # type: ignore[override]
        """Convert a candidate of a block."""
        frame = schemas.Frame.of(row, block, context, {})
        return cls.model_validate({**frame.model_dump(), "chosen": row.is_chosen})


def _finished(block: Block, role: str) -> QuerySet[models.Frame]:
    found: QuerySet[models.Frame] = block.frames.of_role(role).filter(status=StatusOfJob.SUCCEEDED)
    return found


def _find(block: Block, role: str, frame_id: UUID) -> models.Frame:
    return one_of(_finished(block, role), frame_id, f"This block has no such {role} frame that is finished.")


@router.get(
    _PATH,
    response=list[Candidate],
    by_alias=True,
    operation_id="listCandidates",
    summary="List the candidates of a frame",
    openapi_extra=responses(401, 404, 422),
)
@access.policy("block:view_scene")
def list_candidates(request: HttpRequest, scene_id: SceneId, block_id: BlockId, role: Role) -> list[Candidate]:
    """List the finished pictures of a step, generated and uploaded, the newest first."""
    block = access.get_block(request.user, scene_id, block_id)
    context = Context.of(block.scene)
    return [Candidate.of(row, block, context) for row in _finished(block, role)]


@router.patch(
    f"{_PATH}/{{uuid:frameId}}",
    response=Candidate,
    by_alias=True,
    operation_id="chooseCandidate",
    summary="Use a candidate",
    openapi_extra={
        **json_body("ChosenCandidate", _FIELDS, _FIELDS),
        **responses(401, 403, 404, 413, 415, 422),
    },
)
@access.policy(f"block:{GENERATE_FRAME}")
def choose_candidate(
    request: HttpRequest, scene_id: SceneId, block_id: BlockId, role: Role, frame_id: FrameId
) -> Candidate:
    """Use this picture as the frame of its role. Clips made from another stay, and are out of date."""
    block = access.get_block(request.user, scene_id, block_id, GENERATE_FRAME)
    frame = _find(block, role, frame_id)
    body = read_body(request, _FIELDS)
    if body.errors or body.values.get("chosen") is not True:
        given = body.values.get("chosen")
        words = f"chosen must be true: another one is chosen in its place; {shown(given)} was given."
        refuse({**body.errors, **({} if given is True else {"chosen": words})})
    actions.choose_frame(frame)
    # Read anew: it may have been deleted meanwhile.
    return Candidate.of(_find(block, role, frame_id), block, Context.of(block.scene))


@router.delete(
    f"{_PATH}/{{uuid:frameId}}",
    response={204: None},
    operation_id="deleteCandidate",
    summary="Delete a candidate",
    openapi_extra=responses(401, 403, 404, 422),
)
@access.policy(f"block:{GENERATE_FRAME}")
def delete_candidate(
    request: HttpRequest, scene_id: SceneId, block_id: BlockId, role: Role, frame_id: FrameId
) -> Status[None]:
    """Delete a picture and its file, for good. Clips made from it stay; no other one takes its place."""
    block = access.get_block(request.user, scene_id, block_id, GENERATE_FRAME)
    actions.delete_frame(_find(block, role, frame_id), caller(request))
    return Status(204, None)
