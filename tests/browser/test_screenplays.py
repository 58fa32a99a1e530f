"""A film's page in a browser: a screenplay dropped, its revision dropped, and scenes carried to another place."""

import pytest
from playwright.sync_api import Page, expect

from scenes.models import Block, Film
from tests.fixtures.browser import PHONE, check_accessibility, draw, drop_file, hold, release, until
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene, picture_file
from tests.fixtures.stack import wait_for
from tests.fixtures.tree import ROOT
from videogen import actions
from videogen.models import Frame, Video

pytestmark = pytest.mark.django_db(transaction=True)

HAMLET = (ROOT / "tests/fixtures/screenplays/hamlet.fountain").read_text()
SETTLED = "!document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping, .htmx-added')"
SCRIPT = """INT. KITCHEN - NIGHT

Rain on the window. The kettle sings.

WREN
You came back.

TOBIAS
The boat did. I was in it.

WREN
Sit down.

WREEN
Please.

EXT. JETTY - DAWN

The boat is gone.

TOBIAS
Forty years.
"""
REVISED = """EXT. JETTY - DAWN

The boat is gone.

TOBIAS
Forty years.

INT. KITCHEN - NIGHT

Rain on the window. The kettle sings.

WREN
You came back at last.

WREN
Sit down.

WREN
Please.

TOBIAS
Is there tea?
"""


def drop(page: Page, name: str, text: str) -> None:
    drop_file(page, "[data-drop-file]", name, text)
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_a_scene_of_a_play_is_dropped_into_a_film_of_its_own(visit, alice):
    # Catches a script of somebody else's writing that our own sentences are too tidy to stand for.
    film = Film.objects.create(owner=alice, title="Hamlet")
    page = visit(f"/films/{film.pk}/", alice)
    drop(page, "hamlet.fountain", HAMLET)
    expect(page.locator(".proposal-new")).to_contain_text("BERNARDO, FRANCISCO, HORATIO, MARCELLUS")
    page.get_by_role("button", name="Bring it in").click()
    page.get_by_role("link", name="To the scenes").click()
    expect(page.get_by_role("article")).to_contain_text("EXT. ELSINORE - A PLATFORM BEFORE THE CASTLE - NIGHT")
    lines = said(film)
    assert (len(lines), lines[1], lines[-1]) == (21, "BERNARDO: Who's there?", "HORATIO: A piece of him.")


def said(film: Film) -> list[str]:
    """The film's text, in order."""
    blocks = Block.objects.filter(scene__film=film, scene__removed_at=None).select_related("character")
    return [f"{block.cue}: {block.text}" if block.character else block.text for block in blocks.order_by(*ORDER)]


ORDER = ("scene__position", "position")


