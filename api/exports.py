"""Exports: ask for a film or scene as a file, see how far it is, take it away."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Status

import scenes.models
from api import long_poll
from api.auth import caller
from api.body import read_body, refuse
from api.camel import CamelSchema
from api.openapi import RequestBody, responses
from api.paths import ExportId, FilmId, SceneId, Wait
from api.schemas import Failure, Progress, StatusWord
from api.submit import KEY_PARAMETER, submit
from scenes import access
from videogen import estimates, export_jobs, models
from videogen.exports import shelf
from videogen.exports.spec import CaptionsWord, ExportSpec, FormatWord, LayoutWord
from videogen.specs import SpecError

router = Router(tags=["Exports"])

BODY = RequestBody("ExportRequest", ExportSpec, required=("format",), of_block=False)
_REFUSED = (401, 403, 404, 409, 413, 415, 422, 429)
_ASKED = {"exportId": "$response.body#/id"}
_LINKS = {202: {name: {"operationId": name, "parameters": _ASKED} for name in ("readExport", "deleteExport")}}


class Export(CamelSchema):
    """A film or scene as a file, or on its way to become one. sceneId: null for a whole film. name: of the file.

    voiceNote: which lines are silent or cut in it, and why, once it succeeded; else empty. url: once it succeeded.
    keptUntil: when it is removed.
    """

    id: UUID
    film_id: UUID
    scene_id: UUID | None
    format: FormatWord
    captions: CaptionsWord
    stills: bool
    voices: bool
    first_frame: int
    layout: LayoutWord
    status: StatusWord
    progress: Progress
    name: str
    size: int | None
    sha256: str | None
    url: str | None
    voice_note: str
    error: Failure | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    kept_until: datetime | None

    @classmethod
    def of(cls, row: models.Export, forecasts: estimates.Forecasts) -> Self:
        """Convert an export."""
        spec = ExportSpec.from_json(row.spec)
        shared = ("id", "film_id", "scene_id", "status", "voice_note")
        times = ("created_at", "started_at", "finished_at", "kept_until")
        chosen = ("format", "captions", "stills", "voices", "first_frame", "layout")
        return cls.model_validate(
            {
                **{name: getattr(row, name) for name in shared + times},
                **{name: getattr(spec, name) for name in chosen},
                "progress": Progress.of(row, forecasts),
                "name": row.download_name,
                "size": row.size or None,
                "sha256": row.sha256 or None,
                "url": reverse("export_file", args=[row.pk]) if row.file else None,
                "error": Failure.of(row),
            }
        )


def _queue(
    request: HttpRequest, response: HttpResponse, target: scenes.models.Film | scenes.models.Scene
) -> Status[Export]:
    body = read_body(request, BODY.fields)
    spec = body.read(ExportSpec)
    try:
        row = submit(request, response, body, lambda: export_jobs.queue_export(target, spec, caller(request)))
    except SpecError as refused:  # what only the words of the cut can tell
        refuse(refused.errors)
    return Status(202, Export.of(row, estimates.Forecasts()))


def _openapi(what: str) -> dict[str, Any]:
    return {**BODY.openapi, **KEY_PARAMETER, **responses(*_REFUSED, located={202: what}, links=_LINKS)}


@router.post(
    "/films/{uuid:filmId}/exports",
    response={202: Export},
    by_alias=True,
    operation_id="exportFilm",
    summary="Export a film",
    openapi_extra=_openapi("the export"),
)
@access.policy("film:view_scene; the scenes that are visible to the caller are in it")
def export_film(request: HttpRequest, response: HttpResponse, film_id: FilmId) -> Status[Export]:
    """Queue a film, as it is now, as a file: the scenes of it that you may see. Read `Location` until it is final."""
    return _queue(request, response, access.get_film(request.user, film_id))


@router.post(
    "/scenes/{uuid:sceneId}/exports",
    response={202: Export},
    by_alias=True,
    operation_id="exportScene",
    summary="Export a scene",
    openapi_extra=_openapi("the export"),
)
@access.policy("scene:view_scene")
def export_scene(request: HttpRequest, response: HttpResponse, scene_id: SceneId) -> Status[Export]:
    """Queue a scene, as it is now, as a file. Read `Location` until its status is final."""
    return _queue(request, response, access.get_scene(request.user, scene_id))


@router.get(
    "/exports/{uuid:exportId}",
    response=Export,
    by_alias=True,
    operation_id="readExport",
    summary="Read an export",
    openapi_extra=responses(401, 404, 422),
)
@access.policy("export: whoever may see all that is in it")
def read_export(request: HttpRequest, export_id: ExportId, wait: Wait = 0) -> Export:
    """Return an export. `url` is there once it succeeded; the file is removed after the days that `keptUntil` tells."""
    row = shelf.find(request.user, export_id)
    if wait and row.is_live and long_poll.watch.wait(row, wait):
        row = shelf.find(request.user, export_id)  # the right may have gone meanwhile
    return Export.of(row, estimates.Forecasts())


@router.delete(
    "/exports/{uuid:exportId}",
    response={204: None},
    operation_id="deleteExport",
    summary="Delete an export",
    openapi_extra=responses(401, 403, 404),
)
@access.policy("export: whoever asked for it, or may change what it is of")
def delete_export(request: HttpRequest, export_id: ExportId) -> Status[None]:
    """Delete an export and its file; one that is being made is stopped."""
    row = shelf.find(request.user, export_id)
    shelf.demand_delete(caller(request), row)
    export_jobs.delete_export(row, caller(request))
    return Status(204, None)
