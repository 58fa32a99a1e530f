"""What people write: films of scenes, scenes of blocks, and a film's locations and characters."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from scenes.guest_link import GuestLink as GuestLink
from scenes.picture_field import PictureField
from scenes.removal import InPlace as InPlace
from scenes.removal import Removable as Removable
from scenes.scratch_voice import ScratchVoice

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from scenes.access import Rights

GENERATE_FRAME = "scene_block:frame:generate"
GENERATE_VIDEO = "scene_block:video:generate"
DELETE_VIDEO = "scene_block:video:delete"
SHARE = "share_scene"

# The same three may be held on one block or, with another content type, on a whole scene or film.
BLOCK_PERMISSIONS: list[tuple[str, Any]] = [
    (GENERATE_FRAME, "Can generate frames"),
    (GENERATE_VIDEO, "Can generate videos"),
    (DELETE_VIDEO, "Can delete videos"),
]
_PICTURES = [FileExtensionValidator(["png", "jpg", "jpeg", "webp"])]


class Film(Removable):
    """Ordered scenes with their locations and characters. Its owner holds every right on all that is inside."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=200)
    logline = models.CharField(_("logline"), max_length=1000, blank=True)
    style = models.CharField(
        _("style"), max_length=500, blank=True, help_text=_("For scenes without one of their own.")
    )
    title_page = models.JSONField(
        _("title page"), default=list, blank=True, help_text=_("Pairs of a name and a value.")
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="films")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    can: "Rights"  # set by scenes.access for the person of the request

    class Meta(Removable.Meta):
        ordering = ["-created_at"]
        permissions = [*BLOCK_PERMISSIONS, ("share_film", "Can share")]

    def __str__(self) -> str:
        return self.title


class Location(models.Model):
    """Where a scene plays.

    layers: the same picture in layers (scenes.layers), with the ground that people stand on. ground_line: where feet
    stand in a picture without layers, 0 its upper edge, 1 its lower.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(Film, models.CASCADE, related_name="locations")
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    image = PictureField(_("image"), upload_to="locations/", blank=True, validators=_PICTURES)
    layers = models.FileField(_("layers"), upload_to="locations/", blank=True, editable=False)
    ground_line = models.FloatField(_("ground line"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="location_ground_line_inside", condition=Q(ground_line__gte=0, ground_line__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Character(ScratchVoice):
    """Who acts and speaks. `description` is the look; `voice` is how the lines sound, in the words of a prompt.

    is_typed: their name was typed in a script, and nobody put them into the library.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(Film, models.CASCADE, related_name="characters")
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    voice = models.CharField(_("voice"), max_length=200, blank=True)
    portrait = PictureField(_("portrait"), upload_to="characters/", blank=True, validators=_PICTURES)
    is_typed = models.BooleanField(default=False, editable=False)

    class Meta(ScratchVoice.Meta):
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Scene(Removable):
    """A page of blocks at a place in its film.

    heading: as a screenplay has it, "INT. LIGHTHOUSE - NIGHT". number: as printed, "12A".
    sections: acts (level 1) and sequences (level 2) that begin with it, as pairs of a level and a text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(Film, models.CASCADE, related_name="scenes")
    position = models.PositiveIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=200)
    heading = models.CharField(_("heading"), max_length=300, blank=True)
    number = models.CharField(_("number"), max_length=20, blank=True)
    sections = models.JSONField(default=list, blank=True, editable=False)
    synopsis = models.TextField(_("synopsis"), blank=True)
    notes = models.TextField(_("notes"), blank=True)
    style = models.CharField(_("style"), max_length=500, blank=True)
    location = models.ForeignKey(Location, models.SET_NULL, null=True, blank=True, related_name="scenes")
    characters = models.ManyToManyField(Character, blank=True, related_name="scenes")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    can: "Rights"  # set by scenes.access for the person of the request

    class Meta(Removable.Meta):
        ordering = ["film", "position"]
        permissions = [*BLOCK_PERMISSIONS, (SHARE, "Can share")]
        constraints = [
            models.UniqueConstraint(
                fields=["film", "position"], name="scene_position_unique", condition=Q(removed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def owner(self) -> "User":
        """Whose film it is."""
        return self.film.owner

    def cast(self, blocks: Iterable["Block"]) -> list[Character]:
        """Return who can be shown: the scene's characters, and whoever speaks in `blocks` in any case. One query."""
        cast = list(self.characters.all())
        speakers = dict.fromkeys(block.character for block in blocks if block.character)
        return [*(speaker for speaker in speakers if speaker not in cast), *cast]


