"""Optimizing prompts: ask for a rewrite, and read it."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status

from api import long_poll, schemas
from api.auth import caller
from api.body import read_body, refuse
from api.openapi import RequestBody, responses
from api.paths import BlockId, SceneId, Wait
from api.problems import ProblemError
from api.submit import KEY_PARAMETER, submit
from scenes import access
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block
from videogen import actions, estimates
from videogen.errors import shown
from videogen.models import PromptRewrite
from videogen.specs import PromptSpec

router = Router(tags=["Prompts"])

PromptId = Annotated[UUID, Path(alias="promptId", description="The rewrite.")]
_TARGETS = {"start": GENERATE_FRAME, "end": GENERATE_FRAME, "video": GENERATE_VIDEO}
BODY = RequestBody(
    "PromptRequest",
    PromptSpec,
    required=("block_id", "target", "prompt"),
    more={"target": {"type": "string", "enum": list(_TARGETS), "description": "What the prompt is for."}},
)
_ASKED = {
    "sceneId": "$request.path.sceneId",
    "blockId": "$response.body#/blockId",
    "promptId": "$response.body#/id",
}


def _find(block: Block, prompt_id: UUID) -> PromptRewrite:
    row: PromptRewrite | None = block.promptrewrites.filter(pk=prompt_id).first()
    if row is None:
        raise ProblemError(404, "not_found", "This block has no such rewrite.")
    return row


@router.post(
    "/scenes/{uuid:sceneId}/blocks/prompt",
    response={202: schemas.PromptRewrite},
    by_alias=True,
    operation_id="optimizePrompt",
    summary="Optimize a prompt",
    openapi_extra={
        **BODY.openapi,
        **KEY_PARAMETER,
        **responses(
            *(401, 403, 404, 409, 413, 415, 422, 429),
            located={202: "the rewrite"},
            links={202: {"readPrompt": {"operationId": "readPrompt", "parameters": _ASKED}}},
        ),
    },
)
@access.policy("block: the right to generate what the body's target names, on the block it names")
def optimize_prompt(request: HttpRequest, response: HttpResponse, scene_id: SceneId) -> Status[schemas.PromptRewrite]:
    """Queue a rewrite of a prompt. Nothing uses it until you do: read `Location` until its status is final."""
    access.get_scene(request.user, scene_id)
    body = read_body(request, BODY.fields)
    block_id = body.identifier("block_id")
    target = body.values.get("target")
    right = _TARGETS.get(target) if isinstance(target, str) else None
    if right is None:
        refuse({**body.errors, "target": f"Target must be start, end or video; {shown(target)} was given."})
    block = access.get_block(request.user, scene_id, block_id, right)
    prompt = body.read(PromptSpec).prompt
    row = submit(request, response, body, lambda: actions.queue_rewrite(block, str(target), prompt, caller(request)))
    return Status(202, schemas.PromptRewrite.of(row, estimates.Forecasts()))


@router.get(
    "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/prompts/{uuid:promptId}",
    response=schemas.PromptRewrite,
    by_alias=True,
    operation_id="readPrompt",
    summary="Read a rewrite",
    openapi_extra=responses(401, 404, 422),
)
@access.policy("block:view_scene")
def read_prompt(
    request: HttpRequest, scene_id: SceneId, block_id: BlockId, prompt_id: PromptId, wait: Wait = 0
) -> schemas.PromptRewrite:
    """Return a rewrite. `optimized` is null unless it succeeded; `prompt` is always what was sent."""
    block = access.get_block(request.user, scene_id, block_id)
    row = _find(block, prompt_id)
    if wait and row.is_live and long_poll.watch.wait(row, wait):
        block = access.get_block(request.user, scene_id, block_id)  # the right may have gone meanwhile
        row = _find(block, prompt_id)
    return schemas.PromptRewrite.of(row, estimates.Forecasts())
