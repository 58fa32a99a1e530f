"""Who may do what with a film, scene or block, and where it comes from; give and take, for whoever may share."""

from collections.abc import Mapping
from typing import Any, Self

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest
from ninja import Router

from api.auth import caller
from api.body import read_body, refuse
from api.camel import CamelSchema
from api.openapi import Json, json_body, responses
from api.paths import BlockId, FilmId, SceneId
from api.problems import ProblemError
from api.schemas import Rights
from scenes import access, holders, sharing
from scenes.access import grantable
from scenes.models import SHARE
from scenes.sharing import Holder, SharingError, Target
from videogen.errors import shown

router = Router(tags=["People"])

MOST_GRANTS = 500  # of one body
_RIGHTS: Json = {"type": "array", "items": {"type": "string"}, "description": "Some of `grantable`."}
_GRANT: Json = {
    "type": "object",
    "properties": {"user": {"type": "string"}, "group": {"type": "string"}, "rights": _RIGHTS},
    "required": ["rights"],
    "additionalProperties": False,
    "description": "A user or a group, by name.",
}
BODY = json_body(
    "PeopleChange",
    {"direct": {"type": "array", "items": _GRANT, "maxItems": MOST_GRANTS, "description": "All there shall be."}},
    ("direct",),
)


class Source(CamelSchema):
    """Where a right comes from, in words: "by group Editors, on the film". right: its codename on a scene."""

    right: str
    sources: list[str]


class PersonRights(CamelSchema):
    """What a person may do, all sources together."""

    username: str
    name: str
    can: Rights
    sources: list[Source]


class DirectGrant(CamelSchema):
    """What was given to a user or a group here, and not on what this is inside of."""

    user: str | None
    group: str | None
    rights: list[str]


class People(CamelSchema):
    """Who may do what. people: effective rights. direct: what PUT replaces. grantable: what you may give and take."""

    people: list[PersonRights]
    direct: list[DirectGrant]
    grantable: list[str]

    @classmethod
    def of(cls, target: Target) -> Self:
        """Gather it for a film, scene or block."""
        codenames = {right: codename for codename, right in grantable(target).items()}
        return cls(
            people=[
                PersonRights(
                    username=holder.person.get_username(),
                    name=holder.person.get_full_name(),
                    can=Rights.of(holder.rights),
                    sources=[Source(right=right, sources=words) for right, words in holder.sources.items()],
                )
                for holder in holders.holders(target)
            ],
            direct=[
                DirectGrant(
                    user=None if grant.is_group else str(grant.holder),
                    group=str(grant.holder) if grant.is_group else None,
                    rights=[codenames[right] for right in grant.rights],
                )
                for grant in sharing.grants(target)
            ],
            grantable=[codenames[right] for right in sharing.may_change(target)],
        )


def _replace(request: HttpRequest, target: Target) -> People:
    """Have the target's own grants be those of the body, all or nothing."""
    by = caller(request)
    body = read_body(request, ("direct",))
    if body.errors:
        refuse(body.errors)
    wanted = _read(body.values.get("direct"), target)
    with transaction.atomic():
        type(target).everything.select_for_update().get(pk=target.pk)  # two that replace come one after the other
        stands = {grant.holder: set(grant.rights) for grant in sharing.grants(target)}
        for holder in {**stands, **wanted}:
            before, after = stands.get(holder, set()), wanted.get(holder, set())
            try:
                sharing.change(target, holder, by, give=after - before, take=before - after)
            except SharingError as error:
                refuse({"direct": str(error)})
    return People.of(target)


