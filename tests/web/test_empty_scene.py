"""A scene nobody has written yet."""

from tests.fixtures.people import signed_in


def page(user, scene) -> str:
    return signed_in(user).get(f"/scenes/{scene.pk}/").content.decode()


def test_its_owner_is_told_how_it_goes_on_and_not_that_rights_are_missing(alice, scene):
    text = page(alice, scene)
    assert "This scene has no blocks yet" in text
    assert "Begin to write" in text
    assert "You may look, but not" not in text


def test_whoever_may_only_look_is_told_so_once_there_is_a_block(bob, scene, action):
    assert "You may look, but not make videos here." in page(bob, scene)


def test_whoever_may_only_look_is_not_asked_to_write(bob, scene):
    assert "Begin to write" not in page(bob, scene)
