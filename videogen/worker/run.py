"""Run one job: claim a row, let its pipeline make pixels, store the file, record the result."""

import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, transaction
from PIL import Image

from scenes import access, layers, memory
from videogen import pipelines, provenance, quotas, several
from videogen.errors import Cancelled, GenerationError, Interrupted, means_closed_storage, means_full_disk
from videogen.exports import shelf
from videogen.exports.cut import Cut
from videogen.exports.formats import FORMATS
from videogen.exports.spec import ExportSpec
from videogen.exports.writers import WRITERS
from videogen.failpoints import reach
from videogen.media import mp4, pictures, storage, unfinished
from videogen.models import PLANNED_STOP, Export, Frame, Job, PromptRewrite, Status, Video, held_by, lock_block, waiting
from videogen.phase import Phase
from videogen.pipelines.base import OnStep, Pixels
from videogen.specs import SpecError
from videogen.worker import references, rewrite, voice
from videogen.worker.hold import hold
from videogen.worker.preview import PreviewFile
from videogen.worker.progress import Reporter, noting_loaded

logger = logging.getLogger(__name__)

Files = dict[str, Path]  # what a result is made of, by the column that names it
Facts = dict[str, Any]  # columns of the row that only the finished file can tell

RECORD_SECONDS = 60  # how long a result waits for a database that is away
STORE_SECONDS = 60  # how long a finished file waits for a disk or bucket that is away
LOOK_AHEAD = 5  # queued rows tried before giving up: other workers may take the first ones


def release_orphan(queue: str, worker: str) -> None:
    """Put back what a dead predecessor of this process held: a worker has one child, so nobody else runs under its
    name.
    """
    for row in held_by(queue, worker):
        row.release("its process died", lost=True)


def claim_next(queue: str, worker: str) -> Job | None:
    """Claim the best queued row of `queue` for `worker`; None when nothing could be claimed."""
    for row in waiting(queue, LOOK_AHEAD):
        if row.claim(worker):
            return row
    return None


def make(generation: Job, hostname: str) -> None:
    """Make a claimed row and record how it ended. Never raises for a failure of the pipeline."""
    try:
        with Reporter(generation) as on_step:
            _check_right(generation)
            if isinstance(generation, PromptRewrite):
                _rewrite_and_publish(generation, on_step, hostname)
            elif isinstance(generation, Export):
                _export_and_publish(generation, on_step)
            else:
                _make_and_publish(generation, on_step, hostname)
    except Cancelled:
        _record(generation.cancelled)
    except Interrupted:
        _record(lambda: generation.release(PLANNED_STOP, lost=False))
    except GenerationError as error:
        _fail(generation, error.code, error.details)
    except SpecError as error:
        _fail(generation, "over_limits", {"reason": str(error)})
    except (OperationalError, InterfaceError):
        logger.exception("The database failed %s", generation)
        _record(lambda: generation.release("the database failed", lost=True))
    except Exception as error:
        logger.exception("Making %s failed", generation)
        if means_closed_storage(error):
            _put_back(generation, hostname)
        else:
            _fail(generation, "disk_full" if means_full_disk(error) else "internal")
    with contextlib.suppress(OSError, DatabaseError):  # else the next sweep does it
        unfinished.sweep()


def _put_back(generation: Job, hostname: str) -> None:
    """Queue a row again whose file could not be kept: no loss where no file can, which every row would meet."""
    of_all = hold.begin(hostname)
    _record(lambda: generation.release("its file could not be kept", lost=not of_all, code="storage_closed"))


def _fail(generation: Job, code: str, details: dict[str, Any] | None = None) -> None:
    _record(lambda: generation.fail(code, details))


def _check_right(generation: Job) -> None:
    if isinstance(generation, Export):
        if not shelf.may_see(generation.requested_by, generation):
            raise GenerationError("export_not_allowed")
        return
    if not access.may_still(generation.requested_by, generation.block, generation.right):
        raise GenerationError("not_allowed")


def _record(change: Callable[[], bool]) -> bool:
    """Write the end of a generation, waiting for a database that restarts: the work is done and must not be lost."""
    give_up = time.monotonic() + RECORD_SECONDS
    while True:
        close_old_connections()
        try:
            return change()
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up:
                raise
            time.sleep(1)


