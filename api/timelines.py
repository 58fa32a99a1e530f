"""Timelines that come back from an editor: what they would change, making it so, and making it what it was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

import scenes.models
from api import screenplay_files
from api.auth import caller
from api.camel import CamelSchema
from api.openapi import responses
from api.paths import DryRun, FilmId, SceneId, TimelineId
from api.problems import ProblemError
from scenes import access
from scenes.access import CHANGE
from videogen.errors import ActionError
from videogen.exports import applied, brought
from videogen.exports.brought import TimelineError

router = Router(tags=["Exports"])


class TimelineBlock(CamelSchema):
    """A block in a timeline's plan. Places count from 1 in its scene, lengths are seconds.

    missing: it is not in the timeline, and stays behind the block that it follows.
    """

    block_id: UUID
    place_was: int
    place: int
    seconds_were: float
    seconds: float
    missing: bool


class TimelineScene(CamelSchema):
    """A scene in a timeline's plan, its blocks in their new order. place: in the film, null for a scene's timeline."""

    scene_id: UUID
    title: str
    place_was: int | None
    place: int | None
    blocks: list[TimelineBlock]


class TimelinePlan(CamelSchema):
    """What a timeline changes. changes: blocks that get another place or length. movedScenes: scenes of a film that get
    another place. notes: what is left out, and why. timelineId: by which it can be undone, null until it is applied.
    """

    timeline_id: UUID | None
    scenes: list[TimelineScene]
    changes: int
    moved_scenes: int
    notes: list[str]

    @classmethod
    def of(cls, plan: brought.Plan, timeline_id: UUID | None = None) -> "TimelinePlan":
        """Convert a plan."""
        places = {row.scene.pk: row for row in plan.order.rows} if plan.order else {}
        found = [
            TimelineScene(
                scene_id=scene.pk,
                title=scene.title,
                place_was=places[scene.pk].place_was if places else None,
                place=places[scene.pk].place if places else None,
                blocks=[_block(row) for row in rows],
            )
            for scene, rows in plan.scenes
        ]
        return cls(
            timeline_id=timeline_id,
            scenes=found,
            changes=plan.changes,
            moved_scenes=plan.moved_scenes,
            notes=plan.notes,
        )


class Timeline(CamelSchema):
    """A timeline that was applied. sceneId: null for one of the whole film. undoneAt: null while it is as applied."""

    id: UUID
    film_id: UUID
    scene_id: UUID | None
    file_name: str
    applied_at: datetime
    undone_at: datetime | None


def _block(row: brought.Row) -> TimelineBlock:
    return TimelineBlock(
        block_id=row.block.pk,
        place_was=row.place_was,
        place=row.place,
        seconds_were=round(row.seconds_were, 3),
        seconds=round(row.seconds, 3),
        missing=row.is_missing,
    )


def _bring(
    request: HttpRequest, target: scenes.models.Film | scenes.models.Scene, dry_run: bool
) -> Status[TimelinePlan]:
    name, data = screenplay_files.read(request, "timeline")
    try:
        pieces = brought.read(data)
        if dry_run:
            return Status(200, TimelinePlan.of(brought.plan(target, pieces)))
        done, row = applied.apply(target, pieces, caller(request), name)
        return Status(201, TimelinePlan.of(done, row.pk))
    except TimelineError as error:
        raise ProblemError(422, "timeline_invalid", str(error), errors={"file": str(error)}) from None


def _openapi(name: str) -> dict[str, Any]:
    return {**screenplay_files.document(name), **responses(401, 403, 404, 413, 415, 422)}


@router.post(
    "/films/{uuid:filmId}/timeline",
    response={200: TimelinePlan, 201: TimelinePlan},
    by_alias=True,
    operation_id="bringFilmTimeline",
    summary="Bring a film's timeline back",
    openapi_extra=_openapi("FilmTimelineFile"),
)
@access.policy(f"film:{CHANGE}")
def bring_film_timeline(request: HttpRequest, film_id: FilmId, dry_run: DryRun = False) -> Status[TimelinePlan]:
    """Take order and lengths from an .otio or .otioz that was exported here, the order of whole scenes included.

    A block stays in its scene wherever it stands; `notes` say so. `dryRun=true` only says what would be.
    """
    return _bring(request, access.get_film(request.user, film_id, CHANGE), dry_run)


@router.post(
    "/scenes/{uuid:sceneId}/timeline",
    response={200: TimelinePlan, 201: TimelinePlan},
    by_alias=True,
    operation_id="bringSceneTimeline",
    summary="Bring a scene's timeline back",
    openapi_extra=_openapi("SceneTimelineFile"),
)
@access.policy(f"scene:{CHANGE}")
def bring_scene_timeline(request: HttpRequest, scene_id: SceneId, dry_run: DryRun = False) -> Status[TimelinePlan]:
    """Take order and lengths from an .otio or .otioz that was exported here. `dryRun=true` only says what would be."""
    return _bring(request, access.get_scene(request.user, scene_id, CHANGE), dry_run)


@router.post(
    "/timelines/{uuid:timelineId}/undo",
    response=Timeline,
    by_alias=True,
    operation_id="undoTimeline",
    summary="Undo a timeline",
    openapi_extra=responses(401, 403, 404, 409),
)
@access.policy(f"timeline: film:{CHANGE}, or scene:{CHANGE} for one of a scene")
def undo_timeline(request: HttpRequest, timeline_id: TimelineId) -> Timeline:
    """Make order and lengths what they were before. 409 where somebody changed the same since, or it is undone already.

    Words, frames and clips stay as they are now; what came since stays where it is. Possible for 30 days.
    """
    row = applied.find(request.user, timeline_id)
    try:
        applied.undo(row)
    except ActionError as error:
        raise ProblemError(409, error.code, str(error)) from None
    return Timeline.model_validate(row)
