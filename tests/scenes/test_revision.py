"""A screenplay brought to a film: new, revised, undone, and taken out again."""

import pytest

from scenes import films, revision
from scenes.films import FilmError
from scenes.models import Block, Character, Film, Location, Scene
from scenes.screenplay.fdx_writer import to_fdx
from scenes.screenplay.fountain_writer import to_fountain
from scenes.screenplay.reading import read
from scenes.script import scenes_of, screenplay_of
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Frame

pytestmark = pytest.mark.postgres

SCRIPT = """Title: The Kettle
Author: Nobody

# Act One

INT. KITCHEN - NIGHT #1A#

= Two wait for a third.

Rain on the window. The kettle sings.

MARA (V.O.)
(softly)
It was the last night.

[[Is it?]]

TOBIAS
Sit down.

MARA ^
Sit down.

EXT. JETTY - DAWN

The boat is gone.

TOBIAS
Forty years.

INT. TOWER - DAY

Dust. A switch on the wall.

MARA
It never oversleeps.
"""
REVISED = """Title: The Kettle
Author: Nobody

# Act One

INT. TOWER - DAY

Dust. A new switch on the wall.

MARA
It never oversleeps.

INT. KITCHEN - NIGHT #1A#

= Two wait for a third.

Rain on the window. The kettle sings.

MARA (V.O.)
(softly)
It was the very last night.

TOBIAS
Sit down.

MARA ^
Sit down.

WREN
May I come in?
"""


def brought(film: Film, text: str, name: str = "kettle.fountain"):
    found = revision.bring(film, film.owner, name, text.encode())
    return found, revision.apply(found)


@pytest.fixture
def film(alice) -> Film:
    film = films.begin(alice, "The Kettle")
    brought(film, SCRIPT)
    film.refresh_from_db()
    return film


def told(film: Film) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (scene.heading, [(str(b.character or ""), b.text) for b in scene.blocks.all()]) for scene in scenes_of(film)
    ]


def test_a_screenplay_becomes_scenes_with_all_it_says(film):
    # Catches a part of the script for which no row has a place.
    assert [scene.title for scene in scenes_of(film)] == ["KITCHEN", "JETTY", "TOWER"]
    kitchen = film.scenes.get(position=0)
    assert (kitchen.heading, kitchen.number, kitchen.location.name) == ("INT. KITCHEN - NIGHT", "1A", "KITCHEN")
    assert (kitchen.synopsis, kitchen.sections) == ("Two wait for a third.", [[1, "Act One"]])
    rain, voice, tobias, dual = kitchen.blocks.all()
    assert (rain.kind, rain.character, rain.text) == ("action", None, "Rain on the window. The kettle sings.")
    assert (voice.character.name, voice.extension, voice.parenthetical) == ("MARA", "V.O.", "softly")
    assert (voice.notes, tobias.is_dual, dual.is_dual) == ("Is it?", False, True)
    assert film.characters.count() == 2
    film.refresh_from_db()
    assert film.title_page == [["Author", "Nobody"]]


@pytest.mark.parametrize("name", ["film.fountain", "film.fdx"])
def test_what_is_taken_out_and_brought_to_another_film_is_the_same_film(film, alice, name):
    out = screenplay_of(film, scenes_of(film))
    data = to_fdx(out) if name.endswith("fdx") else to_fountain(out).encode()
    again = films.begin(alice, "Copy")
    revision.apply(revision.bring(again, alice, name, data))
    again.refresh_from_db()
    assert screenplay_of(again, scenes_of(again)) == out == read(data, name).screenplay
    # and once more into the first film: nothing changes
    plan = revision.propose(revision.bring(film, alice, name, data)).plan
    assert {scene.status for scene in plan.scenes} == {"kept"}


def test_a_revision_keeps_every_frame_of_what_is_still_there_and_undoing_brings_back_the_rest(film, alice):
    # Catches a block made anew where its words moved, and with it a clip that is lost.
    blocks = {block.text: block for block in Block.objects.filter(scene__film=film)}
    colors = ("teal", "red", "blue", "green", "black", "white", "gold")
    pictured = zip(blocks.items(), colors, strict=True)
    frames = {
        text: actions.upload_frame(block, "start", picture_file(color=color), alice).sha256
        for (text, block), color in pictured
    }
    before = told(film)
    shown = {block.pk: frames[text] for text, block in blocks.items()}
    done, proposal = brought(film, REVISED)
    now = {block.pk: block for block in Block.objects.filter(scene__film=film)}
    assert [scene.heading for scene in scenes_of(film)] == ["INT. TOWER - DAY", "INT. KITCHEN - NIGHT"]
    assert {frame.block_id: frame.sha256 for frame in frames_of(film)} == shown
    assert now[blocks["It was the last night."].pk].text == "It was the very last night."
    assert now[blocks["Dust. A switch on the wall."].pk].version == 2
    shelf = Block.everything.filter(scene__film=film, shelved=True)
    assert {block.text for block in shelf} == {"The boat is gone.", "Forty years."}
    assert (proposal.new_characters, proposal.new_locations) == (["WREN"], [])
    assert proposal.plan.counts["gone"] == 2
    revision.undo(done)
    assert (told(film), {frame.block_id: frame.sha256 for frame in frames_of(film)}) == (before, shown)
    assert not Block.objects.filter(text="May I come in?").exists()
    with pytest.raises(FilmError, match="undone already"):
        revision.undo(done)


