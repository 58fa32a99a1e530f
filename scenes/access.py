"""Who may do what. The only module that asks django-guardian; every route passes one of its decorators.

A person sees a scene as the owner of its film, by `view_scene` or `change_scene` on it, by `view_film` or `change_film`
on its film, or by one of these globally. Who does not see it gets 404. Rights on a block may be held on the block, on
its scene or its film (then on everything inside) or globally through a group; who sees a block but lacks the right gets
403. A film is seen by whoever sees one of its scenes, with these scenes only. Who may share a film or a scene gives and
takes there, and inside, the rights they hold themselves.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from guardian.core import ObjectPermissionChecker
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from scenes.models import DELETE_VIDEO, GENERATE_FRAME, GENERATE_VIDEO, SHARE, Block, Film, Scene

Person = AbstractBaseUser | AnonymousUser
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

VIEW = "view_scene"
CHANGE = "change_scene"


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do with one scene or block."""

    view: bool = False
    change: bool = False
    generate_frame: bool = False
    generate_video: bool = False
    delete_video: bool = False
    share: bool = False

    @classmethod
    def of(cls, held: Collection[str]) -> "Rights":
        """Return what somebody may do who holds these codenames; nothing without one that lets them look."""
        if VIEW not in held and CHANGE not in held:
            return NOTHING
        return cls(
            view=True,
            change=CHANGE in held,
            # The specification asks scene_block:video:generate for the whole job of three steps: it includes frames.
            generate_frame=GENERATE_FRAME in held or GENERATE_VIDEO in held,
            generate_video=GENERATE_VIDEO in held,
            delete_video=DELETE_VIDEO in held,
            share=SHARE in held,
        )

    def holds(self, right: str) -> bool:
        """Whether the right with this codename is held."""
        return bool(getattr(self, _ATTRIBUTES[right]))


NOTHING = Rights()
EVERYTHING = Rights(view=True, change=True, generate_frame=True, generate_video=True, delete_video=True, share=True)
_ATTRIBUTES = {
    VIEW: "view",
    CHANGE: "change",
    GENERATE_FRAME: "generate_frame",
    GENERATE_VIDEO: "generate_video",
    DELETE_VIDEO: "delete_video",
    SHARE: "share",
}
RIGHTS = tuple(_ATTRIBUTES)
NAMES = dict(zip(RIGHTS, ("look", "write", "make frames", "make videos", "delete videos", "share"), strict=True))
BLOCK_RIGHTS = (GENERATE_FRAME, GENERATE_VIDEO, DELETE_VIDEO)  # those that may be held on a single block
# how these are called where they are held on a film
_ON_FILM = {"view_film": VIEW, "change_film": CHANGE, "share_film": SHARE}
LOOKING_AT_FILM = ["view_film", "change_film"]
EVERYWHERE = {**{right: right for right in RIGHTS}, **_ON_FILM}  # codenames that hold for all films, and their rights


def grantable(target: Film | Scene | Block) -> dict[str, str]:
    """Return the codenames that may be granted on a film, scene or block, each with the right that it gives there."""
    if isinstance(target, Film):
        names = {right: codename for codename, right in _ON_FILM.items()}
        return {names.get(right, right): right for right in RIGHTS}
    return {right: right for right in (RIGHTS if isinstance(target, Scene) else BLOCK_RIGHTS)}


def _active(person: Person) -> User | None:
    return person if isinstance(person, User) and person.is_active else None


def global_codenames(user: User) -> set[str]:
    """Return the codenames that this person holds on all films, as they are called on scenes and blocks."""
    return {right for codename, right in EVERYWHERE.items() if user.has_perm(f"scenes.{codename}")}


def grant_film_rights(person: Person, film: Film) -> None:
    """Set `.can` on the film: what holds for everything inside it."""
    user = _active(person)
    if user is None or user.is_superuser or film.owner_id == user.pk:
        film.can = EVERYTHING if user else NOTHING
        return
    film.can = Rights.of(global_codenames(user) | _held_on_film(ObjectPermissionChecker(user), film))


def _held_on_film(checker: ObjectPermissionChecker, film: Film) -> set[str]:
    return {_ON_FILM.get(codename, codename) for codename in checker.get_perms(film)}


def grant_rights(person: Person, scene: Scene, blocks: Iterable[Block] = ()) -> None:
    """Set `.can` on the scene and on the given blocks of it. A fixed number of queries, however many blocks."""
    grant_rights_in(person, scene.film, [scene], blocks)


def grant_rights_in(person: Person, film: Film, scenes: Sequence[Scene], blocks: Iterable[Block]) -> None:
    """Set `.can` on scenes of one film and on blocks of these. A fixed number of queries, however many there are."""
    blocks = list(blocks)
    targets: list[Scene | Block] = [*scenes, *blocks]
    user = _active(person)
    if user is None or user.is_superuser or film.owner_id == user.pk:
        for target in targets:
            target.can = EVERYTHING if user else NOTHING
        return
    checker = ObjectPermissionChecker(user)
    prefetch = cast("Callable[[list[Any]], None]", checker.prefetch_perms)  # it takes any iterable of one model
    prefetch(list(scenes))
    everywhere = global_codenames(user) | _held_on_film(checker, film)
    held = {scene.pk: everywhere | set(checker.get_perms(scene)) for scene in scenes}
    for scene in scenes:
        scene.can = Rights.of(held[scene.pk])
    if blocks:
        prefetch(blocks)
    for block in blocks:
        block.can = Rights.of(held[block.scene_id] | set(checker.get_perms(block)))


