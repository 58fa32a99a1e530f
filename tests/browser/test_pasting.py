"""A page of script that is pasted in a browser, and notes of the script that move with their block."""

import pytest
from playwright.sync_api import Page, expect

from scenes.models import Block
from tests.fixtures.written import at, becomes, script, shown, state, text

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = """MARA pours tea.

MARA (CONT'D)
(softly)
Don't wake him.
(beat)
Please.

@Tobias (O.S.)
I am awake.

BOOM!

CUT TO:"""


def paste(page: Page, words: str) -> None:
    page.evaluate(
        """words => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", words);
          const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
          if (document.activeElement.dispatchEvent(event)) document.execCommand("insertText", false, words);
        }""",
        words,
    )


def test_a_page_of_script_that_is_pasted_becomes_blocks(visit, alice, scene, action):
    # Catches a page that goes into one block, or without its line breaks into the name of who speaks.
    page = visit(at(scene), alice)
    pasted = [
        "MARA pours tea.",
        "Mara: (softly) Don't wake him.",
        "Mara: (beat) Please.",
        "Tobias (O.S.): I am awake.",
        "BOOM!",
        "CUT TO:",
    ]
    text(page, 1).press("End")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # a dialog, with the caret in its empty name
    paste(page, PAGE.replace("\n", "\r\n"))
    becomes(scene, "Mara opens the door. Wind.", *pasted)
    expect(page.locator(".toast")).to_contain_text("Pasted as 6 blocks.")
    state(page, "Saved")
    expect(page.locator(".film--new")).to_have_count(0)  # nothing of them is asked for any more
    page.keyboard.press("Control+z")  # all of it at once
    becomes(scene, "Mara opens the door. Wind.")
    page.keyboard.press("Control+Shift+z")
    becomes(scene, "Mara opens the door. Wind.", *pasted)
    expect(page.locator(".block__text")).to_have_count(7)  # the page too
    text(page, 1).focus()
    for _ in "Wind.":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    for _ in "Mara opens the door.":
        page.keyboard.press("ArrowRight")
    paste(page, "Fog.\n\nMore fog.")
    becomes(scene, "Mara opens the door.", "Fog.", "More fog.", "Wind.", *pasted)
    state(page, "Saved")
    expect(page.locator(".film--new")).to_have_count(0)  # nothing of them is asked for any more
    page.keyboard.press("Control+z")  # with the cut
    becomes(scene, "Mara opens the door. Wind.", *pasted)
    page.keyboard.press("Control+Shift+z")
    becomes(scene, "Mara opens the door.", "Fog.", "More fog.", "Wind.", *pasted)
    expect(text(page, 1)).to_have_value("Mara opens the door.")
    expect(page.locator(".block__text")).to_have_count(10)
    text(page, 1).press("Home")
    paste(page, "INT. HALL\n\nDark.")
    becomes(scene, "INT. HALL", "Dark.", "Mara opens the door.", "Fog.", "More fog.", "Wind.", *pasted)
    expect(page.locator(".toast").last).to_contain_text("A heading is action here")
    text(page, 2).press("End")
    paste(page, " Cold.\nWet.")  # lines of one element stay in it
    becomes(scene, "INT. HALL", "Dark. Cold.\nWet.", *script(scene)[2:])
    text(page, 8).press("Control+a")
    paste(page, "Do not wake him.\n\nRain.")  # what was selected goes, and she says the first of it
    becomes(scene, *script(scene)[:7], "Mara: (softly) Do not wake him.", "Rain.", *script(scene)[-4:])
    paste(page, "Rain.\n\n" * 301)
    expect(page.locator(".toast").last).to_contain_text("That is 301 blocks")
    assert len(shown(page)) == 13
    state(page, "Saved")


def test_a_note_of_the_script_goes_with_the_block_that_is_joined_and_back(visit, alice, scene, action):
    # Catches a note that shows on the block it came to only once the page is read again, and one that stays after Undo.
    second = Block.objects.create(scene=scene, position=1, kind="action", text="Fog.", notes="Or rain?")
    page = visit(at(scene), alice)
    notes = page.locator(".block [data-note]")
    expect(page.locator(f"#block-{second.pk} [data-note]")).to_have_text("Or rain?")
    text(page, 2).press("Home")
    page.keyboard.press("Backspace")
    expect(page.locator(f"#block-{action.pk} [data-note]")).to_have_text("Or rain?")
    page.keyboard.press("Control+z")
    expect(page.locator(f"#block-{second.pk} [data-note]")).to_have_text("Or rain?")
    expect(notes).to_have_count(1)
