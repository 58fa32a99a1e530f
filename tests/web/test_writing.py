"""What the scene page holds for who may write in it, and what it keeps from everybody else."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from guardian.shortcuts import assign_perm

from scenes import actions, history
from scenes.models import Block, Scene
from tests.fixtures.people import signed_in
from tests.fixtures.scene import film_of

pytestmark = pytest.mark.postgres


def page(user: User, scene: Scene) -> str:
    response = signed_in(user).get(reverse("scene", args=[scene.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_who_may_change_the_scene_may_write_in_it_and_nobody_else(scene, action, alice, bob, charlie):
    # Catches an editor shown to somebody whose every word would be refused.
    written = ("data-writing=", "js/writing.js", "css/writing.css", 'id="writing-state"', "data-version=")
    assert [part for part in written if part not in page(alice, scene)] == []
    assert [part for part in (*written, "cast-names") if part in page(bob, scene)] == []
    assert signed_in(charlie).get(reverse("scene", args=[scene.pk])).status_code == 404
    assign_perm("change_scene", bob, scene)
    assert [part for part in written if part not in page(bob, scene)] == []


def test_the_page_has_one_editor_however_many_blocks(scene, alice):
    # Catches a form for each block: the page of a long scene would grow by it.
    blocks = [Block(scene=scene, position=place, kind="action", text="Rain.") for place in range(30)]
    Block.objects.bulk_create(blocks)
    body = page(alice, scene)
    assert body.count("<textarea") == body.count('id="writing-fields"') == 1


def test_the_page_knows_the_names_of_the_film_and_whether_there_is_a_step_to_undo(scene, action, mara, alice):
    # Catches an Undo button that does nothing, and a name that one has to remember.
    film_of(alice).characters.create(name="Дуня")

    def hidden(name: str) -> bool:
        return "hidden" in re.search(rf'data-history="{name}"\s*(\w*)', page(alice, scene))[1]

    body = page(alice, scene)
    assert re.findall(r'<option value="([^"]+)">', body) == ["Mara", "Дуня"]
    assert (hidden("undo"), hidden("redo")) == (True, True)
    actions.change_block(action, alice, 1, {"text": "Rain."})
    assert (hidden("undo"), hidden("redo")) == (False, True)
    history.undo(scene, alice)
    assert (hidden("undo"), hidden("redo")) == (True, False)


def test_a_line_is_shown_with_its_extension_and_how_it_is_said(scene, dialog, alice, bob):
    # Catches a parenthetical that is stored and read by nobody.
    actions.change_block(dialog, alice, 1, {"extension": "V.O.", "parenthetical": "softly", "text": "One.\n\nTwo."})
    body = page(bob, scene)
    assert '<h3 class="block__speaker">Mara (V.O.)</h3>' in body
    assert '<p class="block__aside">(softly)</p>' in body
    assert '<p class="block__line block__text">One.\n\nTwo.</p>' in body


def test_what_was_removed_is_on_no_page(scene, action, dialog, alice):
    # Catches a page that reads past the manager that leaves it out.
    actions.remove_block(dialog, alice)
    assert dialog.text not in page(alice, scene)
    for name in ("block_state", "clip_video"):
        assert signed_in(alice).get(reverse(name, args=[scene.pk, dialog.pk])).status_code == 404
    actions.remove_scene(scene)
    assert signed_in(alice).get(reverse("scene", args=[scene.pk])).status_code == 404
