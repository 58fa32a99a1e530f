"""Give rights on a film, scene or block and take them away; ask for one, and answer. All of it is logged.

Who gives and takes must hold the right to share there and the right itself; scenes.access has set `.can` on the target
for them before.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.admin.models import CHANGE as CHANGED
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from scenes.access import (
    CHANGE,
    LOOKING_AT_FILM,
    NAMES,
    RIGHTS,
    VIEW,
    Person,
    get_block,
    get_film,
    get_scene,
    global_codenames,
    grantable,
    held_on,
    missing,
    missing_on_film,
)
from scenes.models import (
    DELETE_VIDEO,
    GENERATE_FRAME,
    GENERATE_VIDEO,
    SHARE,
    Block,
    BlockGroupPermission,
    BlockUserPermission,
    Film,
    FilmGroupPermission,
    FilmUserPermission,
    RightRequest,
    Scene,
    SceneGroupPermission,
    SceneUserPermission,
)

Target = Film | Scene | Block
Holder = User | Group

LEAST_LETTERS = 2  # of a name that is searched for: nobody reads through everybody
MOST_FOUND = 8
# What each preset gives; on a block, which is seen with its scene, without the first of them.
PRESETS: dict[str, tuple[str, ...]] = {
    "look": (VIEW,),
    "write": (VIEW, CHANGE),
    "make-frames": (VIEW, GENERATE_FRAME),
    "make-videos": (VIEW, GENERATE_VIDEO),
    "delete-videos": (VIEW, DELETE_VIDEO),
    "share": (VIEW, SHARE),
}
_TABLES: dict[tuple[type[Model], type[Model]], type[Model]] = {
    (Film, User): FilmUserPermission,
    (Film, Group): FilmGroupPermission,
    (Scene, User): SceneUserPermission,
    (Scene, Group): SceneGroupPermission,
    (Block, User): BlockUserPermission,
    (Block, Group): BlockGroupPermission,
}


class SharingError(ValueError):
    """It cannot be given, taken or asked for. The message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person or group was given on the target itself, in the order of RIGHTS."""

    holder: Holder
    rights: tuple[str, ...]

    @property
    def is_group(self) -> bool:
        """Whether it is a group's."""
        return isinstance(self.holder, Group)


def presets(target: Target) -> dict[str, tuple[str, ...]]:
    """Return the presets that give anything on the target, with the rights that they give there."""
    offered = grantable(target).values()
    found = {name: tuple(right for right in rights if right in offered) for name, rights in PRESETS.items()}
    return {name: rights for name, rights in found.items() if rights}


# --- Who holds what on the target itself ----------------------------------------------------------------------------


def _table(target: Target, holder: type[Holder]) -> Any:
    return cast("Any", _TABLES[type(target), holder]).objects.filter(content_object=target)


def _whose(holder: Holder) -> dict[str, Holder]:
    return {"group" if isinstance(holder, Group) else "user": holder}


def grants(target: Target) -> list[Grant]:
    """Return what was given on the target itself: people by name, then groups. Two queries."""
    rights = grantable(target)
    found: dict[Holder, set[str]] = {}
    for kind, name in ((User, "user"), (Group, "group")):
        rows = _table(target, kind).filter(permission__codename__in=rights).select_related(name, "permission")
        for row in rows.order_by(f"{name}__{'username' if kind is User else 'name'}"):
            found.setdefault(getattr(row, name), set()).add(rights[row.permission.codename])
    return [Grant(holder, tuple(right for right in RIGHTS if right in held)) for holder, held in found.items()]


def find(words: str, target: Target) -> list[Holder]:
    """Return the people and groups whose name has these words in it, best first, at most MOST_FOUND; not the owner.

    Only names are looked at and shown, nothing else that is known of a person.
    """
    words = " ".join(words.split())
    if len(words) < LEAST_LETTERS or "\x00" in words:
        return []
    named = Q(username__icontains=words) | Q(first_name__icontains=words) | Q(last_name__icontains=words)
    people = User.objects.filter(named, is_active=True).exclude(pk=owner_of(target).pk)
    groups = Group.objects.filter(name__icontains=words)
    found: list[Holder] = [*people.order_by(Length("username"), "username")[:MOST_FOUND]]
    found += groups.order_by(Length("name"), "name")[:MOST_FOUND]
    starts = words.casefold()
    return sorted(found, key=lambda who: not str(who).casefold().startswith(starts))[:MOST_FOUND]


def owner_of(target: Target) -> User:
    """Return the owner of the film that the target is, or is in."""
    return target.scene.owner if isinstance(target, Block) else target.owner


# --- Giving and taking ----------------------------------------------------------------------------------------------


