"""Plan and start everything that is missing, failed or out of date of a scene or a film; how far it is; stop; again."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic.alias_generators import to_camel, to_snake

from api.auth import caller
from api.body import Body, read_body, refuse
from api.camel import CamelSchema
from api.openapi import Json, json_body, or_null, responses
from api.paths import BatchId, DryRun, FilmId, SceneId
from api.problems import ProblemError
from api.schemas import Failure
from api.submit import KEY_PARAMETER, problem, read_key, refusals_of, role_of, submit
from scenes import access
from scenes.models import Film, Scene
from videogen import batches, outlook, plans
from videogen.errors import ActionError, shown
from videogen.models import Batch as BatchRow
from videogen.models import Frame
from videogen.specs import FrameSpec, Spec, SpecError, VideoSpec

router = Router(tags=["Batches"])

Kind = Literal["frame", "video"]
Role = Literal["start", "end"]
_SPECS: dict[str, type[Spec]] = {"frame": FrameSpec, "video": VideoSpec}


def _settings_of(kind: str) -> Json:
    found: Json = _SPECS[kind].model_json_schema()["properties"]
    described = {}
    for name in plans.SETTINGS[kind]:
        schema = {key: value for key, value in found[name].items() if key not in ("title", "anyOf", "default")}
        described[to_camel(name)] = or_null(schema | found[name].get("anyOf", [{}])[0])
    return {"type": "object", "properties": described, "additionalProperties": False}


_FIELDS: dict[str, Json] = {
    "what": {"type": "string", "enum": BatchRow.What.values, "description": "Start frames, clips, or both."},
    "only": {"type": "string", "enum": BatchRow.Only.values, "description": "Of which blocks: by how these stand."},
    "block_ids": {
        "type": ["array", "null"],
        "items": {"type": "string", "format": "uuid"},
        "maxItems": 2000,
        "description": "Only these blocks. Each that is named must be free to be made, or nothing is started.",
    },
    "end_frames": {
        "type": ["boolean", "null"],
        "default": False,
        "description": "With the frames also end frames, of blocks that were given one before. Not with videos alone.",
    },
    "settings": {
        "type": ["object", "null"],
        "properties": {kind: _settings_of(kind) for kind in _SPECS},
        "additionalProperties": False,
        "description": "For all that is made, instead of the last settings of each step.",
    },
}
_GENERATE: dict[str, Any] = {
    **json_body("BatchRequest", _FIELDS, ["what", "only"]),
    **KEY_PARAMETER,
    **responses(401, 403, 404, 409, 413, 415, 422, 429, located={202: "the batch"}),
}


class PlanItem(CamelSchema):
    """A frame or clip that would be made. role: of a frame. seconds: null before the first run of its model."""

    block_id: UUID
    kind: Kind
    role: Role | None
    reason: Literal["missing", "failed", "outdated"]
    seconds: float | None


class PlanRefusal(CamelSchema):
    """A frame or clip that is meant and cannot be made now: a code to branch on, a sentence to show. role: of a frame.

    `locked`: the clip was approved or locked, and stays; the message says by whom. `not_there`: the block was named and
    was deleted, or the caller does not see it.
    """

    block_id: UUID
    kind: Kind
    role: Role | None
    code: str
    message: str


class Plan(CamelSchema):
    """What would be made. seconds: of all together for one worker. doneAt: with what waits now, null if unknown."""

    items: list[PlanItem]
    refused: list[PlanRefusal]
    seconds: float | None
    done_at: datetime | None

    @classmethod
    def of(cls, plan: plans.Plan, done_at: datetime | None) -> Self:
        """Convert a plan."""
        items = [
            {
                "block_id": item.block.pk,
                "kind": item.kind,
                "role": role_of(item),
                "reason": item.reason,
                "seconds": _rounded(item.seconds),
            }
            for item in plan.items
        ]
        found = {
            "items": items,
            "refused": refusals_of(plan),
            "seconds": _rounded(plan.seconds),
            "done_at": done_at,
        }
        return cls.model_validate(found)


class BatchFailure(CamelSchema):
    """A job of a batch that failed. role: of a frame."""

    block_id: UUID
    kind: Kind
    role: Role | None
    error: Failure | None


class Batch(CamelSchema):
    """What was started in one press, and how far it is. gone: jobs that were deleted since.

    finished: whether nothing of it waits or runs.
    """

    id: UUID
    film_id: UUID
    scene_id: UUID | None
    what: Literal["frames", "videos", "both"]
    only: Literal["missing", "failed", "outdated"]
    end_frames: bool
    jobs: int
    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int
    gone: int
    finished: bool
    failures: list[BatchFailure]
    created_at: datetime
    finished_at: datetime | None
    url: str

    @classmethod
    def of(cls, row: BatchRow) -> Self:
        """Convert a batch. Four queries."""
        progress = batches.Progress.of(row)
        counts = {name: getattr(progress, name) for name in batches.Progress.__slots__}
        failures = [
            {
                "block_id": failed.block_id,
                "kind": failed.KIND,
                "role": failed.role if isinstance(failed, Frame) else None,
                "error": Failure.of(failed),
            }
            for failed in batches.failed_of(row)
        ]
        facts = ("id", "film_id", "scene_id", "what", "only", "end_frames", "created_at", "finished_at")
        values = {name: getattr(row, name) for name in facts} | counts
        more = {"jobs": row.size, "finished": not progress.live, "failures": failures, "url": f"/api/batches/{row.pk}"}
        return cls.model_validate(values | more)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


@router.post(
    "/scenes/{uuid:sceneId}/generate",
    response={200: Plan, 202: Batch},
    by_alias=True,
    operation_id="generateScene",
    summary="Generate what a scene lacks",
    openapi_extra=_GENERATE,
)
@access.policy("scene:view_scene, and of each block the right to make what is made")
def generate_scene(
    request: HttpRequest, response: HttpResponse, scene_id: SceneId, dry_run: DryRun = False
) -> Status[Any]:
    """Queue all frames or videos of a scene that are missing, failed or outdated; with `dryRun=true` say which.

    All of what the plan lists, or nothing. Each is made with the last settings of its step, as the dialog begins.
    """
    return _generate(request, response, access.get_scene(request.user, scene_id), dry_run=dry_run)


@router.post(
    "/films/{uuid:filmId}/generate",
    response={200: Plan, 202: Batch},
    by_alias=True,
    operation_id="generateFilm",
    summary="Generate what a film lacks",
    openapi_extra=_GENERATE,
)
@access.policy("film:view_scene, and of each block the right to make what is made")
def generate_film(
    request: HttpRequest, response: HttpResponse, film_id: FilmId, dry_run: DryRun = False
) -> Status[Any]:
    """Queue all frames or videos of a film's scenes that are missing, failed or outdated, as for one scene."""
    return _generate(request, response, access.get_film(request.user, film_id), dry_run=dry_run)


