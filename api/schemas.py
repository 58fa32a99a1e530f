"""JSON documents of scenes, frames, videos and rewrites, in camelCase."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from django.urls import reverse

import scenes.models
from api.camel import CamelSchema
from api.changes import Change, Chosen, Context
from scenes import access
from videogen import estimates, models
from videogen.spoken import words_of

StatusWord = Literal["queued", "running", "succeeded", "failed", "cancelled"]
PhaseWord = Literal["waiting", "loading", "encoding", "denoising", "decoding", "saving"]


# --- What is written ------------------------------------------------------------------------------------------


class Rights(CamelSchema):
    """What the caller may do with a scene or block."""

    view: bool
    change: bool
    generate_frame: bool
    generate_video: bool
    delete_video: bool
    share: bool

    @classmethod
    def of(cls, can: access.Rights) -> Self:
        """Convert the rights that scenes.access has set."""
        return cls(**{name: getattr(can, name) for name in cls.model_fields})


class Location(CamelSchema):
    """Where a scene plays."""

    id: UUID
    name: str
    description: str

    @classmethod
    def of(cls, place: scenes.models.Location | None) -> Self | None:
        """Convert a scene's location."""
        return cls(id=place.pk, name=place.name, description=place.description) if place else None


class Character(CamelSchema):
    """Who acts and speaks."""

    id: UUID
    name: str
    description: str
    voice: str


class ScriptBlock(CamelSchema):
    """A line or an action as it is written.

    characterId: who speaks, in a dialog block; speaker: their name. extension: "V.O.". isDual: at the same time as the
    line before. notes: of the script's writers. version: to be sent with a change of it.
    """

    id: UUID
    number: int
    kind: Literal["dialog", "action"]
    text: str
    character_id: UUID | None
    speaker: str | None
    extension: str
    parenthetical: str
    is_dual: bool
    notes: str
    version: int

    @classmethod
    def written(cls, row: scenes.models.Block) -> dict[str, Any]:
        """Return what a block says, by field."""
        shared = ("number", "kind", "text", "character_id", "extension", "parenthetical", "is_dual", "notes", "version")
        return {"id": row.pk, "speaker": row.character and row.character.name, **{n: getattr(row, n) for n in shared}}

    @classmethod
    def of(cls, row: scenes.models.Block) -> "ScriptBlock":
        """Convert a block."""
        return ScriptBlock.model_validate(cls.written(row))


class Step(CamelSchema):
    """What an undone or redone step left: the blocks it touched, those it removed, and the order of all blocks."""

    blocks: list[ScriptBlock]
    removed: list[UUID]
    order: list[UUID]
    can_undo: bool
    can_redo: bool


class BlockOrder(CamelSchema):
    """The ids of all blocks of a scene, in order."""

    block_ids: list[UUID]


class SceneWords(CamelSchema):
    """What a scene says of itself."""

    id: UUID
    film_id: UUID
    title: str
    number: str
    heading: str
    synopsis: str
    notes: str
    style: str
    version: int
    owner: str
    location: Location | None

    @classmethod
    def written(cls, row: scenes.models.Scene) -> dict[str, Any]:
        """Return what a scene says, by field."""
        shared = ("film_id", "title", "number", "heading", "synopsis", "notes", "style", "version")
        more = {"id": row.pk, "owner": row.owner.get_username(), "location": Location.of(row.location)}
        return {**more, **{name: getattr(row, name) for name in shared}}


class SceneSummary(SceneWords):
    """A scene in a list. number: as a script prints it, "12A"; often empty. notes: the script's, on all of it."""

    block_count: int
    created_at: datetime
    updated_at: datetime
    url: str


class ScenePage(CamelSchema):
    """One page of the scenes the caller may see, newest first. count: of all pages together."""

    count: int
    page: int
    page_size: int
    items: list[SceneSummary]


# --- What is made ---------------------------------------------------------------------------------------------


class Progress(CamelSchema):
    """How far it is. steps: 0 where the phase has none. queuePosition: 1 is next; null once it runs."""

    phase: PhaseWord
    step: int
    steps: int
    eta_seconds: float | None
    queue_position: int | None

    @classmethod
    def of(cls, row: models.Work, forecasts: estimates.Forecasts) -> Self:
        """Convert the progress of a row now."""
        progress = forecasts.progress_of(row)
        return cls.model_validate(
            {
                "phase": progress.phase,
                "step": progress.step,
                "steps": progress.steps,
                "eta_seconds": None if progress.eta is None else round(progress.eta, 1),
                "queue_position": progress.queue_position,
            }
        )


class Failure(CamelSchema):
    """Why it failed: a code to branch on, a sentence to show."""

    code: str
    message: str

    @classmethod
    def of(cls, row: models.Work) -> Self | None:
        """Convert the failure of a row, None for one that did not fail."""
        return cls(code=row.error_code, message=row.error) if row.error_code else None


