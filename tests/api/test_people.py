"""Who may do what over the API: effective rights with their sources, and the list of grants that PUT replaces."""

import pytest
from django.contrib.auth.models import Group, User
from guardian.shortcuts import assign_perm

from scenes import access
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO
from tests.fixtures.callers import put


@pytest.fixture
def dora(db) -> User:
    return User.objects.create_user("dora", first_name="Dora", last_name="Winter")


@pytest.fixture
def editors(dora) -> Group:
    group = Group.objects.create(name="Editors")
    dora.groups.add(group)
    return group


def people(scene) -> str:
    return f"/api/scenes/{scene.pk}/people"


def errors(response) -> dict[str, str]:
    assert response.status_code == 422
    return {error["field"]: error["message"] for error in response.json()["errors"]}


def test_reading_tells_effective_rights_where_they_come_from_and_what_is_given_here(scene, alices, bob, dora, editors):
    assign_perm("view_film", editors, scene.film)
    document = alices.get(people(scene)).json()
    told = {row["username"]: row for row in document["people"]}
    assert list(told) == ["alice", "bob", "dora"]
    assert all(told["alice"]["can"].values())
    assert told["dora"]["name"] == "Dora Winter"
    assert told["dora"]["can"]["view"]
    assert told["dora"]["sources"] == [{"right": "view_scene", "sources": ["by group Editors, on the film"]}]
    assert document["direct"] == [{"user": "bob", "group": None, "rights": ["view_scene"]}]
    assert document["grantable"] == [
        *("view_scene", "change_scene", GENERATE_FRAME, GENERATE_VIDEO, "scene_block:video:delete", "share_scene")
    ]


def test_putting_replaces_all_that_was_given_here(scene, alices, bob, bobs, dora, editors):
    wanted = [{"user": "dora", "rights": ["view_scene"]}, {"group": "Editors", "rights": [GENERATE_VIDEO]}]
    document = put(alices, people(scene), {"direct": wanted}).json()
    assert [(row["user"], row["group"], row["rights"]) for row in document["direct"]] == [
        ("dora", None, ["view_scene"]),
        (None, "Editors", [GENERATE_VIDEO]),
    ]
    assert bobs.get(f"/api/scenes/{scene.pk}").status_code == 404
    again = put(alices, people(scene), {"direct": wanted}).json()
    assert again == document


def test_names_of_rights_are_those_of_the_film_on_a_film_and_three_on_a_block(scene, action, alices, dora):
    film = put(alices, f"/api/films/{scene.film_id}/people", {"direct": [{"user": "dora", "rights": ["view_film"]}]})
    assert film.status_code == 200
    block = f"/api/scenes/{scene.pk}/blocks/{action.pk}/people"
    assert put(alices, block, {"direct": [{"user": "dora", "rights": [GENERATE_FRAME]}]}).status_code == 200
    assert "direct.0.rights" in errors(put(alices, block, {"direct": [{"user": "dora", "rights": ["view_scene"]}]}))
    access.grant_rights(dora, scene, [action])
    assert (scene.can, action.can) == (access.Rights(view=True), access.Rights(view=True, generate_frame=True))


def test_nobody_puts_more_than_they_hold_and_what_they_do_not_hold_may_stay(scene, alices, bob, bobs, dora):
    for right in ("share_scene", GENERATE_FRAME):
        assign_perm(right, bob, scene)
    assign_perm(GENERATE_VIDEO, dora, scene)
    own = {"user": "bob", "rights": ["view_scene", "share_scene", GENERATE_FRAME]}
    for rights in ([], [GENERATE_VIDEO, "change_scene"]):
        refused = put(bobs, people(scene), {"direct": [own, {"user": "dora", "rights": rights}]})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
        assert "You do not hold the right" in refused.json()["detail"]
    kept = put(bobs, people(scene), {"direct": [own, {"user": "dora", "rights": [GENERATE_VIDEO, "view_scene"]}]})
    assert kept.status_code == 200


@pytest.mark.parametrize(
    ("direct", "field", "words"),
    [
        (None, "direct", "must be a list"),
        ("dora", "direct", "must be a list"),
        ([7], "direct.0", "must have a user or a group, and rights"),
        ([{"user": "dora"}], "direct.0", "must have a user or a group"),
        ([{"user": "dora", "group": "Editors", "rights": []}], "direct.0", "must have a user or a group"),
        ([{"user": "nobody", "rights": []}], "direct.0.user", "There is no user"),
        ([{"group": "dora", "rights": []}], "direct.0.group", "There is no group"),
        ([{"user": "\u0000", "rights": []}], "direct.0.user", "There is no user"),
        ([{"user": {}, "rights": []}], "direct.0.user", "There is no user"),
        ([{"user": "dora", "rights": "view_scene"}], "direct.0.rights", "must be some of view_scene"),
        ([{"user": "dora", "rights": [["view_scene"]]}], "direct.0.rights", "must be some of view_scene"),
        ([{"user": "dora", "rights": []}, {"user": "dora", "rights": []}], "direct.1", "names dora a second time"),
        ([{"user": "alice", "rights": ["view_scene"]}], "direct", "alice owns the film"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place_and_changes_nothing(scene, alices, dora, direct, field, words):
    assert words in errors(put(alices, people(scene), {"direct": direct}))[field]
    assert "field" in errors(put(alices, people(scene), {"direct": [], "more": 1}))["more"]
    assert alices.get(people(scene)).json()["direct"] == [{"user": "bob", "group": None, "rights": ["view_scene"]}]


def test_one_wrong_grant_keeps_the_others_from_being_given(scene, alices, dora):
    sent = [{"user": "dora", "rights": ["view_scene"]}, {"user": "alice", "rights": ["view_scene"]}]
    assert put(alices, people(scene), {"direct": sent}).status_code == 422
    assert [row["user"] for row in alices.get(people(scene)).json()["direct"]] == ["bob"]
