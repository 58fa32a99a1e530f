"""What is out of date, and why: one answer on the page, in the dialog, in the counters and in the API."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scenes import films, library, revision
from scenes.models import Block, Character, Scene
from tests.fixtures.pages import here, look, words_of
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions
from videogen.models import Frame, Video
from web import boards

pytestmark = pytest.mark.postgres


@pytest.fixture
def block(dialog: Block, mara: Character, alice: User) -> Block:
    """A line with a clip, said softly by Mara, who has a portrait, at a place with a picture."""
    dialog.parenthetical, dialog.scene.location.description = "softly", "a lighthouse above a dark sea at dusk"
    dialog.save()
    mara.portrait.save("mara.png", picture_file((300, 500)))
    dialog.scene.location.image.save("rock.png", picture_file((640, 360)))
    dialog.refresh_from_db()
    actions.upload_frame(dialog, "start", picture_file(), alice)
    finished_video(dialog, alice)
    return dialog


def change_words(block: Block) -> None:
    Block.objects.filter(pk=block.pk).update(text="Who goes there?")


def change_kind(block: Block) -> None:
    Block.objects.filter(pk=block.pk).update(kind="action", character=None)


def change_speaker(block: Block) -> None:
    tobias = block.scene.film.characters.create(name="Tobias", description="an old man in a black coat")
    Block.objects.filter(pk=block.pk).update(character=tobias)


def change_aside(block: Block) -> None:
    Block.objects.filter(pk=block.pk).update(parenthetical="")


def change_look(block: Block) -> None:
    Character.objects.filter(pk=block.character_id).update(description="an old keeper in a grey coat")


def change_portrait(block: Block) -> None:
    block.character.portrait.save("other.png", picture_file((300, 500), color="red"))


def change_place(block: Block) -> None:
    cellar = block.scene.film.locations.create(name="Cellar", description="a low cellar")
    cellar.image = block.scene.location.image
    cellar.save()
    Scene.objects.filter(pk=block.scene_id).update(location=cellar)


def change_hour(block: Block) -> None:
    Scene.objects.filter(pk=block.scene_id).update(heading="INT. LIGHTHOUSE - LATE NIGHT")


def change_picture(block: Block) -> None:
    library.remove_picture(block.scene.location)


def change_start(block: Block) -> None:
    actions.upload_frame(block, "start", picture_file(color="red"), block.scene.owner)


def change_end(block: Block) -> None:
    actions.upload_frame(block, "end", picture_file(color="red"), block.scene.owner)


# Edit, the parts that are named in the API, what the page says, what the dialog says.
EDITS: list[tuple[Callable[[Block], None], list[str], str, str]] = [
    (change_words, ["text"], "the words", "The words was Who is out there? is Who goes there?"),
    (change_kind, ["kind", "speaker"], "action or dialog, who speaks", "was Dialog is Action"),
    (change_speaker, ["speaker"], "who speaks", "Who speaks was Mara is Tobias"),
    (change_aside, ["parenthetical"], "how it is said", "How it is said was softly is none"),
    (change_look, ["cast"], "who is shown", "is Mara: an old keeper in a grey coat"),
    (change_portrait, ["castPicture"], "a picture of who is shown", "The picture of Mara was a picture is another"),
    (change_hour, ["hour"], "the time of day", "The time of day was none is late night"),
    (change_place, ["location"], "the location", "is Cellar: a low cellar"),
    (change_picture, ["locationPicture"], "the picture of the location", "was a picture is none"),
    (change_start, ["startFrame"], "the start frame", "The start frame was a picture is another picture"),
    (change_end, ["endFrame"], "the end frame", "The end frame was none is a picture"),
]


def documents(block: Block, client: Any) -> list[dict[str, Any]]:
    """The video on its own, and inside of its scene."""
    scene = client.get(f"/api/scenes/{block.scene_id}").json()
    alone = client.get(f"/api/scenes/{block.scene_id}/blocks/{block.pk}/video").json()
    return [alone, *(row["video"] for row in scene["blocks"] if row["id"] == str(block.pk))]


def counted(block: Block, person: User | Client) -> int:
    client = person if isinstance(person, Client) else signed_in(person)
    said = words_of(client.get(reverse("scene_counts", args=[block.scene_id])))
    found = re.search(r"(\d+) out of date", said)
    return int(found[1]) if found else 0


def test_each_edit_is_the_reason_everywhere_and_the_only_one(block, alice, alices, subtests):
    # Catches a page, a counter or a document that has an answer of its own, and a reason nobody gave.
    client = signed_in(alice)
    assert "Out of date" not in client.get(reverse("scene", args=[block.scene_id])).content.decode()
    assert "clip-outdated-title" not in look(client.get(here("clip_video", block))).ids
    assert [document["outdated"] for document in documents(block, alices)] == [[], []]
    for edit, parts, said, told in EDITS:
        with subtests.test(edit.__name__), transaction.atomic():
            edit(Block.objects.get(pk=block.pk))  # what the row holds in memory is changed as well
            is_the_reason_everywhere(block, client, alices, parts, said, told)
            transaction.set_rollback(True)


def is_the_reason_everywhere(block, client, alices, parts, said, told) -> None:
    """Assert what the page, the dialog, the counters and the documents say once an edit is made."""
    page = client.get(reverse("scene", args=[block.scene_id]))
    for answer in (page, client.get(here("block_state", block))):
        assert f"Changed since the clip was made: {said}." in words_of(answer)
    assert 'data-state="stale"' in page.content.decode()
    panel = look(client.get(here("clip_video", block)))
    assert told in panel.text
    assert here("clip_file", block, Video.objects.get().pk) in panel.html  # it still plays
    assert counted(block, client) == 1
    film = client.get(reverse("film", args=[block.scene.film_id])).content.decode()
    assert film.count("<strong>1</strong> out of date") == 2
    for document in documents(block, alices):
        assert [change["what"] for change in document["outdated"]] == parts
        assert all(set(change) == {"what", "was", "is"} for change in document["outdated"])


def test_words_that_are_as_they_were_again_are_no_reason(block, alice):
    change_words(block)
    assert counted(block, alice) == 1
    Block.objects.filter(pk=block.pk).update(text=block.text)
    assert counted(block, alice) == 0


def test_the_same_picture_under_another_name_is_no_reason_and_another_is(block, alice):
    # Catches a picture that is told from another by its name alone.
    block.character.portrait.save("again.png", picture_file((300, 500)))
    assert counted(block, alice) == 0
    block.character.portrait.save("again.png", picture_file((300, 501)))
    assert counted(block, alice) == 1


def test_the_same_settings_again_are_of_the_same_old_words(block, alice, alices):
    # Catches a take of an old prompt that passes for one of the new words.
    change_words(block)
    change_start(block)
    again = actions.queue_again(Video.objects.get(), alice, new_seed=False)
    assert [change["what"] for change in documents(block, alices)[0]["outdated"]] == ["text"]
    assert again.cancel(alice)
    block.refresh_from_db()
    actions.queue_video(block, again.read_spec(), alice)
    assert documents(block, alices)[0]["outdated"] == []


def test_a_row_from_before_the_record_is_never_called_out_of_date_for_words(block, alice, alices):
    Video.objects.update(made_from={}, made_digests={})
    for edit in (change_words, change_look, change_place, change_picture, change_portrait):
        edit(block)
    assert counted(block, alice) == 0
    assert documents(block, alices)[0]["outdated"] == []
    change_start(block)  # which it has always known
    assert [change["what"] for change in documents(block, alices)[0]["outdated"]] == ["startFrame"]


def test_a_generated_frame_knows_what_was_switched_on_and_an_upload_nothing(action, mara, alice, alices):
    frame = queued_frame(action, alice, include_location=False, character_ids=(str(mara.pk),))
    Character.objects.filter(pk=mara.pk).update(description="an old keeper")
    action.scene.location.name = "Cellar"
    action.scene.location.save()
    url = f"/api/scenes/{action.scene_id}/blocks/{action.pk}/frames/start"
    was, now = "Mara: a young keeper in a yellow raincoat", "Mara: an old keeper"
    assert alices.get(url).json()["outdated"] == [{"what": "cast", "was": was, "is": now}]
    assert frame.cancel(alice)
    actions.upload_frame(action, "start", picture_file(), alice)
    Block.objects.filter(pk=action.pk).update(text="Fog.")
    assert alices.get(url).json()["outdated"] == []


def test_a_block_without_a_clip_stands_as_its_frame_does(action, alice):
    # Catches a start frame of other words that is called ready.
    frame = queued_frame(action, alice)
    Frame.objects.filter(pk=frame.pk).update(status="succeeded", is_chosen=True, file="frames/x.png", sha256="x")
    client = signed_in(alice)
    assert 'data-state="frame"' in client.get(here("block_state", action)).content.decode()
    Block.objects.filter(pk=action.pk).update(text="Fog.")
    assert "Changed since the frame was made: the words." in words_of(client.get(here("block_state", action)))
    assert "Since this picture was made, this has changed" in look(client.get(here("clip_start", action))).text


def test_the_prompt_from_the_new_words_is_that_of_a_new_block(action, mara, alice):
    # Catches a prompt for the people who were switched on before, and not for those whom the words name now.
    Block.objects.filter(pk=action.pk).update(text="The lamp turns.")
    action.refresh_from_db()
    queued_frame(action, alice).cancel(alice)
    change = "Mara opens the door."
    Block.objects.filter(pk=action.pk).update(text=change)
    client = signed_in(alice)
    put = look(client.get(here("clip_prompt", action, "start"), {"anew": "1", "include_location": "on"})).ids[
        "clip-script"
    ]
    assert put["data-people"] == str(mara.pk)
    new = Block.objects.create(scene=action.scene, position=7, kind="action", text=change)
    assert look(client.get(here("clip_start", new))).value("prompt") == put["data-script"]
    assert "data-people" not in look(client.get(here("clip_prompt", action, "video"), {"anew": "1"})).ids["clip-script"]


@pytest.mark.parametrize("edit", [change_words, change_start])
def test_the_button_stands_where_new_words_are_and_only_for_who_may_generate(block, alice, bob, edit):
    edit(block)
    button = "clip-update-prompt"
    assert (button in look(signed_in(alice).get(here("clip_video", block))).ids) == (edit is change_words)
    assert button not in look(signed_in(bob).get(here("clip_video", block))).ids


def test_the_pages_take_as_many_queries_for_two_outdated_blocks_as_for_twenty(scene, mara, alice):
    # Catches a query for each block, person or location that is compared.
    def fill(to: int) -> None:
        for number in range(scene.blocks.count(), to):
            who = scene.film.characters.create(name=f"Person {number}", description="a tall figure")
            line = Block.objects.create(
                scene=scene, position=number, kind="dialog", character=who, text=f"Mara? {number}"
            )
            actions.upload_frame(line, "start", picture_file((64, 64)), alice)
            finished_video(line, alice)
        scene.blocks.update(parenthetical=f"louder {to}")

    def queries(path: str) -> int:
        client = signed_in(alice)
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            assert "out of date" in client.get(path).content.decode().lower()
        return len(caught)

    paths = [reverse(name, args=[scene.pk]) for name in ("scene", "scene_counts")]
    paths.append(reverse("film", args=[scene.film_id]))
    fill(2)
    few = [queries(path) for path in paths]
    fill(20)
    assert [queries(path) for path in paths] == few


def test_scenes_of_a_film_are_compared_with_their_own_cast_and_place(block, alice):
    # Catches one scene's location or cast taken for another's.
    other = new_scene(alice, title="Elsewhere")
    line = Block.objects.create(scene=other, position=0, kind="action", text="Rain.")
    actions.upload_frame(line, "start", picture_file(), alice)
    finished_video(line, alice)
    found = boards.boards(list(block.scene.film.scenes.all()))
    assert [board.counts.outdated for board in found] == [0, 0]
    change_place(block)
    found = boards.boards(list(block.scene.film.scenes.all()))
    assert [board.counts.outdated for board in found] == [1, 0]


SCRIPT = (
    "INT. KITCHEN - NIGHT\n\nRain.\n\nMARA\n(softly)\nSit down.\n\nMARA\nIt is late.\n\n"
    "EXT. JETTY - DAWN\n\nThe boat is gone.\n"
)
REVISED = (
    "INT. KITCHEN - NIGHT\n\nRain on the window.\n\nMARA (V.O.)\n(softly)\nSit down.\n\nMARA\nIt is late.\n\n"
    "EXT. PIER - DAWN\n\nThe boat is gone.\n"
)


def test_a_revision_foretells_what_becomes_out_of_date(alice):
    # Catches a count of all that is reworded: of a clip nothing is known of, of what changes no word that it was made
    # from, and without what a new heading changes.
    film = films.begin(alice, "The Kettle")
    revision.apply(revision.bring(film, alice, "kettle.fountain", SCRIPT.encode()))
    blocks = list(Block.objects.filter(scene__film=film).order_by("scene__position", "position"))
    for block in blocks:
        actions.upload_frame(block, "start", picture_file((64, 64)), alice)
        finished_video(block, alice)
    Video.objects.filter(block=blocks[2]).update(made_from={}, made_digests={})
    Block.objects.filter(pk=blocks[2].pk).update(text="It is far too late.")  # the revision writes it back
    brought = revision.bring(film, alice, "kettle.fountain", REVISED.encode())
    client = signed_in(alice)
    page = reverse("film_revision", args=[film.pk, brought.pk])
    assert "4 clips stay. 2 of them become out of date." in words_of(client.get(page))
    revision.apply(brought)
    assert "2 out of date" in words_of(client.get(reverse("film", args=[film.pk])))


def test_the_page_of_a_revision_takes_as_many_queries_for_many_clips(alice):
    # Catches a query for each block, or for each scene that is new.
    def queries(scenes: int) -> int:
        film = films.begin(alice, f"{scenes}")
        pages = [
            f"INT. ROOM {number} - NIGHT\n\nRain {number}.\n\nMARA\nSit down, {number}." for number in range(scenes)
        ]
        revision.apply(revision.bring(film, alice, "a.fountain", "\n\n".join(pages).encode()))
        for block in Block.objects.filter(scene__film=film):
            actions.upload_frame(block, "start", picture_file((64, 64)), alice)
            finished_video(block, alice)
        pages = [
            page.replace("Rain", "Cold rain") + f"\n\nINT. HALL {place} - DAY\n\nFog."
            for place, page in enumerate(pages)
        ]
        brought = revision.bring(film, alice, "b.fountain", "\n\n".join(pages).encode())
        client, page = signed_in(alice), reverse("film_revision", args=[film.pk, brought.pk])
        client.get(page)
        with CaptureQueriesContext(connection) as caught:
            assert "become" in words_of(client.get(page))
        return len(caught)

    assert queries(2) == queries(6)
