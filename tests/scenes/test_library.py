"""A film's locations and characters: what uses them, merging, deleting, pictures, and their forms."""

from io import BytesIO

import pytest
from PIL import Image

from scenes import access, library
from scenes.forms import CharacterForm, LocationForm
from scenes.library import LibraryError
from scenes.models import Block, Character, Film, Location, Scene
from scenes.uploads import PictureError
from tests.fixtures.scene import film_of, new_scene, picture_file

pytestmark = pytest.mark.postgres


@pytest.fixture
def tobias(alice) -> Character:
    return film_of(alice).characters.create(name="Tobias", description="an old keeper")


def used_by(person, film: Film, kind) -> dict[str, list[str]]:
    film = access.get_film(person, film.pk)
    return {entry.item.name: [scene.title for scene in entry.scenes] for entry in library.entries(person, film, kind)}


def test_each_entry_names_the_scenes_that_use_it(scene, dialog, mara, tobias, alice):
    later = new_scene(alice, title="Fog", location=scene.location)
    Block.objects.create(scene=later, position=0, kind="dialog", character=mara, text="Fog.")
    assert used_by(alice, scene.film, Character) == {"Mara": ["The Last Lamp", "Fog"], "Tobias": []}
    assert used_by(alice, scene.film, Location) == {"Gull Rock": ["The Last Lamp", "Fog"]}


def test_who_sees_one_scene_sees_what_it_uses_and_no_more(scene, dialog, mara, tobias, alice, bob):
    secret = new_scene(alice, title="Secret", location=scene.film.locations.create(name="Cellar"))
    secret.characters.add(mara, tobias)
    assert used_by(bob, scene.film, Character) == {"Mara": ["The Last Lamp"]}
    assert used_by(bob, scene.film, Location) == {"Gull Rock": ["The Last Lamp"]}


@pytest.mark.parametrize(("kind", "queries"), [(Location, 2), (Character, 4)])
@pytest.mark.parametrize("count", [1, 30])
def test_the_entries_cost_the_same_queries_however_many(kind, queries, count, alice, django_assert_num_queries):
    film = film_of(alice)
    for number in range(count):
        scene = new_scene(alice, title=f"{number}", location=film.locations.create(name=f"Place {number}"))
        scene.characters.add(film.characters.create(name=f"Person {number}"))
    film = access.get_film(alice, film.pk)
    with django_assert_num_queries(queries):
        assert len(library.entries(alice, film, kind)) == count


# --- Merging and deleting ---------------------------------------------------------------------------------------


def test_merging_characters_moves_lines_and_casts_and_fills_what_is_empty(scene, dialog, mara, tobias, alice):
    tobias.description = ""
    tobias.save()
    scene.characters.add(tobias)
    gone = Block.objects.create(scene=scene, position=7, kind="dialog", character=mara, text="Gone.")
    Block.objects.filter(pk=gone.pk).update(removed_at="2026-11-01T00:00Z")
    later = new_scene(alice, title="Fog")
    later.characters.add(mara)
    assert library.plan_merge(mara, tobias) == library.Merge(taken=("description", "voice"), dropped=())
    library.merge(mara, tobias)
    tobias.refresh_from_db()
    assert (tobias.description, tobias.voice) == ("a young keeper in a yellow raincoat", "low")
    assert list(Block.everything.values_list("character__name", "version")) == [("Tobias", 2), ("Tobias", 2)]
    assert [list(row.characters.all()) for row in (scene, later)] == [[tobias], [tobias]]
    assert not Character.objects.filter(pk=mara.pk).exists()


def test_merging_locations_moves_scenes_and_keeps_what_the_other_says_of_itself(scene, alice):
    other = scene.film.locations.create(name="The Rock", description="black stone")
    assert library.plan_merge(scene.location, other).dropped == ("description",)
    library.merge(scene.location, other)
    scene.refresh_from_db()
    assert (scene.location, scene.version, scene.location.description) == (other, 2, "black stone")


def test_nothing_is_merged_across_films_kinds_or_with_itself(scene, mara, charlie):
    stranger = film_of(charlie).characters.create(name="Mara")
    for other in (stranger, scene.location, mara):
        with pytest.raises(LibraryError):
            library.merge(mara, other)
    library.merge(mara, mara.film.characters.create(name="Mara II"))
    with pytest.raises(LibraryError, match="One of the two is gone"):
        library.merge(mara, mara.film.characters.get())


