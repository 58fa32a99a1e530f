"""Guest links of a scene: list, make, revoke."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from ninja import Path, Router, Status

from api.auth import caller
from api.body import read_body, refuse
from api.camel import CamelSchema
from api.openapi import Json, json_body, responses
from api.paths import SceneId
from api.problems import ProblemError, one_of
from scenes import access, guest_link, guests
from scenes.models import SHARE

router = Router(tags=["People"])

_PATH = "/scenes/{uuid:sceneId}/guest-links"
_NEW: dict[str, Json] = {
    "label": {
        "type": "string",
        "minLength": 1,
        "maxLength": guest_link.LABEL_LENGTH,
        "pattern": r"\S",
        "description": "For whom it is. A guest does not see it.",
    },
    "days": {
        "type": "integer",
        "minimum": 1,
        "maximum": guests.MOST_DAYS,
        "default": guests.DAYS,
        "description": "How long it is good for.",
    },
}
LinkId = Annotated[UUID, Path(alias="linkId", description="A guest link of that scene.")]


class GuestLink(CamelSchema):
    """A link that opens one scene to somebody without an account.

    works: whether it opens the scene now; it does not while madeBy may not share the scene.
    """

    id: UUID
    label: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_seen_at: datetime | None
    works: bool

    @classmethod
    def of(cls, row: guests.Listed) -> Self:
        """Convert a link."""
        names = ("id", "label", "created_at", "expires_at", "revoked_at", "last_seen_at")
        same = {name: getattr(row.link, name) for name in names}
        return cls(made_by=row.link.made_by.get_username(), works=row.works, **same)


class NewGuestLink(GuestLink):
    """A guest link with the address to send, which cannot be read again later."""

    url: str


def _demand_on() -> None:
    if not guests.are_on():
        raise ProblemError(
            404, "guest_links_off", "This installation has no guest links: its operator turned them off."
        )


@router.get(
    _PATH,
    response=list[GuestLink],
    by_alias=True,
    operation_id="listGuestLinks",
    summary="List the guest links of a scene",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"scene:{SHARE}")
def list_guest_links(request: HttpRequest, scene_id: SceneId) -> list[GuestLink]:
    """List the links, the newest first; one that ended or was revoked is listed for 30 days more."""
    scene = access.get_scene(request.user, scene_id, SHARE)
    _demand_on()
    return [GuestLink.of(row) for row in guests.listed(scene)]


@router.post(
    _PATH,
    response={201: NewGuestLink},
    by_alias=True,
    operation_id="makeGuestLink",
    summary="Make a guest link",
    openapi_extra={**json_body("GuestLinkRequest", _NEW, ["label"]), **responses(401, 403, 404, 413, 415, 422)},
)
@access.policy(f"scene:{SHARE}")
@sensitive_variables("secret")
def make_guest_link(request: HttpRequest, scene_id: SceneId) -> Status[NewGuestLink]:
    """Make a link. `url` is told this once: only a hash of the secret in it is kept."""
    scene = access.get_scene(request.user, scene_id, SHARE)
    _demand_on()
    body = read_body(request, _NEW)
    if body.errors:
        refuse(body.errors)
    try:
        link, secret = guests.make(
            scene, caller(request), body.values.get("label"), body.values.get("days", guests.DAYS)
        )
    except guests.GuestLinkError as error:
        refuse(error.errors)
    made = GuestLink.of(guests.Listed(link, works=True))
    return Status(201, NewGuestLink(**made.dict(), url=guests.address(secret)))


@router.delete(
    f"{_PATH}/{{uuid:linkId}}",
    response={204: None},
    operation_id="revokeGuestLink",
    summary="Revoke a guest link",
    openapi_extra=responses(401, 403, 404),
)
@access.policy(f"scene:{SHARE}")
def revoke_guest_link(request: HttpRequest, scene_id: SceneId, link_id: LinkId) -> Status[None]:
    """Close a link at once, for everybody who has it. One that was revoked already stays revoked."""
    scene = access.get_scene(request.user, scene_id, SHARE)
    _demand_on()
    link = one_of(scene.guest_links.select_related("scene"), link_id, "This scene has no such guest link.")
    guests.revoke(link, caller(request))
    return Status(204, None)
