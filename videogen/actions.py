"""What people and programs can do with frames, videos and prompts. Views, API and console call these."""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TypeVar

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.utils import timezone
from PIL import Image

from scenes import decoding, uploads
from scenes.models import Block
from videogen import outdated, pipelines, quotas, removal, review
from videogen.errors import ActionError as ActionError  # what callers of this module catch
from videogen.errors import means_full_disk
from videogen.media import mp4, pictures, storage
from videogen.models import BLOCK_KINDS, LIVE, Export, Frame, Job, PromptRewrite, Status, Video, lock_block
from videogen.models.generation import GenerationQuerySet
from videogen.phase import Phase
from videogen.pipelines import loras
from videogen.prompts import optimizers
from videogen.specs import PROMPT_LENGTH, FrameSpec, VideoSpec, read_prompt
from videogen.spoken import with_voice
from videogen.wake import wake_workers_on_commit

logger = logging.getLogger(__name__)

Row = TypeVar("Row", Frame, Video, PromptRewrite, Export)
Written = tuple[Path, Image.Image]  # a picture, and the file that it is in


class AlreadyRunningError(ActionError):
    """There is a live generation in this place already; `running` is it."""

    code = "already_running"

    def __init__(self, running: Job) -> None:
        super().__init__("This is being made already. Wait for it, or stop it first.")
        self.running = running


class StartFrameMissingError(ActionError):
    """A video needs a start frame."""

    code = "start_frame_missing"

    def __init__(self) -> None:
        super().__init__("This block has no start frame yet. Make or upload one in step 1.")


class NothingNewError(ActionError):
    """Another seed would give the same bytes."""

    code = "nothing_new"

    def __init__(self) -> None:
        super().__init__(
            "The seed changes nothing here: the same take would come out again. "
            "Change the words, the camera move, the length or a frame, and generate."
        )


class MadeAlreadyError(ActionError):
    """One of several takes that were asked for is there already."""

    code = "nothing_new"

    def __init__(self, twin: Video) -> None:
        super().__init__(
            f"Take {twin.number} was made with these settings and seed {twin.seed}, and would be made again. "
            "Nothing was started: choose another seed, or leave it empty."
        )


def queue_row(block: Block | None, by: User, make: Callable[[], Row]) -> Row:
    """Insert the queued row that `make` builds, and wake the workers once it is committed.

    The person's and the block's row, where it is for one, are locked before `make` reads anything, so two requests can
    neither both find the place free nor both take the last of a quota. Raises AlreadyRunningError, QuotaError and what
    `make` raises.
    """
    with transaction.atomic():
        quotas.lock_user(by)
        if block is not None:
            lock_block(block.pk)
        row = make()
        running = row.rivals.first()
        if running is not None:
            raise AlreadyRunningError(running)
        row.save(force_insert=True)
        quotas.check(row)
        row.record_creation()
        logger.info("Queued: %s for %s.", row.KIND, row.queue, extra={"job": row})
        wake_workers_on_commit(row.queue)
    return row


def new_frame(block: Block, spec: FrameSpec, by: User, **origin: Any) -> Frame:
    """Build the row of a frame that is to be made. origin: its columns of what it is made from."""
    return Frame(
        block=block,
        role=spec.role,
        requested_by=by,
        spec=spec.to_json(),
        model=spec.model,
        pixel_steps=pipelines.find("frame", spec.model).pixel_steps(spec),
        width=spec.width,
        height=spec.height,
        **origin,
    )


def new_video(block: Block, spec: VideoSpec, by: User, start: Frame | None, end: Frame | None, **origin: Any) -> Video:
    """Build the row of a clip that is to be made. start: None where it takes the start frame that is made before it."""
    return Video(
        block=block,
        requested_by=by,
        spec=spec.to_json(),
        model=spec.model,
        pixel_steps=pipelines.find("video", spec.model).pixel_steps(spec),
        width=spec.width,
        height=spec.height,
        duration=spec.duration,
        frame_rate=spec.frame_rate,
        start_frame=start,
        end_frame=end,
        start_sha256=start.sha256 if start else "",
        end_sha256=end.sha256 if end else "",
        **origin,
    )


def _origin(block: Block, spec: FrameSpec | VideoSpec, step: str) -> dict[str, Any]:
    return {"rewrite": PromptRewrite.objects.filter(block=block).origin(step, spec.prompt)}


def queue_frame(block: Block, spec: FrameSpec, by: User, *, candidate: int = 1, like: Frame | None = None) -> Frame:
    """Queue a frame. Raises AlreadyRunningError or QuotaError.

    candidate: which of spec.candidates it is; the worker that has made one queues the next (videogen.several).
    like: a frame whose prompt this is, of the words that the script had then.
    """
    made_from = outdated.record(block, spec) if like is None else outdated.copied(like)
    origin = _origin(block, spec, spec.role) | made_from | {"candidate": candidate}
    return queue_row(block, by, lambda: new_frame(block, spec, by, **origin))


