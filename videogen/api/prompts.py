"""Optimizing prompts: the addresses. There is no optimizer yet, and they say so."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Status

from config.openapi import responses
from config.problems import ProblemError
from config.wire import Wire, read_body, refuse, shown
from scenes import access
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO
from videogen.api import asking, requests
from videogen.api.documents import Failure, StatusWord
from videogen.api.paths import BlockId, SceneId

router = Router(tags=["Prompts"])

RETRY_AFTER = 3600  # seconds
_TARGETS = {"start": GENERATE_FRAME, "end": GENERATE_FRAME, "video": GENERATE_VIDEO}


class PromptRewrite(Wire):
    """A prompt rewritten for the model that will read it."""

    id: UUID
    block_id: UUID
    status: StatusWord
    prompt: str
    optimized: str | None
    error: Failure | None


def _unavailable() -> ProblemError:
    detail = "No prompt optimizer is installed here. Send the prompt as it is."
    return ProblemError(503, "optimizer_unavailable", detail, headers={"Retry-After": str(RETRY_AFTER)})


@router.post(
    "/scenes/{uuid:sceneId}/blocks/prompt",
    response={202: PromptRewrite},
    by_alias=True,
    operation_id="optimizePrompt",
    summary="Optimize a prompt",
    openapi_extra={
        **requests.document("PromptRequest", requests.PROMPT_FIELDS, ["block_id", "target", "prompt"]),
        **asking.KEY_PARAMETER,
        **responses(401, 403, 404, 413, 415, 422, 503),
    },
)
@access.policy("block: the right to generate what the body's target names, on the block it names")
def optimize_prompt(request: HttpRequest, scene_id: SceneId) -> Status[PromptRewrite]:
    """Ask for a rewrite of a prompt. Answers 503 `optimizer_unavailable` where there is no optimizer."""
    access.get_scene(request.user, scene_id)
    body = read_body(request, requests.PROMPT_FIELDS)
    block_id = body.identifier("block_id")
    target = body.values.get("target")
    right = _TARGETS.get(target) if isinstance(target, str) else None
    if right is None:
        refuse({**body.errors, "target": f"Target must be start, end or video; {shown(target)} was given."})
    access.get_block(request.user, scene_id, block_id, right)
    requests.read_prompt(body)
    raise _unavailable()


@router.get(
    "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/prompts/{uuid:promptId}",
    response=PromptRewrite,
    by_alias=True,
    operation_id="readPrompt",
    summary="Read a rewrite",
    openapi_extra=responses(401, 404, 503),
)
@access.policy("block:view_scene")
def read_prompt(
    request: HttpRequest, scene_id: SceneId, block_id: BlockId, prompt_id: Annotated[UUID, Path(alias="promptId")]
) -> PromptRewrite:
    """A rewrite and its state. Answers 503 `optimizer_unavailable` where there is no optimizer."""
    access.get_block(request.user, scene_id, block_id)
    raise _unavailable()
