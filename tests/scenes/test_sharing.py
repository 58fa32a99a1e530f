"""Giving and taking rights, asking and answering, on the model's side: what the pages and the API stand on."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from guardian.shortcuts import assign_perm

from scenes import access, sharing
from scenes.access import CHANGE, VIEW
from scenes.models import DELETE_VIDEO, GENERATE_FRAME, GENERATE_VIDEO, SHARE, RightRequest
from scenes.sharing import SharingError
from tests.fixtures.scene import new_scene

pytestmark = pytest.mark.postgres


@pytest.fixture
def dora(db) -> User:
    return User.objects.create_user("dora", first_name="Dora", last_name="Winter")


@pytest.fixture
def editors(dora) -> Group:
    group = Group.objects.create(name="Editors")
    dora.groups.add(group)
    return group


def fresh(person: User) -> User:
    # As each request reads the person: Django caches rights on the instance.
    return User.objects.get(pk=person.pk)


def as_seen_by(person: User, target):
    access_to = {"Film": access.get_film, "Scene": access.get_scene}[type(target).__name__]
    return access_to(fresh(person), target.pk)


@pytest.mark.parametrize("which", ["film", "scene"])
def test_a_group_is_given_a_right_and_loses_it_at_once(which, scene, alice, dora, editors):
    target = as_seen_by(alice, {"film": scene.film, "scene": scene}[which])
    sharing.change(target, editors, alice, give=[VIEW, GENERATE_VIDEO])
    assert access.get_scene(fresh(dora), scene.pk).can == access.Rights(
        view=True, generate_frame=True, generate_video=True
    )
    sharing.change(target, editors, alice, take=[VIEW])
    with pytest.raises(Http404):
        access.get_scene(fresh(dora), scene.pk)


def test_what_is_given_and_taken_is_logged_once_and_nothing_that_stood_already(scene, alice, bob, editors):
    target = as_seen_by(alice, scene)
    assert sharing.change(target, bob, alice, give=[VIEW, CHANGE]) == ["Gave “write” to bob."]
    assert sharing.change(target, bob, alice, give=[VIEW, CHANGE]) == []
    sharing.change(target, editors, alice, give=[VIEW])
    sharing.change(target, bob, alice, take=[CHANGE, DELETE_VIDEO])
    assert [(entry.user, entry.change_message) for entry in sharing.log(target)] == [
        (alice, "Took “write” from bob."),
        (alice, "Gave “look” to group Editors."),
        (alice, "Gave “write” to bob."),
    ]
    assert LogEntry.objects.count() == 3


def test_nobody_gives_or_takes_what_they_do_not_hold(scene, alice, bob, dora):
    assign_perm(SHARE, bob, scene)
    assign_perm(GENERATE_FRAME, bob, scene)
    assign_perm(DELETE_VIDEO, dora, scene)
    target = as_seen_by(bob, scene)
    assert sharing.may_change(target) == (VIEW, GENERATE_FRAME, SHARE)
    sharing.change(target, dora, bob, give=[VIEW, GENERATE_FRAME])
    for refused in ({"give": [GENERATE_VIDEO]}, {"give": [VIEW, CHANGE]}, {"take": [DELETE_VIDEO]}):
        with pytest.raises(PermissionDenied, match="You do not hold the right"):
            sharing.change(target, dora, bob, **refused)
    assert as_seen_by(dora, scene).can == access.Rights(view=True, generate_frame=True, delete_video=True)


def test_sharing_a_scene_shares_neither_its_film_nor_its_neighbour(scene, alice, bob, dora):
    neighbour = new_scene(alice, title="Fog")
    assign_perm(VIEW, bob, neighbour)
    assign_perm(SHARE, bob, scene)
    for elsewhere in (scene.film, neighbour):
        with pytest.raises(PermissionDenied, match="not share it"):
            sharing.change(as_seen_by(bob, elsewhere), dora, bob, give=[VIEW])


def test_the_right_to_share_without_sight_is_none(scene, bob, charlie):
    assign_perm("share_film", charlie, scene.film)
    with pytest.raises(Http404):
        access.get_film(charlie, scene.film_id, SHARE)


def test_a_right_of_another_floor_is_refused_in_words(scene, action, alice, bob):
    block = access.get_block(alice, scene.pk, action.pk)
    for right in (VIEW, SHARE, "delete_scene"):
        with pytest.raises(SharingError, match="cannot be given here"):
            sharing.change(block, bob, alice, give=[right])


def test_the_owner_and_closed_accounts_are_given_nothing(scene, alice, dora):
    target = as_seen_by(alice, scene)
    with pytest.raises(SharingError, match="alice owns the film"):
        sharing.change(target, alice, alice, give=[VIEW])
    User.objects.filter(pk=dora.pk).update(is_active=False)
    with pytest.raises(SharingError, match="The account of dora is closed"):
        sharing.change(target, fresh(dora), alice, give=[VIEW])


def test_names_are_found_by_two_letters_and_no_other_way(scene, alice, bob, dora, editors):
    dora.email = "edith@example.org"
    dora.save()
    assert sharing.find("e", scene) == []
    assert sharing.find("edith", scene) == []
    assert sharing.find("Winter", scene) == [dora]
    assert sharing.find(" edit ", scene) == [editors]
    assert sharing.find("alice", scene) == []  # the owner
    User.objects.bulk_create(User(username=f"bobby{number}") for number in range(20))
    found = sharing.find("bob", scene)
    assert (found[0], len(found)) == (bob, sharing.MOST_FOUND)


# --- Asking -----------------------------------------------------------------------------------------------------


def test_a_question_is_asked_once_and_granting_it_opens_the_way(scene, action, alice, bob):
    block = access.get_block(bob, scene.pk, action.pk)
    asked = sharing.ask(block, bob, GENERATE_VIDEO)
    assert sharing.ask(block, bob, GENERATE_VIDEO) == asked
    assert list(sharing.requests_for(alice)) == [asked]
    for target in (scene.film, scene, action):
        assert list(sharing.requests_on(target)) == [asked]
    assert sharing.decide(asked, sharing.reach(asked, alice), alice, granted=True)
    assert access.get_block(fresh(bob), scene.pk, action.pk, GENERATE_VIDEO)
    assert not sharing.decide(asked, sharing.reach(asked, alice), alice, granted=False)
    asked.refresh_from_db()
    assert (asked.granted, asked.decided_by) == (True, alice)
    assert not sharing.requests_for(alice)


def test_two_presses_at_the_same_moment_ask_once(scene, bob, monkeypatch):
    target = as_seen_by(bob, scene)
    asked = sharing.ask(target, bob, GENERATE_VIDEO)
    monkeypatch.setattr(
        sharing, "last_requests", lambda *_: {}
    )  # what the second press reads before the first is written
    assert sharing.ask(target, bob, GENERATE_VIDEO) == asked
    assert RightRequest.objects.get() == asked


def test_a_question_about_the_scene_stands_for_its_blocks_and_a_decline_does_not(scene, action, alice, bob):
    asked = sharing.ask(as_seen_by(bob, scene), bob, GENERATE_VIDEO)
    block = access.get_block(bob, scene.pk, action.pk)
    assert sharing.ask(block, bob, GENERATE_VIDEO) == asked
    sharing.decide(asked, sharing.reach(asked, alice), alice, granted=False)
    assert sharing.ask(block, bob, GENERATE_VIDEO).target == action


def test_what_was_declined_may_be_asked_again_after_a_day(scene, alice, bob):
    target = as_seen_by(bob, scene)
    asked = sharing.ask(target, bob, CHANGE)
    sharing.decide(asked, sharing.reach(asked, alice), alice, granted=False)
    assert sharing.log(scene)[0].change_message == "Declined “write” to bob."
    with pytest.raises(SharingError, match="declined less than a day ago"):
        sharing.ask(target, bob, CHANGE)
    sharing.ask(target, bob, GENERATE_VIDEO)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        assert sharing.ask(target, bob, CHANGE) != asked


def test_a_right_given_in_another_way_answers_the_question(scene, alice, bob, dora, editors):
    assign_perm(VIEW, dora, scene)
    for person in (bob, dora):
        sharing.ask(as_seen_by(person, scene), person, GENERATE_VIDEO)
    target = as_seen_by(alice, scene)
    sharing.change(target, editors, alice, give=[GENERATE_VIDEO])
    assert [asked.person for asked in sharing.requests_for(alice)] == [bob]
    sharing.change(target, bob, alice, give=[GENERATE_VIDEO])
    assert RightRequest.objects.filter(granted=True).count() == 2


def test_there_is_nothing_to_ask_for_that_one_holds_or_that_is_none(scene, alice, bob):
    target = as_seen_by(bob, scene)
    for right, words in ((VIEW, "hold this right already"), ("delete_scene", "no such right")):
        with pytest.raises(SharingError, match=words):
            sharing.ask(target, bob, right)
    film = as_seen_by(bob, scene.film)
    with pytest.raises(SharingError, match="Ask to look at the whole film first"):
        sharing.ask(film, bob, GENERATE_VIDEO)
    assert sharing.ask(film, bob, VIEW).target == scene.film


def test_a_question_is_shown_to_those_who_may_answer_it_and_to_nobody_else(scene, action, alice, bob, charlie, dora):
    elsewhere = new_scene(alice, title="Fog")
    assign_perm(VIEW, bob, elsewhere)
    on_film = sharing.ask(as_seen_by(bob, scene.film), bob, VIEW)
    here = sharing.ask(access.get_block(bob, scene.pk, action.pk), bob, GENERATE_VIDEO)
    there = sharing.ask(as_seen_by(bob, elsewhere), bob, GENERATE_VIDEO)
    for right in (VIEW, SHARE):
        assign_perm(right, dora, scene)
    assign_perm(SHARE, charlie, elsewhere)  # but no sight of it
    chief = User.objects.create_superuser("chief")
    told = {person.username: set(sharing.requests_for(fresh(person))) for person in (alice, bob, charlie, dora, chief)}
    everything = {on_film, here, there}
    assert told == {"alice": everything, "chief": everything, "bob": set(), "charlie": set(), "dora": {here}}
    with pytest.raises(PermissionDenied, match="You do not hold"):
        sharing.decide(here, sharing.reach(here, fresh(dora)), dora, granted=True)
    assert sharing.decide(here, sharing.reach(here, fresh(dora)), dora, granted=False)


def test_what_is_counted_agrees_with_who_may_share(scene, alice, bob, dora, editors):
    asked = sharing.ask(as_seen_by(bob, scene), bob, GENERATE_VIDEO)
    for right in ("view_film", "share_film"):
        assert not sharing.requests_for(fresh(dora))
        assign_perm(right, editors, scene.film)
    assert list(sharing.requests_for(fresh(dora))) == [asked]
    assert sharing.reach(asked, fresh(dora)).can.share
