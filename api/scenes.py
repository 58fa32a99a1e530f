"""A whole scene for a program: its blocks with what was made of each, in a fixed number of queries."""

from collections import defaultdict
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from api import current, documents, scene_parts
from api.body import Wire
from api.openapi import responses
from api.paths import SceneId
from scenes import access
from scenes.models import Block as BlockRow
from scenes.models import Scene as SceneRow
from videogen import estimates
from videogen.models import Frame, Video

router = Router(tags=["Scenes"])


class Block(Wire):
    """A line or an action, and what was made of it. characterId: who speaks, in a dialog block."""

    id: UUID
    number: int
    kind: Literal["dialog", "action"]
    text: str
    character_id: UUID | None
    start_frame: documents.Frame | None
    end_frame: documents.Frame | None
    video: documents.Video | None
    can: scene_parts.Rights


class Scene(Wire):
    """A scene with its cast and its blocks, in order."""

    id: UUID
    title: str
    synopsis: str
    style: str
    owner: str
    location: scene_parts.Location | None
    characters: list[scene_parts.Character]
    blocks: list[Block]
    can: scene_parts.Rights


@router.get(
    "/scenes/{uuid:sceneId}",
    response=Scene,
    by_alias=True,
    operation_id="readScene",
    summary="Read a scene",
    openapi_extra=responses(401, 404),
)
@access.policy("scene:view_scene")
def read_scene(request: HttpRequest, scene_id: SceneId) -> Scene:
    """The scene with its blocks, each with its frames, its video and the rights you hold on it."""
    scene = access.get_scene(request.user, scene_id)
    blocks = list(scene.blocks.select_related("character"))
    access.grant_rights(request.user, scene, blocks)
    made = _Made(scene)
    return Scene(
        id=scene.pk,
        title=scene.title,
        synopsis=scene.synopsis,
        style=scene.style,
        owner=scene.owner.get_username(),
        location=scene_parts.location(scene.location),
        characters=_cast(scene, blocks),
        blocks=[_block(block, made) for block in blocks],
        can=scene_parts.rights(scene.can),
    )


class _Made:
    """What is shown of a scene's blocks: read in two queries, and a few for the estimates of what is live."""

    def __init__(self, scene: SceneRow) -> None:
        self._scene_id = scene.pk
        self._forecasts = estimates.Forecasts()
        self._frames: dict[Any, list[Frame]] = defaultdict(list)
        self._videos: dict[Any, list[Video]] = defaultdict(list)
        for frame in current.candidates(Frame).filter(block__scene=scene):
            self._frames[frame.block_id, frame.role].append(frame)
        for video in current.candidates(Video).filter(block__scene=scene):
            self._videos[video.block_id].append(video)

    def frame(self, block: BlockRow, role: str) -> documents.Frame | None:
        row = current.pick(self._frames[block.pk, role])
        return documents.frame(row, self._scene_id, self._forecasts) if row else None

    def video(self, block: BlockRow) -> documents.Video | None:
        row = current.pick(self._videos[block.pk])
        return documents.video(row, self._scene_id, self._forecasts) if row else None


def _block(block: BlockRow, made: _Made) -> Block:
    return Block(
        id=block.pk,
        number=block.number,
        kind=block.kind,  # type: ignore[arg-type]
        text=block.text,
        character_id=block.character_id,
        start_frame=made.frame(block, "start"),
        end_frame=made.frame(block, "end"),
        video=made.video(block),
        can=scene_parts.rights(block.can),
    )


def _cast(scene: SceneRow, blocks: list[BlockRow]) -> list[scene_parts.Character]:
    cast = {one.pk: one for one in scene.characters.all()}
    cast |= {block.character.pk: block.character for block in blocks if block.character}
    return [
        scene_parts.Character(id=one.pk, name=one.name, description=one.description, voice=one.voice)
        for one in cast.values()
    ]