def _rewrite_and_publish(row: PromptRewrite, on_step: OnStep, hostname: str) -> None:
    facts = rewrite.rewrite(row, on_step, hostname)
    on_step(Phase.SAVING)
    _record(lambda: row.finish(**facts))


def _export_and_publish(row: Export, on_step: OnStep) -> None:
    on_step(Phase.LOADING)
    spec, cut = ExportSpec.from_json(row.spec), Cut.model_validate(row.cut)
    written = FORMATS[spec.format]
    with storage.workspace() as folder:
        path = folder / f"export{written.suffix}"
        note = ""
        if written.speaks:
            cut, note = voice.voiced(row, cut, folder, on_step)
        WRITERS[spec.format](path, cut, spec, on_step)
        on_step(Phase.SAVING)
        reach("written")
        facts: Facts = {"size": path.stat().st_size, "sha256": storage.sha256_of(path), "voice_note": note}
        name = _store(path, storage.final_name(row, path.suffix), on_step)
    reach("stored")

    def finish() -> bool:
        with transaction.atomic():
            done = row.finish(file=name, **facts)
            reach("finished")
        return done or Export.objects.filter(pk=row.pk, file=name).exists()

    if not _record(finish):
        storage.remove([name])


def _make_and_publish(generation: Frame | Video, on_step: OnStep, hostname: str) -> None:
    generation.seed = generation.spec["seed"]
    if generation.seed is None:
        generation.seed = secrets.randbelow(2**32)
    on_step(Phase.LOADING)
    with storage.workspace() as folder:
        if isinstance(generation, Frame):
            files, facts = _draw_frame(generation, on_step, hostname, folder)
        else:
            files, facts = _shoot_video(generation, on_step, hostname, folder)
        on_step(Phase.SAVING)
        _publish(generation, files, facts, on_step)


def _store(path: Path, name: str, on_step: OnStep) -> str:
    """Store a result and return its name, waiting for a disk or bucket that is away: the work is done.

    What is finished is stored, even where the worker is to end. Raises Cancelled, while it waits Interrupted as well,
    and in the end what storing raised last.
    """

    def report() -> None:  # each part shows that it does not hang
        with contextlib.suppress(Interrupted):
            on_step(Phase.SAVING)

    give_up, pause = time.monotonic() + STORE_SECONDS, 1.0
    while True:
        report()
        try:
            return storage.store(path, name, report)
        except OSError as error:
            if not means_closed_storage(error) or time.monotonic() + pause > give_up:
                raise
            logger.warning("%s cannot be stored yet (%s); another try in %.0f s.", name, error, pause)
        for _second in range(round(pause)):
            on_step(Phase.SAVING)
            time.sleep(1)
        pause = min(2 * pause, 8.0)


def _publish(generation: Frame | Video, files: Files, facts: Facts, on_step: OnStep) -> None:
    """Store the files first and finish the row second, so that no row is ever read whose file is not there."""
    reach("written")
    path, names = files["file"], {}
    facts |= {"seed": generation.seed, "size": path.stat().st_size, "sha256": storage.sha256_of(path)}
    try:
        for field, file in files.items():
            names[field] = _store(file, storage.final_name(generation, file.suffix), on_step)
    except (Cancelled, Interrupted):
        storage.remove(names.values())
        raise

    reach("stored")

    def finish() -> bool:
        with transaction.atomic():
            if by := several.who_waits(generation):
                quotas.lock_user(by)  # before the block, as whoever queues does
            lock_block(generation.block_id)
            done = generation.finish(**names, **facts)
            if done:
                # What was just made is what the person wants to see used; the older ones stay to go back to. Of several
                # asked for at once it is the first: the others must not take the place of what was chosen meanwhile.
                if several.place_of(generation)[0] == 1:
                    _use(generation)
                if by:  # in the same transaction: no loss of this process can end the row of them
                    several.queue_next(generation, by)
            reach("finished")
        # A database that fails while it commits may have committed all the same: then the row names this file.
        return done or type(generation).objects.filter(pk=generation.pk, file=names["file"]).exists()

    # Where even that cannot be found out the files stay: the sweep removes what no row names.
    if not _record(finish):
        storage.remove(names.values())


