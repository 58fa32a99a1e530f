"""Drawings on frames: what is taken of what a client sends, and the lines that are made of it."""

from typing import Any

import pytest

from videogen.limits import SpecError
from videogen.strokes import COLORS, MOST_POINTS, MOST_STROKES, Drawing, lines


def one(**changes: Any) -> dict[str, Any]:
    return {"strokes": [{"color": "red", "points": [[0, 0.5], [1, 0.5]]} | changes]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("<svg onload=alert(1)>", "drawing must be an object; “<svg onload=alert(1)>” was given."),
        ([], "drawing must be an object; “[]” was given."),
        ({}, "drawing.strokes is missing."),
        ({"strokes": []}, "drawing.strokes must have 1 items at least; 0 were given."),
        ({"strokes": [5]}, "drawing.strokes[0] must be an object; “5” was given."),
        (one(color="url(#x)"), "drawing.strokes[0].color must be one of red, yellow, green, blue, white"),
        (one(points=[[0, 1.5]]), "drawing.strokes[0].points[0][1] must be a number from 0 to 1; “1.5” was given."),
        (one(points=[[0, 0], [0, "1"]]), "drawing.strokes[0].points[1][1] must be a number from 0 to 1; “1” was"),
        (one(points=[[True, 0]]), "drawing.strokes[0].points[0][0] must be a number from 0 to 1; “True” was given."),
        (one(points=[[float("nan"), 0]]), "drawing.strokes[0].points[0][0] must be a number from 0 to 1"),
        (one(points=[[10**400, 0]]), "drawing.strokes[0].points[0][0] must be a number from 0 to 1"),
        (one(points=[[0]]), "drawing.strokes[0].points[0] must have 2 items at least; 1 were given."),
        (one(points=[[0, 0, 0, 0]]), "drawing.strokes[0].points[0] may have 3 items; 4 were given."),
        (one(points=[]), "drawing.strokes[0].points must have 1 items at least; 0 were given."),
        (one(onload="x"), "drawing.strokes[0] has no field “onload”."),
        (one(color="\ud800"), "drawing.strokes[0].color must be one of red, yellow, green, blue, white; “\ufffd”"),
        (one(**{"\ud800": 1}), "drawing.strokes[0] must be an object with names of valid text; “\ufffd” was given."),
        (one(points=[[0, 0]] * (MOST_POINTS + 1)), "drawing.strokes[0].points may have 2000 items; 2001 were given."),
        ({"strokes": one()["strokes"] * (MOST_STROKES + 1)}, "drawing.strokes may have 64 items; 65 were given."),
        (
            {"strokes": one(points=[[0, 0]] * MOST_POINTS)["strokes"] * 2},
            "drawing may have 2000 points in all strokes together; 4000 were given.",
        ),
    ],
)
def test_what_is_no_drawing_is_refused_with_its_place_and_value(given, words):
    # Catches markup or a number out of the picture that is stored, and a refusal that says only "invalid".
    with pytest.raises(SpecError) as refused:
        Drawing.read(given)
    assert refused.value.errors["drawing"].startswith(words)
    assert list(refused.value.errors) == ["drawing"]


def test_a_refusal_repeats_no_more_of_a_strangers_field_than_a_line_holds():
    # Catches an answer of a megabyte, with what a terminal acts on, made of the name of a field that there is not.
    with pytest.raises(SpecError) as refused:
        Drawing.read(one(**{"\x1b[2J\u202e" + "x" * 2_000_000: 1}))
    words = refused.value.errors["drawing"]
    assert len(words) < 120
    assert words.isprintable()


def test_a_stroke_keeps_its_shape_whatever_the_size_of_the_picture():
    # Catches a drawing that is squeezed where the picture is not square, or begins and ends beside its points.
    drawing = Drawing.read(one(points=[[0.25, 0.5], [0.5, 0.25], [0.75, 0.5]]))
    (line,) = lines(drawing, 400, 200)
    assert line.path == "M100 100Q100 100 150 75Q200 50 250 75Q300 100 300 100"
    assert (line.color, line.width) == (COLORS["red"], 3.2)
    (twice,) = lines(drawing, 800, 400)
    assert (twice.width, twice.curves[1].end) == (6.4, (500, 150))


def test_a_single_press_is_a_dot():
    # Catches a full stop that is not seen.
    (line,) = lines(Drawing.read(one(points=[[0.5, 0.5]])), 100, 100)
    assert line.path == "M50 50Q50 50 50 50"


def test_a_pen_draws_wider_where_it_presses_harder_and_without_a_gap():
    # Catches pressure that is kept and not shown, and a stroke that falls apart between two widths.
    drawing = Drawing.read(one(points=[[0, 0, 0.1], [0.2, 0.2, 0.1], [0.4, 0.4, 0.9], [0.6, 0.6, 0.9]]))
    thin, thick = lines(drawing, 1000, 1000)
    assert thin.width < 8 < thick.width
    assert thin.curves[-1].end == thick.curves[0].start


def test_places_are_kept_to_a_ten_thousandth():
    # Catches a drawing of half a megabyte, of digits that no screen shows.
    drawing = Drawing.read(one(points=[[1 / 3, 0.5, 0.123456789]]))
    assert drawing.to_json() == one(points=[[0.3333, 0.5, 0.1235]])
