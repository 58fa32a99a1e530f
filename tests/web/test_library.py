"""The pages of a film's cast and locations as three people see them, and what becomes of what they send."""

from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from guardian.shortcuts import assign_perm
from PIL import Image

from scenes.models import Character, Location
from tests.fixtures.pages import HTMX
from tests.fixtures.people import signed_in
from tests.fixtures.scene import film_of, picture_file


def url(route: str, item, shelf: str = "cast") -> str:
    return reverse(route, args=[item.film_id, shelf, item.pk])


@pytest.fixture
def tobias(mara) -> Character:
    return mara.film.characters.create(name="Tobias")


# what each route takes, and what it asks for beside looking
READ = [
    ("film_cast", lambda mara: [mara.film_id]),
    ("film_locations", lambda mara: [mara.film_id]),
    ("library_item", lambda mara: [mara.film_id, "cast", mara.pk]),
    ("item_picture", lambda mara: [mara.film_id, "cast", mara.pk]),
]
WRITE = [
    ("library_add", lambda mara: [mara.film_id, "cast"], {"name": "Ada"}),
    ("item_save", lambda mara: [mara.film_id, "cast", mara.pk], {"name": "Mara"}),
    ("item_upload", lambda mara: [mara.film_id, "cast", mara.pk], {}),
    ("item_picture_remove", lambda mara: [mara.film_id, "cast", mara.pk], {}),
    ("item_merge", lambda mara: [mara.film_id, "cast", mara.pk], {}),
    ("item_delete", lambda mara: [mara.film_id, "cast", mara.pk], {}),
]


@pytest.mark.parametrize(("route", "args"), READ)
def test_the_shelves_are_read_by_whoever_sees_a_scene_and_by_nobody_else(route, args, scene, mara, alice, bob, charlie):
    mara.portrait.save("mara.png", picture_file((200, 300)))
    path = reverse(route, args=args(mara))
    assert [signed_in(person).get(path).status_code for person in (alice, bob, charlie)] == [200, 200, 404]
    assert Client().get(path).status_code == 302
    assert signed_in(alice).post(path).status_code == 405


@pytest.mark.parametrize(("route", "args", "sent"), WRITE)
def test_a_change_takes_the_right_to_change_the_film(route, args, sent, scene, mara, alice, bob, charlie):
    path = reverse(route, args=args(mara))
    assert [signed_in(person).post(path, sent).status_code for person in (bob, charlie)] == [403, 404]
    assign_perm("change_scene", bob, scene)  # of one scene, which is not the film
    assert signed_in(bob).post(path, sent).status_code == 403
    assert Client().post(path, sent).status_code == 302
    assign_perm("change_film", bob, scene.film)
    assert signed_in(bob).post(path, sent).status_code in (200, 302)
    assert signed_in(alice).get(reverse("film_cast", args=[scene.film_id])).status_code == 200


@pytest.mark.parametrize(("route", "args", "sent"), WRITE)
def test_an_item_of_another_film_is_not_there_though_one_owns_both_films(route, args, sent, scene, mara, charlie):
    if route == "library_add":
        return
    assign_perm("change_film", charlie, scene.film)
    path = reverse(route, args=[film_of(charlie).pk, *args(mara)[1:]])
    assert signed_in(charlie).post(path, sent).status_code == 404
    wrong_shelf = reverse(route, args=[mara.film_id, "locations", mara.pk])
    assert signed_in(charlie).post(wrong_shelf, sent).status_code == 404


def test_a_character_is_added_and_its_page_opened(scene, alice):
    sent = {"name": "  Ada   Lovell ", "description": "tall", "voice": "bright"}
    answer = signed_in(alice).post(reverse("library_add", args=[scene.film_id, "cast"]), sent)
    ada = Character.objects.get(name="Ada Lovell")
    assert (ada.film, answer["Location"]) == (scene.film, url("library_item", ada))
    again = signed_in(alice).post(reverse("library_add", args=[scene.film_id, "cast"]), sent, headers=HTMX)
    assert "There is “Ada Lovell” already" in again.content.decode()
    assert "tall</textarea>" in again.content.decode()


