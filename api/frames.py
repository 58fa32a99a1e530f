"""Start and end frames: generate, upload, read, delete, cancel."""

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from api import long_poll, schemas, uploads
from api.auth import caller
from api.body import Body, read_body
from api.changes import Context
from api.openapi import RequestBody, responses
from api.paths import BlockId, Role, SceneId, Wait, frame_url
from api.problems import ProblemError
from api.submit import KEY_PARAMETER, problem, submit
from scenes import access
from scenes.models import GENERATE_FRAME, Block
from scenes.uploads import PictureError
from videogen import actions, pipelines
from videogen.errors import ActionError
from videogen.models import BlockGenerations, Frame
from videogen.prompts import compose
from videogen.specs import FrameSpec

router = Router(tags=["Frames"])

BODY = RequestBody("FrameRequest", FrameSpec, required=("block_id", "role"), absent=("character_ids",))
_PATH = "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/frames/{role}"
_SAME = {"sceneId": "$request.path.sceneId", "blockId": "$request.path.blockId", "role": "$request.path.role"}
_ASKED = {"sceneId": "$request.path.sceneId", "blockId": "$response.body#/blockId", "role": "$response.body#/role"}


def read_settings(block: Block, body: Body) -> FrameSpec:
    """Read the settings of a frame from a request's body.

    Characters that are absent are those the block names; a prompt that is absent is composed. Raises ProblemError
    naming every wrong field.
    """
    cast = block.cast
    given = body.values.get("character_ids")
    ids = [str(identifier).lower() for identifier in given] if isinstance(given, list) else []
    shown = (
        compose.mentioned(block, cast)
        if given is None
        else [character for character in cast if str(character.pk) in ids]
    )
    role = "end" if body.values.get("role") == "end" else "start"
    place = body.values.get("include_location") is not False
    defaults = {
        "prompt": compose.frame_prompt(block, shown, role, include_location=place),
        "character_ids": [str(character.pk) for character in shown],
    }
    # The order of the pictures: as the block names the characters, or as the scene lists those that were asked for.
    order = dict.fromkeys([*(shown if given is None else ()), *cast])
    return body.read(FrameSpec, defaults, **pipelines.known("frame"), cast=[str(character.pk) for character in order])


def _find(block: Block, role: str) -> Frame:
    frame = BlockGenerations.for_step(block, role).standing(role)
    if not isinstance(frame, Frame):
        raise ProblemError(404, "not_found", f"This block has no {role} frame.")
    return frame


def _document(frame: Frame, block: Block) -> schemas.Frame:
    return schemas.Frame.of(frame, block, Context.of(block.scene), {})


@router.post(
    "/scenes/{uuid:sceneId}/blocks/frame",
    response={202: schemas.Frame},
    by_alias=True,
    operation_id="generateFrame",
    summary="Generate a frame",
    openapi_extra={
        **BODY.openapi,
        **KEY_PARAMETER,
        **responses(
            *(401, 403, 404, 409, 413, 415, 422, 429),
            located={202: "the frame"},
            links={202: {"readFrame": {"operationId": "readFrame", "parameters": _ASKED}}},
        ),
    },
)
@access.policy(f"block:{GENERATE_FRAME}, of the block that the body names")
def generate_frame(request: HttpRequest, response: HttpResponse, scene_id: SceneId) -> Status[schemas.Frame]:
    """Queue a start or end frame. Read `Location` until its status is final."""
    access.get_scene(request.user, scene_id)
    body = read_body(request, BODY.fields)
    block = access.get_block(request.user, scene_id, body.identifier("block_id"), GENERATE_FRAME)
    spec = read_settings(block, body)
    frame = submit(request, response, body, lambda: actions.queue_frame(block, spec, caller(request)))
    return Status(202, _document(frame, block))


@router.put(
    _PATH,
    response={201: schemas.Frame},
    by_alias=True,
    operation_id="uploadFrame",
    summary="Upload a frame",
    openapi_extra={
        **uploads.DOCUMENT,
        **responses(401, 403, 404, 411, 413, 415, 422, 429, 503, 507, located={201: "the frame"}),
    },
)
@access.policy(f"block:{GENERATE_FRAME}")
def upload_frame(
    request: HttpRequest, response: HttpResponse, scene_id: SceneId, block_id: BlockId, role: Role
) -> Status[schemas.Frame]:
    """Use your own picture: PNG, JPEG or WebP. It is turned upright, stripped of metadata and becomes the frame."""
    block = access.get_block(request.user, scene_id, block_id, GENERATE_FRAME)
    file = uploads.read(request)
    try:
        frame = actions.upload_frame(block, role, file, caller(request))
    except PictureError as error:
        raise uploads.problem(error, file) from None
    except ActionError as error:
        raise problem(error) from None
    response["Location"] = frame_url(block, role)
    return Status(201, _document(frame, block))


@router.get(
    _PATH,
    response=schemas.Frame,
    by_alias=True,
    operation_id="readFrame",
    summary="Read a frame",
    openapi_extra=responses(401, 404, 422),
)
@access.policy("block:view_scene")
def read_frame(request: HttpRequest, scene_id: SceneId, block_id: BlockId, role: Role, wait: Wait = 0) -> schemas.Frame:
    """Return the frame that is being made, else a last run that failed or was stopped, else the one in use."""
    block = access.get_block(request.user, scene_id, block_id)
    frame = _find(block, role)
    if wait and frame.is_live and long_poll.watch.wait(frame, wait):
        block = access.get_block(request.user, scene_id, block_id)  # the right may have gone meanwhile
        frame = _find(block, role)
    return _document(frame, block)


@router.delete(
    _PATH,
    response={204: None},
    operation_id="deleteFrame",
    summary="Delete a frame",
    openapi_extra=responses(
        *(401, 403, 404, 422), links={204: {"readFrame": {"operationId": "readFrame", "parameters": _SAME}}}
    ),
)
@access.policy(f"block:{GENERATE_FRAME}")
def delete_frame(request: HttpRequest, scene_id: SceneId, block_id: BlockId, role: Role) -> Status[None]:
    """Delete the frame in use, stop one being made, forget failed runs. Clips made from it stay."""
    block = access.get_block(request.user, scene_id, block_id, GENERATE_FRAME)
    if not actions.clear_frame(block, role, caller(request)):
        raise ProblemError(404, "not_found", f"This block has no {role} frame.")
    return Status(204, None)


@router.post(
    f"{_PATH}/cancel",
    response=schemas.Frame,
    by_alias=True,
    operation_id="cancelFrame",
    summary="Stop making a frame",
    openapi_extra=responses(401, 403, 404, 409, 422),
)
@access.policy(f"block:{GENERATE_FRAME}")
def cancel_frame(request: HttpRequest, scene_id: SceneId, block_id: BlockId, role: Role) -> schemas.Frame:
    """Stop a frame: at once while it waits, at its next step while it runs."""
    block = access.get_block(request.user, scene_id, block_id, GENERATE_FRAME)
    frame = block.frames.of_role(role).live().first()
    if frame is None or not actions.cancel(frame, caller(request)):
        raise ProblemError(409, "not_running", f"No {role} frame is being made.")
    frame.refresh_from_db()
    return _document(frame, block)
