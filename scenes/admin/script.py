"""Films, scenes and their blocks in the operator's console."""

from typing import Any, cast

from adminsortable2.admin import CustomInlineFormSet, SortableAdminBase, SortableTabularInline
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scenes import order
from scenes.admin.rights import RightsAdmin
from scenes.forms import BlockForm, SceneForm
from scenes.models import Block, Film, Scene, lock_blocks


class ScriptFormSet(CustomInlineFormSet):
    """The script of a scene, saved in the order in which its rows stand."""

    def save_in_order(self) -> None:
        """Save what has changed, and number all blocks. New rows without a place go to the end."""
        order.set_aside(self.instance.blocks)
        rows = sorted(self.forms, key=_place)
        for position, row in enumerate(rows):
            row.instance.position = position
        self.save()
        order.set_order(self.instance.blocks, [row.instance.pk for row in rows if row.instance.pk])

    def save_new(self, form: Any, commit: bool = True) -> Any:
        """Save a new block at the place that it was given; the library would give it one that may be taken."""
        return BaseInlineFormSet.save_new(self, form, commit)


def _place(row: Any) -> float:
    position = getattr(row, "cleaned_data", {}).get("position")
    return float("inf") if position is None else position


class BlockInline(SortableTabularInline):
    """The script of a scene, to be put in order by dragging. The rights of a block are on its own page."""

    model = Block
    form = BlockForm
    formset = ScriptFormSet
    fields = ["position", "kind", "character", "text"]
    ordering = ["position"]
    extra = 0
    show_change_link = True


@admin.register(Film)
class FilmAdmin(RightsAdmin):
    """Films. The rights on a film cover all of its scenes and their blocks."""

    fields = ["title", "logline", "style", "owner"]
    list_display = ["title", "owner", "scene_count", "created_at"]
    list_filter = ["owner"]
    list_select_related = ["owner"]
    search_fields = ["title", "logline"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Film]:
        """Annotate the number of scenes, for the list."""
        films: QuerySet[Film] = super().get_queryset(request)
        return films.annotate(scene_total=Count("scenes", filter=Q(scenes__removed_at=None)))

    def get_readonly_fields(self, request: HttpRequest, obj: Film | None = None) -> list[str]:
        """Keep the owner, who holds every right, from those who may not grant any."""
        return [] if self.may_grant(request) else ["owner"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose whoever writes a film as its owner."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Film, form: Any, change: bool) -> None:
        """Save the film; a new one without an owner belongs to whoever writes it."""
        if not change and "owner" not in form.cleaned_data:
            obj.owner = cast("User", request.user)
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Film) -> None:
        """Delete the film with its blocks, which are locked first."""
        self.delete_queryset(request, Film.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Film]) -> None:
        """Delete the films with their blocks, which are locked first."""
        with transaction.atomic():
            lock_blocks(Block.everything.filter(scene__film__in=list(queryset)).values_list("pk", flat=True))
            super().delete_queryset(request, queryset)

    @admin.display(description=_("scenes"), ordering="scene_total")
    def scene_count(self, film: Film) -> int:
        return film.scene_total  # type: ignore[attr-defined,no-any-return]


@admin.register(Scene)
class SceneAdmin(SortableAdminBase, RightsAdmin):
    """Scenes. The rights on a scene cover all of its blocks."""

    form = SceneForm
    list_display = ["title", "film", "location", "block_count", "created_at", "on_site"]
    list_filter = ["film", "location"]
    list_select_related = ["location", "film"]
    search_fields = ["title", "synopsis", "blocks__text"]
    date_hierarchy = "created_at"
    filter_horizontal = ["characters"]
    autocomplete_fields = ["location"]
    ordering = ["film__title", "position"]
    inlines = [BlockInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scene]:
        """Annotate the number of blocks, for the list."""
        scenes: QuerySet[Scene] = super().get_queryset(request)
        return scenes.annotate(block_total=Count("blocks", filter=Q(blocks__removed_at=None), distinct=True))

    def get_readonly_fields(self, request: HttpRequest, obj: Scene | None = None) -> list[str]:
        """Keep a scene in its film, whose owner holds every right on it and whose locations and cast it uses."""
        return ["film"] if obj else []

    def save_model(self, request: HttpRequest, obj: Scene, form: Any, change: bool) -> None:
        """Save the scene; a new one goes to the end of its film."""
        if not change:
            obj.position = order.next_position(obj.film.scenes)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the script; its blocks are locked first."""
        lock_blocks(line.instance.pk for line in formset.initial_forms)
        formset.save_in_order()

    def delete_model(self, request: HttpRequest, obj: Scene) -> None:
        """Delete the scene with its blocks, which are locked first."""
        self.delete_queryset(request, Scene.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Scene]) -> None:
        """Delete the scenes with their blocks, which are locked first."""
        with transaction.atomic():
            lock_blocks(Block.everything.filter(scene__in=list(queryset)).values_list("pk", flat=True))
            super().delete_queryset(request, queryset)

    @admin.display(description=_("blocks"), ordering="block_total")
    def block_count(self, scene: Scene) -> int:
        return scene.block_total  # type: ignore[attr-defined,no-any-return]

    @admin.display(description=_("page"))
    def on_site(self, scene: Scene) -> SafeString:
        """Link to the page people see."""
        return format_html('<a href="{}">{}</a>', reverse("scene", args=[scene.pk]), _("Open"))


@admin.register(Block)
class BlockAdmin(RightsAdmin):
    """Blocks one by one, for the rights on a single block. Their order is on the page of the scene."""

    form = BlockForm
    fields = ["scene", "kind", "character", "text"]
    list_display = ["text_start", "scene", "number", "kind", "character"]
    list_filter = ["kind", "scene", "character"]
    list_select_related = ["scene", "character"]
    search_fields = ["text", "scene__title"]
    ordering = ["scene__title", "position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Block | None = None) -> list[str]:
        """Keep a block in its scene, whose film's owner holds every right on it."""
        return ["scene"] if obj else []

    def save_model(self, request: HttpRequest, obj: Block, form: Any, change: bool) -> None:
        """Save the block; a new one goes to the end of its scene."""
        if not change:
            obj.position = order.next_position(obj.scene.blocks)
        super().save_model(request, obj, form, change)

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
