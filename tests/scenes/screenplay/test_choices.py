"""What is asked before a screenplay is brought in."""

from scenes.screenplay import choices, fountain
from scenes.screenplay.document import BlockText

SCRIPT = """Title: A
Author: B

# Act one

INT. A #1#

MARTHA
One.

MARTHA
Two. [[sure?]]

MARTA ^
Three.

THE DOOR SLAMS AND NOBODY MOVES
until it is dark.

GUARD 1
Four.

GUARD 2
Five.

GUARD 2
Six.
"""


def test_names_that_are_doubtful_are_asked_about():
    # Catches a misspelt name that becomes a second character, and a shouted action that becomes one.
    found = choices.doubts(fountain.read(SCRIPT).screenplay)
    assert [(doubt.name, doubt.line, doubt.suggestion) for doubt in found] == [
        ("MARTA", 14, "MARTHA"),
        ("THE DOOR SLAMS AND NOBODY MOVES", 17, ""),
    ]


def test_what_was_chosen_is_done():
    # Catches a choice that changes other lines, or loses the words of a name that is none.
    script = fountain.read(SCRIPT).screenplay
    done = choices.with_names(script, {"Marta": "MARTHA", "THE DOOR SLAMS AND NOBODY MOVES": ""})
    assert done.characters == ("MARTHA", "GUARD 1", "GUARD 2")
    assert done.scenes[0].blocks[3] == BlockText("action", "THE DOOR SLAMS AND NOBODY MOVES\nuntil it is dark.")
    assert choices.with_names(script, {}) == script


def test_what_has_no_place_is_said_where_it_stands():
    # Catches what vanishes without a word.
    script = fountain.read(SCRIPT).screenplay
    assert [warning.line for warning in choices.unplaced(script)] == [12, 6, 6, 14, 0]
    assert choices.unplaced(script, ("notes", "sections", "numbers", "dual", "title page")) == ()
