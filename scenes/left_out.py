"""What was taken out of scenes and films and can come back: deleted lately, or left out by a revised screenplay.

Whoever may write sees it and puts it back (docs/decisions/0079).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from scenes.access import CHANGE, Person, grant_rights, missing
from scenes.models import Block, Edit, Film, Removable, Revision, Scene

_SOON = timedelta(seconds=5)  # within which a step is recorded after the row it removed


@dataclass(frozen=True, slots=True)
class Departure:
    """How something was taken out. person: who did it, where that is known. file_name: of the screenplay that did."""

    at: datetime
    person: User | None
    file_name: str = ""


def blocks_of(scene: Scene) -> QuerySet[Block]:
    """Return the blocks that were taken out of a scene and can come back, those of the last time first."""
    return Block.everything.filter(Block.can_come_back(), scene=scene).order_by("-removed_at", "position")


def scenes_of(film: Film) -> QuerySet[Scene]:
    """Return the scenes that were taken out of a film and can come back, those of the last time first."""
    gone = Scene.everything.filter(Scene.can_come_back(), film=film).select_related("location", "film")
    return gone.order_by("-removed_at", "position")


def find_scene(person: Person, scene_id: UUID) -> Scene:
    """Fetch a scene that can come back, for somebody who may change it. Raises Http404 or PermissionDenied."""
    gone = Scene.everything.filter(Scene.can_come_back(), film__removed_at=None)
    scene = gone.select_related("location", "film__owner").filter(pk=scene_id).first()
    if scene is not None:
        grant_rights(person, scene)
    if scene is None or not scene.can.view:
        raise Http404("No such scene was taken out that can come back.")
    if not scene.can.change:
        raise PermissionDenied(missing(CHANGE))
    return scene


def find_block(scene: Scene, block_id: UUID) -> Block:
    """Fetch a block of this scene that can come back, or that came back already. Raises Http404."""
    block = Block.everything.filter(Q(removed_at=None) | Block.can_come_back(), scene=scene, pk=block_id).first()
    if block is None:
        raise Http404("No such block was taken out that can come back.")
    block.scene = scene
    return block


def kept_until(row: Block | Scene, *, has_material: bool) -> datetime | None:
    """Return when what was taken out is deleted for good; None while a screenplay left it out and material keeps it."""
    if row.removed_at is None or (row.shelved and has_material):
        return None
    return row.removed_at + Removable.KEPT_FOR


def departures(scene: Scene, blocks: Sequence[Block]) -> dict[UUID, Departure]:
    """Tell how blocks of a scene were taken out, by their ids. Two queries."""
    found = _by_screenplays(scene.film_id, [block for block in blocks if block.shelved])
    return found | _by_people(scene, [block for block in blocks if not block.shelved])


def _by_screenplays(film_id: UUID, rows: Iterable[Block]) -> dict[UUID, Departure]:
    """A revision takes out what it leaves out when it is applied, and what it brought when it is undone."""
    revisions = Revision.objects.filter(film=film_id).exclude(applied_at=None).select_related("person")
    moments = [
        (at, revision)
        for revision in revisions.defer("data", "before")
        for at in (revision.applied_at, revision.undone_at)
        if at
    ]
    found = {}
    for row in rows:
        before = [(at, revision) for at, revision in moments if row.removed_at and at <= row.removed_at]
        last = max(before, key=lambda moment: moment[0], default=None)
        if row.removed_at:
            found[row.pk] = Departure(
                row.removed_at, last[1].person if last else None, last[1].file_name if last else ""
            )
    return found


def _by_people(scene: Scene, blocks: Iterable[Block]) -> dict[UUID, Departure]:
    at = {block.pk: block.removed_at for block in blocks if block.removed_at}
    moments = Q(pk__in=[])
    for moment in set(at.values()):
        moments |= Q(at__range=(moment, moment + _SOON))
    steps = list(Edit.objects.filter(moments, scene=scene).select_related("person"))
    found = {}
    for pk, moment in at.items():
        by = [step.person for step in steps if moment <= step.at <= moment + _SOON and _removes(step, pk)]
        found[pk] = Departure(moment, by[0] if by else None)
    return found


def _removes(step: Edit, pk: UUID) -> bool:
    return any(state["id"] == str(pk) and not state["in_place"] for state in step.after["blocks"])