def queue_video(block: Block, spec: VideoSpec, by: User, *, like: Video | None = None) -> Video:
    """Queue a video from the block's chosen frames, with its line where its pipeline has scratch voices.

    like: a take whose prompt this is, of the words that the script had then. With spec.takes of more than one it is the
    first of several; the worker that has made one queues the next (videogen.several).

    Raises StartFrameMissingError, AlreadyRunningError, QuotaError, or MadeAlreadyError for a take of several.
    """
    voiced, note = with_voice(block, spec)
    return _queue_video(block, voiced, by, note=note, like=like)


def _queue_video(block: Block, spec: VideoSpec, by: User, *, note: str = "", like: Video | None = None) -> Video:
    made_from = outdated.record(block) if like is None else outdated.copied(like)

    def make() -> Video:
        chosen = {frame.role: frame for frame in block.frames.filter(is_chosen=True)}
        start, end = chosen.get("start"), chosen.get("end")
        if start is None:
            raise StartFrameMissingError
        origin = _origin(block, spec, "video") | made_from | {"line_note": note}
        row = new_video(block, spec, by, start, end, **origin)
        if spec.takes > 1:
            row.series = row.pk
            if twin := row.twin():
                raise MadeAlreadyError(twin)
        return row

    return queue_row(block, by, make)


def queue_again(take: Video, by: User, *, new_seed: bool) -> Video:
    """Queue a take with the settings of this one, its line included, with its seed or a new one.

    Raises NothingNewError, and what `queue_video` raises; SpecError where the limits have changed.
    """
    chosen = {frame.role: frame for frame in take.block.frames.filter(is_chosen=True)}
    nothing_new = new_seed and take.ignores_seed(chosen.get("start"), chosen.get("end"))
    if nothing_new and not take.block.videos.live().exists():  # else what is being made is the nearer reason
        raise NothingNewError
    loras.check_again(take.read_spec())
    spec = take.read_spec().replace(seed=None if new_seed else take.seed, takes=1)
    return _queue_video(take.block, spec, by, like=take)


def queue_rewrite(
    block: Block, step: str, typed: str, by: User, *, shown: Mapping[str, object] | None = None
) -> PromptRewrite:
    """Queue a rewrite of the prompt typed in a step. Raises SpecError, AlreadyRunningError or QuotaError.

    shown: what the form has switched on, see PromptRewrite.shown.
    """
    text = read_prompt(typed)
    exact = typed.replace("\r\n", "\n").replace("\r", "\n")
    optimizer = optimizers.current()
    rewrite = PromptRewrite(
        block=block,
        dialog_step=step,
        requested_by=by,
        # Undo gives back every space; only a text that is mostly spaces is kept without them.
        typed=exact if len(exact) <= PROMPT_LENGTH else text,
        optimizer=optimizer.kind,
        model=optimizer.model[:60],
        pixel_steps=1,
        shown=dict(shown or {}),
    )
    return queue_row(block, by, lambda: rewrite)


def cancel(generation: Job, by: User) -> bool:
    """Cancel a live generation: at once if it waits, at its next step if it runs. False if it is final already."""
    return generation.cancel(by)


def cancel_all(blocks: Iterable[uuid.UUID], by: User) -> None:
    """Cancel whatever is queued or running for these blocks: they were taken out of their scene."""
    ids = list(blocks)
    for kind in BLOCK_KINDS.values():
        for row in kind.objects.live().filter(block__in=ids):
            row.cancel(by)


def upload_frame(block: Block, role: str, file: "UploadedFile[bytes]", by: User) -> Frame:
    """Store a person's own picture as the chosen frame of `role`. Raises PictureError or QuotaError."""

    def write(folder: Path) -> Written:
        picture = pictures.read_upload(file, size=file.size or 0, name=(file.name or "")[:80])
        if pictures.was_compressed_with_loss(file):
            return pictures.write_smaller(picture, folder, file.size or 0), picture
        return pictures.write_png(picture, folder / "frame.png"), picture

    return _keep_picture(block, role, write, by, Frame.Source.UPLOADED)


def frame_from_clip(block: Block, role: str, clip: IO[bytes], by: User) -> Frame:
    """Store the last picture of a clip as the chosen frame of `role`.

    Raises PictureError, QuotaError, and OSError where the clip cannot be read.
    """

    def write(folder: Path) -> Written:
        picture = mp4.last_frame(clip)
        return pictures.write_png(picture, folder / "frame.png"), picture

    return _keep_picture(block, role, write, by, Frame.Source.CLIP)


