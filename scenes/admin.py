"""The operator's console of scenes: script, cast, locations, and who may do what with each scene and block."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from guardian.admin import GuardedModelAdmin

from scenes.forms import BlockForm
from scenes.models import Block, Character, Location, Scene, lock_blocks


class BlockInline(admin.TabularInline[Block, Scene]):
    """The script of a scene. The rights of a block are on its own page."""

    model = Block
    form = BlockForm
    fields = ["position", "kind", "character", "text"]
    ordering = ["position"]
    extra = 0
    show_change_link = True


@admin.register(Scene)
class SceneAdmin(GuardedModelAdmin):
    """Scenes. "Object permissions" on a scene's page covers all of its blocks."""

    list_display = ["title", "location", "owner", "block_count", "created_at", "on_site"]
    list_filter = ["owner", "location"]
    list_select_related = ["location", "owner"]
    search_fields = ["title", "synopsis", "blocks__text"]
    date_hierarchy = "created_at"
    filter_horizontal = ["characters"]
    autocomplete_fields = ["location"]
    inlines = [BlockInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scene]:
        """Annotate the number of blocks, for the list."""
        scenes: QuerySet[Scene] = super().get_queryset(request)  # type: ignore[no-untyped-call]
        return scenes.annotate(block_total=Count("blocks", distinct=True))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose whoever writes a scene as its owner."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the script; the blocks that change or go are locked first."""
        if formset.model is Block:
            lock_blocks(line.instance.pk for line in formset.initial_forms if line.has_changed())
        super().save_formset(request, form, formset, change)

    def delete_model(self, request: HttpRequest, obj: Scene) -> None:
        """Delete the scene with its blocks, which are locked first."""
        self.delete_queryset(request, Scene.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Scene]) -> None:
        """Delete the scenes with their blocks, which are locked first."""
        with transaction.atomic():
            lock_blocks(Block.objects.filter(scene__in=list(queryset)).values_list("pk", flat=True))
            super().delete_queryset(request, queryset)

    @admin.display(description=_("blocks"), ordering="block_total")
    def block_count(self, scene: Scene) -> int:
        return scene.block_total  # type: ignore[attr-defined,no-any-return]

    @admin.display(description=_("page"))
    def on_site(self, scene: Scene) -> SafeString:
        """Link to the page people see."""
        return format_html('<a href="{}">{}</a>', reverse("scene", args=[scene.pk]), _("Open"))


@admin.register(Block)
class BlockAdmin(GuardedModelAdmin):
    """Blocks one by one, for the rights on a single block."""

    form = BlockForm
    list_display = ["text_start", "scene", "number", "kind", "character"]
    list_filter = ["kind", "scene", "character"]
    list_select_related = ["scene", "character"]
    search_fields = ["text", "scene__title"]
    ordering = ["scene__title", "position"]

    def delete_model(self, request: HttpRequest, obj: Block) -> None:
        """Delete the block and everything made of it."""
        self.delete_queryset(request, Block.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Block]) -> None:
        """Delete the blocks and everything made of them, once no worker is publishing any more of it."""
        with transaction.atomic():
            lock_blocks(block.pk for block in queryset)
            super().delete_queryset(request, queryset)

    @admin.display(description=_("text"), ordering="text")
    def text_start(self, block: Block) -> str:
        """Return as much of the text as fits a line."""
        return block.text if len(block.text) <= 80 else f"{block.text[:79]}…"

    @admin.display(description=_("number"), ordering="position")
    def number(self, block: Block) -> int:
        """Return the place in the scene, counted from 1."""
        return block.number


def _picture(route: str, scene: Scene | None, *args: object) -> SafeString | str:
    # Pictures are served by scene, so one that no scene uses has no address yet.
    if scene is None:
        return "–"
    return format_html('<img src="{}?size=small" height="60" alt="">', reverse(route, args=[scene.pk, *args]))


@admin.register(Location)
class LocationAdmin(admin.ModelAdmin[Location]):
    """Where scenes play."""

    list_display = ["name", "picture", "description"]
    search_fields = ["name", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Location]:
        """Prefetch the scenes, whose address a picture needs."""
        return super().get_queryset(request).prefetch_related("scenes")

    @admin.display(description=_("picture"))
    def picture(self, location: Location) -> SafeString | str:
        """Show the picture, small."""
        scene = next(iter(location.scenes.all()), None)
        return _picture("location_picture", scene) if location.image else "–"


@admin.register(Character)
class CharacterAdmin(admin.ModelAdmin[Character]):
    """Who acts and speaks."""

    list_display = ["name", "picture", "description", "voice"]
    search_fields = ["name", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Character]:
        """Prefetch the scenes, whose address a picture needs."""
        return super().get_queryset(request).prefetch_related("scenes")

    @admin.display(description=_("picture"))
    def picture(self, character: Character) -> SafeString | str:
        """Show the portrait, small."""
        scene = next(iter(character.scenes.all()), None)
        return _picture("portrait", scene, character.pk) if character.portrait else "–"
