"""Notes on the frames of a take, as a program meets them."""

import pytest

from tests.fixtures.callers import base, patch, send
from tests.fixtures.rows import finished_video
from videogen import notes
from videogen.models import TakeNote, Video

pytestmark = pytest.mark.postgres


@pytest.fixture
def take(action, alice, start_frame) -> Video:
    """A take of 24 frames."""
    return finished_video(action, alice)


@pytest.fixture
def address(take) -> str:
    return f"{base(take.block)}/takes/{take.pk}/notes"


def test_a_note_is_read_back_in_the_order_of_the_frames_and_ticked_off(alices, bobs, address):
    # Catches notes in the order of writing, or a tick that is lost.
    late = send(alices, address, {"frame": 23, "text": "  Hold this.  "}).json()
    early = send(bobs, address, {"frame": 0, "text": "Too dark."}).json()
    assert (late["text"], late["author"], early["author"], early["doneAt"]) == ("Hold this.", "alice", "bob", None)
    assert patch(alices, f"{address}/{early['id']}", {"done": True}).json()["doneAt"] is not None
    listed = bobs.get(address).json()
    assert [(note["frame"], note["doneAt"] is None) for note in listed] == [(0, False), (23, True)]
    assert patch(alices, f"{address}/{early['id']}", {"done": False}).json()["doneAt"] is None


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"frame": 24, "text": "x"}, {"frame"}),
        ({"frame": -1, "text": "x"}, {"frame"}),
        ({"frame": True, "text": "x"}, {"frame"}),
        ({"frame": 1.5, "text": " \n"}, {"frame", "text"}),
        ({"frame": 0, "text": "x" * 1001}, {"text"}),
        ({"frame": 0, "text": 5}, {"text"}),
        ({"frame": 0, "text": "half of a pair: \ud800"}, {"text"}),
        ({"frame": 0, "text": "clears a terminal: \x1b[2J"}, {"text"}),
        ({"frame": 0, "text": "x", "drawing": "<svg/>"}, {"drawing"}),
    ],
)
def test_a_frame_that_the_take_does_not_have_or_no_words_are_named(alices, address, body, fields):
    # Catches a note that is pinned to nothing, a drawing that is thrown away, and a 500 for words no database keeps.
    response = send(alices, address, body)
    assert response.status_code == 422
    assert {found["field"] for found in response.json()["errors"]} == fields
    assert not TakeNote.objects.exists()


DRAWN = {
    "strokes": [{"color": "yellow", "points": [[0.1, 0.2], [0.3, 0.4]]}, {"color": "red", "points": [[0, 1, 0.5]]}]
}


def test_a_drawing_comes_back_as_it_was_sent(alices, bobs, address):
    # Catches a drawing that is lost on the way, or one that a note without any is given.
    body = {"frame": 0, "text": "Her hand."}
    assert send(alices, address, body).json()["drawing"] is None
    assert send(alices, address, body | {"drawing": None}).json()["drawing"] is None
    assert send(bobs, address, body | {"drawing": DRAWN}).json()["drawing"] == DRAWN
    assert [note["drawing"] for note in alices.get(address).json()] == [None, None, DRAWN]


def test_what_is_wrong_with_a_drawing_is_told_with_its_place_and_value(alices, address):
    # Catches a 422 that says no more than "invalid" of two thousand points, and markup in place of a colour.
    stroke = {"color": "<script>", "points": [[0, 0]]}
    answer = send(alices, address, {"frame": 0, "text": "x", "drawing": {"strokes": [*DRAWN["strokes"], stroke]}})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "field": "drawing",
            "message": (
                "drawing.strokes[2].color must be one of red, yellow, green, blue, white; “<script>” was given."
            ),
        }
    ]
    assert not TakeNote.objects.exists()


def test_drawings_have_an_end(alices, address, take, monkeypatch):
    # Catches a list of notes of many megabytes, which anybody who may look can make of it.
    monkeypatch.setattr(notes, "MOST_DRAWN", 1)
    body = {"frame": 0, "text": "x", "drawing": DRAWN}
    assert send(alices, address, body).status_code == 201
    refused = send(alices, address, body)
    assert [found["field"] for found in refused.json()["errors"]] == ["drawing"]
    assert send(alices, address, body | {"drawing": None}).status_code == 201


def test_drawings_have_no_more_points_than_a_page_can_draw(alices, address, monkeypatch):
    # Catches a hundred drawings of two thousand points each: the page of their take, 19 MB, took half a minute to make.
    monkeypatch.setattr(notes, "MOST_DRAWN_POINTS", 7)
    body = {"frame": 0, "text": "x", "drawing": DRAWN}  # of three points
    assert [send(alices, address, body).status_code for _ in range(3)] == [201, 201, 422]
    one = {"strokes": [{"color": "red", "points": [[0, 0]]}]}
    assert send(alices, address, body | {"drawing": one}).status_code == 201


def test_notes_have_an_end(alices, alice, address, take, monkeypatch):
    # Catches a take that anybody who may look can fill without bound.
    monkeypatch.setattr(notes, "MOST", 1)
    assert send(alices, address, {"frame": 0, "text": "x"}).status_code == 201
    assert send(alices, address, {"frame": 0, "text": "y"}).status_code == 422


def test_a_note_of_another_take_is_not_there(alices, action, alice, address, take):
    # Catches a note that is ticked off past the take whose block was checked.
    other = finished_video(action, alice)
    note = notes.write(other, alice, 0, "Slower.")
    assert patch(alices, f"{address}/{note.pk}", {"done": True}).status_code == 404
