"""Who may do what, on the model's side; the views have the same three people in their own tests."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from guardian.shortcuts import assign_perm, get_objects_for_user, remove_perm

from scenes import access
from scenes.access import CHANGE, VIEW
from scenes.models import DELETE_VIDEO, GENERATE_FRAME, GENERATE_VIDEO, Block, Film, Scene
from tests.fixtures.scene import new_scene

pytestmark = pytest.mark.postgres


def rights(person, block: Block) -> access.Rights:
    # A fresh read of the person, as each request makes one: Django caches rights on the instance.
    if isinstance(person, User):
        person = User.objects.get(pk=person.pk)
    access.grant_rights(person, block.scene, [block])
    return block.can


def test_the_owner_holds_every_right(action, alice):
    assert rights(alice, action) == access.EVERYTHING


def test_an_outsider_holds_nothing_and_is_told_the_scene_is_not_there(action, charlie):
    assert rights(charlie, action) == access.NOTHING
    with pytest.raises(Http404):
        access.get_scene(charlie, action.scene_id)
    with pytest.raises(Http404):
        access.get_block(charlie, action.scene_id, action.pk)


def test_who_may_look_is_refused_what_was_not_granted(action, bob):
    assert rights(bob, action) == access.Rights(view=True)
    assert access.get_block(bob, action.scene_id, action.pk) == action
    with pytest.raises(PermissionDenied, match="scene_block:video:generate"):
        access.get_block(bob, action.scene_id, action.pk, GENERATE_VIDEO)


def test_the_video_right_includes_the_frames_and_the_frame_right_does_not_include_the_video(action, bob):
    assign_perm(GENERATE_FRAME, bob, action)
    assert rights(bob, action) == access.Rights(view=True, generate_frame=True)
    remove_perm(GENERATE_FRAME, bob, action)
    assign_perm(GENERATE_VIDEO, bob, action)
    assert rights(bob, action) == access.Rights(view=True, generate_frame=True, generate_video=True)


def test_a_right_on_one_block_does_not_reach_its_neighbour(action, dialog, bob):
    assign_perm(DELETE_VIDEO, bob, action)
    assert rights(bob, action).delete_video
    assert not rights(bob, dialog).delete_video


def test_a_right_on_the_scene_covers_blocks_written_later(scene, action, bob):
    assign_perm(GENERATE_VIDEO, bob, scene)
    later = Block.objects.create(scene=scene, position=9, kind="action", text="Later.")
    assert rights(bob, action).generate_video
    assert rights(bob, later).generate_video


def test_a_right_held_through_a_group_counts_on_the_block_and_globally(action, charlie):
    group = Group.objects.create(name="crew")
    charlie.groups.add(group)
    assign_perm("view_scene", group, action.scene)
    assign_perm(GENERATE_VIDEO, group, action)
    assert rights(charlie, action) == access.Rights(view=True, generate_frame=True, generate_video=True)
    charlie.groups.remove(group)
    assert rights(charlie, action) == access.NOTHING
    assign_perm("scenes.view_scene", group)
    group.permissions.add(Permission.objects.get(codename=DELETE_VIDEO, content_type__model="block"))
    charlie.groups.add(group)
    assert rights(charlie, action).delete_video
    assert list(access.visible_scenes(User.objects.get(pk=charlie.pk))) == [action.scene]


def test_a_right_on_a_block_without_sight_of_the_scene_opens_nothing(action, charlie):
    assign_perm(GENERATE_VIDEO, charlie, action)
    assert rights(charlie, action) == access.NOTHING


@pytest.mark.parametrize("who", ["inactive", "anonymous"])
def test_nobody_without_an_active_account_holds_anything(action, alice, who):
    alice.is_active = False
    alice.save()
    person = alice if who == "inactive" else AnonymousUser()
    assert rights(person, action) == access.NOTHING
    assert not access.visible_scenes(person).exists()


def test_a_superuser_holds_everything(action, charlie):
    charlie.is_superuser = True
    charlie.save()
    assert rights(charlie, action) == access.EVERYTHING
    assert access.visible_scenes(charlie).get() == action.scene


def test_the_scene_list_holds_what_one_owns_and_what_was_shared(scene, alice, bob, charlie):
    assert list(access.visible_scenes(alice)) == [scene]
    assert list(access.visible_scenes(bob)) == [scene]
    assert list(access.visible_scenes(charlie)) == []


@pytest.mark.parametrize("codename", ["view", "change", "share"])
@pytest.mark.parametrize("kind", ["scene", "film"])
@pytest.mark.parametrize("holder", ["person", "group of theirs", "group of others"])
def test_what_is_listed_is_what_guardian_finds(scene, alice, charlie, holder, kind, codename):
    # Catches a list of our own that takes a right of others, or another right, for one that lets this person look.
    groups = {name: Group.objects.create(name=name) for name in ("group of theirs", "group of others")}
    charlie.groups.add(groups["group of theirs"])
    Scene.objects.create(film=Film.objects.create(owner=alice, title="Never shared"), title="Fog", position=0)
    target = scene if kind == "scene" else scene.film
    assign_perm(f"{codename}_{kind}", groups.get(holder, charlie), target)
    looking = [f"view_{kind}", f"change_{kind}"]
    found = get_objects_for_user(charlie, looking, type(target), any_perm=True, accept_global_perms=False)
    is_seen = holder != "group of others" and codename != "share"
    assert list(found) == ([target] if is_seen else [])
    assert list(access.visible_scenes(charlie)) == ([scene] if is_seen else [])
    assert list(access.visible_films(charlie)) == ([scene.film] if is_seen else [])


def test_permissions_go_with_the_object_they_were_granted_on(action, bob, django_assert_num_queries):
    assign_perm(GENERATE_VIDEO, bob, action)
    grants = Block.objects.get().blockuserpermission_set
    assert grants.count() == 1
    action.delete()
    assert type(bob).objects.get(pk=bob.pk).blockuserpermission_set.count() == 0


@pytest.mark.parametrize("count", [1, 40])
def test_the_rights_on_a_scene_cost_the_same_queries_however_many_blocks(scene, bob, count, django_assert_num_queries):
    Block.objects.bulk_create(
        Block(scene=scene, position=number, kind="action", text="Rain.") for number in range(count)
    )
    blocks = list(scene.blocks.all())
    assign_perm(GENERATE_VIDEO, bob, blocks[0])
    access.grant_rights(bob, scene)  # what Django keeps of content types
    bob = User.objects.get(pk=bob.pk)
    with django_assert_num_queries(8):
        access.grant_rights(bob, scene, blocks)
    assert blocks[0].can.generate_video
    assert Scene.objects.get().blocks.count() == count


def test_a_right_on_the_film_covers_what_is_inside_and_what_comes_later(action, charlie):
    # Catches a film's right that stops at the scenes there were when it was given.
    film = action.scene.film
    assign_perm("view_film", charlie, film)
    assign_perm(GENERATE_VIDEO, charlie, film)
    later = new_scene(film.owner, title="Later")
    block = Block.objects.create(scene=later, position=0, kind="action", text="Fog.")
    assert access.get_block(charlie, later.pk, block.pk, GENERATE_VIDEO).can.generate_frame
    assert set(access.visible_scenes(charlie)) == {action.scene, later}
    held = access.Rights.of({VIEW, GENERATE_VIDEO})
    assert access.get_film(charlie, film.pk).can == access.get_scene(charlie, later.pk).can == held
    remove_perm("view_film", charlie, film)
    with pytest.raises(Http404):
        access.get_block(charlie, later.pk, block.pk)


def test_a_film_is_seen_by_whoever_sees_one_of_its_scenes_and_grants_nothing_by_that(scene, alice, bob, charlie):
    # Catches a shared scene whose film shows the rest of it.
    new_scene(alice, title="Not shared")
    film = access.get_film(bob, scene.film_id)
    assert (film.can, list(access.visible_scenes(bob).filter(film=film))) == (access.NOTHING, [scene])
    assert list(access.visible_films(bob)) == list(access.visible_films(alice)) == [film]
    with pytest.raises(PermissionDenied):
        access.get_film(bob, film.pk, CHANGE)
    with pytest.raises(Http404):
        access.get_film(charlie, film.pk)


@pytest.mark.parametrize("what", ["film", "scene", "block"])
def test_what_was_removed_is_seen_by_nobody(action, alice, what):
    # Catches a clip that is still served after its film went.
    row = {"film": action.scene.film, "scene": action.scene, "block": action}[what]
    row.removed_at = timezone.now()
    row.save()
    with pytest.raises(Http404):
        access.get_block(alice, action.scene_id, action.pk)
    assert access.visible_films(alice).exists() == (what != "film")
    assert access.visible_scenes(alice).exists() == (what == "block")
