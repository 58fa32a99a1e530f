"""A film's locations and characters: where each is used, its picture, merging two, deleting one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.fields.files import ImageFieldFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scenes.access import Person, scenes_in
from scenes.models import Block, Character, Film, Location, Scene, lock_blocks
from scenes.picture_field import Cut, Shape, drawn_anew

Item = Location | Character

_PICTURE: dict[type[Item], str] = {Location: "image", Character: "portrait"}
SHAPES: dict[type[Item], Shape] = {Location: Shape(16, 9), Character: Shape(2, 3, spares_cutouts=True)}
_WORDS: dict[type[Item], tuple[str, ...]] = {Location: ("description",), Character: ("description", "voice")}


class LibraryError(ValueError):
    """It cannot be merged or deleted. The message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A location or character with the scenes that use it, in the film's order; only such as the person may see."""

    item: Item
    scenes: Sequence[Scene]


def picture(item: Item) -> ImageFieldFile:
    """Return the picture of a location or the portrait of a character."""
    found: ImageFieldFile = getattr(item, _PICTURE[type(item)])
    return found


def entries(person: Person, film: Film, kind: type[Item]) -> list[Entry]:
    """Return the film's locations or characters by name. A fixed number of queries.

    Who sees some of the film's scenes only gets what these use.
    """
    scenes = list(scenes_in(film, person).order_by("position"))
    used = _used(scenes, kind)
    items: list[Any] = list(kind._default_manager.filter(film=film).order_by("name", "pk"))
    found = [Entry(item, [scene for scene in scenes if item.pk in used.get(scene.pk, ())]) for item in items]
    return found if film.can.view else [entry for entry in found if entry.scenes]


def seen(person: Person, film: Film, kind: type[Item]) -> QuerySet[Any]:
    """Return the locations or characters of the film that the person may see, by name."""
    items: QuerySet[Any] = kind._default_manager.filter(film=film).order_by("name", "pk")
    return items if film.can.view else items.filter(pk__in=[entry.item.pk for entry in entries(person, film, kind)])


def find(person: Person, film: Film, kind: type[Item], item_id: UUID) -> Item | None:
    """Return one location or character of the film that the person may see, without what uses it. Mostly one query."""
    if film.can.view:
        found: Item | None = kind._default_manager.filter(film=film, pk=item_id).first()
        return found
    return next((entry.item for entry in entries(person, film, kind) if entry.item.pk == item_id), None)


def _used(scenes: list[Scene], kind: type[Item]) -> dict[UUID, set[UUID]]:
    """Return which locations or characters each scene uses, by id."""
    if kind is Location:
        return {scene.pk: {scene.location_id} for scene in scenes if scene.location_id}
    used: dict[UUID, set[UUID]] = {}
    cast = Scene.characters.through._default_manager.filter(scene__in=scenes)
    lines = Block.objects.filter(scene__in=scenes, character__isnull=False).order_by().distinct()
    for rows in (cast, lines):
        for scene_id, character_id in rows.values_list("scene_id", "character_id"):
            used.setdefault(scene_id, set()).add(character_id)
    return used


def set_picture(item: Item, file: Any, focus: float = 0.5) -> Cut | None:
    """Give an uploaded picture to a location or character: drawn anew, under a name of ours, cropped to its shape.

    focus: which part stays, see picture_field.drawn_anew. Returns what was cropped. Raises PictureError.
    """
    drawn, cut = drawn_anew(file, SHAPES[type(item)], focus)
    _replace_picture(item, drawn)
    return cut


def remove_picture(item: Item) -> None:
    """Take the picture away; the file goes with the next sweep."""
    _replace_picture(item, "")


def _replace_picture(item: Item, file: Any) -> None:
    changed = {_PICTURE[type(item)]: file}
    if isinstance(item, Location):
        changed["layers"] = ""  # they are those of the picture that goes
    for name, value in changed.items():
        setattr(item, name, value)
    item.save(update_fields=list(changed))


