"""Reading Fountain."""

import textwrap

import pytest

from scenes.screenplay import fountain
from scenes.screenplay.document import BlockText, Note, ScreenplayError, Section


def read(text: str):
    # dedent would empty lines of blanks, which mean something here
    return fountain.read(textwrap.dedent(text).lstrip("\n") if text.startswith("\n") else text)


def blocks(text: str) -> list[BlockText]:
    return [block for scene in read(text).screenplay.scenes for block in scene.blocks]


def dialog(speaker: str, text: str, **more) -> BlockText:
    return BlockText("dialog", text, speaker, **more)


def action(text: str) -> BlockText:
    return BlockText("action", text)


def test_a_cue_gives_the_name_and_how_it_is_heard():
    # Catches an extension that becomes part of the name, and CONT'D as a direction.
    (block,) = blocks("INT. A\n\nMARTA (V.O.) (CONT'D)\n(low)\nI told you.\n")
    assert block == dialog("MARTA", "I told you.", extensions=("V.O.",), parenthetical="low")


@pytest.mark.parametrize("name", ["МАРИЯ", "ÉLOÏSE", "ΜΑΡΙΑ", "@太郎", "@McCLANE", "R2D2"])
def test_names_of_every_alphabet_are_characters(name):
    # Catches a reader that knows A to Z only, and names without capitals.
    assert blocks(f"INT. A\n\n{name}\nHello.\n") == [dialog(name.removeprefix("@"), "Hello.")]


def test_a_second_paragraph_is_kept():
    # Catches the loss of what follows a blank line, and of what follows a line of two blanks inside a dialog.
    assert blocks("INT. A\n\nMARTA\nOne.\n  \nTwo.\n\nThree.\n\nFour\nfive.\n") == [
        dialog("MARTA", "One.\n\nTwo."),
        action("Three."),
        action("Four\nfive."),
    ]


def test_lines_of_other_blanks_are_blank():
    # Catches a whole script inside one dialog, because its editor left blanks on empty lines.
    assert blocks("INT. A\n    \nMARTA\nOne.\n    \nJONAS\nTwo.\n \nThree.\n") == [
        dialog("MARTA", "One."),
        dialog("JONAS", "Two."),
        action("Three."),
    ]


def test_a_parenthetical_inside_a_line_begins_another_block():
    # Catches directions that would be spoken.
    assert blocks("INT. A\n\nMARTA (O.S.)\nOne.\n(beat)\nTwo.\n(she goes)\n") == [
        dialog("MARTA", "One.", extensions=("O.S.",)),
        dialog("MARTA", "Two.\n(she goes)", extensions=("O.S.",), parenthetical="beat"),
    ]


def test_forced_elements_are_what_they_are_forced_to_be():
    # Catches a mark that stays in the text, and one that is not heeded.
    (scene,) = read(
        """
        .КУХНЯ - НОЧЬ #12A#

        !MARTA
        is no name here.

        > Slowly to black

        > THE END <

        ~ La la

        !.and so on

        ...and so on
        """
    ).screenplay.scenes
    assert (scene.heading, scene.number, scene.place.location, scene.place.hour) == (
        "КУХНЯ - НОЧЬ",
        "12A",
        "КУХНЯ",
        "НОЧЬ",
    )
    assert [block.text for block in scene.blocks] == [
        "MARTA\nis no name here.",
        "> Slowly to black",
        "> THE END <",
        "~ La la",
        ".and so on",
        "...and so on",
    ]


def test_a_dual_dialog_is_told():
    # Catches a caret that stays in the name.
    assert blocks("INT. A\n\nMARTA\nYes.\n\nJONAS (V.O.) ^\nNo.\n")[1] == dialog(
        "JONAS", "No.", extensions=("V.O.",), dual=True
    )


def test_outline_notes_and_title_page_have_their_places():
    # Catches what stands beside the text and would be lost, or would become text.
    reading = read(
        """
        Title:
            _**THE LANTERN**_
            A beginning
        Author: Nobody

        FADE IN:

        # Act one

        ## The pier

        ### Arrival

        EXT. PIER - NIGHT
        = They arrive.

        Rain. [[make it
        harder]] More rain. /* cut
        this */ Wind.

        [[alone]]
        """
    )
    (scene,) = reading.screenplay.scenes
    assert reading.screenplay.title_page == (("Title", "THE LANTERN\nA beginning"), ("Author", "Nobody"))
    assert reading.screenplay.title == "THE LANTERN A beginning"
    assert (scene.title, scene.synopsis) == ("Arrival", "They arrive.")
    assert scene.sections == (Section(1, "Act one"), Section(2, "The pier"))
    assert scene.notes == (Note("make it\nharder", after=2), Note("alone", after=2))
    assert [block.text for block in scene.blocks] == ["FADE IN:", "Rain. More rain.  Wind."]
    assert [warning.line for warning in reading.warnings] == [18]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("INT. A\n\nSome *loud* words.\n", 3, "without their emphasis"),
        ("INT. A\n\nGo.\n\n===\n\nOn.\n", 5, "page break"),
        ("INT. A\n\nGo /* on\n", 3, "has no */"),
        ("INT. A\n\nGo [[ on\n", 3, "has no ]]"),
        ("INT. A\n\nMARTA\n\nHello.\n", 3, "may be a name"),
        (f"INT. A\n\n{'M' * 300}\nHello.\n", 3, "300 characters"),
        (f"INT. {'M' * 300}\n\nHello.\n", 1, "305 characters"),
        ("Hello.\n\nINT. A\n\nGo.\n", 1, "before the first heading"),
        ("Hello.\n", 1, "no scene heading"),
        ("INT. A\n\n#### Deep\n", 3, "kept as a note"),
        ("INT. A\n\n" + "Go.\n\n" * 2000, 1, "more than 500 blocks"),
    ],
)
def test_a_warning_names_the_line(text, line, said):
    # Catches a warning that is missing, and one that points beside.
    (warning,) = fountain.read(text).warnings
    assert said in warning.message
    assert warning.line == line


def test_far_too_much_is_refused():
    # Catches a file whose pages nobody could open.
    with pytest.raises(ScreenplayError, match="20,000 paragraphs"):
        fountain.read("INT. A\n\n" + "Go.\n\n" * 30_000)
