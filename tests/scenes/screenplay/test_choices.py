"""What is asked before a screenplay is brought in."""

import time

import pytest

from scenes.screenplay import choices, fountain
from scenes.screenplay.document import BlockText, SceneText, Screenplay

LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")

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


def test_who_is_in_the_film_is_no_question_and_is_who_others_are_taken_for():
    # Catches a name that is asked about with every revision although the person kept it, and a slip that is not seen
    # where the right name speaks once as well.
    script = fountain.read("INT. A\n\nMARTHA\nOne.\n\nMARTA\nTwo.\n").screenplay
    assert choices.doubts(script) == ()
    (doubt,) = choices.doubts(script, ["Martha"])
    assert (doubt.name, doubt.suggestion) == ("MARTA", "Martha")
    assert choices.doubts(script, ["Martha", "Marta"]) == ()


def test_a_choice_that_cannot_be_done_is_named_with_its_value():
    # Catches a typing error in a choice that makes a third character.
    script = fountain.read(SCRIPT).screenplay
    assert choices.checked(script, {"marta": "martha", "guard 1": "Guard 1"}) == {"MARTA": "MARTHA"}
    for names, words in (({"MARTTA": "MARTHA"}, "MARTTA"), ({"MARTA": "MARTTHA"}, "MARTTHA")):
        with pytest.raises(choices.ChoiceError, match=words):
            choices.checked(script, names)
    assert choices.checked(script, {"MARTA": "Anna"}, ["Anna"]) == {"MARTA": "Anna"}


def test_earlier_choices_are_kept_where_they_can_be_done_again():
    # Catches a choice for somebody who has got a place in the cast since.
    script = fountain.read(SCRIPT).screenplay
    names = {"MARTA": "MARTHA", "OLGA": "MARTHA", "GUARD 1": "Gone", "THE DOOR SLAMS AND NOBODY MOVES": ""}
    assert choices.kept(script, names, ["Wren"]) == {"MARTA": "MARTHA", "THE DOOR SLAMS AND NOBODY MOVES": ""}
    assert choices.kept(script, names, ["Marta"]) == {"THE DOOR SLAMS AND NOBODY MOVES": ""}


def test_ten_thousand_names_are_compared_in_a_moment():
    # Catches a file of names alone that keeps the server busy for minutes.
    names = [f"{'ABCDEFGHIJ'[n % 10]}{'KLMNOPQRST'[n // 10 % 10]}{n:x}".translate(LETTERS) for n in range(5000)]
    twice = BlockText("dialog", "Hm.", speaker="NOBODY")
    blocks = [BlockText("dialog", "Hm.", speaker=name + part) for name in names for part in ("EN", "ER", "ER")]
    begun = time.process_time()
    found = choices.doubts(Screenplay((SceneText(blocks=(twice, *blocks)),)))
    assert (len(found), time.process_time() - begun < 2) == (choices.MOST_DOUBTS, True)