# --- Merging and deleting -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """What uses a location or character, of what was removed or shelved as well, and whether the person sees it or not.

    lines: spoken by a character. scenes: that play at the location, or have the character in their cast or lines.
    """

    lines: int
    scenes: int


def use(item: Item) -> Use:
    """Count what uses the item. One or three queries."""
    if isinstance(item, Location):
        return Use(0, Scene.everything.filter(location=item).count())
    spoken = list(Block.everything.filter(character=item).order_by().values_list("scene_id", flat=True))
    cast = Scene.characters.through._default_manager.filter(character=item).values_list("scene_id", flat=True)
    return Use(len(spoken), len({*spoken, *cast}))


@dataclass(frozen=True, slots=True)
class Merge:
    """What happens to each part of a location or character that is merged into another: names of fields.

    taken: goes over, as the other has none. dropped: goes away, as the other keeps its own.
    """

    taken: tuple[str, ...]
    dropped: tuple[str, ...]


def plan_merge(item: Item, into: Item) -> Merge:
    """Return what merging would do. Raises LibraryError where the two cannot be merged."""
    if type(item) is not type(into) or item.film_id != into.film_id:
        raise LibraryError(_("Choose another of the same film to merge with."))
    if item.pk == into.pk:
        raise LibraryError(_("Choose another one: this is the same."))
    parts = [name for name in (*_WORDS[type(item)], _PICTURE[type(item)]) if getattr(item, name)]
    dropped = tuple(name for name in parts if getattr(into, name))
    return Merge(tuple(name for name in parts if name not in dropped), dropped)


def merge(item: Item, into: Item) -> None:
    """Have `into` stand for both: it takes over scenes, lines and what it lacks; `item` goes.

    Raises LibraryError, also where either is gone meanwhile.
    """
    with transaction.atomic():
        kind = type(item)
        locked = kind._default_manager.select_for_update().filter(pk__in=[item.pk, into.pk]).order_by("pk")
        found: dict[UUID, Any] = {row.pk: row for row in locked}
        if item.pk not in found or (into.pk not in found):
            raise LibraryError(_("One of the two is gone. Reload the page."))
        plan = plan_merge(found[item.pk], found[into.pk])
        for name in plan.taken:
            setattr(found[into.pk], name, getattr(found[item.pk], name))
        if isinstance(into, Location) and not picture(into) and picture(item):
            found[into.pk].ground_line = found[item.pk].ground_line
            found[into.pk].layers = found[item.pk].layers
        found[into.pk].save()
        _move(found[item.pk], found[into.pk])
        found[item.pk].delete()


def _move(item: Any, into: Any) -> None:
    if isinstance(item, Location):
        Scene.everything.filter(location=item).update(location=into, version=F("version") + 1)
        return
    lines = Block.everything.filter(character=item)
    lock_blocks(lines.values_list("pk", flat=True))
    # Whoever is writing one of these lines meanwhile sees that it has changed.
    lines.update(character=into, version=F("version") + 1)
    cast = Scene.characters.through._default_manager.filter(character=item)
    there = Scene.characters.through._default_manager.filter(character=into).values("scene_id")
    cast.exclude(scene_id__in=list(there.values_list("scene_id", flat=True))).update(character=into)
    cast.delete()


def why_kept(item: Item) -> str:
    """Return the sentence why the item cannot be deleted; empty where it can. Two queries."""
    if isinstance(item, Location):
        scenes = Scene.everything.filter(location=item)
        total, here = scenes.count(), scenes.filter(removed_at=None).count()
    else:
        lines = Block.everything.filter(character=item)
        total, here = lines.count(), lines.filter(removed_at=None, scene__removed_at=None).count()
    return _why_kept(item, here, total - here) if total else ""


def _why_kept(item: Item, here: int, away: int) -> str:
    """Say what needs the item: so many scenes or lines in the film, or else so many that were deleted."""
    if isinstance(item, Location):
        words = (
            ngettext(
                "%(count)d scene plays at %(name)s. Merge it with another location, or give it another one first.",
                "%(count)d scenes play at %(name)s. Merge it with another location, or give them another one first.",
                here,
            )
            if here
            else ngettext(
                "%(count)d deleted scene plays at %(name)s and can still come back. Merge it with another location.",
                "%(count)d deleted scenes play at %(name)s and can still come back. Merge it with another location.",
                away,
            )
        )
    else:
        words = (
            ngettext(
                "%(name)s speaks %(count)d line. Merge two characters who are one, or give it to somebody else first.",
                "%(name)s speaks %(count)d lines. Merge two characters who are one, or give them to others first.",
                here,
            )
            if here
            else ngettext(
                "%(name)s speaks %(count)d deleted line, which can still come back. Merge two characters who are one.",
                "%(name)s speaks %(count)d deleted lines, which can still come back. Merge two characters who are one.",
                away,
            )
        )
    return words % {"count": here or away, "name": item.name}


def delete(item: Item) -> None:
    """Delete a location or character that nothing needs. Raises LibraryError with the reason where something does."""
    with transaction.atomic():
        # A line that is written at this moment waits for this row, or this for the line.
        list(type(item)._default_manager.select_for_update().filter(pk=item.pk))
        if why := why_kept(item):
            raise LibraryError(why)
        item.delete()
