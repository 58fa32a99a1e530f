"""The console's start page, and the takes that nobody uses."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission, User
from django.core.files.storage import default_storage
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.fixtures.pages import words_of
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame
from videogen import actions
from videogen.models import Event, Frame, Video, Worker

INDEX, UNUSED = "/admin/", "/admin/unused-takes/"


@pytest.fixture
def operator(db) -> Client:
    return signed_in(User.objects.create_superuser("operator", password="operator's password"))


@pytest.fixture
def takes(action, alice, start_frame) -> list[Video]:
    """Three takes of a block, 40 days old; the last one is its clip."""
    made = [finished_video(action, alice, data=b"x" * 1000) for _ in range(3)]
    Video.objects.update(finished_at=timezone.now() - timedelta(days=40))
    return made


def confirmation(response) -> dict[str, str]:
    """The fields of the form that confirms; none where nothing is to be confirmed."""
    found = re.search(r'name="before" value="([^"]+)"', response.content.decode())
    return {"days": "30", "before": found[1]} if found else {}


def test_the_start_page_shows_queues_workers_and_disk(operator, dialog, alice, start_frame, settings):
    now = timezone.now()
    queued_frame(dialog, alice)
    Frame.objects.filter(status="queued").update(created_at=now - timedelta(minutes=5))
    facts = {"loaded": "LTX-2.3", "device": "NVIDIA H200", "memory_free": 3 * 2**30, "started_at": now}
    Worker.objects.create(name="gpu0@here", queues=["videos"], seen_at=now, **facts)
    Worker.objects.create(name="gone@there", queues=["frames"], seen_at=now - timedelta(minutes=9), started_at=now)
    settings.DISK_RESERVE_BYTES = 2**62
    told = words_of(operator.get(INDEX))
    assert re.search(r"frames 1 5 min \d s 0 none", told)  # a busy machine takes a second for the page
    assert "videos 0 – 0 1" in told
    assert "gpu0@here videos LTX-2.3 NVIDIA H200 3.0 GB" in told
    assert "gone@there silent for 9 minutes" in told
    assert "The disk is almost full" in told


def test_the_start_page_costs_the_same_however_much_there_is(
    operator, action, dialog, alice, start_frame, django_assert_num_queries
):
    # session, person; five kinds of rows, the clock, two lists of workers; the recent actions
    with django_assert_num_queries(11):
        operator.get(INDEX)
    now = timezone.now()
    for number in range(5):
        Worker.objects.create(name=f"{number}@here", queues=["videos"], started_at=now, seen_at=now)
    finished_video(action, alice)
    queued_frame(dialog, alice)
    with django_assert_num_queries(11):
        operator.get(INDEX)


def test_unused_takes_are_counted_before_they_are_deleted(operator, takes, django_capture_on_commit_callbacks):
    page = operator.get(UNUSED, {"days": 30})
    assert "There are 2 takes of 2.0 KB together." in words_of(page)
    assert Video.objects.count() == 3
    with django_capture_on_commit_callbacks(execute=True):
        told = words_of(operator.post(UNUSED, confirmation(page), follow=True))
    assert "2 takes were deleted." in told
    assert list(Video.objects.all()) == [takes[2]]
    assert [default_storage.exists(take.file.name) for take in takes] == [False, False, True]
    assert set(Event.objects.filter(to_status="deleted").values_list("actor__username", flat=True)) == {"operator"}
    assert "There is none." in words_of(operator.get(UNUSED, {"days": 30}))


def test_a_take_that_became_the_clip_after_the_count_stays(operator, takes):
    # Catches a deletion that goes by the list of a minute ago.
    counted = confirmation(operator.get(UNUSED, {"days": 30}))
    takes[0].make_current()
    operator.post(UNUSED, counted)
    assert list(Video.objects.all()) == [takes[0]]


def test_a_take_that_becomes_the_clip_while_others_are_deleted_stays(takes, alice, monkeypatch):
    real = actions.lock_block

    def chosen_meanwhile(block_id):
        takes[0].make_current()
        real(block_id)

    monkeypatch.setattr(actions, "lock_block", chosen_meanwhile)
    assert actions.delete_unused_takes(timezone.now(), alice, 10) == 1
    assert set(Video.objects.all()) == {takes[0], takes[2]}  # the new clip, and the old one, which was not counted


def test_younger_takes_and_those_that_aged_since_the_count_stay(operator, takes):
    assert "There is none." in words_of(operator.get(UNUSED, {"days": 41}))
    counted = confirmation(operator.get(UNUSED, {"days": 30}))
    young = Video.objects.exclude(pk=takes[0].pk)
    young.update(finished_at=timezone.now() - timedelta(days=30) + timedelta(seconds=1))
    operator.post(UNUSED, counted)
    assert Video.objects.count() == 2


def test_one_press_deletes_no_more_than_a_request_can_do(operator, takes, monkeypatch):
    monkeypatch.setattr("config.console.MOST_AT_ONCE", 1)
    told = words_of(operator.post(UNUSED, confirmation(operator.get(UNUSED, {"days": 30})), follow=True))
    assert "1 take was deleted. 1 are left: count and delete once more." in told


@pytest.mark.parametrize("days", ["", "0", "-1", "abc", "99999", "1e9"])
def test_days_that_are_none_delete_nothing(operator, takes, days):
    page = operator.get(UNUSED, {"days": days})
    assert page.status_code == 200
    assert confirmation(page) == {}


@pytest.mark.parametrize("before", ["", "junk", "2999-01-01T00:00:00+00:00"])
def test_a_moment_that_nothing_was_counted_for_deletes_nothing(operator, takes, before):
    # Catches a form that was written by hand, or by another site, and takes every take with it.
    assert operator.post(UNUSED, {"days": "30", "before": before}).status_code == 200
    assert Video.objects.count() == 3


def test_whoever_may_not_delete_clips_is_neither_shown_nor_allowed_it(takes):
    staff = User.objects.create_user("clerk", password="clerk's password", is_staff=True)
    clerk = signed_in(staff)
    assert "Count them" not in words_of(clerk.get(INDEX))
    before = (timezone.now() - timedelta(days=30)).isoformat()
    for response in (clerk.get(UNUSED), clerk.post(UNUSED, {"days": "30", "before": before})):
        assert response.status_code == 403
    assert Video.objects.count() == 3
    staff.user_permissions.add(Permission.objects.get(codename="delete_video", content_type__app_label="videogen"))
    assert "There are 2 takes" in words_of(signed_in(User.objects.get(pk=staff.pk)).get(UNUSED, {"days": 30}))


def test_a_visitor_is_sent_to_the_door(client, db):
    assert client.get(UNUSED).status_code == 302
    assert client.get(UNUSED)["Location"].startswith(reverse("admin:login"))


# --- Every page of it -------------------------------------------------------------------------------------------


@pytest.fixture
def pages(operator, client, scene, action, dialog, alice, start_frame) -> dict[str, str]:
    """The pages of the console by their addresses: lists, forms, rights, and what stands around them."""
    now = timezone.now()
    finished_video(action, alice)
    Worker.objects.create(name="videos@here", queues=["videos"], started_at=now, seen_at=now)
    group = Group.objects.create(name="Editors")
    addresses = [INDEX, UNUSED, reverse("admin:app_list", args=["scenes"])]
    for model, admin in site._registry.items():
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{names}_changelist"))
        for row in model._default_manager.all()[:1]:
            addresses.append(reverse(f"{names}_change", args=[row.pk]))
            addresses.append(reverse(f"{names}_history", args=[row.pk]))
        if admin.has_add_permission(operator.get(INDEX).wsgi_request):
            addresses.append(reverse(f"{names}_add"))
    for name, row in (("scene", scene), ("block", dialog)):
        rights = f"admin:scenes_{name}_permissions"
        addresses.append(reverse(rights, args=[row.pk]))
        addresses.append(reverse(f"{rights}_manage_user", args=[row.pk, alice.pk]))
        addresses.append(reverse(f"{rights}_manage_group", args=[row.pk, group.pk]))
    found = {address: operator.get(address) for address in addresses}
    found["door"] = client.get(reverse("admin:login"))
    assert {address: page.status_code for address, page in found.items() if page.status_code != 200} == {}
    return {address: page.content.decode() for address, page in found.items()}


# A script that is data is not run, and the policy says nothing of it.
REFUSED = re.compile(r"<style\b|\sstyle=|<script\b(?![^>]*\b(?:src=|type=\"application/json\"))|\son[a-z]+=")


def test_no_page_of_the_console_holds_what_the_policy_refuses(pages):
    # Catches a page of a library with a style or script of its own: the browser leaves it out, and complains.
    assert len(pages) > 40
    assert {address: found for address, page in pages.items() if (found := REFUSED.findall(page))} == {}


def test_every_page_of_the_console_has_our_icon(pages):
    # Catches /favicon.ico, which browsers ask for where a page names none, and which is not there.
    icon = f'<link rel="icon" href="{static("favicon.svg")}" type="image/svg+xml">'
    assert [address for address, page in pages.items() if icon not in page] == []


def test_the_page_of_the_rights_says_where_it_stands(operator, scene):
    page = words_of(operator.get(reverse("admin:scenes_scene_permissions", args=[scene.pk])))
    assert f"Home > Scenes > {scene} > Who may do what" in page.replace("\u203a", ">")
