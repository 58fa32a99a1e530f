"""Sharing and the library in a browser: what htmx and the scripts do between the pages that tests/web looks at."""

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import expect

from scenes.models import Location
from tests.fixtures.browser import PHONE, check_accessibility, hold, release
from tests.fixtures.scene import picture_file

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_film_is_shared_with_a_group_and_one_of_it_asks_for_more(visit, scene, action, alice, charlie):
    group = Group.objects.create(name="Storyboard artists")
    charlie.groups.add(group)
    User.objects.create_user("storm")
    owner = visit(f"/films/{scene.film_id}/people/", alice)
    owner.get_by_label("With whom").press_sequentially("sto", delay=20)
    owner.get_by_role("radio", name="Storyboard artists").check()
    owner.get_by_role("radio", name="look", exact=True).check()
    owner.get_by_role("button", name="Share", exact=True).click()
    expect(owner.get_by_role("row", name="charlie")).to_contain_text("by group Storyboard artists, on the film")
    check_accessibility(owner)

    asker = visit(f"/scenes/{scene.pk}/", charlie, viewport=PHONE)
    asker.get_by_role("button", name="Ask alice for “make videos”").click()
    expect(asker.get_by_text("You asked alice for “make videos”")).to_be_visible()
    check_accessibility(asker)

    owner.goto(f"/films/{scene.film_id}/people/")
    expect(owner.get_by_text("1 request waits for your answer")).to_be_visible()
    owner.get_by_role("button", name="Grant").click()
    expect(owner.get_by_text("1 request waits for your answer")).to_be_hidden()

    asker.reload()
    asker.locator(f"#film-{action.pk}").click()
    expect(asker.locator("#clip-dialog")).to_be_visible()

    owner.goto(f"/scenes/{scene.pk}/people/")
    row = owner.get_by_role("listitem").filter(has_text="charlie").filter(has=owner.locator(".toggle"))
    row.get_by_role("button", name="make videos").click()
    expect(row.get_by_role("button", name="make videos")).to_have_count(0)
    asker.reload()
    expect(asker.locator(f"#film-{action.pk}")).to_have_attribute("aria-disabled", "true")


def test_whom_somebody_chose_while_the_list_comes_anew_stays_chosen(visit, scene, alice):
    # Catches a list that comes late and takes the choice away: who shares then is told to choose somebody.
    Group.objects.create(name="Storyboard artists")
    User.objects.create_user("storm")
    page = visit(f"/films/{scene.film_id}/people/", alice)
    artists = page.get_by_role("radio", name="Storyboard artists")
    page.get_by_label("With whom").press_sequentially("st")
    expect(artists).to_be_visible()
    held = hold(page, "**/search/**")
    page.evaluate("""() => {
        const search = document.getElementById("people-search");
        search.value = "sto";
        search.dispatchEvent(new Event("input", { bubbles: true }));
        document.querySelector("input[value^='group']").click();  // the list of the letters before is still there
    }""")
    expect(artists).to_be_disabled()  # a choice made now would go with the list
    release(page, held)
    expect(artists).to_be_enabled()
    expect(artists).to_be_checked()


def test_letters_typed_faster_than_the_list_comes_get_the_list_of_all_of_them(visit, scene, alice):
    # Catches the list of the first letter that stays, or one of which nobody can be chosen.
    for name in ("sam", "storm"):
        User.objects.create_user(name)
    page = visit(f"/films/{scene.film_id}/people/", alice)
    hold(page, "**/search/**")
    with page.expect_request("**/search/**"):
        page.get_by_label("With whom").press_sequentially("s")
    page.get_by_label("With whom").press_sequentially("to")
    expect(page.get_by_role("radio", name="storm")).to_be_enabled()
    expect(page.get_by_role("radio", name="sam")).to_have_count(0)


def test_a_picture_of_other_sides_is_shown_as_it_will_be_cropped_before_it_is_sent(visit, scene, alice):
    place = scene.location
    page = visit(f"/films/{scene.film_id}/locations/{place.pk}/", alice)
    check_accessibility(page)
    sent = [{"name": "tall.png", "mimeType": "image/png", "buffer": picture_file((640, 720)).read()}]
    page.locator("#item-file").set_input_files(sent)
    expect(page.get_by_text("Cut off: 25 % of the height at the top, 25 % at the bottom.")).to_be_visible()
    page.get_by_role("slider").press("Home")
    expect(page.get_by_text("Cut off: 0 % of the height at the top, 50 % at the bottom.")).to_be_visible()
    assert not Location.objects.get().image
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("img", name=place.name)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="50 % at the bottom were cut off")).to_be_visible()
    fitting = [{"name": "wide.png", "mimeType": "image/png", "buffer": picture_file((1280, 720)).read()}]
    page.locator("#item-file").set_input_files(fitting)
    expect(page.get_by_role("status").filter(has_text="The picture is kept whole.")).to_be_visible()
    check_accessibility(page)


def test_a_ground_line_is_dragged_over_the_picture_and_moved_by_keys(visit, scene, alice):
    # Catches a line that does not follow its slider, or a slider that does not follow the line.
    place = scene.location
    place.image.save("rock.png", picture_file((1280, 720)))
    page = visit(f"/films/{scene.film_id}/locations/{place.pk}/", alice)
    slider, line = page.get_by_role("slider", name="Percent"), page.locator(".item__ground-line")
    expect(slider).to_be_disabled()
    page.get_by_label("I say where the ground is").press("Space")
    slider.press("ArrowDown")
    expect(line).to_have_attribute("y1", "95")
    frame = page.locator(".item__frame").bounding_box()
    page.mouse.move(frame["x"] + 200, frame["y"] + 0.95 * frame["height"])
    page.mouse.down()
    page.mouse.move(frame["x"] + 260, frame["y"] + 0.6 * frame["height"], steps=3)
    page.mouse.up()
    expect(slider).to_have_value("60")
    check_accessibility(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert Location.objects.get().ground_line == 0.6