def may_change(target: Target) -> tuple[str, ...]:
    """Return the rights that the person of `.can` may give and take on the target."""
    if not target.can.share:
        return ()
    return tuple(right for right in grantable(target).values() if target.can.holds(right))


def change(
    target: Target, holder: Holder, by: User, *, give: Iterable[str] = (), take: Iterable[str] = ()
) -> list[str]:
    """Give rights on the target to a person or group, and take others away; what stands already is left as it is.

    Returns what was changed, as sentences. Raises PermissionDenied where `by` may not, SharingError where it makes no
    sense.
    """
    give, take = list(give), list(take)
    _check(target, [*give, *take])
    if isinstance(holder, User) and give and holder == owner_of(target):
        raise SharingError(_("%(name)s owns the film and holds every right already.") % {"name": holder})
    if isinstance(holder, User) and give and not holder.is_active:
        raise SharingError(_("The account of %(name)s is closed.") % {"name": holder})
    with transaction.atomic():
        gave = [right for right in give if _give(target, holder, right)]
        took = [right for right in take if _take(target, holder, right)]
        _settle(target, holder, give, by)
        return record(target, holder, by, gave=gave, took=took)


def _check(target: Target, rights: Collection[str]) -> None:
    if not target.can.share:
        raise PermissionDenied(missing_on_film(SHARE) if isinstance(target, Film) else missing(SHARE))
    offered = grantable(target).values()
    for right in rights:
        if right not in offered:
            raise SharingError(_("The right %(right)s cannot be given here.") % {"right": str(right)[:60]})
        if not target.can.holds(right):
            raise PermissionDenied(
                _("You do not hold the right “%(right)s” here yourself, so you can neither give nor take it.")
                % {"right": NAMES[right]}
            )


def _permission(target: Target, right: str) -> Permission:
    codename = next(codename for codename, meant in grantable(target).items() if meant == right)
    return Permission.objects.get(content_type=ContentType.objects.get_for_model(target), codename=codename)


def _give(target: Target, holder: Holder, right: str) -> bool:
    whole = {**_whose(holder), "content_object": target, "permission": _permission(target, right)}
    return bool(_table(target, type(holder)).get_or_create(**whole)[1])


def _take(target: Target, holder: Holder, right: str) -> bool:
    rows = _table(target, type(holder)).filter(permission=_permission(target, right), **_whose(holder))
    return bool(rows.delete()[0])


def record(
    target: Target, holder: Holder, by: User, *, gave: Collection[str] = (), took: Collection[str] = ()
) -> list[str]:
    """Log what was given and taken, one entry for all; returns its sentences."""
    whom = f"group {holder}" if isinstance(holder, Group) else str(holder)
    words = [f"Gave “{NAMES[right]}” to {whom}." for right in RIGHTS if right in gave]
    words += [f"Took “{NAMES[right]}” from {whom}." for right in RIGHTS if right in took]
    write_log(target, by, words)
    return words


def write_log(target: Target, by: User, words: list[str]) -> None:
    """Log what was done about who may do what with the target, one entry for all sentences."""
    if words:
        LogEntry.objects.log_actions(by.pk, [target], CHANGED, " ".join(words), single_object=True)


def log(target: Target, most: int = 20) -> QuerySet[LogEntry]:
    """Return the newest entries about who may do what with the target."""
    about = Q()
    for word in ("Gave ", "Took ", "Declined ", "Guest link "):
        about |= Q(change_message__startswith=word)
    entries = LogEntry.objects.filter(
        about,
        content_type=ContentType.objects.get_for_model(target),
        object_id=str(target.pk),
    )
    return entries.select_related("user").order_by("-action_time", "-pk")[:most]


# --- Asking and answering -------------------------------------------------------------------------------------------


def _place(target: Target) -> dict[str, Any]:
    if isinstance(target, Film):
        return {"film": target, "scene": None, "block": None}
    scene = target.scene if isinstance(target, Block) else target
    return {"film": scene.film, "scene": scene, "block": target if isinstance(target, Block) else None}


def last_requests(target: Target, person: User) -> dict[str, RightRequest]:
    """Return what this person asked last for each right on the target. One query.

    What waits for an answer on the film or scene that the target is in counts as well: one answer is enough.
    """
    here = _place(target)
    around = [{"film": here["film"], "scene": None, "block": None}, {**here, "block": None}]
    waiting = Q(decided_at=None) & (Q(**around[0]) | Q(**around[1]))
    asked = RightRequest.objects.filter(Q(**here) | waiting, person=person)
    return {row.right: row for row in asked.select_related("decided_by").order_by("at", "pk")}


