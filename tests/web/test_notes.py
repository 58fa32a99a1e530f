"""Notes on frames in the dialog, and the page of what waits for a review."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.fixtures.guests import guest_with, make_link
from tests.fixtures.pages import HTMX, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, notes, review
from videogen.models import Review, TakeNote, Video
from videogen.review import Change
from web import guest_scene

pytestmark = pytest.mark.postgres


@pytest.fixture
def take(action, alice, start_frame) -> Video:
    """A take of 24 frames."""
    return finished_video(action, alice)


def test_a_note_counts_frames_as_the_player_does_and_is_ticked_off(action, alice, bob, take):
    # Catches a note that lands one frame beside the one that was looked at.
    url = here("clip_write_note", action, take.pk)
    page = look(signed_in(bob).post(url, {"frame": "24", "text": "Hold."}, headers=HTMX))
    assert "frame 24" in page.text
    note = TakeNote.objects.get()
    assert (note.frame, note.author, note.text) == (23, bob, "Hold.")
    tick = here("clip_tick_note", action, take.pk, note.pk)
    assert tick not in page.html
    assert look(signed_in(alice).post(tick, {"done": "yes"}, headers=HTMX)).ids[f"clip-note-{note.pk}"][
        "aria-pressed"
    ] == ("true")
    note.refresh_from_db()
    assert (note.done_by, note.done_at is None) == (alice, False)


def test_a_drawing_is_shown_as_lines_that_the_server_made(action, bob, take):
    # Catches a drawing that is not shown, and anything of a client's in the page but numbers.
    url = here("clip_write_note", action, take.pk)
    drawn = {"strokes": [{"color": "blue", "points": [[0.5, 0.5], [1, 0.5]]}]}
    page = look(signed_in(bob).post(url, {"frame": "1", "text": "Her", "drawing": json.dumps(drawn)}, headers=HTMX))
    assert '<path d="M160 96Q160 96 240 96Q320 96 320 96" stroke="#4da3ff" stroke-width="2.56"/>' in page.html
    assert "with a drawing" in page.text


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        ("<svg onload=alert(1)>", "The drawing could not be read."),
        ("[" * 100_000, "The drawing could not be read."),
        (
            '{"strokes": [{"color": "red", "points": [[2, 0]]}]}',
            "drawing.strokes[0].points[0][0] must be a number from",
        ),
        ('{"strokes": [{"color": "red", "points": [[NaN, 0]]}]}', "must be a number from 0 to 1"),
    ],
)
def test_what_is_no_drawing_is_refused_in_words(action, alice, take, drawing, words):
    # Catches markup that is kept, a fault, and a note that is written without what was drawn for it.
    sent = {"frame": "1", "text": "x", "drawing": drawing}
    assert words in look(signed_in(alice).post(here("clip_write_note", action, take.pk), sent, headers=HTMX)).text
    assert not TakeNote.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"frame": "25", "text": "x"}, "The clip has 24 frames."),
        ({"frame": "nine", "text": "x"}, "Give the number of a frame."),
        ({"frame": "1", "text": " "}, "Write what is to be seen on this frame."),
    ],
)
def test_a_note_on_no_frame_or_without_words_is_refused_in_words(action, alice, take, sent, words):
    # Catches a refusal that counts from 0 to people, or a fault.
    answer = signed_in(alice).post(here("clip_write_note", action, take.pk), sent, headers=HTMX)
    assert words in look(answer).text
    assert not TakeNote.objects.exists()


def test_noting_is_for_who_may_look_and_ticking_for_who_may_generate(action, alice, bob, charlie, take):
    # Catches a note by an outsider, or a tick by somebody who may only look.
    note = notes.write(take, alice, 0, "Slower.")
    write, tick = here("clip_write_note", action, take.pk), here("clip_tick_note", action, take.pk, note.pk)
    assert signed_in(bob).post(write, {"frame": 1, "text": "x"}).status_code == 302
    assert signed_in(bob).post(tick).status_code == 403
    for url in (write, tick):
        assert signed_in(charlie).post(url).status_code == 404
        assert Client().post(url)["Location"].startswith(reverse("login"))


def test_the_page_shows_what_waits_in_every_film_one_sees_and_no_other(
    action, alice, bob, charlie, take, django_assert_num_queries
):
    # Catches a take of a film that was not shared, and a query for each take.
    page = reverse("for_review")
    assert "No take waits" in look(signed_in(alice).get(page)).text
    review.change(take, Change(review=Review.FOR_REVIEW), alice)
    notes.write(take, bob, 3, "Darker.")
    elsewhere = new_scene(charlie, title="Secret").blocks.create(position=0, kind="action", text="x")
    actions.upload_frame(elsewhere, "start", picture_file(), charlie)
    review.change(finished_video(elsewhere, charlie), Change(review=Review.FOR_REVIEW), charlie)
    bobs, charlies = (look(signed_in(person).get(page)).text for person in (bob, charlie))
    assert ["1 open note" in bobs, "Secret" in bobs] == [True, False]
    assert ["1 open note" in charlies, "Secret" in charlies] == [False, True]
    assert Client().get(page).status_code == 302
    browser = signed_in(alice)
    for more in (0, 3):
        for _ in range(more):
            review.change(finished_video(action, alice), Change(review=Review.FOR_REVIEW), alice)
        with django_assert_num_queries(7):  # session, person, films and scenes one sees, takes, history
            assert look(browser.get(page)).text.count("of block 1") == 1 + more


def test_a_guest_sees_what_was_drawn_for_a_note(scene, take, alice, django_assert_num_queries):
    # Catches a drawing that a guest does not see, on the page or in the notes after one more, and a query for each.
    link, secret = make_link(scene, alice)
    guest, page = guest_with(secret), reverse("guest_scene", args=[link.pk])
    guest.get(page)
    for count in (1, 2):
        notes.write(take, alice, 3, "This edge.", {"strokes": [{"color": "red", "points": [[0.25, 0.5], [0.75, 0.5]]}]})
        with django_assert_num_queries(7):
            assert guest.get(page).content.decode().count("data-lines") == count
    guest.cookies["guest_name"] = "Ines"
    answer = guest.post(reverse("guest_note", args=[link.pk, take.pk]), {"frame": "2", "text": "Yes."}, headers=HTMX)
    assert answer.content.decode().count("data-lines") == 2
    assert answer.content.decode().count('data-note-frame="3"') == 2


def test_of_all_that_is_drawn_a_guests_page_has_what_one_take_may_hold(scene, take, dialog, alice, monkeypatch):
    # Catches the points of every take on one page: thirty full takes were 57 MB and 40 s, for anybody with the link.
    monkeypatch.setattr(guest_scene, "MOST_DRAWN_POINTS", 3)
    drawn = {"strokes": [{"color": "red", "points": [[0.25, 0.5], [0.75, 0.5]]}]}
    actions.upload_frame(dialog, "start", picture_file(), alice)
    for clip in (finished_video(dialog, alice), take):
        notes.write(clip, alice, 3, "This edge.", drawn)
    link, secret = make_link(scene, alice)
    guest = guest_with(secret)
    first, second = guest.get(reverse("guest_scene", args=[link.pk])).content.decode().split("data-note-frame")[1:]
    assert ["data-lines" in first, "data-lines" in second] == [True, False]
    assert "(drawn on in the player)" in second
    for clip in (take, dialog.videos.get()):
        assert guest.get(reverse("guest_clip_notes", args=[link.pk, clip.pk])).json()["notes"][0]["lines"]
