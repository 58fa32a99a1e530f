"""A timeline that came back: making it so, and making it what it was before (docs/decisions/0092)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict

from scenes import access, actions, films, history, order
from scenes.access import CHANGE, Person
from scenes.models import Block, Film, Scene
from videogen.errors import ActionError
from videogen.exports import brought
from videogen.exports.brought import Piece, Plan, Row, TimelineError
from videogen.models import BroughtTimeline, Trim, Video


class ChangedSinceError(ActionError):
    """Undoing would take back what somebody did since."""

    code = "changed_meanwhile"


class UndoneAlreadyError(ActionError):
    """It was undone before."""

    code = "nothing_to_undo"


class Part(BaseModel):
    """A trim as it is kept: the take it is of, none for a still, and its frames."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    take_id: UUID | None
    first: int
    frames: int
    frame_rate: int


class State(BaseModel):
    """What a timeline changes, before or after it: orders by id, trims by their block.

    scenes: of the film; empty where none moved, as `blocks` has no scene whose blocks stayed.
    """

    scenes: list[UUID]
    blocks: dict[UUID, list[UUID]]
    trims: dict[UUID, Part | None]

    @classmethod
    def both(cls, plan: Plan) -> tuple[Self, Self]:
        """Return what a plan changes, as it is and as it will be."""
        rows = plan.order.rows if plan.order and plan.order.moved else []
        moved = {scene.pk: of for scene, of in plan.scenes if any(row.is_moved for row in of)}
        blocks = [row.block.pk for _scene, of in plan.scenes for row in of]
        were = {trim.block_id: _part(trim) for trim in Trim.objects.filter(block__in=blocks)}
        will = {row.block.pk: _part(row.trim) for _scene, of in plan.scenes for row in of}
        changed = [pk for pk in blocks if were.get(pk) != will[pk]]
        return (
            cls(
                scenes=[row.scene.pk for row in sorted(rows, key=lambda row: row.place_was)],
                blocks={pk: _ids(sorted(of, key=lambda row: row.place_was)) for pk, of in moved.items()},
                trims={pk: were.get(pk) for pk in changed},
            ),
            cls(
                scenes=[row.scene.pk for row in rows],
                blocks={pk: _ids(of) for pk, of in moved.items()},
                trims={pk: will[pk] for pk in changed},
            ),
        )


def _part(trim: Trim | None) -> Part | None:
    return Part.model_validate(trim) if trim else None


def _ids(rows: Iterable[Row]) -> list[UUID]:
    return [row.block.pk for row in rows]


def apply(target: Film | Scene, pieces: Iterable[Piece], by: User, file_name: str) -> tuple[Plan, BroughtTimeline]:
    """Make order and lengths what the timeline says. Returns what changed, and its Undo. Raises TimelineError."""
    film = target if isinstance(target, Film) else target.film
    scene = target if isinstance(target, Scene) else None
    try:
        with transaction.atomic():
            _lock(film)
            done = brought.plan(target, pieces)
            before, after = State.both(done)
            if after.scenes:
                films.set_scene_order(film, list(after.scenes))
            for of_scene, rows in done.scenes:
                actions.set_order(of_scene, by, _ids(rows))
            _trim(after.trims)
            row = BroughtTimeline.objects.create(
                film=film,
                scene=scene,
                person=by,
                file_name=file_name[-255:],
                before=before.model_dump(mode="json"),
                after=after.model_dump(mode="json"),
            )
    except (actions.ChangedMeanwhileError, films.FilmError):
        sentence = _("Somebody wrote in the script at the same moment, so nothing was changed. Bring the file again.")
        raise TimelineError(sentence) from None
    return done, row


def of(target: Film | Scene) -> QuerySet[BroughtTimeline]:
    """Return the timelines that were brought to a film as a whole, or to a scene, newest first."""
    return target.timelines.filter(scene=target if isinstance(target, Scene) else None)


