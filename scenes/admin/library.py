"""Locations and characters in the operator's console."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.widgets import AdminFileWidget
from django.db.models import QuerySet
from django.db.models.fields.files import ImageFieldFile
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scenes.models import Character, Location, Scene
from scenes.picture_field import PictureField


def _picture(route: str, scene: Scene | None, *args: object) -> SafeString | str:
    # Pictures are served by scene, so one that no scene uses has no address yet.
    if scene is None:
        return "–"
    return format_html('<img src="{}?size=small" height="60" alt="">', reverse(route, args=[scene.pk, *args]))


class _Kept:
    """A picture that a row has, for the link beside its field: a file has no address, a scene's picture has."""

    def __init__(self, file: ImageFieldFile) -> None:
        self._name, self._row = file.name, cast("Location | Character", file.instance)

    def __str__(self) -> str:
        return str(self._name)

    @property
    def url(self) -> str:
        """The address of the picture; empty where no scene uses it."""
        scene = self._row.scenes.first()
        if scene is None:
            return ""
        is_portrait = isinstance(self._row, Character)
        address = reverse("portrait", args=[scene.pk, self._row.pk]) if is_portrait else ""
        return f"{address or reverse('location_picture', args=[scene.pk])}?size=large"


class _PictureInput(AdminFileWidget):
    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if self.is_initial(value):
            context["widget"]["value"] = _Kept(value)
        return context


class _OfAFilm(admin.ModelAdmin[Any]):
    """What belongs to one film and stays there."""

    formfield_overrides = {PictureField: {"widget": _PictureInput}}
    list_filter = ["film"]
    list_select_related = ["film"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep it in its film, whose scenes use it."""
        return ["film"] if obj else []


@admin.register(Location)
class LocationAdmin(_OfAFilm):
    """Where scenes play."""

    list_display = ["name", "film", "picture", "description"]
    search_fields = ["name", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Location]:
        """Prefetch the scenes, whose address a picture needs."""
        return super().get_queryset(request).prefetch_related("scenes")

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:
        """Forget the layers of a picture that was replaced."""
        if "image" in form.changed_data:
            obj.layers = ""
        super().save_model(request, obj, form, change)

    @admin.display(description=_("picture"))
    def picture(self, location: Location) -> SafeString | str:
        """Show the picture, small."""
        scene = next(iter(location.scenes.all()), None)
        return _picture("location_picture", scene) if location.image else "–"


@admin.register(Character)
class CharacterAdmin(_OfAFilm):
    """Who acts and speaks."""

    list_display = ["name", "film", "picture", "description", "voice"]
    search_fields = ["name", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Character]:
        """Prefetch the scenes, whose address a picture needs."""
        return super().get_queryset(request).prefetch_related("scenes")

    @admin.display(description=_("picture"))
    def picture(self, character: Character) -> SafeString | str:
        """Show the portrait, small."""
        scene = next(iter(character.scenes.all()), None)
        return _picture("portrait", scene, character.pk) if character.portrait else "–"
