"""A film's scenes as boards: two buttons pressed one soon after the other."""

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import hold, release
from tests.fixtures.scene import new_scene

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_scenes_that_are_moved_one_soon_after_the_other_both_stand_where_they_are(visit, scene, alice):
    # Catches a move that is kept and not shown: the answer to the first took out what the second was to bring anew.
    for title in ("Fog", "Tide"):
        new_scene(alice, title=title)
    page = visit(f"/films/{scene.film_id}/", alice)
    held = hold(page, "**/{earlier,later}/", count=2)
    page.get_by_role("button", name="Move The Last Lamp later").click()
    page.get_by_role("button", name="Move Tide earlier").click()
    titles = page.locator(".scene-board__title")
    release(page, held, 0)
    expect(titles.first).to_contain_text("Fog")
    release(page, held, 1)
    expect(titles).to_contain_text(["Fog", "Tide", "The Last Lamp"])
    expect(page.locator("#announcer")).to_have_text("“Tide” is scene 2 now.")