def find(person: Person, timeline_id: UUID) -> BroughtTimeline:
    """Fetch a timeline for whoever may change what it is of. Raises Http404, PermissionDenied."""
    row = BroughtTimeline.objects.filter(pk=timeline_id).first()
    if row is None:
        raise Http404("No such timeline.")
    if row.scene_id is not None:
        row.scene = access.get_scene(person, row.scene_id, CHANGE)
        row.film = row.scene.film
    else:
        row.film = access.get_film(person, row.film_id, CHANGE)
    return row


def _lock(film: Film) -> None:
    """Lock a film's row: of two timelines, or two who undo, one waits for the other."""
    Film.objects.select_for_update(no_key=True).get(pk=film.pk)


def _trim(parts: dict[UUID, Part | None]) -> None:
    """Give blocks these trims, or none."""
    Trim.objects.filter(block__in=parts).delete()
    left = _of_what_is_left(parts)
    Trim.objects.bulk_create(Trim(block_id=pk, **part.model_dump()) for pk, part in left.items() if part)


def _of_what_is_left(parts: dict[UUID, Part | None]) -> dict[UUID, Part | None]:
    """Return trims without those whose take or block is deleted for good."""
    blocks = set(Block.everything.filter(pk__in=parts).values_list("pk", flat=True))
    takes = Video.rows().filter(pk__in={part.take_id for part in parts.values() if part}).values_list("pk", flat=True)
    known = {None, *takes}
    return {pk: part if part and part.take_id in known else None for pk, part in parts.items() if pk in blocks}


def undo(row: BroughtTimeline) -> None:
    """Make order and lengths what they were; words, frames and clips stay as they are now.

    Raises ChangedSinceError where somebody put scenes or blocks in another order since, or another timeline changed the
    same lengths; UndoneAlreadyError. Then nothing is changed.
    """
    before, after = State.model_validate(row.before), State.model_validate(row.after)
    with transaction.atomic():
        _lock(row.film)
        if not BroughtTimeline.objects.filter(pk=row.pk, undone_at=None).update(undone_at=timezone.now()):
            raise UndoneAlreadyError(_("This timeline was undone already."))
        _put_back_scenes(row.film, before, after)
        scenes = Scene.everything.select_for_update(no_key=True).filter(pk__in=after.blocks).order_by("pk")
        for scene in scenes:
            _put_back_blocks(scene, before.blocks[scene.pk], after.blocks[scene.pk])
        _check_trims(before, after)
        _trim(before.trims)
    row.refresh_from_db(fields=["undone_at"])


def _put_back_scenes(film: Film, before: State, after: State) -> None:
    is_back = order.stands(film.scenes, before.scenes)  # by hand, or by another timeline that said so
    if not is_back and not order.put_back(film.scenes, after.scenes, before.scenes):
        raise ChangedSinceError(
            _(
                "Somebody put the scenes in another order since, so nothing was undone. "
                "Move them back on the film’s page by hand."
            )
        )


def _put_back_blocks(scene: Scene, before: list[UUID], after: list[UUID]) -> None:
    is_back = order.stands(scene.blocks, before)
    if not is_back and not order.put_back(scene.blocks, after, before):
        raise ChangedSinceError(
            _(
                "Somebody put the blocks of “%s” in another order since, so nothing was undone. "
                "Undo that on the scene’s page first, or move them by hand."
            )
            % scene.title
        )
    history.forget_order(scene, before, after)  # else its Undo would be a step that is refused


def _check_trims(before: State, after: State) -> None:
    now = {trim.block_id: _part(trim) for trim in Trim.objects.filter(block__in=after.trims)}
    were, made = _of_what_is_left(before.trims), _of_what_is_left(after.trims)
    if any(now.get(pk) not in (part, were[pk]) for pk, part in made.items()):
        raise ChangedSinceError(
            _("Another timeline changed the same lengths since, so nothing was undone. Undo that one first.")
        )


def forget(before: datetime) -> int:
    """Delete the timelines applied before then: they cannot be undone any more. Returns how many went."""
    return BroughtTimeline.objects.filter(applied_at__lt=before).delete()[0]
