"""Several candidates or takes that were asked for at one press: a chain of jobs (docs/decisions/0082, 0089)."""

import logging

from django.contrib.auth.models import User

from videogen import actions, outdated
from videogen.errors import ActionError
from videogen.models import Frame, Video
from videogen.specs import SEED_RANGE, SpecError

logger = logging.getLogger(__name__)


def place_of(row: Frame | Video) -> tuple[int, int]:
    """Return which one it is, from 1 on, and how many were asked for with it."""
    if isinstance(row, Video):
        return row.nth, row.setting("takes")
    return row.candidate, row.spec.get("candidates", 1)


def who_waits(row: Frame | Video) -> User | None:
    """Return for whom another is to be made once this one is; None where it is the last, or that person is gone."""
    nth, asked = place_of(row)
    return row.requested_by if nth < asked else None


def queue_next(made: Frame | Video, by: User) -> Frame | Video | None:
    """Queue the next of those that were asked for with this finished one: the same words and frames, the next seed.

    The caller holds the locks of the person and the block. None where it is refused, or nobody wants another.
    """
    if not _is_wanted(made):
        return None
    seed = ((made.seed or 0) + 1) % SEED_RANGE.stop
    try:
        return _next_take(made, by, seed) if isinstance(made, Video) else _next_candidate(made, by, seed)
    except (ActionError, SpecError) as refused:
        logger.info("None further after %s: %s", made, refused)
        return None


def _is_wanted(made: Frame | Video) -> bool:
    """Whether nobody pressed Stop while it was stored, and its block, scene and film are still in place.

    Whoever takes a block away cancels what is live then; this one's end may come between the two.
    """
    gone = ("block__removed_at", "block__scene__removed_at", "block__scene__film__removed_at")
    return made.rows().filter(pk=made.pk, cancel_requested_at=None, **dict.fromkeys(gone)).exists()


def _next_candidate(frame: Frame, by: User, seed: int) -> Frame:
    spec = frame.read_spec().replace(seed=seed)
    return actions.queue_frame(frame.block, spec, by, candidate=frame.candidate + 1, like=frame)


def _next_take(take: Video, by: User, seed: int) -> Video | None:
    asked = [take.start_frame_id, take.end_frame_id] if take.end_sha256 else [take.start_frame_id]
    frames = take.block.frames.in_bulk([pk for pk in asked if pk])
    if len(frames) < len(asked):
        return None  # one was deleted, and another frame makes no take to compare
    start, end = (frames.get(pk) if pk else None for pk in (take.start_frame_id, take.end_frame_id))
    spec = take.read_spec().replace(seed=seed)
    kept = {"rewrite": take.rewrite, "line_note": take.line_note, "series": take.series, "nth": take.nth + 1}
    origin = outdated.copied(take) | kept
    return actions.queue_row(take.block, by, lambda: actions.new_video(take.block, spec, by, start, end, **origin))
