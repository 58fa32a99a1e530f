"""Everything that was written before there were films moves into one film of each owner."""

from typing import Any

from django.db import migrations

UNOWNED = "Locations and characters"  # the film of what no scene used, where nobody owned a scene


def into_films(apps: Any, schema_editor: Any) -> None:
    """Make a film of each owner's scenes, oldest first, and give it the locations and characters they use."""
    film_of: dict[int, Any] = {}
    scenes = list(apps.get_model("scenes", "Scene").objects.order_by("created_at", "pk").select_related("owner"))
    for scene in scenes:
        if scene.owner_id not in film_of:
            film_of[scene.owner_id] = _film(apps, scene, scenes)
        scene.film = film_of[scene.owner_id]
        scene.position = scene.film.scenes.exclude(pk=scene.pk).count()
        scene.save(update_fields=["film", "position"])
    first = next(iter(film_of.values()), None)
    _move_locations(apps, scenes, first)
    _move_characters(apps, scenes, first)


def _film(apps: Any, scene: Any, scenes: list[Any]) -> Any:
    """A film of the scene's owner, as old as its first scene and named like it where it is the only one."""
    films = apps.get_model("scenes", "Film").objects
    own = [other for other in scenes if other.owner_id == scene.owner_id]
    film = films.create(title=scene.title if len(own) == 1 else f"{scene.owner.username}’s film", owner_id=scene.owner_id)
    films.filter(pk=film.pk).update(created_at=scene.created_at)
    return film


def _film_of_what_nobody_uses(apps: Any) -> Any:
    people = apps.get_model("auth", "User").objects.order_by("-is_superuser", "pk")
    return apps.get_model("scenes", "Film").objects.create(title=UNOWNED, owner=people[0])


def _move_locations(apps: Any, scenes: list[Any], first: Any) -> None:
    """Give each location to the first film that uses it, and a copy to every other: the picture is the same file."""
    for location in apps.get_model("scenes", "Location").objects.all():
        copies: dict[Any, Any] = {}
        for scene in (scene for scene in scenes if scene.location_id == location.pk):
            scene.location = _in_film(location, scene.film, copies)
            scene.save(update_fields=["location"])
        if location.film_id is None:
            location.film = first = first or _film_of_what_nobody_uses(apps)
            location.save(update_fields=["film"])


def _move_characters(apps: Any, scenes: list[Any], first: Any) -> None:
    """Do the same for characters, who are in a scene's cast, speak in it, or both."""
    by_pk = {scene.pk: scene for scene in scenes}
    for character in apps.get_model("scenes", "Character").objects.all():
        cast, lines = set(character.scenes.values_list("pk", flat=True)), character.lines.order_by("pk")
        used = cast | set(lines.values_list("scene_id", flat=True))
        copies: dict[Any, Any] = {}
        for scene in (scene for pk, scene in by_pk.items() if pk in used):
            own = _in_film(character, scene.film, copies)
            if own.pk != character.pk:
                apps.get_model("scenes", "Block").objects.filter(scene=scene, character=character).update(character=own)
                if scene.pk in cast:
                    scene.characters.remove(character)
                    scene.characters.add(own)
        if character.film_id is None:
            character.film = first = first or _film_of_what_nobody_uses(apps)
            character.save(update_fields=["film"])


def _in_film(row: Any, film: Any, copies: dict[Any, Any]) -> Any:
    """The row itself in the first film that asks, a copy of it in any other."""
    if film.pk not in copies:
        own = row if not copies else type(row)(**{name: getattr(row, name) for name in _written(row)})
        own.film = film
        own.save()
        copies[film.pk] = own
    return copies[film.pk]


def _written(row: Any) -> list[str]:
    return [field.name for field in row._meta.concrete_fields if field.name not in ("id", "film")]


class Migration(migrations.Migration):
    dependencies = [("scenes", "0002_film")]
    operations = [migrations.RunPython(into_films, migrations.RunPython.noop)]