def frames_of(film: Film):

    return Frame.objects.filter(block__scene__film=film)


def test_the_demo_s_scenes_keep_location_and_title_where_the_heading_says_the_same(scene, action, dialog):
    # Catches a location made anew, without its picture, by a script that this site wrote itself.
    film = scene.film
    text = to_fountain(screenplay_of(film, scenes_of(film))).replace("Wind.", "Wind and rain.")
    brought(film, text)
    scene.refresh_from_db()
    assert (scene.title, scene.location.name, Location.objects.count(), Character.objects.count()) == (
        "The Last Lamp", "Gull Rock", 1, 1
    )  # fmt: skip
    action.refresh_from_db()
    assert action.text == "Mara opens the door. Wind and rain."


def test_undoing_refuses_where_somebody_has_written_since_and_where_a_newer_one_was_applied(film, alice):
    first, _ = brought(film, REVISED)
    second, _ = brought(film, SCRIPT)
    with pytest.raises(FilmError, match="newer"):
        revision.undo(first)
    block = Block.objects.filter(scene__film=film, text="Forty years.").latest("version")
    Block.objects.filter(pk=block.pk).update(text="Fifty years.", version=block.version + 1)
    with pytest.raises(FilmError, match="1 blocks"):
        revision.undo(second)
    with pytest.raises(FilmError, match="applied already"):
        revision.apply(second)


def test_undoing_brings_back_a_speaker_who_was_deleted_since_and_leaves_a_location_that_is_gone(film, alice):
    # Catches an Undo that fails as it needs rows that somebody has deleted.
    done, _proposal = brought(film, SCRIPT.replace("TOBIAS", "OSKAR").replace("JETTY", "PIER"))
    film.locations.filter(name="JETTY").delete()
    film.characters.get(name="TOBIAS").delete()
    revision.undo(done)
    assert film.characters.filter(name="TOBIAS", lines__text="Sit down.").exists()
    assert film.scenes.get(position=1).location is None


def test_undoing_takes_the_cast_and_the_places_away_that_only_came_with_the_script(film):
    # Catches a renamed speaker and a renamed place that stay in the library after "the film is what it was before".
    cast, places = (
        set(film.characters.values_list("name", flat=True)),
        set(film.locations.values_list("name", flat=True)),
    )
    renamed = SCRIPT.replace("TOBIAS", "OSKAR").replace("JETTY", "PIER").replace("TOWER", "LAMP ROOM")
    done, _proposal = brought(film, renamed)
    film.locations.filter(name="LAMP ROOM").update(description="Brass and glass.")  # somebody gave it a look
    assert film.characters.filter(name="OSKAR").exists()
    revision.undo(done)
    assert set(film.characters.values_list("name", flat=True)) == cast
    assert set(film.locations.values_list("name", flat=True)) == places | {"LAMP ROOM"}


def test_more_than_a_film_can_hold_is_refused_in_a_sentence(film, alice, monkeypatch):
    monkeypatch.setattr(revision, "MOST_BLOCKS", 2)
    found = revision.bring(film, alice, "kettle.fountain", SCRIPT.encode())
    with pytest.raises(FilmError, match="line 6 has 4 blocks, and a scene can have 2"):
        revision.apply(found)
    assert Scene.objects.filter(film=film).count() == 3
    found.refresh_from_db()
    assert found.applied_at is None


@pytest.mark.parametrize("many", [1, 4])
def test_applying_takes_the_same_queries_for_few_blocks_as_for_many(alice, many, django_assert_num_queries):
    # Catches a query for each block; a long script has three thousand.
    film = films.begin(alice, "Long")
    text = "\n\n".join(f"INT. ROOM {n} - DAY\n\nRain {n}.\n\nMARA\nWho is {n}?" for n in range(4 * many))
    brought(film, text)
    found = revision.bring(film, alice, "long.fountain", text.replace("Rain", "Heavy rain").encode())
    with django_assert_num_queries(21):
        revision.apply(found)
    assert Block.objects.filter(text__startswith="Heavy").count() == 4 * many
