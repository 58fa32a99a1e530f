"""Reading Final Draft files."""

import pytest

from scenes.screenplay import fdx
from scenes.screenplay.document import BlockText, Note, ScreenplayError, Section
from tests.fixtures.tree import ROOT

FIXTURES = ROOT / "tests/fixtures/screenplays"


def document(*paragraphs: str) -> bytes:
    return f"<FinalDraft><Content>{''.join(paragraphs)}</Content></FinalDraft>".encode()


def paragraph(kind: str, text: str) -> str:
    return f'<Paragraph Type="{kind}"><Text>{text}</Text></Paragraph>'


HEADING = paragraph("Scene Heading", "INT. A")


def test_every_kind_of_paragraph_has_its_place():
    # Catches runs of a line that are lost, dual dialogs that are not entered, and what has a kind of its own.
    reading = fdx.read((FIXTURES / "lantern.fdx").read_bytes())
    first, second = reading.screenplay.scenes
    assert reading.screenplay.title_page == (
        ("Title", "THE LANTERN COAST"),
        ("Credit", "Written by"),
        ("Author", "The Storyreel Company"),
        ("Contact", "The Old Net Loft\nHarbour Road 1"),
    )
    assert (first.heading, first.number, first.title) == ("EXT. NORTH PIER - NIGHT", "1", "Arrival")
    assert first.synopsis == "Marta comes back after ten years."
    assert first.notes == (Note("How do we film the ferry without a ferry?", after=2),)
    assert first.blocks == (
        BlockText("action", "FADE IN:"),
        BlockText("action", "Rain over black water. A ferry knocks against the pier."),
        BlockText("dialog", "Who is there?\nNobody?", "МАРИЯ", parenthetical="to the dark"),
        BlockText("dialog", "Only me.", "JONAS", ("O.S.",)),
        BlockText("dialog", "And the dog.", "JONAS", ("O.S.",), "beat"),
        BlockText("dialog", "犬はいない。", "太郎", dual=True),
        BlockText("action", "ANGLE ON THE LAMP"),
        BlockText("action", "~ Home, home, over the foam"),
        BlockText("action", "> THE LIGHT GOES OUT <"),
        BlockText("action", "> Slowly to black"),
    )
    assert (second.heading, second.sections) == ("INT. CHAPEL - DAY", (Section(1, "ACT TWO"),))
    assert second.blocks == (BlockText("action", "A line without a name."),)
    # of Final Draft files the line is the number of the paragraph
    assert [(warning.line, warning.message.split(" ")[0]) for warning in reading.warnings] == [
        (3, "Bold,"),
        (21, "A"),
        (22, "A"),
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><FinalDraft><Content>&b;</Content></FinalDraft>', "declares entities"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><FinalDraft/>', "declares entities"),
        (b"<FinalDraft><Content>", "damaged in line 1"),
        (b"<FinalDraft>&b;</FinalDraft>", "damaged in line 1"),
        (b'<?xml version="1.0" encoding="no-such"?><FinalDraft/>', "damaged"),
        (b"<html><Content/></html>", "no Final Draft document"),
        (b"<FinalDraft/>", "no Final Draft document"),
        (document(), "no scene in this file"),
        (document(paragraph("Action", "Go.") * 100_000), "20,000 paragraphs"),
    ],
    ids=[
        "entity",
        "external",
        "open",
        "undeclared",
        "encoding",
        "html",
        "no content",
        "no scene",
        "100,000 paragraphs",
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(data, said):
    # Catches an entity that is resolved, and a damaged file that ends in a traceback.
    with pytest.raises(ScreenplayError, match=said) as refused:
        fdx.read(data)
    assert str(refused.value).endswith(".")


def test_two_dual_dialogs_in_a_row_are_two():
    # Catches a first voice that is taken for the third of the pair before it.
    voices = [f"{paragraph('Character', name)}{paragraph('Dialogue', 'Yes.')}" for name in "ABCD"]
    pairs = [f"<Paragraph><DualDialogue>{voices[at]}{voices[at + 1]}</DualDialogue></Paragraph>" for at in (0, 2)]
    (scene,) = fdx.read(document(HEADING, *pairs)).screenplay.scenes
    assert [block.dual for block in scene.blocks] == [False, True, False, True]


def test_a_name_that_is_too_long_is_action_with_a_warning():
    # Catches a name that no row can hold.
    reading = fdx.read(document(HEADING, paragraph("Character", "M" * 300), paragraph("Dialogue", "Hello.")))
    assert [block.kind for block in reading.screenplay.scenes[0].blocks] == ["action", "action"]
    assert "300 characters" in reading.warnings[0].message


def test_elements_within_elements_end():
    # Catches a file whose depth would exhaust the stack.
    deep = b"<Paragraph>" * 100_000 + b"</Paragraph>" * 100_000
    with pytest.raises(ScreenplayError):
        fdx.read(b"<FinalDraft><Content>" + deep + b"</Content></FinalDraft>")
