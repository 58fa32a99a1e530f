"""Who sees which export: whoever may see all that is in it. Only scenes.access knows that of a scene or film."""

from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from scenes import access
from scenes.access import CHANGE, Person
from scenes.models import Film, Scene
from videogen.models import Export

SHOWN = 50  # of one film or scene
_RIGHT = {Film: "change_film", Scene: "change_scene"}


def exports_of(target: Film | Scene, person: Person) -> list[Export]:
    """Return the exports of a film or scene that a person sees, newest first; `can` is set on the target."""
    rows = Export.objects.select_related("requested_by").defer("cut")
    if isinstance(target, Scene):
        return list(rows.filter(scene=target)[:SHOWN])
    rows = rows.filter(film=target, scene=None)
    if target.can.view:
        return list(rows[:SHOWN])
    seen = _scenes_seen(person, target)
    return [row for row in rows if seen.issuperset(row.scene_ids)][:SHOWN]


def find(person: Person, export_id: UUID) -> Export:
    """Fetch an export. Raises Http404 for whoever may not see all that is in it."""
    rows = Export.objects.select_related("film__owner", "scene__film__owner").defer("cut")
    row: Export | None = rows.filter(pk=export_id).first()
    if row is None or not may_see(person, row):
        raise Http404("No such export.")
    return row


def may_see(person: Person | None, row: Export) -> bool:
    """Whether a person may see all that an export holds; its film or scene has `can` set afterwards."""
    if person is None:
        return False
    try:
        if row.scene_id is not None:
            row.scene = access.get_scene(person, row.scene_id)
            return True
        row.film = access.get_film(person, row.film_id)
    except Http404:
        return False
    return row.film.can.view or _scenes_seen(person, row.film).issuperset(row.scene_ids)


def demand_delete(person: User, row: Export) -> None:
    """Raise PermissionDenied unless this is the person's own export, or they may change what it is of."""
    target = row.scene or row.film
    if row.requested_by_id != person.pk and not target.can.holds(CHANGE):
        raise PermissionDenied(
            _("Somebody else asked for this export. To delete it, ask the owner for the right %s.")
            % _RIGHT[type(target)]
        )


def _scenes_seen(person: Person, film: Film) -> set[str]:
    return {str(pk) for pk in access.visible_scenes(person).filter(film=film).values_list("pk", flat=True)}
