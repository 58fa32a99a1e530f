"""Notes on the frames of a take: list, write, tick off."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Status

from api.auth import caller
from api.body import read_body, refuse
from api.camel import CamelSchema
from api.openapi import Json, json_body, responses
from api.paths import BlockId, SceneId, TakeId
from api.problems import one_of
from scenes import access
from scenes.models import GENERATE_VIDEO, Block
from videogen import models, notes, strokes

router = Router(tags=["Takes"])

_PATH = "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/takes/{uuid:takeId}/notes"
_NEW: dict[str, Json] = {
    "frame": {"type": "integer", "minimum": 0, "description": "Which frame of the take, counted from 0."},
    "text": {
        "type": "string",
        "minLength": 1,
        "maxLength": notes.LONGEST,
        "pattern": r"\S",
        "description": "What is to be seen on this frame.",
    },
    "drawing": {
        "anyOf": [{"$ref": "#/components/schemas/Drawing"}, {"type": "null"}],
        "description": f"What is drawn on the frame: {strokes.MOST_POINTS} points in all strokes together at most.",
    },
}
_TICK: dict[str, Json] = {"done": {"type": "boolean"}}
NoteId = Annotated[int, Path(alias="noteId", ge=1, le=2**53, description="A note of that take.")]


class Note(CamelSchema):
    """A note on a frame of a take. frame: counted from 0. doneAt: when it was ticked off, else null.

    author: a username, or with isGuest the name that a guest typed, as "Ines (guest)". guestLinkId: the link they came
    by, else null.
    """

    id: int
    take_id: UUID
    frame: int
    text: str
    drawing: strokes.Drawing | None
    author: str
    is_guest: bool
    guest_link_id: UUID | None
    created_at: datetime
    done_at: datetime | None

    @classmethod
    def of(cls, row: models.TakeNote) -> Self:
        """Convert a note."""
        same = ("take_id", "frame", "text", "drawing", "is_guest", "created_at", "done_at")
        return cls(
            id=row.pk,
            author=row.shown_author,
            guest_link_id=row.guest_id,
            **{name: getattr(row, name) for name in same},
        )


def _take(block: Block, take_id: UUID) -> models.Video:
    take: models.Video = one_of(block.videos.takes(), take_id, "This block has no such take.")
    return take


@router.get(
    _PATH,
    response=list[Note],
    by_alias=True,
    operation_id="listNotes",
    summary="List the notes on a take",
    openapi_extra=responses(401, 404),
)
@access.policy("block:view_scene")
def list_notes(request: HttpRequest, scene_id: SceneId, block_id: BlockId, take_id: TakeId) -> list[Note]:
    """List the notes on a take in the order of its frames, those that were ticked off too."""
    take = _take(access.get_block(request.user, scene_id, block_id), take_id)
    return [Note.of(row) for row in notes.of(take)]


@router.post(
    _PATH,
    response={201: Note},
    by_alias=True,
    operation_id="writeNote",
    summary="Write a note on a frame",
    openapi_extra={**json_body("NewNote", _NEW, ["frame", "text"]), **responses(401, 403, 404, 413, 415, 422)},
)
@access.policy("block:view_scene")
def write_note(request: HttpRequest, scene_id: SceneId, block_id: BlockId, take_id: TakeId) -> Status[Note]:
    """Write a note on a frame of a take, and draw on it. Whoever may look may note."""
    take = _take(access.get_block(request.user, scene_id, block_id), take_id)
    body = read_body(request, _NEW)
    if body.errors:
        refuse(body.errors)
    try:
        said = (body.values.get(name) for name in ("frame", "text", "drawing"))
        note = notes.write(take, caller(request), *said)
    except notes.NoteError as error:
        refuse(error.errors)
    return Status(201, Note.of(note))


@router.patch(
    f"{_PATH}/{{noteId}}",
    response=Note,
    by_alias=True,
    operation_id="tickNote",
    summary="Tick a note off",
    openapi_extra={**json_body("TickedNote", _TICK, ["done"]), **responses(401, 403, 404, 413, 415, 422)},
)
@access.policy(f"block:{GENERATE_VIDEO}")
def tick_note(request: HttpRequest, scene_id: SceneId, block_id: BlockId, take_id: TakeId, note_id: NoteId) -> Note:
    """Tick a note off, or open it again with `done: false`."""
    block = access.get_block(request.user, scene_id, block_id, GENERATE_VIDEO)
    note = one_of(notes.of(_take(block, take_id)), note_id, "This take has no such note.")
    body = read_body(request, _TICK)
    done = body.values.get("done")
    if body.errors or not isinstance(done, bool):
        refuse(body.errors or {"done": "done must be true or false."})
    notes.tick(note, caller(request), done=done)
    return Note.of(note)
