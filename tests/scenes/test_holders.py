"""Who holds which right and why, held against scenes.access, which decides."""

import itertools

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import assign_perm

from scenes import access
from scenes.access import BLOCK_RIGHTS, CHANGE, VIEW
from scenes.holders import holders
from scenes.models import DELETE_VIDEO, GENERATE_FRAME, GENERATE_VIDEO, SHARE


def grant_everywhere(right: str, to: User | Group) -> None:
    permissions = to.permissions if isinstance(to, Group) else to.user_permissions
    permissions.add(*Permission.objects.filter(content_type__app_label="scenes", codename=right))


@pytest.fixture
def dora(db) -> User:
    return User.objects.create_user("dora")


@pytest.fixture
def everybody(scene, dialog) -> list[User]:
    """A person for each way of holding a right, and one for each combination of a few."""
    ways = {
        "global": grant_everywhere,
        "scene": lambda right, to: assign_perm(right, to, scene),
        "block": lambda right, to: assign_perm(right, to, dialog),
    }
    rights = [(VIEW,), (CHANGE,), (GENERATE_VIDEO,), (VIEW, GENERATE_FRAME), (CHANGE, GENERATE_VIDEO, DELETE_VIDEO)]
    rights += [(VIEW, SHARE), (SHARE,)]
    people = []
    for (way, grant), held, by_group in itertools.product(ways.items(), rights, (False, True)):
        person = User.objects.create_user(f"{way}-{len(people)}")
        to = person
        if by_group:
            to = Group.objects.create(name=f"group-{len(people)}")
            person.groups.add(to)
        for right in held:
            if way != "block" or right in BLOCK_RIGHTS:
                grant(right, to)
            else:
                assign_perm(right, to, scene)
        people.append(person)
    gone = User.objects.create_user("gone", is_active=False)
    assign_perm(VIEW, gone, scene)
    return [*people, gone, User.objects.create_superuser("chief"), scene.owner, User.objects.create_user("stranger")]


@pytest.mark.postgres
@pytest.mark.parametrize("which", ["scene", "block"])
def test_the_table_says_of_everybody_what_access_decides(scene, dialog, everybody, which):
    target = {"scene": scene, "block": dialog}[which]
    told = {holder.person: holder.rights for holder in holders(target)}
    for person in everybody:
        access.grant_rights(person, scene, [dialog])
        assert told.get(person, access.NOTHING) == target.can, person


def test_it_names_every_source(scene, dialog, dora):
    group = Group.objects.create(name="Editors")
    dora.groups.add(group)
    assign_perm(VIEW, group, scene)
    assign_perm(GENERATE_VIDEO, dora, dialog)
    assign_perm(GENERATE_VIDEO, group, scene)
    holder = next(holder for holder in holders(dialog) if holder.person == dora)
    assert holder.sources == {
        VIEW: ["by group Editors, on the scene"],
        GENERATE_VIDEO: ["by group Editors, on the scene", "on this block"],
        GENERATE_FRAME: ["by group Editors, on the scene", "on this block"],
    }


def test_a_right_without_effect_is_shown_as_such(scene, dialog, dora):
    assign_perm(GENERATE_FRAME, dora, dialog)
    holder = next(holder for holder in holders(dialog) if holder.person == dora)
    assert holder.rights == access.NOTHING
    assert holder.sources == {GENERATE_FRAME: ["on this block"]}


def test_the_table_costs_the_same_for_few_and_for_many(scene, dialog, dora, request):
    assign_perm(VIEW, dora, scene)
    group = Group.objects.create(name="Editors")
    dora.groups.add(group)
    for target in (scene, dialog):
        assign_perm(GENERATE_FRAME, group, target)
    grant_everywhere(VIEW, group)
    dialog = access.get_block(dora, scene.pk, dialog.pk)
    assert dialog.scene.owner == scene.owner  # looked up once
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            holders(dialog)
        counts.append(len(queries))
        request.getfixturevalue("everybody")
    assert counts == [15, 15]