def _use(made: Frame | Video) -> None:
    if isinstance(made, Video):
        made.make_current()
    else:
        made.choose()


def _check_awaited(row: Frame | Video) -> None:
    if row.awaits is not None and row.awaits.status != Status.SUCCEEDED:
        raise GenerationError("frame_not_made")


def _draw_frame(frame: Frame, on_step: OnStep, hostname: str, folder: Path) -> tuple[Files, Facts]:
    _check_awaited(frame)
    info = pipelines.find("frame", frame.model)
    spec = references.resolved(frame.block, frame.read_spec().replace(seed=frame.seed))
    pipeline = pipelines.frame_pipeline(info)
    on_step = noting_loaded(on_step, hostname, info, pipeline.device)
    drawing = pipeline.generate(spec, references.of_frame(frame.block, spec), on_step)
    picture = Image.fromarray(drawing.pixels)
    on_step(Phase.SAVING)
    files = {"file": folder / "frame.png", "poster": folder / "poster.webp"}
    pictures.write_png(picture, files["file"])
    pictures.write_poster(picture, files["poster"])
    if drawing.layers is not None:
        files["layers"] = folder / "frame.layers"
        with files["layers"].open("wb") as file:
            layers.write(drawing.layers, file)
    return files, {"checkpoint": pipeline.made_with, "notes": list(drawing.notes)}


def _shoot_video(video: Video, on_step: OnStep, hostname: str, folder: Path) -> tuple[Files, Facts]:
    spec, info = video.read_spec().replace(seed=video.seed), pipelines.find("video", video.model)
    _check_awaited(video)
    if not video.take_frames():
        raise GenerationError("start_frame_missing")
    start, end = video.start_frame, video.end_frame
    if start is None or (end is None and video.end_sha256):
        raise GenerationError("frame_deleted")
    pipeline = pipelines.video_pipeline(info)
    on_step = noting_loaded(on_step, hostname, info, pipeline.device)
    first, last = pictures.read_stored(start.file), pictures.read_stored(end.file) if end else None
    path, poster = folder / "clip.mp4", folder / "poster.webp"
    sound, told = voice.sound_of(video, spec)
    with PreviewFile(video, folder) if info.previews else contextlib.nullcontext() as on_preview:
        beside: dict[str, Any] = {"on_preview": on_preview} if on_preview else {}
        if info.resumes:
            beside["kept"] = unfinished.Unfinished(video)
        if info.layered:
            beside |= {"start_layers": references.layers_of(start), "end_layers": references.layers_of(end)}
        rendering = pipeline.generate(spec, first, last, on_step, **beside)
        del first, last, beside  # layers are large, and the pipeline has what it needs of them
        memory.trim()
        mp4.write_mp4(
            path,
            replace(rendering, frames=_with_poster(rendering.frames, poster), sound=sound or rendering.sound),
            width=spec.width,
            height=spec.height,
            frame_rate=spec.frame_rate,
            frames=spec.frames,
            tags=provenance.metadata(
                spec.model_dump(mode="json", exclude={"takes"}),
                model=video.model,
                checkpoint=pipeline.made_with,
                source=video.source_of(pipeline.made_with),
            ),
        )
    facts = mp4.probe(path)
    if (facts.frames, facts.width, facts.height) != (spec.frames, spec.width, spec.height):
        raise GenerationError("encode_failed")
    return (
        {"file": path, "poster": poster},
        {
            "checkpoint": pipeline.made_with,
            "shortcuts": pipeline.shortcuts,
            "has_audio": facts.has_audio,
            **told,
            "notes": list(rendering.notes),
        },
    )


def _with_poster(frames: Iterator[Pixels], poster: Path) -> Iterator[Pixels]:
    """Pass the frames on, and write the first of them as the poster."""
    for index, frame in enumerate(frames):
        if index == 0:
            pictures.write_poster(Image.fromarray(frame), poster)
        yield frame
        reach("writing")