def visible_scenes(person: Person) -> QuerySet[Scene]:
    """Return the scenes this person may see, none of a film that was removed."""
    user = _active(person)
    if user is None:
        return Scene.objects.none()
    scenes = Scene.objects.filter(film__removed_at=None)
    if user.is_superuser or global_codenames(user) & {VIEW, CHANGE}:
        return scenes
    return scenes.filter(
        Q(film__owner=user) | held_on(Scene, user, [VIEW, CHANGE]) | held_on(Film, user, LOOKING_AT_FILM, "film")
    )


def visible_films(person: Person) -> QuerySet[Film]:
    """Return the films this person may see: as a whole, or because one of its scenes was shared with them."""
    user = _active(person)
    if user is None:
        return Film.objects.none()
    if user.is_superuser or global_codenames(user) & {VIEW, CHANGE}:
        return Film.objects.all()
    scenes = Scene.objects.filter(held_on(Scene, user, [VIEW, CHANGE])).order_by().values("film")
    return Film.objects.filter(Q(owner=user) | held_on(Film, user, LOOKING_AT_FILM) | Q(pk__in=scenes))


def held_on(model: type[Film | Scene], user: User, codenames: Collection[str], path: str = "pk") -> Q:
    """Return which rows have at `path` a film or scene that this person, or a group, holds one of these codenames on.

    Guardian's get_objects_for_user finds the same with twice the subqueries: half the time of some pages.
    """
    tables = cast("Any", get_user_obj_perms_model)(model), cast("Any", get_group_obj_perms_model)(model)
    of_person = tables[0].objects.filter(user=user, permission__codename__in=codenames)
    of_groups = tables[1].objects.filter(group__user=user, permission__codename__in=codenames)
    return Q(**{f"{path}__in": of_person.values("content_object")}) | Q(
        **{f"{path}__in": of_groups.values("content_object")}
    )


def scenes_in(film: Film, person: Person) -> QuerySet[Scene]:
    """Return the scenes of a film that this person may see, in no order. film: with `.can` set to their rights."""
    return Scene.objects.filter(film=film) if film.can.view else visible_scenes(person).filter(film=film)


def get_film(person: Person, film_id: UUID, right: str = VIEW) -> Film:
    """Fetch a film with `.can` set, which holds nothing for whoever sees some of its scenes only.

    Raises Http404 if it is not visible, PermissionDenied without `right`; looking is free to whoever sees a scene.
    """
    film = Film.objects.select_related("owner").filter(pk=film_id).first()
    if film is not None:
        grant_film_rights(person, film)
    if film is None or not (film.can.view or scenes_in(film, person).exists()):
        raise Http404("No such film.")
    if right != VIEW and not film.can.holds(right):
        raise PermissionDenied(missing_on_film(right))
    return film


def removed_films(person: Person) -> QuerySet[Film]:
    """Return the films of this person that were taken away, which they alone may bring back."""
    user = _active(person)
    return Film.everything.filter(owner=user).exclude(removed_at=None) if user else Film.everything.none()


def get_scene(person: Person, scene_id: UUID, right: str = VIEW) -> Scene:
    """Fetch a scene with `.can` set. Raises Http404 if it is not visible, PermissionDenied without `right`."""
    there = Scene.objects.filter(film__removed_at=None)
    scene = there.select_related("location", "film__owner").filter(pk=scene_id).order_by("pk").first()
    if scene is not None:
        grant_rights(person, scene)
    if scene is None or not scene.can.view:
        raise Http404("No such scene.")
    _demand(scene.can, right)
    return scene


def get_block(person: Person, scene_id: UUID, block_id: UUID, right: str = VIEW) -> Block:
    """Fetch a block of that scene with `.can` set on both. Raises Http404 or PermissionDenied as `get_scene` does."""
    there = Block.objects.filter(scene__removed_at=None, scene__film__removed_at=None)
    block = (
        there.select_related("scene__location", "scene__film", "character")
        .filter(pk=block_id, scene_id=scene_id)
        .order_by("pk")  # there is one: its place need not be looked up
        .first()
    )
    if block is not None:
        grant_rights(person, block.scene, [block])
    if block is None or not block.can.view:
        raise Http404("No such block.")
    _demand(block.can, right)
    return block