def _read(given: object, target: Target) -> dict[Holder, set[str]]:
    """Read the list of a body. Raises ProblemError naming the place of each wrong value."""
    if not isinstance(given, list) or len(given) > MOST_GRANTS:
        refuse({"direct": f"direct must be a list of at most {MOST_GRANTS} grants; {shown(given)} was given."})
    offered = grantable(target)
    errors: dict[str, str] = {}
    wanted: dict[Holder, set[str]] = {}
    for place, grant in enumerate(given):
        at = f"direct.{place}"
        if not isinstance(grant, dict) or set(grant) not in ({"user", "rights"}, {"group", "rights"}):
            errors[at] = f"{at} must have a user or a group, and rights; {shown(grant)} was given."
            continue
        holder = _holder(grant)
        rights = grant["rights"]
        if holder is None:
            kind = "user" if "user" in grant else "group"
            errors[f"{at}.{kind}"] = f"There is no {kind} {shown(grant[kind])}."
        elif holder in wanted:
            errors[at] = f"{at} names {holder} a second time."
        if not isinstance(rights, list) or not all(isinstance(right, str) and right in offered for right in rights):
            errors[f"{at}.rights"] = f"{at}.rights must be some of {', '.join(offered)}; {shown(rights)} was given."
        elif holder is not None:
            wanted[holder] = {offered[right] for right in rights}
    if errors:
        raise ProblemError(422, "invalid", " ".join(errors.values()), errors=errors)
    return wanted


def _holder(grant: Mapping[str, Any]) -> Holder | None:
    name = grant.get("user", grant.get("group"))
    if not isinstance(name, str) or "\x00" in name:
        return None
    if "user" in grant:
        return User.objects.filter(username=name).first()
    return Group.objects.filter(name=name).first()


_PROBLEMS = responses(401, 403, 404, 413, 415, 422)


@router.get(
    "/films/{uuid:filmId}/people",
    response=People,
    by_alias=True,
    operation_id="readFilmPeople",
    summary="Who may do what with a film",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"film:{SHARE}")
def read_film(request: HttpRequest, film_id: FilmId) -> People:
    """Return everybody who holds a right on the film, and what was given on the film itself."""
    return People.of(access.get_film(request.user, film_id, SHARE))


@router.put(
    "/films/{uuid:filmId}/people",
    response=People,
    by_alias=True,
    operation_id="replaceFilmPeople",
    summary="Share a film",
    openapi_extra={**BODY, **_PROBLEMS},
)
@access.policy(f"film:{SHARE}")
def replace_film(request: HttpRequest, film_id: FilmId) -> People:
    """Replace what was given on the film. You give and take only what you hold yourself."""
    return _replace(request, access.get_film(request.user, film_id, SHARE))


@router.get(
    "/scenes/{uuid:sceneId}/people",
    response=People,
    by_alias=True,
    operation_id="readScenePeople",
    summary="Who may do what with a scene",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"scene:{SHARE}")
def read_scene(request: HttpRequest, scene_id: SceneId) -> People:
    """Return everybody who holds a right on the scene, and what was given on the scene itself."""
    return People.of(access.get_scene(request.user, scene_id, SHARE))


@router.put(
    "/scenes/{uuid:sceneId}/people",
    response=People,
    by_alias=True,
    operation_id="replaceScenePeople",
    summary="Share a scene",
    openapi_extra={**BODY, **_PROBLEMS},
)
@access.policy(f"scene:{SHARE}")
def replace_scene(request: HttpRequest, scene_id: SceneId) -> People:
    """Replace what was given on the scene. You give and take only what you hold yourself."""
    return _replace(request, access.get_scene(request.user, scene_id, SHARE))


@router.get(
    "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/people",
    response=People,
    by_alias=True,
    operation_id="readBlockPeople",
    summary="Who may do what with a block",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"block:{SHARE}")
def read_block(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> People:
    """Return everybody who holds a right on the block, and what was given on the block itself."""
    return People.of(access.get_block(request.user, scene_id, block_id, SHARE))


@router.put(
    "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/people",
    response=People,
    by_alias=True,
    operation_id="replaceBlockPeople",
    summary="Share a block",
    openapi_extra={**BODY, **_PROBLEMS},
)
@access.policy(f"block:{SHARE}")
def replace_block(request: HttpRequest, scene_id: SceneId, block_id: BlockId) -> People:
    """Replace what was given on the block. You give and take only what you hold yourself."""
    return _replace(request, access.get_block(request.user, scene_id, block_id, SHARE))
