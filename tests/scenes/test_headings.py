"""The heading of a scene is read from the words of its location."""

import pytest

from scenes.headings import scene_heading
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
