"""What people write: scenes of blocks, at a location, with characters."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from scenes.picture_field import PictureField

if TYPE_CHECKING:
    from scenes.access import Rights

GENERATE_FRAME = "scene_block:frame:generate"
GENERATE_VIDEO = "scene_block:video:generate"
DELETE_VIDEO = "scene_block:video:delete"

# The same three may be held on one block or, with Scene as content type, on a whole scene.
BLOCK_PERMISSIONS: list[tuple[str, Any]] = [
    (GENERATE_FRAME, "Can generate frames"),
    (GENERATE_VIDEO, "Can generate videos"),
    (DELETE_VIDEO, "Can delete videos"),
]
_PICTURES = [FileExtensionValidator(["png", "jpg", "jpeg", "webp"])]


class Location(models.Model):
    """Where a scene plays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    image = PictureField(_("image"), upload_to="locations/", blank=True, validators=_PICTURES)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Character(models.Model):
    """Who acts and speaks. `description` is the look; `voice` is how the lines sound."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    voice = models.CharField(_("voice"), max_length=200, blank=True)
    portrait = PictureField(_("portrait"), upload_to="characters/", blank=True, validators=_PICTURES)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Scene(models.Model):
    """A page of blocks. Its owner holds every right on it; everybody else holds what was granted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=200)
    synopsis = models.TextField(_("synopsis"), blank=True)
    style = models.CharField(_("style"), max_length=500, blank=True)
    location = models.ForeignKey(Location, models.SET_NULL, null=True, blank=True, related_name="scenes")
    characters = models.ManyToManyField(Character, blank=True, related_name="scenes")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="scenes")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    can: "Rights"  # set by scenes.access for the person of the request

    class Meta:
        ordering = ["-created_at"]
        permissions = BLOCK_PERMISSIONS

    def __str__(self) -> str:
        return self.title

    def cast(self, blocks: Iterable["Block"]) -> list[Character]:
        """Return who can be shown: the scene's characters, and whoever speaks in `blocks` in any case. One query."""
        cast = list(self.characters.all())
        speakers = dict.fromkeys(block.character for block in blocks if block.character)
        return [*(speaker for speaker in speakers if speaker not in cast), *cast]


class Block(models.Model):
    """One dialog line or one action of a scene."""

    class Kind(models.TextChoices):
        DIALOG = "dialog", _("Dialog")
        ACTION = "action", _("Action")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scene = models.ForeignKey(Scene, models.CASCADE, related_name="blocks")
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    character = models.ForeignKey(
        Character, models.PROTECT, null=True, blank=True, related_name="lines", help_text=_("Who speaks.")
    )
    text = models.TextField(_("text"))

    can: "Rights"  # set by scenes.access for the person of the request

    class Meta:
        ordering = ["scene", "position"]
        permissions = BLOCK_PERMISSIONS
        constraints = [
            # Two blocks of a scene never share a place; serves "the blocks of a scene in order" as well.
            models.UniqueConstraint(fields=["scene", "position"], name="block_position_unique"),
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
    def cast(self) -> list[Character]:
        """Who can be shown in the block. One query."""
        return self.scene.cast([self])

    @property
    def number(self) -> int:
        """The block's place in the scene, counted from 1."""
        return self.position + 1


def lock_blocks(blocks: Iterable[uuid.UUID]) -> None:
    """Lock the rows of these blocks until the transaction ends.

    A worker that publishes a result locks the block first and its rows second. A deletion takes the rows first, so the
    two could wait for each other; with the blocks locked here, both begin with the block.
    """
    list(Block.objects.select_for_update().filter(pk__in=list(blocks)).order_by("pk").values_list("pk"))


# Permission rows with a direct foreign key go with the object they were granted on.
class SceneUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Scene, models.CASCADE)


class SceneGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Scene, models.CASCADE)


class BlockUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Block, models.CASCADE)


class BlockGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Block, models.CASCADE)