class Frame(CamelSchema):
    """A start or end frame. url and posterUrl are null until it is made; model and prompt are null for uploads.

    outdated: what has changed since it was queued; empty for uploads, of which nothing is known.
    notes: what was asked for and is not in it, in sentences.
    """

    id: UUID
    block_id: UUID
    role: Literal["start", "end"]
    status: StatusWord
    progress: Progress
    source: Literal["generated", "uploaded", "clip"]
    model: str | None
    prompt: str | None
    width: int
    height: int
    seed: int | None
    url: str | None
    poster_url: str | None
    outdated: list[Change]
    notes: list[str]
    error: Failure | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: models.Frame, block: scenes.models.Block, context: Context, made: Chosen) -> Self:
        """Convert a frame of a block. made: the chosen frames, by role."""
        scene_id = block.scene_id
        return cls.model_validate(
            {
                "id": row.pk,
                "block_id": row.block_id,
                "role": row.role,
                "status": row.status,
                "progress": Progress.of(row, context.forecasts),
                "source": row.source,
                "model": row.model or None,
                "prompt": row.prompt or None,
                "width": row.width,
                "height": row.height,
                "seed": _seed(row),
                "url": _media(row, scene_id, "frame_picture"),
                "poster_url": _media(row, scene_id, "frame_thumbnail"),
                "outdated": context.outdated(row, block, made),
                "notes": row.notes,
                "error": Failure.of(row),
                "created_at": row.created_at,
                "finished_at": row.finished_at,
            }
        )


class UsedLora(CamelSchema):
    """A LoRA of a video. sha256: of its file, empty where the server that was asked does not have it."""

    name: str
    strength: float
    sha256: str


_AS_THEY_ARE = ("nth", "start_frame_id", "end_frame_id", "created_at", "started_at", "finished_at")  # of a video's row


class Video(CamelSchema):
    """A video. frames is exactly duration x frameRate; seed is the one really used, never null once it succeeded.

    shortcuts: what made it faster and not exact (LTX_FP8, LTX_SKIP_STEP of the worker), in words; else empty.
    outdated: what has changed since it was queued; of videos older than this record its frames alone are known.
    lineSeconds: how long the line takes that a scratch voice speaks in it, once it is spoken. lineNote: why it is
    silent, how much of the line does not fit, or who else speaks it, in words; else empty.
    notes: what its pipeline did otherwise than one may expect (a cut between two places), in sentences.
    takes: how many were asked for at once. nth: which of them it is. seriesId: the id of their first, or null.
    """

    id: UUID
    block_id: UUID
    status: StatusWord
    progress: Progress
    model: str
    prompt: str
    negative_prompt: str
    duration: int
    frame_rate: int
    frames: int
    width: int
    height: int
    steps: int
    guidance_scale: float
    seed: int | None
    start_strength: float
    end_strength: float
    sound: bool
    loras: list[UsedLora]
    takes: int
    nth: int
    series_id: UUID | None
    has_audio: bool
    line_seconds: float | None
    line_note: str
    shortcuts: str
    notes: list[str]
    start_frame_id: UUID | None
    end_frame_id: UUID | None
    url: str | None
    poster_url: str | None
    outdated: list[Change]
    error: Failure | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: models.Video, block: scenes.models.Block, context: Context, made: Chosen) -> Self:
        """Convert a video of a block. made: the chosen frames, by role."""
        scene_id = block.scene_id
        return cls.model_validate(
            {
                "id": row.pk,
                "block_id": row.block_id,
                "status": row.status,
                "progress": Progress.of(row, context.forecasts),
                "model": row.model,
                "prompt": row.prompt,
                "negative_prompt": str(row.spec["negative_prompt"]),
                "duration": row.duration,
                "frame_rate": row.frame_rate,
                "frames": row.frames,
                "width": row.width,
                "height": row.height,
                "steps": row.spec["steps"],
                "guidance_scale": row.spec["guidance_scale"],
                "seed": _seed(row),
                "start_strength": row.setting("start_strength"),
                "end_strength": row.setting("end_strength"),
                "sound": row.setting("sound"),
                "loras": list(row.setting("loras")),
                "takes": row.setting("takes"),
                "series_id": row.series,
                "has_audio": row.has_audio,
                "line_seconds": row.line_seconds,
                "line_note": words_of(row),
                "shortcuts": row.shortcuts,
                "notes": row.notes,
                "url": _media(row, scene_id, "clip_file"),
                "poster_url": _media(row, scene_id, "clip_poster"),
                "outdated": context.outdated(row, block, made),
                "error": Failure.of(row),
                **{name: getattr(row, name) for name in _AS_THEY_ARE},
            }
        )


def _seed(row: models.Frame | models.Video) -> int | None:
    asked: int | None = row.spec.get("seed")
    return row.seed if row.seed is not None else asked


def _media(row: models.Frame | models.Video, scene_id: UUID, route: str) -> str | None:
    return reverse(route, args=[scene_id, row.block_id, row.pk]) if row.file else None


# --- A scene, whole -------------------------------------------------------------------------------------------


class Block(ScriptBlock):
    """A line or an action, and what was made of it."""

    start_frame: Frame | None
    end_frame: Frame | None
    video: Video | None
    can: Rights


class Scene(SceneWords):
    """A scene with its cast and its blocks, in order. number, notes: as of a scene in a list."""

    characters: list[Character]
    blocks: list[Block]
    can: Rights