def _keep_picture(block: Block, role: str, write: Callable[[Path], Written], by: User, source: str) -> Frame:
    quotas.check_uploads(by, block, role, coming=1)  # before anything large is read, and again with its size
    uploads.check_room()
    frame = Frame(
        id=uuid.uuid4(),
        block=block,
        role=role,
        source=source,
        requested_by=by,
        status=Status.SUCCEEDED,
        phase=Phase.SAVING,
    )
    try:
        _write_files(frame, write)
        _insert_picture(frame, by)
    except (OSError, OperationalError) as error:
        if means_full_disk(error):
            raise uploads.DiskFullError from error
        raise
    return frame


def _write_files(frame: Frame, write: Callable[[Path], Written]) -> None:
    with storage.workspace() as folder:
        poster = folder / "poster.webp"
        with decoding.turn():
            path, picture = write(folder)
            pictures.write_poster(picture, poster)
            frame.width, frame.height = picture.size
            del picture
        frame.sha256, frame.size = storage.sha256_of(path), path.stat().st_size
        frame.file.name = storage.store(path, storage.final_name(frame, path.suffix))
        frame.poster.name = storage.store(poster, storage.final_name(frame, poster.suffix))


def _insert_picture(frame: Frame, by: User) -> None:
    frame.started_at = frame.finished_at = timezone.now()
    try:
        with transaction.atomic():
            quotas.lock_user(by)
            frame.save(force_insert=True)
            quotas.check_uploads(by, frame.block, frame.role)
            frame.record_creation()
            frame.choose()
    except BaseException:
        storage.remove([frame.file.name or "", frame.poster.name or ""])
        raise


def choose_frame(frame: Frame) -> bool:
    """Use this candidate as the frame of its role. False if it is not a finished picture."""
    return frame.choose()


def choose_video(video: Video, by: User) -> None:
    """Use this take as the block's clip. Raises NotFinishedError, and LockedError where the clip is locked."""
    review.change(video, review.Change(current=True), by)


def delete_frame(frame: Frame, by: User) -> None:
    """Delete a frame and its file; one that is being made is stopped first. Clips made from it stay."""
    _delete(frame, by)


def clear_frame(block: Block, role: str, by: User) -> bool:
    """Delete the block's frame of `role`: the chosen one, one being made, and failed or cancelled runs.

    The other candidates stay. False if there was nothing to delete.
    """
    return _clear(block, block.frames.filter(role=role).exclude(status=Status.SUCCEEDED, is_chosen=False), by)


def clear_video(block: Block, by: User) -> bool:
    """Delete the block's video: the current take, one being made, and failed or cancelled runs.

    The take can be brought back for 30 days (videogen.removal). The other takes and the frames stay. False if there was
    nothing to delete. Raises LockedError.
    """
    return _clear(block, block.videos.exclude(status=Status.SUCCEEDED, is_current=False), by)


def _clear(block: Block, rows: GenerationQuerySet, by: User) -> bool:
    with transaction.atomic():
        lock_block(block.pk)
        found = list(rows.select_for_update())
        for row in found:
            if not (isinstance(row, Video) and removal.remove(row, by)):
                _delete(row, by)
    return bool(found)


def delete_video(video: Video, by: User) -> None:
    """Delete a take and its files for good; one that is being made is stopped first. Raises LockedError."""
    _delete(video, by)


def remove_video(video: Video, by: User) -> bool:
    """Remove a take, which can be brought back for 30 days; what is no finished take goes for good. Raises LockedError.

    Returns whether it can be brought back.
    """
    kept = removal.remove(video, by)
    if not kept:
        _delete(video, by)
    return kept


def delete_unused_takes(before: datetime, by: User, limit: int) -> int:
    """Delete takes that were finished before then and are no block's clip, the oldest first, at most `limit`.

    Returns how many went. Each is looked at again under its block's lock: one that was made current meanwhile stays.
    """
    deleted = 0
    oldest = Video.objects.unused(before).order_by("finished_at").values_list("pk", "block_id")[:limit]
    for pk, block_id in list(oldest):
        with transaction.atomic():
            lock_block(block_id)
            take = Video.objects.unused(before).filter(pk=pk).first()
            if take is not None:
                _delete(take, by)
                deleted += 1
    return deleted


def _delete(generation: Frame | Video, by: User) -> None:
    with transaction.atomic():
        lock_block(generation.block_id)
        if generation.status in LIVE:
            # The worker finds its row gone at the next beat, stops, and removes what it wrote.
            generation.cancel(by)
        generation.deleted_by = by
        generation.delete()  # with its files, see videogen.deletion