def test_who_speaks_and_where_scenes_play_is_not_deleted(scene, dialog, mara, tobias):
    with pytest.raises(LibraryError, match=r"Mara speaks 1 line\. Merge"):
        library.delete(mara)
    with pytest.raises(LibraryError, match="1 scene plays at Gull Rock"):
        library.delete(scene.location)
    scene.characters.add(tobias)
    library.delete(tobias)
    Scene.objects.update(location=None)
    library.delete(scene.location)
    assert (list(Character.objects.all()), Location.objects.count()) == ([mara], 0)


# --- Pictures ---------------------------------------------------------------------------------------------------


def stored(item) -> Image.Image:
    with library.picture(type(item).objects.get(pk=item.pk)).open() as file:
        image = Image.open(file)
        image.load()
    return image


def halves(size: tuple[int, int], *, upright: bool = False):
    """A picture with a red first half and a blue second."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0], size[1] // 2) if upright else (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    image.save(file, "PNG")
    upload = picture_file(size)
    upload.file, upload.size = file, file.tell()
    upload.seek(0)
    return upload


@pytest.mark.parametrize(("focus", "color"), [(0.0, (255, 0, 0)), (1.0, (0, 0, 255))])
def test_a_location_is_cropped_to_16_9_where_one_says(scene, focus, color):
    cut = library.set_picture(scene.location, halves((640, 720), upright=True), focus)
    assert (cut.is_across, cut.start + cut.end) == (False, pytest.approx(0.5))
    picture = stored(scene.location)
    assert picture.size == (640, 360)
    assert picture.getpixel((320, 180)) == color


def test_a_portrait_is_cropped_to_2_3_and_what_fits_is_left(mara):
    cut = library.set_picture(mara, picture_file((900, 300)))
    assert (cut.is_across, round(cut.start, 2), round(cut.end, 2)) == (True, 0.39, 0.39)
    assert stored(mara).size == (200, 300)
    assert library.set_picture(mara, picture_file((401, 600))) is None
    assert stored(mara).size == (401, 600)


def test_a_cut_out_figure_is_left_whole(mara):
    file = BytesIO()
    figure = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    figure.paste("green", (100, 50, 200, 300))
    figure.save(file, "PNG")
    upload = picture_file()
    upload.file, upload.size = file, file.tell()
    upload.seek(0)
    assert library.set_picture(mara, upload) is None
    assert (stored(mara).size, stored(mara).mode) == ((300, 300), "RGBA")


def test_a_strip_of_which_a_crop_would_leave_nothing_is_refused_with_its_size(scene):
    with pytest.raises(PictureError, match="cropped to 16:9 it would have 90 × 51 pixels"):
        library.set_picture(scene.location, picture_file((90, 1000)))
    assert not Location.objects.get().image


# --- Forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        (
            {"name": "x" * 300},
            "name",
            f"Name “{40 * 'x'}…” has 300 characters; at most 200 can be",
        ),
        ({"name": " "}, "name", "Name is missing."),
        ({"name": "MARA"}, "name", "There is “Mara” already."),
        ({"name": "A", "description": "y" * 2001}, "description", "has 2001 characters; at most 2000 can be taken."),
        ({"name": "A", "voice": "z" * 201}, "voice", "Voice “zzz"),
    ],
)
def test_a_form_names_the_field_and_the_value(mara, sent, field, words):
    form = CharacterForm(sent, instance=Character(film=mara.film))
    assert not form.is_valid()
    assert words in " ".join(form.errors[field])


def test_a_name_of_another_film_is_free(mara, charlie):
    assert CharacterForm({"name": "Mara"}, instance=Character(film=film_of(charlie))).is_valid()


def test_two_people_who_change_one_field_lose_nothing(scene):
    place = scene.location
    shown = {"was_name": place.name, "was_description": place.description}
    Location.objects.filter(pk=place.pk).update(description="black stone")
    sent = {"name": "Gull Rock", "description": "white stone", **shown}
    form = LocationForm(sent, instance=Location.objects.get())
    assert not form.is_valid()
    assert "changed this meanwhile to “black stone”" in " ".join(form.errors["description"])
    again = LocationForm(sent | {"was_description": "black stone"}, instance=Location.objects.get())
    assert again.is_valid()
    again.save()
    assert Location.objects.get().description == "white stone"


def test_two_people_who_change_different_fields_keep_both(scene):
    place = scene.location
    shown = {"was_name": place.name, "was_description": place.description}
    Location.objects.filter(pk=place.pk).update(name="The Rock")
    sent = {"name": "Gull Rock", "description": "white\r\nstone", **shown}
    form = LocationForm(sent, instance=Location.objects.get())
    assert form.is_valid(), form.errors
    form.save()
    found = Location.objects.get()
    assert (found.name, found.description) == ("The Rock", "white\nstone")
