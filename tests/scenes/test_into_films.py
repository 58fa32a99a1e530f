"""Scenes written before there were films move into one film of each owner."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = [("scenes", "0001_initial")], [("scenes", "0004_scene_of_a_film")]


@pytest.fixture
def empty_database(transactional_db, tmp_path: Path) -> Iterator[None]:
    """Another database without a table: from the newest migration back to the first ones is a long way."""
    migrated, name = connection.settings_dict["NAME"], str(tmp_path / "empty.sqlite3")
    if connection.vendor == "postgresql":
        name = f"{migrated}_empty"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    connection.close()
    connection.settings_dict["NAME"] = name
    yield
    connection.close()
    connection.settings_dict["NAME"] = migrated
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


@pytest.mark.postgres
def test_every_owner_has_a_film_with_all_it_needs_and_nothing_is_lost_on_the_way(empty_database):
    # Catches a scene, a speaker or a picture that another owner's film takes along, and one that nobody used.
    executor = MigrationExecutor(connection)
    executor.migrate([("videogen", "0001_initial"), *BEFORE])
    write(executor.loader.project_state(BEFORE).apps)
    executor = MigrationExecutor(connection)
    executor.migrate(AFTER)
    apps = executor.loader.project_state(AFTER).apps

    films = {film.owner.username: film for film in apps.get_model("scenes", "Film").objects.all()}
    assert {name: film.title for name, film in films.items()} == {"ann": "ann’s film", "ben": "Harbour"}
    told = {scene.title: scene for scene in apps.get_model("scenes", "Scene").objects.all()}
    assert [scene.title for scene in films["ann"].scenes.order_by("position")] == ["Lamp", "Kettle"]
    for scene in told.values():
        cast = {*scene.characters.all(), *(block.character for block in scene.blocks.all() if block.character)}
        assert {who.film_id for who in cast} | {scene.location.film_id} == {scene.film_id}
        assert ({who.name for who in cast}, scene.location.image) == ({"Mara"}, "locations/rock.png")
    assert sorted(films["ann"].locations.values_list("name", flat=True)) == ["Attic", "Rock"]
    assert [films[name].characters.count() for name in ("ann", "ben")] == [1, 1]


def write(apps):
    """Two scenes of Ann and one of Ben, all at one location and with one speaker; a location that none uses."""
    model = lambda name: apps.get_model("scenes", name).objects  # noqa: E731
    rock = model("Location").create(name="Rock", image="locations/rock.png")
    model("Location").create(name="Attic")
    mara = model("Character").create(name="Mara")
    for owner, title in (("ann", "Lamp"), ("ann", "Kettle"), ("ben", "Harbour")):
        person, _made = apps.get_model("auth", "User").objects.get_or_create(username=owner)
        scene = model("Scene").create(title=title, owner=person, location=rock)
        model("Block").create(scene=scene, position=0, kind="dialog", character=mara, text="Who is there?")
        if title != "Lamp":
            scene.characters.add(mara)