def get_material(person: Person, scene_id: UUID, block_id: UUID) -> Block:
    """Fetch a block whose frames or clips are asked for: what was taken away, or its scene, for who may bring it back.

    Raises Http404.
    """
    blocks = Block.everything.filter(scene__film__removed_at=None).select_related("scene__film", "character")
    block = blocks.filter(pk=block_id, scene_id=scene_id).order_by("pk").first()
    if block is not None:
        grant_rights(person, block.scene, [block])
    if block is None or not block.can.view:
        raise Http404("No such block.")
    is_away = block.removed_at is not None or block.scene.removed_at is not None
    if is_away and not block.scene.can.change:
        raise Http404("No such block.")
    return block


def may_still(person: Person | None, block: Block, right: str) -> bool:
    """Whether the person who asked for a job holds `right` now, when a worker is about to begin."""
    if person is None:
        return False
    grant_rights(person, block.scene, [block])
    return block.can.holds(right)


def demand(person: Person, block: Block, right: str) -> None:
    """Raise PermissionDenied, with a sentence, unless this person holds `right` on a block."""
    grant_rights(person, block.scene, [block])
    if not block.can.view:
        raise PermissionDenied(
            _("This scene was not shared with you. Ask its owner for the rights view_scene and %s.") % right
        )
    _demand(block.can, right)


def missing(right: str) -> str:
    """Return the sentence for a person who may look but lacks `right`."""
    return {
        CHANGE: _("You may look at this scene, but not change it. Ask its owner for the right change_scene."),
        GENERATE_FRAME: _(
            "You may look, but not make frames here. Ask the scene's owner for the right scene_block:frame:generate."
        ),
        GENERATE_VIDEO: _(
            "You may look, but not make videos here. Ask the scene's owner for the right scene_block:video:generate."
        ),
        DELETE_VIDEO: _(
            "You may look, but not delete videos here. Ask the scene's owner for the right scene_block:video:delete."
        ),
        SHARE: _("You may look at this scene, but not share it. Ask its owner for the right share_scene."),
    }.get(right, _("You may not do this here."))


def missing_on_film(right: str) -> str:
    """Return the sentence for a person who sees a film, or scenes of it, but lacks `right` on it as a whole."""
    return {
        CHANGE: _("You may look at this film, but not change it. Ask its owner for the right change_film."),
        SHARE: _("You may look at this film, but not share it. Ask its owner for the right share_film."),
    }.get(right, missing(right))


def _demand(rights: Rights, right: str) -> None:
    if not rights.holds(right):
        raise PermissionDenied(missing(right))


# --- Decorators: each marks its view with a policy; config.checks refuses a route without one. ---------------


def policy(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a callable with the policy that it enforces itself."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        cast("Any", view).access_policy = name
        return view

    return mark


public = policy("public")


def for_programs(view: View[P]) -> View[P]:
    """Mark a view that also takes a bearer token: the files whose addresses the API hands out."""
    cast("Any", view).for_programs = True
    return view


def _to_login(request: HttpRequest) -> HttpResponse:
    # A login page swapped into a card helps nobody: htmx is told to leave the page instead.
    htmx = getattr(request, "htmx", None)
    back = (htmx.current_url_abs_path or "/") if htmx else request.get_full_path()
    url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(url) if htmx else HttpResponse(status=302, headers={"Location": url})


def signed_in(view: Callable[Concatenate[Any, P], HttpResponseBase]) -> View[P]:
    """Let anyone pass who is signed in."""

    @wraps(view)
    def gate(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if _active(request.user) is None:
            return _to_login(request)
        return view(request, *args, **kwargs)

    marked: View[P] = policy("signed in")(gate)
    return marked


def film(right: str = VIEW) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Pass the film of the URL's film_id to the view, after checking `right`."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gate(request: HttpRequest, *, film_id: UUID, **kwargs: Any) -> HttpResponseBase:
            if _active(request.user) is None:
                return _to_login(request)
            return view(request, get_film(request.user, film_id, right), **kwargs)

        return policy(f"film:{right}")(gate)

    return decorate


def scene(right: str = VIEW) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Pass the scene of the URL's scene_id to the view, after checking `right`."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gate(request: HttpRequest, *, scene_id: UUID, **kwargs: Any) -> HttpResponseBase:
            if _active(request.user) is None:
                return _to_login(request)
            return view(request, get_scene(request.user, scene_id, right), **kwargs)

        return policy(f"scene:{right}")(gate)

    return decorate


def material(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Pass the block of the URL's scene_id and block_id to a view that sends its frames and clips."""

    @wraps(view)
    def gate(request: HttpRequest, *, scene_id: UUID, block_id: UUID, **kwargs: Any) -> HttpResponseBase:
        if _active(request.user) is None:
            return _to_login(request)
        return view(request, get_material(request.user, scene_id, block_id), **kwargs)

    return policy(f"block:{VIEW}, {CHANGE} where it was taken away")(gate)


def block(right: str = VIEW) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Pass the block of the URL's scene_id and block_id to the view, after checking `right`."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def gate(request: HttpRequest, *, scene_id: UUID, block_id: UUID, **kwargs: Any) -> HttpResponseBase:
            if _active(request.user) is None:
                return _to_login(request)
            return view(request, get_block(request.user, scene_id, block_id, right), **kwargs)

        return policy(f"block:{right}")(gate)

    return decorate
