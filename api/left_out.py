"""What was deleted from a scene or film, or left out by a revised screenplay, and can be restored."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from ninja import Router

from api.camel import CamelSchema
from api.openapi import responses
from api.paths import FilmId, SceneId
from api.schemas import ScriptBlock
from scenes import access, left_out
from scenes.models import Block, Scene
from videogen.models import BlockGenerations, Frame, Video

router = Router(tags=["Left out"])


class LeftOutBlock(ScriptBlock):
    """A block that can be restored. removedBy: null where nobody knows. screenplay: the file that left it out.

    keptUntil: when it is deleted for good; null while a screenplay left it out and it has frames or videos.
    """

    removed_at: datetime
    removed_by: str | None
    screenplay: str
    kept_until: datetime | None

    @classmethod
    def left(cls, row: Block, how: left_out.Departure, made: BlockGenerations) -> Self:
        """Convert a block that was taken out."""
        return cls(
            **ScriptBlock.written(row),
            removed_at=how.at,
            removed_by=how.person.get_username() if how.person else None,
            screenplay=how.file_name,
            kept_until=left_out.kept_until(row, has_material=bool(made.frames or made.videos)),
        )


class LeftOutScene(CamelSchema):
    """A scene that can be restored, with everything in it. keptUntil: as of a block."""

    id: UUID
    title: str
    heading: str
    removed_at: datetime
    kept_until: datetime | None


@router.get(
    "/scenes/{uuid:sceneId}/left-out",
    response=list[LeftOutBlock],
    by_alias=True,
    operation_id="listLeftOutBlocks",
    summary="List what was left out of a scene",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"scene:{access.CHANGE}")
def list_blocks(request: HttpRequest, scene_id: SceneId) -> list[LeftOutBlock]:
    """List the blocks that can be restored, those that were taken out last first."""
    scene = access.get_scene(request.user, scene_id, access.CHANGE)
    rows = list(left_out.blocks_of(scene).select_related("character"))
    how, made = left_out.departures(scene, rows), BlockGenerations.standing_of(rows)
    return [LeftOutBlock.left(row, how[row.pk], made[row.pk]) for row in rows]


@router.get(
    "/films/{uuid:filmId}/left-out",
    response=list[LeftOutScene],
    by_alias=True,
    operation_id="listLeftOutScenes",
    summary="List what was left out of a film",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"film:{access.CHANGE}")
def list_scenes(request: HttpRequest, film_id: FilmId) -> list[LeftOutScene]:
    """List the scenes that can be restored, those that were taken out last first."""
    film = access.get_film(request.user, film_id, access.CHANGE)
    in_scene = {"block__scene": OuterRef("pk")}
    made = Exists(Frame.objects.filter(**in_scene)) | Exists(Video.objects.filter(**in_scene))
    return [_left_out(scene, is_made=scene.is_made) for scene in left_out.scenes_of(film).annotate(is_made=made)]


def _left_out(scene: Scene, *, is_made: bool) -> LeftOutScene:
    until = left_out.kept_until(scene, has_material=is_made)
    return LeftOutScene.model_validate(
        {
            "id": scene.pk,
            "title": scene.title,
            "heading": scene.heading,
            "removed_at": scene.removed_at,
            "kept_until": until,
        }
    )
