"""Optimizing prompts: ask for a rewrite, and read it."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status

from api import long_poll, schemas
from api.auth import caller
from api.body import read_body, refuse
from api.camel import CamelSchema
from api.openapi import RequestBody, responses
from api.paths import BlockId, SceneId, Wait
from api.problems import ProblemError
from api.submit import KEY_PARAMETER, submit
from scenes import access
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block
from videogen import actions, estimates, models
from videogen.errors import shown
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


class PromptRewrite(CamelSchema):
    """A prompt rewritten for the model that will read it. optimizer: who wrote it; model: which language model."""

    id: UUID
    block_id: UUID
    target: Literal["start", "end", "video"]
    status: schemas.StatusWord
    progress: schemas.Progress
    prompt: str
    optimized: str | None
    optimizer: Literal["llm", "encoder", "composer"]
    model: str | None
    version: str | None
    error: schemas.Failure | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: models.PromptRewrite, forecasts: estimates.Forecasts) -> Self:
        """Convert a rewrite."""
        return cls.model_validate(
            {
                "id": row.pk,
                "block_id": row.block_id,
                "target": row.dialog_step,
                "status": row.status,
                "progress": schemas.Progress.of(row, forecasts),
                "prompt": row.typed,
                "optimized": row.result or None,
                "optimizer": row.optimizer,
                "model": row.model or None,
                "version": row.version or None,
                "error": schemas.Failure.of(row),
                "created_at": row.created_at,
                "finished_at": row.finished_at,
            }
        )


def _find(block: Block, prompt_id: UUID) -> models.PromptRewrite:
    row: models.PromptRewrite | None = block.promptrewrites.filter(pk=prompt_id).first()
    if row is None:
        raise ProblemError(404, "not_found", "This block has no such rewrite.")
    return row


@router.post(
    "/scenes/{uuid:sceneId}/blocks/prompt",
    response={202: PromptRewrite},
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
def optimize_prompt(request: HttpRequest, response: HttpResponse, scene_id: SceneId) -> Status[PromptRewrite]:
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
    return Status(202, PromptRewrite.of(row, estimates.Forecasts()))


@router.get(
    "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/prompts/{uuid:promptId}",
    response=PromptRewrite,
    by_alias=True,
    operation_id="readPrompt",
    summary="Read a rewrite",
    openapi_extra=responses(401, 404, 422),
)
@access.policy("block:view_scene")
def read_prompt(
    request: HttpRequest, scene_id: SceneId, block_id: BlockId, prompt_id: PromptId, wait: Wait = 0
) -> PromptRewrite:
    """Return a rewrite. `optimized` is null unless it succeeded; `prompt` is always what was sent."""
    block = access.get_block(request.user, scene_id, block_id)
    row = _find(block, prompt_id)
    if wait and row.is_live and long_poll.watch.wait(row, wait):
        block = access.get_block(request.user, scene_id, block_id)  # the right may have gone meanwhile
        row = _find(block, prompt_id)
    return PromptRewrite.of(row, estimates.Forecasts())
