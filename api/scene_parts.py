"""The scenes a program may see, and the parts of a scene that are its own."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest
from ninja import Query, Router

from api.body import Wire
from api.openapi import responses
from scenes import access, models

PER_PAGE = 50
router = Router(tags=["Scenes"])


class Rights(Wire):
    """What the caller may do with a scene or block."""

    view: bool
    change: bool
    generate_frame: bool
    generate_video: bool
    delete_video: bool


class Location(Wire):
    """Where a scene plays."""

    id: UUID
    name: str
    description: str


class Character(Wire):
    """Who acts and speaks."""

    id: UUID
    name: str
    description: str
    voice: str


class SceneSummary(Wire):
    """A scene in a list."""

    id: UUID
    title: str
    synopsis: str
    style: str
    owner: str
    location: Location | None
    block_count: int
    created_at: datetime
    updated_at: datetime
    url: str


class ScenePage(Wire):
    """One page of the scenes the caller may see, newest first. count: of all pages together."""

    count: int
    page: int
    page_size: int
    items: list[SceneSummary]


def url_of(scene_id: UUID) -> str:
    """Where a scene is read."""
    return f"/api/scenes/{scene_id}"


def rights(can: access.Rights) -> Rights:
    """The rights that scenes.access has set, for programs."""
    return Rights(
        view=can.view,
        change=can.change,
        generate_frame=can.generate_frame,
        generate_video=can.generate_video,
        delete_video=can.delete_video,
    )


def location(place: models.Location | None) -> Location | None:
    """A scene's location, for programs."""
    return Location(id=place.pk, name=place.name, description=place.description) if place else None


def _summary(scene: models.Scene, blocks: int) -> SceneSummary:
    return SceneSummary(
        id=scene.pk,
        title=scene.title,
        synopsis=scene.synopsis,
        style=scene.style,
        owner=scene.owner.get_username(),
        location=location(scene.location),
        block_count=blocks,
        created_at=scene.created_at,
        updated_at=scene.updated_at,
        url=url_of(scene.pk),
    )


@router.get(
    "/scenes",
    response=ScenePage,
    by_alias=True,
    operation_id="listScenes",
    summary="List scenes",
    openapi_extra=responses(401, 422),
)
@access.policy("signed in: scenes that are visible to the caller")
def list_scenes(
    request: HttpRequest,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=200)] = PER_PAGE,
) -> ScenePage:
    """The scenes you may see, newest first. A page past the last one is empty."""
    scenes = access.visible_scenes(request.user).select_related("location", "owner").order_by("-created_at", "pk")
    count = scenes.count()
    start = (page - 1) * page_size
    found = scenes.annotate(block_count=Count("blocks", distinct=True))[start : start + page_size]
    items = [_summary(scene, scene.block_count) for scene in found]
    return ScenePage(count=count, page=page, page_size=page_size, items=items)
