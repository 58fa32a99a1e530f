"""Frames and videos as programs see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.urls import reverse

from api.body import Wire
from videogen import estimates, models

StatusWord = Literal["queued", "running", "succeeded", "failed", "cancelled"]
PhaseWord = Literal["waiting", "loading", "encoding", "denoising", "decoding", "saving"]


class Progress(Wire):
    """How far it is. steps: 0 where the phase has none. queuePosition: 1 is next; null once it runs."""

    phase: PhaseWord
    step: int
    steps: int
    eta_seconds: float | None
    queue_position: int | None


class Failure(Wire):
    """Why it failed: a code to branch on, a sentence to show."""

    code: str
    message: str


class Frame(Wire):
    """A start or end frame. url and posterUrl are null until it is made; model and prompt are null for uploads."""

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
    error: Failure | None
    created_at: datetime
    finished_at: datetime | None


class Video(Wire):
    """A video. frames is exactly duration x frameRate; seed is the one really used, never null once it succeeded."""

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
    has_audio: bool
    start_frame_id: UUID | None
    end_frame_id: UUID | None
    url: str | None
    poster_url: str | None
    error: Failure | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class PromptRewrite(Wire):
    """A prompt rewritten for the model that will read it. optimizer: who wrote it; model: which language model."""

    id: UUID
    block_id: UUID
    target: Literal["start", "end", "video"]
    status: StatusWord
    progress: Progress
    prompt: str
    optimized: str | None
    optimizer: Literal["llm", "encoder", "composer"]
    model: str | None
    version: str | None
    error: Failure | None
    created_at: datetime
    finished_at: datetime | None


def _progress(row: models.Generation, forecasts: estimates.Forecasts) -> Progress:
    progress = forecasts.progress_of(row)
    return Progress(
        phase=progress.phase,  # type: ignore[arg-type]  # the model's choices are the literal's words
        step=progress.step,
        steps=progress.steps,
        eta_seconds=None if progress.eta is None else round(progress.eta, 1),
        queue_position=progress.queue_position,
    )


def _failure(row: models.Generation) -> Failure | None:
    return Failure(code=row.error_code, message=row.error) if row.error_code else None


def _seed(row: models.Frame | models.Video) -> int | None:
    asked: int | None = row.spec.get("seed")
    return row.seed if row.seed is not None else asked


def _media(row: models.Frame | models.Video, scene_id: UUID, name: str) -> str | None:
    return reverse(name, args=[scene_id, row.block_id, row.pk]) if row.file else None


def frame(row: models.Frame, scene_id: UUID, forecasts: estimates.Forecasts) -> Frame:
    """A frame's document."""
    return Frame(
        id=row.pk,
        block_id=row.block_id,
        role=row.role,  # type: ignore[arg-type]
        status=row.status,  # type: ignore[arg-type]
        progress=_progress(row, forecasts),
        source=row.source,  # type: ignore[arg-type]
        model=row.model or None,
        prompt=row.prompt or None,
        width=row.width,
        height=row.height,
        seed=_seed(row),
        url=_media(row, scene_id, "frame_picture"),
        poster_url=_media(row, scene_id, "frame_thumbnail"),
        error=_failure(row),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def video(row: models.Video, scene_id: UUID, forecasts: estimates.Forecasts) -> Video:
    """A video's document."""
    return Video(
        id=row.pk,
        block_id=row.block_id,
        status=row.status,  # type: ignore[arg-type]
        progress=_progress(row, forecasts),
        model=row.model,
        prompt=row.prompt,
        negative_prompt=str(row.spec["negative_prompt"]),
        duration=row.duration,
        frame_rate=row.frame_rate,
        frames=row.frames,
        width=row.width,
        height=row.height,
        steps=row.spec["steps"],
        guidance_scale=row.spec["guidance_scale"],
        seed=_seed(row),
        has_audio=row.has_audio,
        start_frame_id=row.start_frame_id,
        end_frame_id=row.end_frame_id,
        url=_media(row, scene_id, "clip_file"),
        poster_url=_media(row, scene_id, "clip_poster"),
        error=_failure(row),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def prompt(row: models.PromptRewrite, forecasts: estimates.Forecasts) -> PromptRewrite:
    """A rewrite's document."""
    return PromptRewrite(
        id=row.pk,
        block_id=row.block_id,
        target=row.target,  # type: ignore[arg-type]
        status=row.status,  # type: ignore[arg-type]
        progress=_progress(row, forecasts),
        prompt=row.typed,
        optimized=row.result or None,
        optimizer=row.optimizer,  # type: ignore[arg-type]
        model=row.model or None,
        version=row.version or None,
        error=_failure(row),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