def test_what_is_wrong_is_named_beside_its_field_and_everything_typed_is_kept(mara, alice):
    sent = {"name": 300 * "x", "description": "a scar", "voice": "low"}
    for headers in (HTMX, {}):
        body = signed_in(alice).post(url("item_save", mara), sent, headers=headers).content.decode()
        assert "has 300 characters; at most 200 can be taken." in body
        assert f'value="{300 * "x"}"' in body
        assert "a scar</textarea>" in body
        assert 'name="was_name" value="Mara"' in body


def test_a_saved_field_says_so_and_html_in_a_name_stays_text(mara, alice):
    sent = {"name": "<b>Mara</b>", "description": "<script>alert(1)</script>", "voice": "", "was_name": "Mara"}
    body = signed_in(alice).post(url("item_save", mara), sent, headers=HTMX).content.decode()
    assert "Saved" in body
    page = signed_in(alice).get(url("library_item", mara)).content.decode()
    assert "<b>Mara" not in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;Mara&lt;/b&gt;" in page


def test_the_page_names_the_scenes_and_why_a_speaker_stays(scene, dialog, mara, tobias, alice):
    page = signed_in(alice).get(url("library_item", mara)).content.decode()
    assert f'href="{reverse("scene", args=[scene.pk])}"' in page
    assert "Used in 1 scene" in page
    assert "Mara speaks 1 line" in page
    answer = signed_in(alice).post(url("item_delete", mara), follow=True)
    assert "Mara speaks 1 line" in answer.content.decode()
    assert Character.objects.filter(pk=mara.pk).exists()
    answer = signed_in(alice).post(url("item_delete", tobias), follow=True)
    assert "Tobias was deleted." in answer.content.decode()


def test_merging_says_first_what_moves(scene, dialog, mara, tobias, alice):
    client = signed_in(alice)
    asked = client.get(url("item_merge", mara), {"into": tobias.pk}).content.decode()
    text = " ".join(asked.split())
    assert "1 line is spoken by Tobias from now on." in text
    assert "Tobias has none and takes that of Mara." in text
    assert Character.objects.count() == 2
    answer = client.post(url("item_merge", mara), {"into": tobias.pk}, follow=True)
    assert "Mara is now part of Tobias." in answer.content.decode()
    dialog.refresh_from_db()
    assert dialog.character == tobias


def test_nobody_merges_across_films(scene, mara, alice, charlie):
    stranger = film_of(charlie).characters.create(name="Stranger")
    for into in (stranger.pk, mara.pk, "junk", ""):
        answer = signed_in(alice).post(url("item_merge", mara), {"into": into}, follow=True)
        assert "Choose whom to merge Mara with." in answer.content.decode()
    assert Character.objects.count() == 2


def test_a_picture_is_taken_cropped_and_told_of(scene, alice):
    place = scene.location
    upload = url("item_upload", place, "locations")
    answer = signed_in(alice).post(upload, {"picture": picture_file((640, 720)), "focus": "0"}, headers=HTMX)
    assert "50 % at the bottom were cut off" in answer["HX-Trigger-After-Swap"].encode().decode("unicode_escape")
    page = answer.content.decode()
    shown = signed_in(alice).get(url("item_picture", place, "locations"), {"size": "large"})
    assert url("item_picture", place, "locations") in page
    assert Image.open(BytesIO(shown.content)).size == (640, 360)
    signed_in(alice).post(url("item_picture_remove", place, "locations"))
    assert not Location.objects.get().image


