"""The video of a block: generate, read, delete, cancel."""

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from api import long_poll, schemas
from api.auth import caller
from api.body import read_body
from api.changes import Context
from api.openapi import RequestBody, responses
from api.paths import BlockId, SceneId, Wait
from api.problems import ProblemError
from api.submit import KEY_PARAMETER, problem, submit
from scenes import access
from scenes.models import DELETE_VIDEO, GENERATE_VIDEO, Block
from videogen import actions, pipelines
from videogen.models import BlockGenerations, Video
from videogen.pipelines import loras
from videogen.specs import VideoSpec
from videogen.spoken import default_duration

router = Router(tags=["Videos"])

BODY = RequestBody("VideoRequest", VideoSpec, required=("block_id", "prompt"), absent=("duration",))
_PATH = "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/video"
_SAME = {"sceneId": "$request.path.sceneId", "blockId": "$request.path.blockId"}
_ASKED = {"sceneId": "$request.path.sceneId", "blockId": "$response.body#/blockId"}


def _find(block: Block) -> Video:
    video = BlockGenerations.for_step(block, "video").standing("video")
    if not isinstance(video, Video):
        raise ProblemError(404, "not_found", "This block has no video.")
    return video


def _document(video: Video, block: Block) -> schemas.Video:
    chosen = {frame.role: frame for frame in block.frames.filter(is_chosen=True)}
    return schemas.Video.of(video, block, Context.of(block.scene), chosen)


@router.post(
    "/scenes/{uuid:sceneId}/blocks/video",
    response={202: schemas.Video},
    by_alias=True,
    operation_id="generateVideo",
    summary="Generate a video",
    openapi_extra={
        **BODY.openapi,
        **KEY_PARAMETER,
        **responses(
            *(401, 403, 404, 409, 413, 415, 422, 429),
            located={202: "the video"},
            links={
                202: {
                    name: {"operationId": name, "parameters": _ASKED}
                    for name in ("readVideo", "cancelVideo", "deleteVideo")
                }
            },
        ),
    },
)
@access.policy(f"block:{GENERATE_VIDEO}, of the block that the body names")
def generate_video(request: HttpRequest, response: HttpResponse, scene_id: SceneId) -> Status[schemas.Video]:
    """Queue the video of a block that has a start frame. Read `Location` until its status is final."""
    access.get_scene(request.user, scene_id)
    body = read_body(request, BODY.fields)
    block = access.get_block(request.user, scene_id, body.identifier("block_id"), GENERATE_VIDEO)
    defaults = {"duration": default_duration(block)}
    spec = body.read(VideoSpec, defaults, **pipelines.known("video"), loras=loras.chosen)
    video = submit(request, response, body, lambda: actions.queue_video(block, spec, caller(request)))
    return Status(202, _document(video, block))


@router.get(
    _PATH,
    response=schemas.Video,
    by_alias=True,
    operation_id="readVideo",
    summary="Read a video",
    openapi_extra=responses(401, 404, 422),
)
@access.policy("block:view_scene")
def read_video(request: HttpRequest, scene_id: SceneId, block_id: BlockId, wait: Wait = 0) -> schemas.Video:
    """Return the video that is being made, else a last run that failed or was stopped, else the block's clip."""
    block = access.get_block(request.user, scene_id, block_id)
    video = _find(block)
    if wait and video.is_live and long_poll.watch.wait(video, wait):
        block = access.get_block(request.user, scene_id, block_id)  # the right may have gone meanwhile
        video = _find(block)
    return _document(video, block)


@router.delete(
    _PATH,
    response={204: None},
    operation_id="deleteVideo",
    summary="Delete a video",
    openapi_extra=responses(
        *(401, 403, 404, 409), links={204: {"readVideo": {"operationId": "readVideo", "parameters": _SAME}}}
    ),
)
@access.policy(f"block:{DELETE_VIDEO}")
def delete_video(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> Status[None]:
    """Delete the block's clip, stop one being made, forget failed runs. The frames stay.

    `restoreTake` brings the clip back for 30 days. 409 `locked`: it was approved or locked, and nothing was deleted.
    """
    block = access.get_block(request.user, scene_id, block_id, DELETE_VIDEO)
    try:
        found = actions.clear_video(block, caller(request))
    except actions.ActionError as error:
        raise problem(error) from None
    if not found:
        raise ProblemError(404, "not_found", "This block has no video.")
    return Status(204, None)


@router.post(
    f"{_PATH}/cancel",
    response=schemas.Video,
    by_alias=True,
    operation_id="cancelVideo",
    summary="Stop making a video",
    openapi_extra=responses(401, 403, 404, 409),
)
@access.policy(f"block:{GENERATE_VIDEO}")
def cancel_video(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> schemas.Video:
    """Stop a video: at once while it waits, at its next step while it runs."""
    block = access.get_block(request.user, scene_id, block_id, GENERATE_VIDEO)
    video = block.videos.live().first()
    if video is None or not actions.cancel(video, caller(request)):
        raise ProblemError(409, "not_running", "No video is being made.")
    video.refresh_from_db()
    return _document(video, block)
