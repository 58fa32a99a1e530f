"""The heading of a scene is read from the words of its location."""

import threading

import pytest
from django.db import connection

from scenes.headings import place_of, scene_heading
from scenes.models import Location, Scene


@pytest.mark.parametrize(
    ("name", "description", "heading"),
    [
        ("Gull Rock", "a lighthouse at dusk, the last of the day", "EXT. GULL ROCK – DUSK"),
        ("The Keeper's Kitchen", "rain at night", "INT. THE KEEPER'S KITCHEN – NIGHT"),
        ("Barn", "exterior in the morning, a room above it", "EXT. BARN – MORNING"),
        ("Harbour", "", "EXT. HARBOUR"),
        ("Int. Lift – Later", "at night", "INT. LIFT – LATER"),
        ("Mushroom wood", "today, a knight", "EXT. MUSHROOM WOOD"),
    ],
)
def test_inside_or_outside_and_the_hour(name, description, heading):
    assert scene_heading(Scene(location=Location(name=name, description=description))) == heading


def test_a_scene_without_a_location_has_no_heading():
    assert scene_heading(Scene()) == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_heading_that_is_written_at_once_makes_one_place(scene):
    # Catches one place for each of the people who wrote the heading in the same moment.
    there = scene.film.locations.count()
    ready, found = threading.Barrier(8), []

    def write() -> None:
        connection.ensure_connection()
        ready.wait()
        try:
            found.append(place_of(scene.film, "INT. RADIO ROOM - NIGHT"))
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(ready.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len({place.pk for place in found}), scene.film.locations.count()) == (8, 1, there + 1)
