"""Locations and characters in the operator's console."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scenes.models import Character, Location, Scene


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
