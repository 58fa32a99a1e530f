"""The demo: what it makes, and that making it again changes nothing."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse

from scenes import demo
from scenes.demo.pictures import picture_of
from scenes.models import Block, Character, Location, Scene
from tests.fixtures.people import signed_in


def printed(*words: str) -> str:
    out = StringIO()
    call_command("demo", *words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestDemo:
    def test_json_is_all_that_is_printed_and_names_what_is_there(self):
        found = json.loads(printed("--json"))
        scene = Scene.objects.get(pk=found["scene"])
        assert found["blocks"] == [str(block.pk) for block in scene.blocks.order_by("position")]
        assert 6 <= len(found["blocks"]) <= 8
        assert {name: User.objects.get(username=name).pk for name in found["users"]} == found["users"]
        assert set(found["users"]) == {"alice", "bob", "charlie", "operator"}

    def test_it_is_two_places_three_people_and_eight_blocks(self):
        printed()
        assert (Scene.objects.count(), Location.objects.count(), Character.objects.count()) == (2, 2, 3)
        assert Block.objects.count() == 8
        # In the order of the story; lists of scenes, newest first, begin with the one to be opened first.
        told = ["The Last Lamp", "A Kettle for Three"]
        for order in ("position", "-created_at"):
            assert list(Scene.objects.order_by(order).values_list("title", flat=True)) == told
        assert set(Block.objects.values_list("kind", flat=True)) == {"action", "dialog"}
        assert all(location.image for location in Location.objects.all())
        assert all(
            character.portrait and character.description and character.voice for character in Character.objects.all()
        )

    def test_a_second_run_changes_nothing(self):
        first = printed("--json")
        files = default_storage.listdir("locations"), default_storage.listdir("characters")
        rows = list(User.objects.order_by("pk").values())
        assert printed("--json") == first
        assert (default_storage.listdir("locations"), default_storage.listdir("characters")) == files
        assert list(User.objects.order_by("pk").values()) == rows

    def test_what_people_changed_stays_changed(self):
        found = json.loads(printed("--json"))
        Block.objects.filter(pk=found["blocks"][0]).update(text="Fog.")
        Block.objects.get(pk=found["blocks"][-1]).delete()
        assert json.loads(printed("--json"))["blocks"] == found["blocks"][:-1]
        assert Block.objects.get(pk=found["blocks"][0]).text == "Fog."

    def test_alice_owns_bob_may_look_charlie_is_outside_and_the_operator_runs_it(self):
        found = json.loads(printed("--json"))
        path = reverse("scene", args=[found["scene"]])
        people = {name: User.objects.get(username=name) for name in found["users"]}
        seen = {name: signed_in(person).get(path).status_code for name, person in people.items()}
        assert seen == {"alice": 200, "bob": 200, "charlie": 404, "operator": 200}
        assert [name for name, person in people.items() if person.is_superuser] == ["operator"]
        assert "aria-disabled" in signed_in(people["bob"]).get(path).content.decode()

    def test_nobody_has_a_password_until_one_is_given(self):
        printed()
        assert not any(person.has_usable_password() for person in User.objects.all())
        printed("--password", "lantern and oil")
        assert all(person.check_password("lantern and oil") for person in User.objects.all())

    def test_a_password_somebody_set_is_left_alone(self):
        printed()
        alice = User.objects.get(username="alice")
        alice.set_password("my own words")
        alice.save()
        printed()
        assert User.objects.get(username="alice").check_password("my own words")


@pytest.mark.django_db
def test_the_pictures_are_copies_of_the_files():
    demo.load()
    stored = [(location.name, location.image) for location in Location.objects.all()]
    stored += [(character.name, character.portrait) for character in Character.objects.all()]
    assert len(stored) == 5
    for name, picture in stored:
        with picture.open() as file:
            assert file.read() == picture_of(name).read_bytes()