def ask(target: Target, person: User, right: str) -> RightRequest:
    """Ask whoever may share the target for a right on it. A second press finds the first one's request.

    Raises SharingError where there is nothing to ask for, or where it was declined less than a day ago.
    """
    if right not in grantable(target).values():
        raise SharingError(_("There is no such right here."))
    if target.can.holds(right):
        raise SharingError(_("You hold this right already."))
    if not target.can.view and right not in (VIEW, CHANGE):
        raise SharingError(_("You see some scenes of this film. Ask to look at the whole film first."))
    last = last_requests(target, person).get(right)
    if last is not None and last.decided_at is None:
        return last
    if last is not None and not last.granted and last.may_ask_again_at > timezone.now():
        raise SharingError(_("This was declined less than a day ago. You can ask again after a day."))
    try:
        with transaction.atomic():
            return RightRequest.objects.create(person=person, right=right, **_place(target))
    except IntegrityError:  # pressed twice at the same moment
        return RightRequest.objects.get(person=person, right=right, decided_at=None, **_place(target))


def requests_on(target: Target) -> QuerySet[RightRequest]:
    """Return what is asked for on the target and inside it and waits for an answer, oldest first."""
    inside = {"film": target} if isinstance(target, Film) else {_NAME[type(target)]: target}
    return _there().filter(**inside, decided_at=None, person__is_active=True)


def requests_for(person: Person) -> QuerySet[RightRequest]:
    """Return what waits for an answer that this person may give."""
    return answerable(person).filter(decided_at=None, person__is_active=True)


def count_requests(person: Person) -> int:
    """Count what waits for an answer that this person may give; most of the time nothing waits for anybody."""
    if not RightRequest.objects.filter(decided_at=None).exists():
        return 0
    return requests_for(person).count()


def answerable(person: Person) -> QuerySet[RightRequest]:
    """Return what this person may answer, or could have answered."""
    return _there().filter(_sharable(person))


def _sharable(person: Person) -> Q:
    """Return which rows with a film, and perhaps a scene, belong to what this person may share."""
    if not isinstance(person, User) or not person.is_active:
        return Q(pk__in=[])
    if person.is_superuser:
        return Q()
    everywhere = global_codenames(person)
    may_share = Q() if SHARE in everywhere else _held_by(person, ["share_film"], [SHARE])
    may_look = Q() if everywhere & {VIEW, CHANGE} else _held_by(person, LOOKING_AT_FILM, [VIEW, CHANGE])
    return Q(film__owner=person) | (may_share & may_look)


def _held_by(person: User, on_film: Collection[str], on_scene: Collection[str]) -> Q:
    """Return which rows' film or scene this person holds one of these codenames on."""
    return held_on(Film, person, on_film, "film") | held_on(Scene, person, on_scene, "scene")


def _there() -> QuerySet[RightRequest]:
    there = RightRequest.objects.filter(
        Q(scene=None) | Q(scene__removed_at=None), Q(block=None) | Q(block__removed_at=None), film__removed_at=None
    )
    return there.select_related(
        "person", "decided_by", "film__owner", "scene__film__owner", "block__scene__film__owner", "block__character"
    )


_NAME: dict[type[Target], str] = {Scene: "scene", Block: "block"}


def reach(request: RightRequest, person: User) -> Target:
    """Return the target of a request with the person's rights on it. Raises Http404 where they do not see it."""
    return again(request.target, person)


def again(target: Target, person: User) -> Target:
    """Read a target anew, with the rights that the person holds on it now. Raises Http404 where they do not see it."""
    if isinstance(target, Film):
        return get_film(person, target.pk)
    if isinstance(target, Scene):
        return get_scene(person, target.pk)
    return get_block(person, target.scene_id, target.pk)


def decide(request: RightRequest, target: Target, by: User, *, granted: bool) -> bool:
    """Grant what was asked for, or decline; False where somebody has answered already.

    target: that of the request, with `by`'s rights. Raises PermissionDenied and SharingError as `change` does.
    """
    _check(target, [request.right] if granted else [])
    with transaction.atomic():
        answer = {"decided_at": timezone.now(), "decided_by": by, "granted": granted}
        if not RightRequest.objects.filter(pk=request.pk, decided_at=None).update(**answer):
            return False
        if granted:
            change(target, request.person, by, give=[request.right])
        else:
            write_log(target, by, [f"Declined “{NAMES[request.right]}” to {request.person}."])
    return True


def _settle(target: Target, holder: Holder, rights: Collection[str], by: User) -> None:
    """Answer what was asked for where it is given in another way."""
    whose = {"person__groups": holder} if isinstance(holder, Group) else {"person": holder}
    asked = RightRequest.objects.filter(right__in=rights, decided_at=None, **whose, **_place(target))
    ids = list(asked.values_list("pk", flat=True))
    RightRequest.objects.filter(pk__in=ids).update(decided_at=timezone.now(), decided_by=by, granted=True)
