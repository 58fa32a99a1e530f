"""Scenes: the list of those the caller may see, and a scene with what was made of its blocks."""

from django.db.models import Count, Prefetch, Q, prefetch_related_objects
from django.http import HttpRequest
from ninja import Router

from api import schemas
from api.changes import Context
from api.openapi import responses
from api.paths import PER_PAGE, Page, PageSize, SceneId, rows_of
from api.schemas import Block, Character, Rights, Scene, ScenePage, SceneSummary, ScriptBlock
from scenes import access
from scenes.models import Block as BlockRow
from scenes.models import Scene as SceneRow
from videogen.models import BlockGenerations, Frame, Video

IN_PLACE = Q(blocks__removed_at=None)  # a scene counts no block that was taken away
router = Router(tags=["Scenes"])


def summary(scene: SceneRow, blocks: int) -> SceneSummary:
    """Convert a scene with this many blocks."""
    more = {"block_count": blocks, "url": f"/api/scenes/{scene.pk}"}
    dates = {"created_at": scene.created_at, "updated_at": scene.updated_at}
    return SceneSummary.model_validate({**SceneSummary.written(scene), **more, **dates})


@router.get(
    "/scenes",
    response=ScenePage,
    by_alias=True,
    operation_id="listScenes",
    summary="List scenes",
    openapi_extra=responses(401, 422),
)
@access.policy("signed in: scenes that are visible to the caller")
def list_scenes(request: HttpRequest, page: Page = 1, page_size: PageSize = PER_PAGE) -> ScenePage:
    """List the scenes you may see, newest first. A page past the last one is empty."""
    scenes = access.visible_scenes(request.user).select_related("location", "film__owner").order_by("-created_at", "pk")
    counted = scenes.annotate(block_count=Count("blocks", filter=IN_PLACE, distinct=True))
    items = [summary(scene, scene.block_count) for scene in counted[rows_of(page, page_size)]]
    return ScenePage(count=scenes.count(), page=page, page_size=page_size, items=items)


@router.get(
    "/scenes/{uuid:sceneId}",
    response=Scene,
    by_alias=True,
    operation_id="readScene",
    url_name="scene",  # the page of a scene asks for it
    summary="Read a scene",
    openapi_extra=responses(401, 404),
)
@access.policy("scene:view_scene")
def read_scene(request: HttpRequest, scene_id: SceneId) -> Scene:
    """Return the scene with its blocks, each with its frames, its video and the rights you hold on it."""
    scene = access.get_scene(request.user, scene_id)
    made = (Prefetch("frames", Frame.objects.standing()), Prefetch("videos", Video.objects.standing()))
    blocks = list(scene.blocks.select_related("character").prefetch_related(*made))
    access.grant_rights(request.user, scene, blocks)
    prefetch_related_objects([scene], "characters")
    context = Context.of(scene)
    return Scene(
        **Scene.written(scene),
        characters=[
            Character(id=who.pk, name=who.name, description=who.description, voice=who.voice)
            for who in scene.cast(blocks)
        ],
        blocks=[_block(block, context) for block in blocks],
        can=Rights.of(scene.can),
    )


def _block(block: BlockRow, context: Context) -> Block:
    made = BlockGenerations.of(block)
    start, end, video = (made.standing(step) for step in ("start", "end", "video"))
    chosen = {frame.role: frame for frame in made.frames if frame.is_chosen}
    return Block(
        **ScriptBlock.written(block),
        start_frame=schemas.Frame.of(start, block, context, chosen) if isinstance(start, Frame) else None,
        end_frame=schemas.Frame.of(end, block, context, chosen) if isinstance(end, Frame) else None,
        video=schemas.Video.of(video, block, context, chosen) if isinstance(video, Video) else None,
        can=Rights.of(block.can),
    )
