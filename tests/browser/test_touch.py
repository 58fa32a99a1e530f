"""The pages on a phone, by finger and by a keyboard on the screen."""

import pytest
from playwright.sync_api import Page, expect

from scenes.models import Block
from tests.fixtures.browser import BY_FINGER, clip_path, draw
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from tests.fixtures.written import at, becomes, text

pytestmark = pytest.mark.django_db(transaction=True)

# What is too small, of all that is shown: words under 16 px in a field, and 44 px under a thumb.
TOO_SMALL = """() => {
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const fields = shown("textarea, select, input:not([type='checkbox'], [type='radio'], [type='range'])")
    .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16);
  const targets = shown("button, summary, [data-handle], .brand, .input, .select, label.check, .steps a")
    .filter((target) => Math.min(target.offsetWidth, target.offsetHeight) < 44);
  return [...fields, ...targets].map((one) => one.outerHTML.slice(0, 160));
}"""


def test_no_field_is_zoomed_into_and_a_thumb_finds_its_target(visit, action, dialog, alice, start_frame):
    # Catches words that a phone zooms into when their field is pressed, and a target that is made for a mouse.
    finished_video(action, alice)
    page = visit(at(action.scene), alice, **BY_FINGER)
    text(page, 2).tap()
    expect(page.locator(".tools")).to_be_visible()
    assert page.evaluate(TOO_SMALL) == []
    page.goto(clip_path(action, "video"))
    page.get_by_role("button", name="Draw on this frame").tap()
    expect(page.locator("[data-ink]")).to_be_visible()
    assert page.evaluate(TOO_SMALL) == []


def test_a_keyboard_on_the_screen_begins_the_next_block(visit, action, alice):
    # Catches a script that only reads keydown: these keyboards name no key there, and Enter made a new line.
    page = visit(at(action.scene), alice, **BY_FINGER)
    text(page, 1).tap()
    text(page, 1).evaluate("field => field.setSelectionRange(field.value.length, field.value.length)")
    press_unnamed(page, "\r")
    expect(text(page, 2)).to_be_focused()
    page.keyboard.insert_text("The lamp goes out.")
    becomes(action.scene, "Mara opens the door. Wind.", "The lamp goes out.")


def press_unnamed(page: Page, character: str) -> None:
    """Press a key of a keyboard on the screen, as Chrome on Android tells of it."""
    session = page.context.new_cdp_session(page)
    unnamed = {"key": "Unidentified", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **unnamed})
    session.send("Input.dispatchKeyEvent", {"type": "char", "text": character})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **unnamed})


def test_a_keyboard_on_the_screen_hides_no_message(visit, action, alice):
    # Catches an Undo that is there for ten seconds below the keyboard, which covers the end of the window.
    page = visit(at(action.scene), alice, **BY_FINGER)
    text(page, 1).tap()
    page.get_by_role("button", name="Delete this block").tap()
    undo = page.locator("[data-bring-back]")
    expect(undo).to_be_visible()
    page.evaluate("""() => {
      Object.defineProperty(visualViewport, "height", { value: 500 });
      visualViewport.dispatchEvent(new Event("resize"));
    }""")
    place = undo.bounding_box()
    assert place["y"] + place["height"] <= 500
    undo.tap()
    becomes(action.scene, "Mara opens the door. Wind.")


def test_a_finger_drags_the_ground_line_and_the_page_stays(visit, scene, alice):
    # Catches a line that is let go of after some pixels because the page scrolls below the finger.
    place = scene.location
    place.image.save("rock.png", picture_file((1280, 720)))
    page = visit(f"/films/{scene.film_id}/locations/{place.pk}/", alice, **BY_FINGER)
    page.get_by_label("I say where the ground is").tap()
    slider = page.get_by_role("slider", name="Percent")
    expect(slider).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    frame = page.locator(".item__frame").bounding_box()
    x, height = frame["x"] + 100, frame["height"] / 100
    start = frame["y"] + int(slider.input_value()) * height
    end = frame["y"] + 40 * height
    draw(page, (x, start), *((x, start + (end - start) * part / 8) for part in range(1, 9)))
    expect(slider).to_have_value("40")
    assert page.evaluate("scrollY") == 0


def test_a_finger_goes_along_the_marks_and_presses_nothing_that_is_not_seen(visit, scene, alice):
    # Catches marks that only a click reads, and a player that a tap on its hidden Close shuts.
    for position, words in enumerate(("Fog.", "Wind.", "The lamp goes out.", "Dark.")):
        Block.objects.create(scene=scene, position=position, kind="action", text=words)
    page = visit(at(scene), alice, **BY_FINGER)
    page.clock.install()
    page.get_by_role("button", name="Play scene").tap()
    count = page.locator(".player__count")
    expect(count).to_have_text("1 / 4")  # before, there are no marks
    marks = page.locator(".player__marks").bounding_box()
    x, y, width = marks["x"], marks["y"] + marks["height"] / 2, marks["width"]
    draw(page, (x + 4, y), *((x + width * part / 8, y) for part in range(1, 8)))
    expect(count).to_have_text("4 / 4")
    draw(page, (x + 4, y))
    page.clock.fast_forward(3000)
    expect(page.locator(".player.is-idle")).to_be_visible()
    close = page.get_by_role("button", name="Close the player").bounding_box()
    page.touchscreen.tap(close["x"] + 20, close["y"] + 20)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()  # it waits, and shows its buttons