def _generate(request: HttpRequest, response: HttpResponse, place: Film | Scene, *, dry_run: bool) -> Status[Any]:
    body = read_body(request, _FIELDS)
    asked = _read(body)
    try:
        if dry_run:
            read_key(request)
            plan = plans.plan(request.user, place, **asked)
            return Status(200, Plan.of(plan, outlook.done_at(plan, caller(request))))
        batch = submit(request, response, body, lambda: batches.start(place, caller(request), **asked))
    except SpecError as refused:
        errors = {f"settings.{to_camel(name)}": words for name, words in refused.errors.items()}
        raise ProblemError(422, "invalid", str(refused), errors=errors) from None
    return Status(202, Batch.of(batch))


def _read(body: Body) -> dict[str, Any]:
    """Read what is asked for. Raises ProblemError naming every wrong field."""
    errors = dict(body.errors)
    for name, allowed in (("what", BatchRow.What.values), ("only", BatchRow.Only.values)):
        if body.values.get(name) not in allowed:
            *first, last = allowed
            errors[name] = f"{name} must be {', '.join(first)} or {last}; {shown(body.values.get(name))} was given."
    ends = body.values.get("end_frames")
    if not (ends is None or isinstance(ends, bool)):
        errors["end_frames"] = f"endFrames must be true or false; {shown(ends)} was given."
    elif ends and body.values.get("what") == BatchRow.What.VIDEOS:
        errors["end_frames"] = "endFrames goes with frames or both; videos alone makes no frame."
    settings = _read_settings(body.values.get("settings"), errors)
    if errors:
        refuse(errors)
    chosen = None if body.values.get("block_ids") is None else set(body.identifiers("block_ids"))
    asked = {"what": body.values["what"], "only": body.values["only"], "end_frames": bool(ends)}
    return {**asked, "chosen": chosen, "settings": settings}


