"""What people do with films as a whole: begin one, put its scenes in order, duplicate, take away and bring back."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scenes import order
from scenes.headings import place_of
from scenes.models import Block, Film, Scene
from scenes.screenplay.headings import prefixed

MOST_SCENES = 1000  # of one film; a long feature has about 250


class FilmError(ValueError):
    """Something cannot be done to a film. The message is a sentence for the person who asked."""


def begin(owner: User, title: str, **words: str) -> Film:
    """Begin an empty film."""
    return Film.objects.create(owner=owner, title=title, **words)


@transaction.atomic
def add_scene(film: Film, title: str, after: Scene | None = None, **fields: Any) -> Scene:
    """Add an empty scene behind another, or at the end. Raises FilmError where the film is full."""
    Film.objects.select_for_update().get(pk=film.pk)
    if film.scenes.count() >= MOST_SCENES:
        raise FilmError(_("This film has %d scenes, as many as a film can have. Begin another one.") % MOST_SCENES)
    position = order.next_position(film.scenes)
    for there in film.scenes.filter(pk=after.pk) if after else ():
        position = there.position + 1
        order.make_room(film.scenes, position)
    return Scene.objects.create(film=film, title=title, position=position, **fields)


@transaction.atomic
def write_scene(film: Film, words: str) -> Scene:
    """Add an empty scene at the end by its title, or by a heading: "INT. RADIO ROOM - NIGHT" has its place as title."""
    place = place_of(film, words) if prefixed(words) else None
    if place is None:
        return add_scene(film, words)
    return add_scene(film, place.name, heading=words, location=place)


@transaction.atomic
def duplicate(scene: Scene) -> Scene:
    """Copy a scene's words behind it, without what was made of them."""
    copy = add_scene(scene.film, _("%s (copy)") % scene.title[:190], after=scene, **_words(scene, "title"))
    copy.characters.set(scene.characters.all())
    Block.objects.bulk_create(
        Block(scene=copy, position=block.position, **_words(block)) for block in scene.blocks.all()
    )
    return copy


def _words(row: Scene | Block, *without: str) -> dict[str, Any]:
    """What somebody wrote in a row."""
    kept = {"id", "film", "scene", "position", "version", "removed_at", "shelved", "created_at", "updated_at", *without}
    return {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if field.name not in kept}


def set_scene_order(film: Film, order_of_ids: list[Any]) -> None:
    """Give the scenes a new order. Raises FilmError unless every scene of the film is named, once."""
    with transaction.atomic():
        there = set(film.scenes.values_list("pk", flat=True))
        if set(order_of_ids) != there or len(order_of_ids) != len(there):
            raise FilmError(_("The order must name each scene of the film once. Load the page again: it has changed."))
        order.set_order(film.scenes, order_of_ids)


def move(scene: Scene, by: int) -> int:
    """Move a scene forward or back by so many places, and return the place where it stands now, from 1."""
    with transaction.atomic():
        ids = list(scene.film.scenes.order_by("position").values_list("pk", flat=True))
        at = ids.index(scene.pk)
        to = min(max(at + by, 0), len(ids) - 1)
        ids.insert(to, ids.pop(at))
        order.set_order(scene.film.scenes, ids)
    return to + 1


def demand_owner(film: Film, person: User) -> None:
    """Raise PermissionDenied, with a sentence, unless the film is this person's: nobody else takes it away."""
    if film.owner_id != person.pk:
        raise PermissionDenied(_("Only the owner of a film can take it away. Its right change_film is not enough."))


def remove(film: Film) -> bool:
    """Take a film away; it can be brought back for KEPT_FOR. False if it was away already."""
    return bool(Film.objects.filter(pk=film.pk).update(removed_at=timezone.now()))


def restore(film: Film) -> None:
    """Bring a film back."""
    Film.everything.filter(pk=film.pk).update(removed_at=None)
