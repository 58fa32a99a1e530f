"""Writing: blocks of a scene are added, changed, split, joined, put in order, removed and brought back; so are scenes.

Whoever holds change_scene may. A change names the version that was read; a step back or forth is the caller's own.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Status

from api.auth import caller
from api.body import MOST_VERSION, Body, read_body, refuse
from api.openapi import Json, json_body, or_null, responses
from api.paths import BlockId, SceneId
from api.problems import ProblemError
from api.scenes import router, summary
from api.schemas import BlockOrder, SceneSummary, ScriptBlock, Step
from scenes import access, actions, history, left_out
from scenes.actions import ChangedMeanwhileError, Place
from scenes.models import Block, Scene
from scenes.wording import BLOCK_WORDS, KINDS, SCENE_WORDS, Words, WritingError
from videogen.actions import cancel_all

CHANGE = f"scene:{access.CHANGE}"
_SCENE = "/scenes/{uuid:sceneId}"
_BLOCK = f"{_SCENE}/blocks/{{uuid:blockId}}"
_REFUSED = (401, 403, 404, 413, 415, 422)


def _words(fields: Mapping[str, Words], required: tuple[str, ...] = ()) -> dict[str, Json]:
    return {name: _described(words, is_required=name in required) for name, words in fields.items()}


def _described(words: Words, *, is_required: bool = False) -> Json:
    found: Json = {"type": "string", "maxLength": words.limit, "description": f"{words.label}."}
    if words.empty:
        found |= {"minLength": 1, "pattern": r"\S"}
    return found if is_required else or_null(found)


def _id(description: str) -> Json:
    return {"type": "string", "format": "uuid", "description": description}


_VERSION: Json = {"type": "integer", "minimum": 1, "maximum": MOST_VERSION, "description": "The version that was read."}
_FIELDS: dict[str, Json] = {
    "kind": {"type": "string", "enum": list(KINDS)},
    **_words(BLOCK_WORDS, required=("text",)),
    "speaker": or_null(
        {"type": "string", "maxLength": 200, "description": "Who speaks; a new name is a new character."}
    ),
    "character_id": or_null(_id("Who speaks, of the film's characters.")),
    "is_dual": or_null({"type": "boolean", "description": "Spoken at the same time as the line before."}),
}
_PLACE = {
    "id": or_null(_id("An id of your own for the new block, so that a lost call can be sent again.")),
    "after": or_null(_id("Behind this block; the end of the scene without it.")),
    "before": or_null(_id("Before this block.")),
}
_STEP = {"step": or_null(_id("The same in calls that follow each other: Undo takes them back together."))}
_NEW = {**_FIELDS, **_PLACE, **_STEP}
_CHANGED = {**_FIELDS, **_STEP, "version": _VERSION, "text": _described(BLOCK_WORDS["text"])}
_CHANGED["kind"] = or_null(_FIELDS["kind"])
_SPLIT = {"version": _VERSION, "text": _FIELDS["text"], "rest": _FIELDS["text"], "id": _PLACE["id"], **_STEP}
_JOINED = {
    "into": _id("The block that stands before this one."),
    "version": _VERSION,
    "into_version": _VERSION,
    "text": _described(BLOCK_WORDS["text"]),
}
_ORDER: dict[str, Json] = {
    "block_ids": {"type": "array", "items": _id("A block of the scene."), "uniqueItems": True, "maxItems": 2000}
}
_CHANGED_SCENE = {
    **_words(SCENE_WORDS),
    "location_id": or_null(_id("Where it plays, of the film's locations; null for nowhere.")),
    "character_ids": or_null({"type": "array", "items": _id("A character of the film.")}),
    "version": _VERSION,
}


@contextmanager
def _refusals(body: Body | None = None) -> Iterator[None]:
    """Turn what the actions refuse into problems; unknown fields of the body are refused before anything is done."""
    if body is not None and body.errors:
        refuse(body.errors)
    try:
        yield
    except WritingError as error:
        refuse(error.errors)
    except ChangedMeanwhileError as error:
        raise ProblemError(409, error.code, str(error), current=_current(error.current)) from None
    except history.HistoryError as error:
        raise ProblemError(409, error.code, str(error)) from None


def _current(row: Block | Scene | None) -> Any:
    if row is None:
        return None
    document = ScriptBlock.of(row) if isinstance(row, Block) else summary(row, row.blocks.count())
    return {**document.model_dump(by_alias=True), "removed": row.removed_at is not None}


def _given(body: Body, *names: str) -> dict[str, object]:
    """Return what was sent, without these fields and what is null; ids are read."""
    values = {name: value for name, value in body.values.items() if name not in names and value is not None}
    if "character_id" in values:
        values["character_id"] = body.identifier("character_id")
    return values


def _optional_id(body: Body, name: str) -> UUID | None:
    return None if body.values.get(name) is None else body.identifier(name)


# --- Blocks -----------------------------------------------------------------------------------------------------


@router.post(
    f"{_SCENE}/blocks",
    response={201: ScriptBlock},
    by_alias=True,
    operation_id="addBlock",
    summary="Write a block",
    openapi_extra={**json_body("NewBlock", _NEW, ["kind", "text"]), **responses(*_REFUSED)},
)
@access.policy(CHANGE)
def add_block(request: HttpRequest, scene_id: SceneId) -> Status[ScriptBlock]:
    """Write a new block. A dialog needs `speaker` or `characterId`; a name that nobody has makes a new character."""
    scene = access.get_scene(request.user, scene_id, access.CHANGE)
    body = read_body(request, _NEW)
    place = Place(_optional_id(body, "after"), _optional_id(body, "before"))
    with _refusals(body):
        given, step = _given(body, *_PLACE, *_STEP), _optional_id(body, "step")
        block = actions.add_block(scene, caller(request), given, place, _optional_id(body, "id"), step=step)
    return Status(201, ScriptBlock.of(block))


@router.patch(
    _BLOCK,
    response=ScriptBlock,
    by_alias=True,
    operation_id="changeBlock",
    summary="Change a block",
    openapi_extra={**json_body("ChangedBlock", _CHANGED, ["version"]), **responses(*_REFUSED, 409)},
)
@access.policy(f"block:{access.CHANGE}")
def change_block(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> ScriptBlock:
    """Change what is sent of a block. Its frames and videos stay. 409 `changed_meanwhile` tells what stands there."""
    block = access.get_block(request.user, scene_id, block_id, access.CHANGE)
    body = read_body(request, _CHANGED)
    with _refusals(body):
        given, step = _given(body, "version", *_STEP), _optional_id(body, "step")
        return ScriptBlock.of(actions.change_block(block, caller(request), body.version(), given, step=step))


@router.delete(
    _BLOCK,
    response={204: None},
    operation_id="removeBlock",
    summary="Remove a block",
    openapi_extra=responses(401, 403, 404, 409),
)
@access.policy(f"block:{access.CHANGE}")
def remove_block(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> Status[None]:
    """Remove a block, and stop what is being made of it. It can be brought back for 30 days, with all its material."""
    block = access.get_block(request.user, scene_id, block_id, access.CHANGE)
    with _refusals():
        actions.remove_block(block, caller(request))
    cancel_all([block.pk], caller(request))
    return Status(204, None)


@router.post(
    f"{_BLOCK}/restore",
    response=ScriptBlock,
    by_alias=True,
    operation_id="restoreBlock",
    summary="Bring a block back",
    openapi_extra=responses(401, 403, 404, 422),
)
@access.policy(CHANGE)
def restore_block(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> ScriptBlock:
    """Bring back a block that was removed in the last 30 days, with everything made of it."""
    scene = access.get_scene(request.user, scene_id, access.CHANGE)
    block = left_out.find_block(scene, block_id)
    with _refusals():
        return ScriptBlock.of(actions.restore_block(block, caller(request)))


@router.post(
    f"{_BLOCK}/split",
    response={201: list[ScriptBlock]},
    by_alias=True,
    operation_id="splitBlock",
    summary="Split a block in two",
    openapi_extra={**json_body("Split", _SPLIT, ["version", "text", "rest"]), **responses(*_REFUSED, 409)},
)
@access.policy(f"block:{access.CHANGE}")
def split_block(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> Status[list[ScriptBlock]]:
    """Cut a block in two: `text` stays with its frames and videos, `rest` becomes a new block behind it."""
    block = access.get_block(request.user, scene_id, block_id, access.CHANGE)
    body = read_body(request, _SPLIT)
    with _refusals(body):
        texts = body.values.get("text") or "", body.values.get("rest") or ""
        pk, step = _optional_id(body, "id"), _optional_id(body, "step")
        both = actions.split_block(block, caller(request), body.version(), *texts, pk, step=step)
    return Status(201, [ScriptBlock.of(row) for row in both])


@router.post(
    f"{_BLOCK}/join",
    response=ScriptBlock,
    by_alias=True,
    operation_id="joinBlock",
    summary="Join a block to the one before",
    openapi_extra={**json_body("Joined", _JOINED, ["into", "version", "into_version"]), **responses(*_REFUSED, 409)},
)
@access.policy(f"block:{access.CHANGE}")
def join_block(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> ScriptBlock:
    """Join this block to `into`, which keeps its frames and videos; this one is removed and can be brought back."""
    block = access.get_block(request.user, scene_id, block_id, access.CHANGE)
    body = read_body(request, _JOINED)
    with _refusals(body):
        into = access.get_block(request.user, scene_id, body.identifier("into"), access.CHANGE)
        versions = body.version("into_version"), body.version()
        joined = actions.join_blocks(into, block, caller(request), versions, body.values.get("text"))
    cancel_all([block.pk], caller(request))
    return ScriptBlock.of(joined)


@router.put(
    f"{_SCENE}/blocks/order",
    response=BlockOrder,
    by_alias=True,
    operation_id="orderBlocks",
    summary="Put the blocks in order",
    openapi_extra={**json_body("NewOrder", _ORDER, ["block_ids"]), **responses(*_REFUSED, 409)},
)
@access.policy(CHANGE)
def order_blocks(request: HttpRequest, scene_id: SceneId) -> BlockOrder:
    """Put all blocks of the scene in this order. 409 where one is missing or not of this scene."""
    scene = access.get_scene(request.user, scene_id, access.CHANGE)
    body = read_body(request, _ORDER)
    with _refusals(body):
        return BlockOrder(block_ids=actions.set_order(scene, caller(request), body.identifiers("block_ids")))


# --- Steps back and forth ---------------------------------------------------------------------------------------


def _step(request: HttpRequest, scene_id: UUID, move: Callable[..., history.Step]) -> Step:
    scene = access.get_scene(request.user, scene_id, access.CHANGE)
    by = caller(request)
    with _refusals():
        step = move(scene, by)
    removed = [block.pk for block in step.removed]
    cancel_all(removed, by)
    can_undo, can_redo = history.can_step(scene, by)
    return Step(
        blocks=[ScriptBlock.of(block) for block in step.blocks],
        removed=removed,
        order=step.order,
        can_undo=can_undo,
        can_redo=can_redo,
    )


@router.post(
    f"{_SCENE}/undo",
    response=Step,
    by_alias=True,
    operation_id="undoWriting",
    summary="Undo your last step",
    openapi_extra=responses(401, 403, 404, 409),
)
@access.policy(CHANGE)
def undo(request: HttpRequest, scene_id: SceneId) -> Step:
    """Take back what you wrote last in the scene. 409 where there is nothing, or somebody changed the block since."""
    return _step(request, scene_id, history.undo)


@router.post(
    f"{_SCENE}/redo",
    response=Step,
    by_alias=True,
    operation_id="redoWriting",
    summary="Redo your next step",
    openapi_extra=responses(401, 403, 404, 409),
)
@access.policy(CHANGE)
def redo(request: HttpRequest, scene_id: SceneId) -> Step:
    """Do again what you took back last in the scene."""
    return _step(request, scene_id, history.redo)


# --- Scenes -----------------------------------------------------------------------------------------------------


@router.patch(
    _SCENE,
    response=SceneSummary,
    by_alias=True,
    operation_id="changeScene",
    summary="Change a scene",
    openapi_extra={**json_body("ChangedScene", _CHANGED_SCENE, ["version"]), **responses(*_REFUSED, 409)},
)
@access.policy(CHANGE)
def change_scene(request: HttpRequest, scene_id: SceneId) -> SceneSummary:
    """Change what is sent of a scene. 409 `changed_meanwhile` tells what stands there now."""
    scene = access.get_scene(request.user, scene_id, access.CHANGE)
    body = read_body(request, _CHANGED_SCENE)
    given = _given(body, "version", "location_id", "character_ids")
    if "location_id" in body.values:
        given["location_id"] = _optional_id(body, "location_id")
    if body.values.get("character_ids") is not None:
        given["character_ids"] = body.identifiers("character_ids")
    with _refusals(body):
        row = actions.change_scene(scene, body.version(), given)
    return summary(row, row.blocks.count())


@router.delete(
    _SCENE,
    response={204: None},
    operation_id="removeScene",
    summary="Remove a scene",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(CHANGE)
def remove_scene(request: HttpRequest, scene_id: SceneId) -> Status[None]:
    """Remove a scene, and stop what is being made in it. It can be brought back for 30 days, with all in it."""
    scene = access.get_scene(request.user, scene_id, access.CHANGE)
    actions.remove_scene(scene)
    cancel_all(scene.blocks.values_list("pk", flat=True), caller(request))
    return Status(204, None)


@router.post(
    f"{_SCENE}/restore",
    response=SceneSummary,
    by_alias=True,
    operation_id="restoreScene",
    summary="Bring a scene back",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(CHANGE)
def restore_scene(request: HttpRequest, scene_id: SceneId) -> SceneSummary:
    """Bring back a scene that was removed in the last 30 days, with everything in it."""
    row = actions.restore_scene(left_out.find_scene(request.user, scene_id))
    return summary(row, row.blocks.count())