def _read_settings(given: object, errors: dict[str, str]) -> dict[str, dict[str, object]]:
    """Read the settings by kind and snake_case name; what is wrong with them goes to `errors`."""
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(values, dict) for values in given.values()):
        errors["settings"] = "settings must be an object with frame and video, each an object."
        return {}
    found: dict[str, dict[str, object]] = {}
    for kind, values in given.items():
        if kind not in plans.SETTINGS:
            errors["settings"] = f"There are no settings of {shown(kind)}; there are those of frame and video."
            continue
        names = {to_snake(name): name for name in values}
        if unknown := [name for snake, name in names.items() if snake not in plans.SETTINGS[kind]]:
            errors["settings"] = f"A {kind} has no setting {shown(unknown[0])} that a plan could set."
        found[kind] = {snake: values[name] for snake, name in names.items() if values[name] is not None}
    return found


def _find(request: HttpRequest, batch_id: UUID) -> BatchRow:
    batch = batches.of_person(caller(request)).filter(pk=batch_id).first()
    if batch is None:
        raise Http404("There is no such batch, or somebody else started it.")
    return batch


@router.get(
    "/batches/{uuid:batchId}",
    response=Batch,
    by_alias=True,
    operation_id="readBatch",
    summary="Read a batch",
    openapi_extra=responses(401, 404),
)
@access.policy("signed in: a batch that the caller started")
def read_batch(request: HttpRequest, batch_id: BatchId) -> Batch:
    """Return how far a batch is that you started, and what of it failed."""
    return Batch.of(_find(request, batch_id))


@router.post(
    "/batches/{uuid:batchId}/cancel",
    response=Batch,
    by_alias=True,
    operation_id="cancelBatch",
    summary="Stop a batch",
    openapi_extra=responses(401, 404, 409),
)
@access.policy("signed in: a batch that the caller started")
def cancel_batch(request: HttpRequest, batch_id: BatchId) -> Batch:
    """Stop all of a batch that waits or runs. What is made already stays."""
    batch = _find(request, batch_id)
    if not batches.cancel(batch, caller(request)):
        raise ProblemError(409, "not_running", "Nothing of this batch waits or runs.")
    batch.refresh_from_db()
    return Batch.of(batch)


@router.post(
    "/batches/{uuid:batchId}/retry",
    response={202: Batch},
    by_alias=True,
    operation_id="retryBatch",
    summary="Try again what failed of a batch",
    openapi_extra=responses(401, 403, 404, 422, 429, located={202: "the new batch"}),
)
@access.policy("signed in: a batch that the caller started, and of each block the right to make what is made")
def retry_batch(request: HttpRequest, response: HttpResponse, batch_id: BatchId) -> Status[Batch]:
    """Start what failed of a batch once more, as a new batch; what succeeded or was stopped stays as it is."""
    try:
        again = batches.retry(_find(request, batch_id), caller(request))
    except ActionError as error:
        raise problem(error) from None
    response["Location"] = f"/api/batches/{again.pk}"
    return Status(202, Batch.of(again))