def test_a_script_is_dropped_then_its_revision_and_what_was_made_stays(visit, alice):
    # Catches a page, a drop or a choice that the tests of the views, which send forms of their own, cannot see fail.
    film = Film.objects.create(owner=alice, title="The Kettle")
    page = visit(f"/films/{film.pk}/", alice)
    check_accessibility(page)
    drop(page, "kettle.fountain", SCRIPT)
    asked = page.get_by_role("group", name="“WREEN” speaks once. It may be “WREN”, misspelt.")
    expect(page.locator(".proposal-new")).to_contain_text("WREN, TOBIAS, WREEN")
    check_accessibility(page)
    asked.get_by_label("It is “WREN”").press("Space")
    expect(page.locator(".proposal-new")).not_to_contain_text("WREEN")
    expect(asked.get_by_label("It is “WREN”")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("The plan below follows your choice.")
    page.get_by_role("button", name="Bring it in").click()
    page.get_by_role("link", name="To the scenes").click()
    expect(page.get_by_role("article")).to_have_count(2)
    before = said(film)
    assert (before[3:5], len(before)) == (["WREN: Sit down.", "WREN: Please."], 7)

    blocks = {block.text: block for block in Block.objects.filter(scene__film=film)}
    for text in ("You came back.", "The boat did. I was in it.", "The boat is gone."):
        actions.upload_frame(blocks[text], "start", picture_file(), alice)
        finished_video(blocks[text], alice)
    page.reload()
    drop(page, "kettle-2.fountain", REVISED)
    counters = page.locator(".proposal-bar .counters")
    for words in ("2 scenes", "1 changed", "1 new", "1 gone"):
        expect(counters).to_contain_text(words)
    expect(page.locator(".proposal-bar")).to_contain_text("2 clips stay.")
    expect(page.locator(".proposal__scene > summary").first).to_contain_text("moved")
    expect(page.locator(".proposal ins")).to_have_text(["back at last."])
    assert said(film) == before
    check_accessibility(page)
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("“kettle-2.fountain” is in the film.").first.wait_for()
    assert said(film)[0] == "The boat is gone."
    assert "WREN: You came back at last." in said(film)
    assert set(Video.objects.filter(block__removed_at=None).values_list("block", flat=True)) == {
        blocks["You came back."].pk,
        blocks["The boat is gone."].pk,
    }
    page.get_by_role("button", name="Undo it").click()
    page.get_by_text("was applied and undone").wait_for()
    assert said(film) == before
    assert (Frame.objects.filter(block__removed_at=None).count(), Video.objects.count()) == (3, 3)


@pytest.mark.parametrize("finger", [False, True], ids=["mouse", "finger"])
def test_a_scene_is_carried_by_its_handle(visit, scene, alice, finger):
    # Catches a handle that moves nothing, or an order that is shown and not kept.
    for title in ("Fog", "Tide"):
        new_scene(alice, title=title)
    page = visit(f"/films/{scene.film_id}/", alice, **({"viewport": PHONE, "has_touch": True} if finger else {}))
    titles = page.locator(".scene-board__title")
    expect(titles).to_contain_text(["The Last Lamp", "Fog", "Tide"])
    carry(page, 0, 1, finger)
    expect(titles).to_contain_text(["Fog", "The Last Lamp", "Tide"])
    expect(page.locator("#announcer")).to_have_text("“The Last Lamp” is scene 2 now.")
    wait_for(lambda: [row.title for row in scene.film.scenes.all()] == ["Fog", "The Last Lamp", "Tide"])
    if not finger:
        check_accessibility(page)
        page.get_by_role("button", name="Move Fog later").press("Enter")
        expect(titles).to_contain_text(["The Last Lamp", "Fog", "Tide"])
        until(page, SETTLED)
        page.keyboard.press("Enter")  # the focus has stayed
        expect(titles).to_contain_text(["The Last Lamp", "Tide", "Fog"])
        expect(page.get_by_role("button", name="Move Fog later")).to_be_focused()  # at the end, where it does nothing
        page.get_by_role("button", name="Move Fog earlier").press("Enter")
        expect(titles).to_contain_text(["The Last Lamp", "Fog", "Tide"])
        carry(page, 0, 1, finger)
        expect(titles).to_contain_text(["Fog", "The Last Lamp", "Tide"])
        new_scene(alice, title="Squall")  # by somebody else: the page does not know it
        carry(page, 0, 1, finger)
        expect(page.locator("#toasts")).to_contain_text("The order must name each scene of the film once.")
        expect(titles).to_contain_text(["Fog", "The Last Lamp", "Tide"])


def test_two_scenes_that_are_carried_one_soon_after_the_other_stay_there(visit, scene, alice):
    # Catches an order that is neither kept nor shown: the answer to the one before took its list out of the page.
    for title in ("Fog", "Tide"):
        new_scene(alice, title=title)
    page = visit(f"/films/{scene.film_id}/", alice)
    until(page, SETTLED)
    held = hold(page, "**/scenes/order/", count=2)
    drag(page, 0, 1, finger=False)
    drag(page, 1, 2, finger=False)
    release(page, held, 0)
    expect(page.locator("#announcer")).to_have_text("“The Last Lamp” is scene 2 now.")
    release(page, held, 1)
    expect(page.locator("#announcer")).to_have_text("“The Last Lamp” is scene 3 now.")
    expect(page.locator(".scene-board__title")).to_contain_text(["Fog", "Tide", "The Last Lamp"])
    assert [row.title for row in scene.film.scenes.all()] == ["Fog", "Tide", "The Last Lamp"]


def test_boards_that_are_drawn_anew_below_the_pointer_end_the_carrying(visit, scene, alice):
    # Catches a carrying that never ends: it kept drawing, and took the next Escape from whatever was open.
    new_scene(alice, title="Fog")
    page = visit(f"/films/{scene.film_id}/", alice)
    grip = page.locator(".boards [data-handle]").first.bounding_box()
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    expect(page.locator(".is-dragged")).to_have_count(1)
    page.evaluate("document.getElementById('boards').replaceWith(document.getElementById('boards').cloneNode(true))")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("window.pressed = 0; document.addEventListener('keydown', () => { window.pressed += 1; })")
    page.keyboard.press("Escape")
    assert page.evaluate("window.pressed") == 1


def carry(page: Page, first: int, second: int, finger: bool) -> None:
    """Carry one board behind another, and wait for the server's answer: the page shows the new order before it."""
    until(page, SETTLED)
    with page.expect_response("**/scenes/order/"):
        drag(page, first, second, finger)


def drag(page: Page, first: int, second: int, finger: bool) -> None:
    """Draw the handle of one board below another."""
    handle = page.locator(".boards [data-handle]").nth(first)
    handle.scroll_into_view_if_needed()
    grip, other = handle.bounding_box(), page.locator(".boards > li").nth(second).bounding_box()
    x, y, down = grip["x"] + 8, grip["y"] + 8, other["y"] + other["height"] - 12
    if finger:
        draw(page, (x, y), (x, (y + down) / 2), (x, down))
        return
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, down, steps=5)
    page.mouse.up()
