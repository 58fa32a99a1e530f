"""Scenes that timelines are made of."""

import pytest

from scenes.models import Block, Scene
from tests.fixtures.cuts import take_of
from tests.fixtures.scene import new_scene


@pytest.fixture
def three(scene, action, dialog, alice, start_frame, tmp_path) -> list[Block]:
    """A clip of a second, a line and another action, without pictures."""
    take_of(action, alice, tmp_path)
    third = Block.objects.create(scene=scene, position=2, kind="action", text="Rain.")
    return [action, dialog, third]


@pytest.fixture
def fog(three, alice) -> Scene:
    """The second scene of the film, of two actions."""
    fog = new_scene(alice, title="Fog")
    for position in range(2):
        Block.objects.create(scene=fog, position=position, kind="action", text="Fog.")
    return fog
