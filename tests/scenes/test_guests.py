"""Guest links: what is kept of them, what they are worth, and when they are worth nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from scenes import access, actions, guests, sharing
from scenes.guest_link import hash_of
from scenes.guests import GuestLinkError
from scenes.models import Film, GuestLink, Scene
from tests.fixtures.guests import make_link
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from videogen import notes

pytestmark = pytest.mark.postgres


def test_the_secret_is_long_and_only_its_hash_is_kept(scene, alice):
    # Catches a secret that a thief of the database can use, and one that can be guessed.
    first, second = make_link(scene, alice)[1], make_link(scene, alice)[1]
    assert first != second
    assert len(first) >= 43  # 256 bits in base64
    kept = [str(value) for row in GuestLink.objects.values() for value in row.values()]
    assert not any(secret in value for secret in (first, second) for value in kept)
    assert hash_of(first) in kept


def test_a_link_gives_sight_of_its_scene_and_no_right_of_its_maker(scene, alice):
    # Catches a guest who holds what the maker holds.
    link, secret = make_link(scene, alice)
    found = guests.find(secret)
    assert (found, found.scene, found.scene.can) == (link, scene, access.Rights(view=True))
    for wrong in (
        "",
        "x",
        secret[:-1],
        secret + "x",
        secret.swapcase(),
        hash_of(secret),
        str(link.pk),
        "\x00",
        "\ud800",
    ):
        assert guests.find(wrong) is None


@pytest.mark.parametrize(
    ("label", "days", "fields"),
    [
        ("", 14, {"label"}),
        (" \n", 0, {"label", "days"}),
        ("x" * 101, 91, {"label", "days"}),
        ("a\x00b", True, {"label", "days"}),
        (None, "14", {"label", "days"}),
        ("Ines", 1.5, {"days"}),
    ],
)
def test_what_is_wrong_with_a_link_is_named_by_field_and_value(scene, alice, label, days, fields):
    # Catches a link without an end, or beyond ninety days.
    with pytest.raises(GuestLinkError) as refused:
        make_link(scene, alice, label, days)
    assert set(refused.value.errors) == fields
    assert not GuestLink.objects.exists()


def test_the_database_refuses_a_link_that_ends_before_it_begins(scene, alice):
    # Catches code that makes rows past scenes.guests.
    with pytest.raises(IntegrityError), transaction.atomic():
        GuestLink.issue(scene=scene, label="x", made_by=alice, expires_at=timezone.now() - timedelta(days=1))


def test_a_scene_has_no_more_open_links_than_somebody_can_look_through(scene, alice, monkeypatch):
    # Catches links without number, and one that was revoked and still counts.
    monkeypatch.setattr(guests, "MOST_OPEN", 2)
    first, _secret = make_link(scene, alice)
    make_link(scene, alice)
    with pytest.raises(GuestLinkError, match="2 open links"):
        make_link(scene, alice)
    guests.revoke(first, alice)
    make_link(scene, alice)


def test_a_link_ends_on_time_and_at_once_when_it_is_revoked(scene, alice):
    # Catches a link that outlives its day, and a revocation that waits.
    _link, secret = make_link(scene, alice, days=1)
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)):
        assert guests.find(secret)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert guests.find(secret) is None
    link, secret = make_link(scene, alice)
    assert (guests.revoke(link, alice), guests.revoke(link, alice)) == (True, False)
    assert guests.find(secret) is None


def close_the_account(scene: Scene, maker: User) -> None:
    User.objects.filter(pk=maker.pk).update(is_active=False)


def take_the_right_to_share(scene: Scene, maker: User) -> None:
    remove_perm("share_scene", maker, scene)


def take_the_sight(scene: Scene, maker: User) -> None:
    remove_perm("view_scene", maker, scene)


def remove_the_scene(scene: Scene, maker: User) -> None:
    actions.remove_scene(scene)


def remove_the_film(scene: Scene, maker: User) -> None:
    Film.objects.filter(pk=scene.film_id).update(removed_at=timezone.now())


@pytest.mark.parametrize(
    "happens", [close_the_account, take_the_right_to_share, take_the_sight, remove_the_scene, remove_the_film]
)
def test_a_link_is_worth_no_more_than_its_maker_may_do_now(scene, alice, bob, happens):
    # Catches somebody who keeps a way in for when their rights are taken, and a scene that is away and still shown.
    assign_perm("share_scene", bob, scene)
    _link, secret = make_link(scene, bob)
    assert guests.find(secret)
    happens(scene, bob)
    assert guests.find(secret) is None


def test_the_setting_closes_links_that_exist(scene, alice, settings):
    # Catches an operator who turned it off and still has guests.
    _link, secret = make_link(scene, alice)
    settings.GUEST_LINKS = False
    assert guests.find(secret) is None


def test_when_a_link_was_used_last_is_written_once_a_minute(scene, alice, django_assert_num_queries):
    # Catches a write for each of fifty pictures.
    link, secret = make_link(scene, alice)
    guests.find(secret)
    link.refresh_from_db()
    seen = link.last_seen_at
    assert seen is not None
    with django_assert_num_queries(2):  # the link with its maker, the scene with its owner
        guests.find(secret)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        guests.find(secret)
    link.refresh_from_db()
    assert link.last_seen_at > seen


def test_the_list_says_which_links_work_and_forgets_what_was_closed_a_month_ago(scene, alice, bob):
    # Catches a list that calls a link good which opens nothing.
    assign_perm("share_scene", bob, scene)
    made = {name: make_link(scene, by, name)[0] for name, by in (("hers", alice), ("his", bob), ("revoked", alice))}
    guests.revoke(made["revoked"], alice)
    remove_perm("share_scene", bob, scene)
    listed = {row.link.label: row.works for row in guests.listed(scene)}
    assert listed == {"revoked": False, "his": False, "hers": True}
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert [row.link.label for row in guests.listed(scene)] == ["his", "hers"]
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        assert guests.listed(scene) == []


def test_making_and_revoking_stand_in_the_log_of_rights(scene, alice):
    # Catches a way in that nobody can trace.
    link, _secret = make_link(scene, alice)
    guests.revoke(link, alice)
    words = [entry.change_message for entry in sharing.log(scene)]
    assert words[0] == "Guest link “Ines” revoked."
    assert words[1].startswith("Guest link “Ines” made, good until ")


def test_a_link_that_is_revoked_meanwhile_writes_nothing(scene, action, alice, start_frame):
    # Catches a note that is written after the link was asked about and before it is kept.
    take = finished_video(action, alice)
    link, _secret = make_link(scene, alice)
    guests.revoke(link, alice)
    with pytest.raises(notes.LinkClosedError):
        notes.write_as_guest(take, link, "Ines", 0, "Hold.")
    assert not take.pinned_notes.exists()


def test_guests_leave_room_on_a_take_for_those_who_make_the_film(scene, action, alice, start_frame, monkeypatch):
    # Catches a link that was passed on to a program, which in some hours writes a take full: nobody can delete a note.
    monkeypatch.setattr(notes, "MOST_BY_GUESTS", 2)
    take = finished_video(action, alice)
    links = [make_link(scene, alice)[0] for _ in range(3)]
    for link in links[:2]:
        notes.write_as_guest(take, link, "Ines", 0, "Hold.")
    with pytest.raises(notes.NoteError, match="Guests have written 2 notes on this clip already"):
        notes.write_as_guest(take, links[2], "Ines", 0, "Hold.")
    assert notes.write(take, alice, 0, "Darker.").shown_author == "alice"
    assert notes.MOST_BY_GUESTS < notes.MOST


def test_a_note_of_a_guest_cannot_have_an_account_nor_a_persons_note_a_link(scene, action, alice, start_frame):
    # Catches code past videogen.notes that signs a guest's word as a person's.
    take = finished_video(action, alice)
    link, _secret = make_link(scene, alice)
    for wrong in ({"is_guest": True, "author": alice}, {"is_guest": False, "guest": link}):
        with pytest.raises(IntegrityError), transaction.atomic():
            take.pinned_notes.create(frame=0, text="x", author_name="x", **wrong)


def test_notes_stay_when_their_link_is_gone(scene, action, alice, start_frame):
    # Catches notes that go with a link, or that lose that a guest wrote them.
    take = finished_video(action, alice)
    link, _secret = make_link(scene, alice)
    notes.write_as_guest(take, link, "Ines", 0, "Hold.")
    link.delete()
    note = take.pinned_notes.get()
    assert (note.guest, note.shown_author) == (None, "Ines (guest)")


def test_the_operator_sees_every_link_and_revokes_it_in_the_console(scene, alice):
    # Catches a way in that the operator can neither see nor close, and a console that shows its secret or makes one.
    link, secret = make_link(scene, alice)
    operator = signed_in(User.objects.create_superuser("operator"))
    listing = reverse("admin:scenes_guestlink_changelist")
    page = operator.get(listing).content.decode()
    assert "Ines" in page
    assert hash_of(secret) not in page + operator.get(f"{listing}{link.pk}/change/").content.decode()
    assert operator.get(f"{listing}add/").status_code == 403
    operator.post(listing, {"action": "revoke", "_selected_action": [str(link.pk)]})
    assert guests.find(secret) is None
    assert signed_in(alice).get(listing).status_code == 302
