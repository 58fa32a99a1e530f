"""Start a plan as a batch, stop it, try again what failed of it, and notice when it has ended."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from scenes.models import Block, Film, Scene, lock_blocks
from videogen import actions, outdated, quotas
from videogen.errors import ActionError
from videogen.models import Batch, Delivery, Event, Frame, PromptRewrite, Status, Video
from videogen.plans import Item, Plan, Settings, blocks_of, plan, scenes_of
from videogen.specs import FrameSpec, VideoSpec
from videogen.spoken import with_voice
from videogen.wake import wake_workers_on_commit

logger = logging.getLogger(__name__)

KINDS = (Frame, Video)  # of rows that a batch may have


class NothingToMakeError(ActionError):
    """A plan without a single job cannot be started."""

    code = "nothing_to_make"

    def __init__(self) -> None:
        super().__init__("There is nothing to make here. Look at the plan for what it would make, and why.")


class PlanChangedError(ActionError):
    """Some of what was named cannot be made, so nothing was started; `plan` says which and why."""

    code = "plan_refused"

    def __init__(self, refused: Plan) -> None:
        count = len(refused.refused)
        what = "One block that was named" if count == 1 else f"{count} of what was named"
        reasons = list(dict.fromkeys(refused.gone.values()))
        if count:
            reasons.append(f"{what} cannot be made now: {refused.refused[0].message}")
        super().__init__(f"Nothing was started. {' '.join(reasons)}")
        self.plan = refused


def start(
    place: Film | Scene,
    by: User,
    *,
    what: str,
    only: str,
    chosen: Collection[UUID] | None = None,
    settings: Settings | None = None,
    end_frames: bool = False,
) -> Batch:
    """Queue everything that the plan of now would make: all of it, or nothing.

    chosen: the only blocks to look at; each of them must then be there and free to be made. end_frames: as for `plan`.
    Raises NothingToMakeError, PlanChangedError, QuotaError, SpecError, and PermissionDenied where the person lacks the
    right to all of it.
    """
    with transaction.atomic():
        quotas.lock_user(by)
        asked: dict[str, Any] = {"what": what, "only": only, "chosen": chosen, "settings": settings}
        asked["end_frames"] = end_frames
        planned = plan(by, place, **asked)
        lock_blocks(planned.block_ids)
        # Read once more: what was planned before the lock may have been started by somebody else.
        planned = plan(by, place, **asked, with_prompts=True)
        if planned.is_forbidden:
            raise PermissionDenied(planned.refused[0].message)
        if chosen is not None and (planned.refused or planned.gone):
            raise PlanChangedError(planned)
        if not planned.items:
            raise NothingToMakeError
        quotas.check_plan(by, len(planned.items))
        scene = place if isinstance(place, Scene) else None
        film = place.film if isinstance(place, Scene) else place
        kept = {"what": what, "only": only, "end_frames": end_frames, "size": len(planned.items)}
        batch = Batch.objects.create(film=film, scene=scene, requested_by=by, **kept)
        _insert(batch, planned.items, by)
    logger.info("Queued: a batch of %d jobs.", batch.size, extra={"batch": str(batch.pk)})
    return batch


def _insert(batch: Batch, items: Sequence[Item], by: User) -> None:
    """Insert the rows of a plan and their first events. A few queries, and one for each prompt that was rewritten."""
    frames: dict[tuple[UUID, str], Frame] = {}
    for item in items:
        if item.kind == "frame":
            frames[item.block.pk, item.step] = _frame(item, by, frames)
    videos = [_video(item, by, frames) for item in items if item.kind == "video"]
    rows: list[Frame | Video] = [*frames.values(), *videos]
    for row in rows:
        row.batch = batch
    Frame.objects.bulk_create(frames.values())
    Video.objects.bulk_create(videos)
    Event.objects.bulk_create(
        Event(generation_id=row.pk, kind=row.KIND, to_status=row.status, attempt=0, actor=by) for row in rows
    )
    for queue in {row.QUEUE for row in rows}:
        wake_workers_on_commit(queue)


def _origin(item: Item) -> dict[str, Any]:
    rewrites = PromptRewrite.objects.filter(block=item.block)
    shown = item.spec if isinstance(item.spec, FrameSpec) else None
    rewrite = rewrites.origin(item.step, item.spec.prompt) if item.rewrite else {}
    return {"rewrite": rewrite, **outdated.record(item.block, shown)}


def _awaited(item: Item, frames: dict[tuple[UUID, str], Frame]) -> Frame | None:
    return frames[item.block.pk, item.after] if item.after else item.awaits


def _frame(item: Item, by: User, frames: dict[tuple[UUID, str], Frame]) -> Frame:
    awaits = _awaited(item, frames)
    return actions.new_frame(item.block, cast("FrameSpec", item.spec), by, awaits=awaits, **_origin(item))


def _video(item: Item, by: User, frames: dict[tuple[UUID, str], Frame]) -> Video:
    awaits = _awaited(item, frames)
    start = None if awaits else item.start
    end = None if awaits and awaits.role == Frame.Role.END else item.end
    spec, note = with_voice(item.block, cast("VideoSpec", item.spec))
    row = actions.new_video(item.block, spec, by, start, end, line_note=note, **_origin(item))
    row.awaits = awaits
    return row


def cancel(batch: Batch, by: User) -> int:
    """Stop whatever of a batch waits or runs. Returns how many jobs were asked to stop."""
    stopped = 0
    for kind in reversed(KINDS):  # what waits first: none begins because the frame before it was stopped
        waiting_first = F("awaits").desc(nulls_last=True)
        for row in kind.objects.live().filter(batch=batch).order_by(waiting_first):
            stopped += row.cancel(by)
    settle()
    return stopped


def retry(batch: Batch, by: User) -> Batch:
    """Start what failed of a batch once more, as a batch of its own. Raises as `start` does."""
    failed = {row.block_id for row in failed_of(batch)}
    # Of a scene that was deleted since, or that the person sees no more, nothing is tried.
    there = {block.pk for block in blocks_of(by, scenes_of(by, batch.place), failed)}
    again: dict[str, Any] = {"only": Batch.Only.FAILED, "chosen": there, "end_frames": batch.end_frames}
    return start(batch.place, by, what=batch.what, **again)


def failed_of(batch: Batch) -> list[Frame | Video]:
    """Return the jobs of a batch that failed, of blocks that are still there. Two queries."""
    failed = {"batch": batch, "status": Status.FAILED, "block__removed_at": None}
    return [row for kind in KINDS for row in kind.objects.filter(**failed).order_by("created_at")]


def of_person(person: User) -> QuerySet[Batch]:
    """Return the batches that a person may look at and stop: those that they started."""
    found = Batch.objects.filter(film__removed_at=None)
    return found if person.is_superuser else found.filter(requested_by=person)


def settle() -> int:
    """Note the end of batches whose last job has ended, and tell the webhook. Returns how many ended.

    Called by whoever ends a job and by the sweep: of two workers that end the last two jobs at once, neither may see
    the other's end.
    """
    live = [Exists(kind.objects.live().filter(batch=OuterRef("pk"))) for kind in KINDS]
    ended = 0
    for batch in Batch.objects.filter(~live[0], ~live[1], finished_at=None).order_by("created_at"):
        with transaction.atomic():
            if Batch.objects.filter(pk=batch.pk, finished_at=None).update(finished_at=timezone.now()):
                ended += 1
                _tell(batch)
    return ended


def _tell(batch: Batch) -> None:
    counts = Progress.of(batch)
    numbers = {str(status): getattr(counts, status) for status in ("succeeded", "failed", "cancelled")}
    ids = {"id": batch.pk, "filmId": batch.film_id, "sceneId": batch.scene_id}
    data = {name: str(found) if found else None for name, found in ids.items()}
    Delivery.note("batch.finished", timezone.now().isoformat(), {**data, "jobs": batch.size, **numbers})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is. gone: jobs that were deleted since, with their blocks or alone."""

    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int
    gone: int

    @classmethod
    def of(cls, batch: Batch) -> "Progress":
        """Count its jobs. Two queries."""
        statuses = [
            status for kind in KINDS for status in kind.objects.filter(batch=batch).values_list("status", flat=True)
        ]
        counts = {str(status): statuses.count(status) for status in Status}
        return cls(**counts, gone=max(0, batch.size - len(statuses)))

    @property
    def live(self) -> int:
        """How many have not ended."""
        return self.queued + self.running

    @property
    def ended(self) -> int:
        """How many have ended, in whichever way."""
        return self.succeeded + self.failed + self.cancelled + self.gone


def under_way(place: Film | Scene, person: User) -> Batch | None:
    """Return the latest batch that this person started for a scene or film and that has not ended. One query."""
    here = {"scene": place} if isinstance(place, Scene) else {"film": place, "scene": None}
    return Batch.objects.filter(requested_by=person, finished_at=None, **here).first()


def queue_frame_again(block: Block, by: User) -> Frame:
    """Queue a start frame with the settings of the last one that was made, and a new seed.

    Raises ActionError where none was made yet, NothingNewError, and what `queue_frame` raises; SpecError where the
    limits have changed.
    """
    last = block.frames.filter(role=Frame.Role.START, source=Frame.Source.GENERATED).order_by("-created_at").first()
    if last is None:
        raise actions.ActionError("This frame was brought and not made. Open the block to make one.")
    if last.pipeline is not None and not last.pipeline.seed_matters(last.prompt):
        raise actions.NothingNewError
    return actions.queue_frame(block, last.read_spec().replace(seed=None), by, like=last)
