"""Who holds which right on a film, a scene or a block, and where each of them comes from.

The rules are those of scenes.access, which decides; this explains its decision to whoever grants and takes rights.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q
from django.utils.translation import gettext as _

from scenes.access import CHANGE, EVERYTHING, EVERYWHERE, NOTHING, RIGHTS, VIEW, Rights, grantable
from scenes.models import (
    GENERATE_FRAME,
    GENERATE_VIDEO,
    Block,
    BlockGroupPermission,
    BlockUserPermission,
    Film,
    FilmGroupPermission,
    FilmUserPermission,
    Scene,
    SceneGroupPermission,
    SceneUserPermission,
)

_Grant = tuple[User, str, str]  # to whom, which codename, where it comes from
_INCLUDES = {CHANGE: VIEW, GENERATE_VIDEO: GENERATE_FRAME}


@dataclass(slots=True)
class Holder:
    """What one person may do, and why. sources: per codename where the right comes from, in words."""

    person: User
    sources: dict[str, list[str]] = field(default_factory=dict)
    rights: Rights = NOTHING

    def add(self, codename: str, source: str) -> None:
        """Note where a right comes from, and the right that it includes."""
        for right in (codename, _INCLUDES.get(codename)):
            if right and source not in self.sources.setdefault(right, []):
                self.sources[right].append(source)

    @property
    def cells(self) -> list[tuple[bool, list[str]]]:
        """Whether each of RIGHTS is held, and where it comes from."""
        return [(self.rights.holds(right), self.sources.get(right, [])) for right in RIGHTS]


def holders(target: Film | Scene | Block) -> list[Holder]:
    """Return everybody who holds any right on a film, scene or block, by name. A fixed number of queries.

    Somebody who was granted a right but may not look at the scene is listed too, with no rights.
    """
    film = target if isinstance(target, Film) else target.film if isinstance(target, Scene) else target.scene.film
    found: dict[int, Holder] = {}
    for person, codename, source in _grants(target, film):
        found.setdefault(person.pk, Holder(person)).add(codename, source)
    for holder in found.values():
        if holder.person.is_active:
            has_all = holder.person.is_superuser or holder.person.pk == film.owner_id
            holder.rights = EVERYTHING if has_all else Rights.of(holder.sources)
    return sorted(found.values(), key=lambda holder: holder.person.username)


def _grants(target: Film | Scene | Block, film: Film) -> Iterator[_Grant]:
    for right in RIGHTS:
        yield film.owner, right, _("owner of the film")
    for person in User.objects.filter(is_superuser=True):
        for right in RIGHTS:
            yield person, right, _("superuser")
    yield from _granted_on(FilmUserPermission, FilmGroupPermission, film, _("on the film"))
    if isinstance(target, Block):
        yield from _granted_on(SceneUserPermission, SceneGroupPermission, target.scene, _("on the scene"))
        yield from _granted_on(BlockUserPermission, BlockGroupPermission, target, _("on this block"))
    elif isinstance(target, Scene):
        yield from _granted_on(SceneUserPermission, SceneGroupPermission, target, _("on the scene"))
    yield from _granted_everywhere()


def _granted_on(to_users: Any, to_groups: Any, target: Film | Scene | Block, where: str) -> Iterator[_Grant]:
    rights = grantable(target)
    relevant = Q(content_object=target, permission__codename__in=rights)
    for row in to_users.objects.filter(relevant).select_related("user", "permission"):
        yield row.user, rights[row.permission.codename], where
    for row in to_groups.objects.filter(relevant).select_related("permission").prefetch_related("group__user_set"):
        yield from _members(row.group, rights[row.permission.codename], where)


def _granted_everywhere() -> Iterator[_Grant]:
    rights = EVERYWHERE
    relevant = Permission.objects.filter(content_type__app_label="scenes", codename__in=rights)
    for permission in relevant.prefetch_related("user_set", "group_set__user_set"):
        for person in permission.user_set.all():
            yield person, rights[permission.codename], _("everywhere")
        for group in permission.group_set.all():
            yield from _members(group, rights[permission.codename], _("everywhere"))


def _members(group: Group, codename: str, where: str) -> Iterator[_Grant]:
    for person in group.user_set.all():
        yield person, codename, _("by group %(group)s, %(where)s") % {"group": group, "where": where}