class Block(Removable):
    """One dialog line or one action of a scene.

    extension: what stands behind a speaker's name, "V.O.". is_dual: spoken at the same time as the line before.
    version: counts the changes of kind, speaker and text, so that nobody overwrites what they have not seen.
    """

    class Kind(models.TextChoices):
        DIALOG = "dialog", _("Dialog")
        ACTION = "action", _("Action")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scene = models.ForeignKey(Scene, models.CASCADE, related_name="blocks")
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    character = models.ForeignKey(
        Character, models.RESTRICT, null=True, blank=True, related_name="lines", help_text=_("Who speaks.")
    )
    extension = models.CharField(_("extension"), max_length=60, blank=True)
    is_dual = models.BooleanField(_("at the same time"), default=False)
    parenthetical = models.CharField(_("parenthetical"), max_length=300, blank=True)
    text = models.TextField(_("text"))
    notes = models.TextField(_("notes"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    can: "Rights"  # set by scenes.access for the person of the request

    class Meta(Removable.Meta):
        ordering = ["scene", "position"]
        permissions = BLOCK_PERMISSIONS
        constraints = [
            # Two blocks of a scene never share a place; serves "the blocks of a scene in order" as well.
            models.UniqueConstraint(
                fields=["scene", "position"], name="block_position_unique", condition=Q(removed_at=None)
            ),
            models.CheckConstraint(name="block_kind_valid", condition=Q(kind__in=["dialog", "action"])),
            # A line has a speaker, an action has none.
            models.CheckConstraint(
                name="block_speaker_matches_kind",
                condition=Q(kind="dialog", character__isnull=False) | Q(kind="action", character__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:60]}"

    @property
    def cue(self) -> str:
        """What stands above a line: MARA (V.O.)."""
        name = self.character.name if self.character else ""
        return f"{name} ({self.extension})" if self.extension else name

    @property
    def cast(self) -> list[Character]:
        """Who can be shown in the block. One query."""
        return self.scene.cast([self])

    @property
    def number(self) -> int:
        """The block's place in the scene, counted from 1."""
        return self.position + 1


class Edit(models.Model):
    """One step of writing in a scene, as a person takes it back: what the blocks were before and after it.

    before, after: {"blocks": states of the touched blocks as scenes.history writes them, "order": ids or null}.
    undone: it was taken back and can be done again.
    """

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="edits")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["scene", "person", "undone", "id"]),  # somebody's last step, to be taken back
            models.Index(fields=["at"]),  # the sweep of old steps
        ]

    def __str__(self) -> str:
        return f"Edit {self.pk} of {self.scene_id}"


def lock_blocks(blocks: Iterable[uuid.UUID]) -> None:
    """Lock the rows of these blocks until the transaction ends.

    A worker that publishes a result locks the block first and its rows second. A deletion takes the rows first, so the
    two could wait for each other; with the blocks locked here, both begin with the block.
    """
    list(Block.everything.select_for_update().filter(pk__in=list(blocks)).order_by("pk").values_list("pk"))


# Permission rows with a direct foreign key go with the object they were granted on.
class FilmUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Film, models.CASCADE)


class FilmGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Film, models.CASCADE)


class SceneUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Scene, models.CASCADE)


class SceneGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Scene, models.CASCADE)


class BlockUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Block, models.CASCADE)


class BlockGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Block, models.CASCADE)


class Revision(models.Model):
    """A screenplay that somebody brought to a film: looked at first, then applied, then perhaps undone.

    data: the file as it came. names: of speakers in the file, with what they become, "" for action.
    before: what the film's rows said before it was applied, to undo it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    film = models.ForeignKey(Film, models.CASCADE, related_name="revisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=255)
    data = models.BinaryField()
    names = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name


class RightRequest(models.Model):
    """A person's question for a right on a film, one of its scenes or a block of that.

    right: one of scenes.access.RIGHTS. granted: the answer; None while nobody has answered.
    """

    AGAIN_AFTER = timedelta(days=1)  # from when on what was declined may be asked for again

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="right_requests")
    film = models.ForeignKey(Film, models.CASCADE, related_name="right_requests")
    scene = models.ForeignKey(Scene, models.CASCADE, null=True, blank=True, related_name="right_requests")
    block = models.ForeignKey(Block, models.CASCADE, null=True, blank=True, related_name="right_requests")
    right = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    granted = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            # A block is named with its scene, so that the requests of a scene hold those of its blocks.
            models.CheckConstraint(
                name="right_request_block_has_scene", condition=Q(block=None) | Q(scene__isnull=False)
            ),
            models.CheckConstraint(
                name="right_request_decided_has_answer",
                condition=Q(decided_at=None, granted=None) | Q(decided_at__isnull=False, granted__isnull=False),
            ),
            # Two presses make one open request.
            models.UniqueConstraint(
                fields=["person", "film", "right"],
                name="right_request_open_film",
                condition=Q(decided_at=None, scene=None),
            ),
            models.UniqueConstraint(
                fields=["person", "scene", "right"],
                name="right_request_open_scene",
                condition=Q(decided_at=None, scene__isnull=False, block=None),
            ),
            models.UniqueConstraint(
                fields=["person", "block", "right"],
                name="right_request_open_block",
                condition=Q(decided_at=None, block__isnull=False),
            ),
        ]
        # "What is asked of whoever may share this film": the counts of every page's menu and of the film's tabs.
        indexes = [models.Index(fields=["film"], name="right_request_open", condition=Q(decided_at=None))]

    def __str__(self) -> str:
        return f"{self.person}: {self.right}"

    @property
    def target(self) -> Film | Scene | Block:
        """What the right is asked for on."""
        return self.block or self.scene or self.film

    @property
    def may_ask_again_at(self) -> datetime:
        """From when on what was declined may be asked for again."""
        return (self.decided_at or self.at) + self.AGAIN_AFTER