@pytest.mark.parametrize("focus", ["", "nan", "-7", "1e9", "left"])
def test_junk_for_a_focus_is_the_middle_or_an_end(focus, mara, alice):
    answer = signed_in(alice).post(url("item_upload", mara), {"picture": picture_file((900, 300)), "focus": focus})
    assert answer.status_code == 302
    assert Character.objects.get(pk=mara.pk).portrait


@pytest.mark.parametrize("name", ["film.pdf", "notes.txt"])
def test_what_is_no_picture_is_refused_in_words(name, mara, alice):
    file = BytesIO(b"%PDF-1.7 no picture")
    file.name = name
    answer = signed_in(alice).post(url("item_upload", mara), {"picture": file}, headers=HTMX)
    assert f"Image “{name}” could not be read." in answer.content.decode()
    none = signed_in(alice).post(url("item_upload", mara), {}, headers=HTMX)
    assert "Choose a PNG, JPEG or WebP picture first." in none.content.decode()


def test_who_may_only_look_reads_the_words_and_whom_to_ask(scene, mara, bob):
    page = signed_in(bob).get(url("library_item", mara)).content.decode()
    assert "a young keeper in a yellow raincoat" in page
    assert "<textarea" not in page
    assert "Ask alice for “write”" in page


def test_an_empty_film_says_how_it_goes_on(alice):
    film = film_of(alice)
    for shelf, words in (("cast", "Nobody yet"), ("locations", "No locations yet")):
        assert words in signed_in(alice).get(reverse(f"film_{shelf}", args=[film.pk])).content.decode()


def test_a_picture_is_shown_to_whoever_sees_a_scene_that_uses_it_and_costs_few_queries(
    scene, mara, tobias, alice, bob, django_assert_num_queries
):
    for who in (mara, tobias):
        who.portrait.save("face.png", picture_file((200, 300)))
    looks = signed_in(bob)
    assert looks.get(url("item_picture", mara)).status_code == 200
    assert looks.get(url("item_picture", tobias)).status_code == 404
    owner = signed_in(alice)
    owner.get(url("item_picture", mara))
    # session, person, film, character
    with django_assert_num_queries(4):
        assert owner.get(url("item_picture", mara)).status_code == 200


@pytest.mark.parametrize("shelf", ["cast", "locations"])
def test_a_shelf_costs_the_same_queries_however_much_stands_on_it(shelf, scene, mara, alice):
    def queries() -> int:
        client = signed_in(alice)
        path = reverse(f"film_{shelf}", args=[scene.film_id])
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    few = queries()
    for number in range(20):
        scene.characters.add(scene.film.characters.create(name=f"Person {number}"))
        scene.film.locations.create(name=f"Place {number}")
    assert queries() == few == {"cast": 9, "locations": 7}[shelf]


def test_a_ground_line_is_saved_with_the_words_and_kept_where_it_is_not_shown(scene, alice):
    # Catches a line that is lost when a name is saved, and one that somebody else has set meanwhile.
    place = scene.location
    place.image.save("rock.png", picture_file((1280, 720)))
    path = url("item_save", place, "locations")
    client = signed_in(alice)
    words = {"name": "Gull Rock", "description": place.description}

    def save(**sent: str) -> str:
        response = client.post(path, words | sent, headers=HTMX)
        place.refresh_from_db()
        return response.content.decode()

    save(was_ground_line="", has_ground_line="on", ground_line="80")
    assert place.ground_line == 0.8
    assert 'y1="80"' in client.get(url("library_item", place, "locations")).content.decode()
    save()  # a form without it
    save(was_ground_line="", ground_line="96")  # of a page that was drawn before, its box not ticked
    assert place.ground_line == 0.8
    told = save(was_ground_line="70", has_ground_line="on", ground_line="60")
    assert (place.ground_line, "changed this meanwhile to “80”" in told) == (0.8, True)
    assert "goes from 0 to 100; “101” was given" in save(was_ground_line="80", has_ground_line="on", ground_line="101")
    save(was_ground_line="80")
    assert place.ground_line is None
