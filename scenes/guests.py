"""Guest links of a scene: make, list, revoke, and find the one whose secret a guest brings (docs/decisions/0087)."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from scenes import sharing
from scenes.access import Rights, get_scene
from scenes.guest_link import LABEL_LENGTH, hash_of
from scenes.holders import holders
from scenes.models import SHARE, GuestLink, Scene
from scenes.wording import Words, shown

DAYS = 14  # that a link is good for unless told otherwise
MOST_DAYS = 90
MOST_OPEN = 20  # links of a scene at a time
KEPT_IN_LIST = timedelta(days=30)  # how long a link that ended or was revoked is still listed
SEEN_PRECISION = timedelta(minutes=1)  # a page with fifty pictures costs one write, not fifty

LABEL = Words("Label", LABEL_LENGTH, empty="Say for whom the link is, so that you know later which one to revoke.")


class GuestLinkError(ValueError):
    """A link cannot be made like this. errors: sentences by field."""

    def __init__(self, **errors: str) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Listed:
    """A link as the scene's list has it. works: a guest who opens it now sees the scene."""

    link: GuestLink
    works: bool


def are_on() -> bool:
    """Whether this installation has guest links at all."""
    return bool(settings.GUEST_LINKS)


def make(scene: Scene, by: User, label: object, days: object = DAYS) -> tuple[GuestLink, str]:
    """Make a link to a scene that `by` may share. Returns the row and the secret, which cannot be read again.

    Raises GuestLinkError naming every wrong value.
    """
    errors, words = {}, ""
    try:
        words = LABEL.read(label)
    except ValueError as error:
        errors["label"] = str(error)
    length = days if isinstance(days, int) and not isinstance(days, bool) else 0
    if not 1 <= length <= MOST_DAYS:
        errors["days"] = f"days must be a whole number from 1 to {MOST_DAYS}; {shown(days)} was given."
    if errors:
        raise GuestLinkError(**errors)
    now = timezone.now()
    ends = now + timedelta(days=length)
    with transaction.atomic():
        Scene.objects.select_for_update().get(pk=scene.pk)  # of two at once the second one counts the first
        if GuestLink.objects.open().filter(scene=scene).count() >= MOST_OPEN:
            raise GuestLinkError(label=f"This scene has {MOST_OPEN} open links. Revoke one that nobody needs any more.")
        link, secret = GuestLink.issue(scene=scene, label=words, made_by=by, created_at=now, expires_at=ends)
        sharing.write_log(
            scene, by, [f"Guest link “{words}” made, good until {date_format(timezone.localtime(ends), 'j F Y')}."]
        )
    return link, secret


def address(secret: str) -> str:
    """Return the full address that a guest is sent. The secret is in its query, which no log of ours repeats."""
    return f"{settings.PUBLIC_URL}{reverse('guest_door')}?key={secret}"


def listed(scene: Scene) -> list[Listed]:
    """Return the links of a scene, the newest first; what was closed a month ago is left out. Reads who may share."""
    rows = GuestLink.objects.filter(scene=scene).shown(timezone.now() - KEPT_IN_LIST).select_related("made_by")
    found = list(rows)
    may_share = {holder.person.pk for holder in holders(scene) if holder.rights.share} if found else set()
    return [Listed(link, link.is_open and link.made_by_id in may_share) for link in found]


def revoke(link: GuestLink, by: User) -> bool:
    """Revoke a link at once; False where it was revoked already."""
    with transaction.atomic():
        if not GuestLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
            return False
        sharing.write_log(link.scene, by, [f"Guest link “{link.label}” revoked."])
    return True


def find(secret: str) -> GuestLink | None:
    """Return the open link with this secret, its scene with nothing but sight in `.can`; None where there is none.

    A link is worth what its maker may do now: it is closed while they may not share the scene, or the scene is away.
    """
    if not are_on() or not secret:
        return None
    link = GuestLink.objects.open().select_related("made_by").filter(secret_hash=hash_of(secret)).first()
    if link is None:
        return None
    try:
        link.scene = get_scene(link.made_by, link.scene_id, SHARE)
    except (Http404, PermissionDenied):
        return None
    link.scene.can = Rights(view=True)  # not the maker's
    # Looked at before it is written: even an UPDATE that matches nothing waits for the database's write lock.
    if link.last_seen_at is None or link.last_seen_at < timezone.now() - SEEN_PRECISION:
        GuestLink.objects.filter(pk=link.pk).update(last_seen_at=Now())
    return link
