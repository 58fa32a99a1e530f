"""Writing in a scene: what each action leaves, what it refuses and in which words, and every step back and forth."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from scenes import actions, history, speakers
from scenes.actions import ChangedMeanwhileError, Place
from scenes.history import HistoryError
from scenes.models import Block, Edit, Scene
from scenes.wording import MOST_BLOCKS, WritingError
from tests.fixtures.scene import film_of, new_scene

pytestmark = pytest.mark.postgres


def script(scene: Scene) -> list[str]:
    """What stands in the scene, in order; the positions are 0, 1, 2 and so on."""
    blocks = list(scene.blocks.order_by("position").select_related("character"))
    assert [block.position for block in blocks] == list(range(len(blocks)))
    return [f"{block.character.name}: {block.text}" if block.character else block.text for block in blocks]


def write(scene: Scene, by, *texts: str) -> list[Block]:
    """Actions at the end of the scene, each a step of its own."""
    return [actions.add_block(scene, by, {"kind": "action", "text": text}, Place()) for text in texts]


def errors(call) -> dict[str, str]:
    with pytest.raises(WritingError) as refused:
        call()
    return refused.value.errors


def fresh(block: Block) -> Block:
    return Block.everything.get(pk=block.pk)


# --- What each leaves ---------------------------------------------------------------------------------------------


def test_a_block_goes_to_the_end_behind_one_or_before_one(scene, alice):
    first, second = write(scene, alice, "1", "2")
    actions.add_block(scene, alice, {"kind": "action", "text": "between"}, Place(after=first.pk))
    actions.add_block(scene, alice, {"kind": "action", "text": "top"}, Place(before=first.pk))
    assert script(scene) == ["top", "1", "between", "2"]
    actions.remove_block(second, alice)
    actions.add_block(scene, alice, {"kind": "action", "text": "where 2 was"}, Place(after=second.pk))
    assert script(scene) == ["top", "1", "between", "where 2 was"]


def test_a_call_sent_again_with_the_same_id_writes_one_block(scene, alice):
    pk = "7d0c6a1e-6f0e-4a52-9a10-0c6d3f9e0b11"
    for _ in range(2):
        block = actions.add_block(scene, alice, {"kind": "action", "text": "Rain."}, Place(), pk)
    assert (str(block.pk), script(scene), Edit.objects.count()) == (pk, ["Rain."], 1)


def test_a_cast_is_found_at_once_however_many_ids_are_sent(scene, mara, django_assert_num_queries):
    # Catches a query for each: one id 50,000 times, a body of 2 MB, kept the scene locked for 45 s.
    scene.characters.add(mara)
    for ids in ([mara.pk], [mara.pk] * 300):
        version = Scene.objects.get(pk=scene.pk).version
        with django_assert_num_queries(6):
            actions.change_scene(scene, version, {"character_ids": ids})
    assert list(scene.characters.all()) == [mara]
    foreign = uuid4()
    sentence = f"“{foreign}” is not in this scene’s film."
    assert errors(lambda: actions.change_scene(scene, version + 1, {"character_ids": [mara.pk, foreign]})) == {
        "character_ids": sentence
    }


def test_a_name_finds_the_character_whatever_its_case_or_makes_one(scene, mara, alice):
    lines = [
        ("MARA", "Mara", ""),
        ("mara (V.O.)", "Mara", "V.O."),
        ("Дуня", "Дуня", ""),
        ("ДУНЯ (O.S.)", "Дуня", "O.S."),
    ]
    for typed, name, extension in lines:
        line = actions.add_block(scene, alice, {"kind": "dialog", "speaker": typed, "text": "Hm."}, Place())
        assert (line.character.name, line.extension) == (name, extension)
    assert sorted(who.name for who in film_of(alice).characters.all()) == ["Mara", "Дуня"]


def names(scene) -> list[str]:
    return list(scene.film.characters.values_list("name", flat=True))


def test_a_name_that_was_a_slip_goes_when_it_is_corrected_and_comes_back_with_undo(scene, mara, alice):
    # Catches a mistyped name that stays in the library, and an Undo that needs it and fails.
    line = actions.add_block(scene, alice, {"kind": "dialog", "speaker": "Wreen", "text": "Hm."}, Place())
    Edit.objects.update(at=timezone.now() - history.ONE_STEP)  # a pause
    line = actions.change_block(line, alice, 1, {"speaker": "Wren"})
    assert names(scene) == ["Mara", "Wren"]
    history.undo(scene, alice)
    assert (names(scene), script(scene)) == (["Mara", "Wreen"], ["Wreen: Hm."])
    history.redo(scene, alice)
    assert (names(scene), script(scene)) == (["Mara", "Wren"], ["Wren: Hm."])
    actions.change_block(line, alice, 4, {"kind": "action"})
    assert names(scene) == ["Mara"]  # whom the library has stays, whether or not anybody speaks as her


def test_a_name_stays_that_is_used_or_has_something_of_its_own(scene, mara, alice):
    # Catches a look, a place in the cast or a line that is lost with a name.
    lines = [
        actions.add_block(scene, alice, {"kind": "dialog", "speaker": who, "text": "Hm."}, Place())
        for who in ("Ann", "Ann", "Bea", "Bea", "Cyd", "Dot", "Eve")
    ]
    actions.remove_block(lines[2], alice)  # it can come back
    scene.film.characters.filter(name="Cyd").update(description="tall")
    scene.characters.add(scene.film.characters.get(name="Dot"))
    scene.film.characters.filter(name="Eve").update(is_typed=False)  # somebody put her into the library
    for line in (lines[0], *lines[3:]):
        actions.change_block(line, alice, 1, {"speaker": "Mara"})
    assert names(scene) == ["Ann", "Bea", "Cyd", "Dot", "Eve", "Mara"]
    Block.everything.filter(pk=lines[2].pk).delete()
    speakers.forget(speakers.left())  # the sweep
    assert names(scene) == ["Ann", "Cyd", "Dot", "Eve", "Mara"]


def test_a_line_becomes_an_action_and_gives_up_what_only_a_line_has(dialog, alice):
    dialog = actions.change_block(dialog, alice, 1, {"parenthetical": "(softly)", "extension": "O.S.", "is_dual": True})
    assert (dialog.parenthetical, dialog.extension, dialog.version) == ("softly", "O.S.", 2)
    action = actions.change_block(dialog, alice, 2, {"kind": "action"})
    assert (action.character, action.parenthetical, action.extension, action.is_dual) == (None, "", "", False)


def test_a_change_to_the_same_is_none(action, alice):
    assert actions.change_block(action, alice, 1, {"text": f" {action.text}\n"}).version == 1
    assert not Edit.objects.exists()


def test_a_split_keeps_kind_and_speaker_and_a_join_puts_it_together(scene, action, dialog, alice):
    dialog = actions.change_block(dialog, alice, 1, {"text": "Who is out there? Speak!"})
    first, second = actions.split_block(dialog, alice, 2, "Who is out there?", "Speak!")
    assert script(scene) == [action.text, "Mara: Who is out there?", "Mara: Speak!"]
    joined = actions.join_blocks(first, second, alice, (first.version, second.version))
    assert (joined.pk, script(scene)) == (dialog.pk, [action.text, "Mara: Who is out there?\nSpeak!"])
    assert fresh(second).removed_at is not None


def test_a_join_keeps_the_notes_of_both_and_undo_parts_them(scene, action, alice):
    # Catches a note of the script that goes, out of the file that is taken home as well, with a block that was joined.
    first, second = write(scene, alice, "One.", "Two.")
    for block, notes in ((first, "Loud?"), (second, "Or soft?")):
        Block.objects.filter(pk=block.pk).update(notes=notes)
    actions.join_blocks(first, second, alice, (first.version, second.version))
    assert fresh(first).notes == "Loud?\n\nOr soft?"
    history.undo(scene, alice)
    assert [fresh(first).notes, fresh(second).notes] == ["Loud?", "Or soft?"]
    history.redo(scene, alice)
    assert fresh(first).notes == "Loud?\n\nOr soft?"


def test_removed_blocks_come_back_where_they_stood(scene, alice):
    one, two, three = write(scene, alice, "1", "2", "3")
    actions.remove_block(two, alice)
    actions.remove_block(one, alice)
    assert script(scene) == ["3"]
    actions.restore_block(one, alice)
    actions.restore_block(fresh(two), alice)
    assert actions.restore_block(fresh(two), alice).removed_at is None
    assert script(scene) == ["1", "2", "3"]
    assert actions.set_order(scene, alice, [three.pk, one.pk, two.pk]) == [three.pk, one.pk, two.pk]
    assert script(scene) == ["3", "1", "2"]


def test_a_removed_scene_comes_back_to_its_place(alice):
    one, *_others = (new_scene(alice, title=title) for title in "123")
    actions.remove_scene(one)
    assert [scene.title for scene in film_of(alice).scenes.all()] == ["2", "3"]
    actions.restore_scene(one)
    assert [scene.title for scene in film_of(alice).scenes.all()] == ["1", "2", "3"]


# --- What is refused ------------------------------------------------------------------------------------------------


def test_what_may_not_be_written_is_named_with_its_value(scene, action, charlie, alice):
    def add(**given):
        return errors(lambda: actions.add_block(scene, alice, {"kind": "dialog", "text": "x", **given}, Place()))

    assert add(text="x" * 10_001, speaker="n" * 300) == {
        "text": "Text may hold 10000 characters; 10001 were given. Shorten it.",
        "speaker": "Name may hold 200 characters; 300 were given. Shorten it.",
    }
    assert add(text=" \n", speaker="Mara")["text"].startswith("Text is empty.")
    assert add(text="a\x00b", speaker="Mara")["text"] == (
        "Text holds a control character (U+0000) at position 2. Remove it."
    )
    assert add(kind="song") == {"kind": "Kind must be dialog or action; “song” was given."}
    assert add(text=7, speaker="Mara") == {"text": "Text must be text; “7” was given."}
    assert add() == {"speaker": "Who speaks? A line of dialog needs a name."}
    assert "An action has no speaker" in add(kind="action", speaker="Mara")["speaker"]
    stranger = film_of(charlie).characters.create(name="Spy")
    assert "is not in this scene’s film" in add(character_id=stranger.pk)["character_id"]
    elsewhere = Block.objects.create(scene=new_scene(charlie, title="Secret"), position=0, kind="action", text="x")
    given = {"kind": "action", "text": "x"}
    assert "is taken" in errors(lambda: actions.add_block(scene, alice, given, Place(), elsewhere.pk))["id"]
    assert set(errors(lambda: actions.add_block(scene, alice, given, Place(after=elsewhere.pk)))) == {"after"}
    assert script(scene) == [action.text]


def test_a_scene_holds_so_many_blocks_and_no_more(scene, alice):
    rows = [Block(scene=scene, position=place, kind="action", text="x") for place in range(MOST_BLOCKS)]
    Block.objects.bulk_create(rows)
    full = {"blocks": f"A scene may have {MOST_BLOCKS} blocks, and this one has them. Go on in a new scene."}
    assert errors(lambda: write(scene, alice, "one more")) == full
    assert errors(lambda: actions.split_block(rows[0], alice, 1, "x", "y")) == full
    gone = actions.remove_block(rows[0], alice)
    write(scene, alice, "in its place")
    assert errors(lambda: actions.restore_block(gone, alice)) == full


def test_an_old_version_is_told_what_stands_there_now(action, alice, bob):
    actions.change_block(action, bob, 1, {"text": "Bob's."})
    with pytest.raises(ChangedMeanwhileError) as refused:
        actions.change_block(action, alice, 1, {"text": "Alice's."})
    assert (refused.value.current.text, refused.value.current.version) == ("Bob's.", 2)
    actions.remove_block(action, bob)
    with pytest.raises(ChangedMeanwhileError, match="removed this block") as refused:
        actions.change_block(action, alice, 2, {"text": "Alice's."})
    assert refused.value.current.removed_at is not None


def test_an_order_with_a_missing_a_foreign_or_a_doubled_id_names_it(scene, action, dialog, charlie, alice):
    foreign = Block.objects.create(scene=new_scene(charlie, title="Secret"), position=0, kind="action", text="x")
    for wrong, named in (([action.pk], dialog.pk), ([action.pk, dialog.pk, foreign.pk], foreign.pk)):
        with pytest.raises(ChangedMeanwhileError, match=str(named)):
            actions.set_order(scene, alice, wrong)
    assert str(action.pk) in errors(lambda: actions.set_order(scene, alice, [action.pk, action.pk]))["block_ids"]
    assert not Edit.objects.exists()


def test_a_scene_changes_once_for_each_version(scene, charlie):
    assert actions.change_scene(scene, 1, {"title": "New", "location_id": None}).version == 2
    with pytest.raises(ChangedMeanwhileError) as refused:
        actions.change_scene(scene, 1, {"title": "Old"})
    assert refused.value.current.title == "New"
    stranger = film_of(charlie).characters.create(name="Spy")
    assert set(errors(lambda: actions.change_scene(scene, 2, {"character_ids": [stranger.pk]}))) == {"character_ids"}
    assert set(errors(lambda: actions.change_scene(scene, 2, {"title": " ", "heading": "h" * 301}))) == {
        "title",
        "heading",
    }


# --- Steps back and forth -------------------------------------------------------------------------------------------


def test_every_kind_of_step_is_taken_back_and_taken_again(scene, mara, alice):
    def steps():
        one, two, three = write(scene, alice, "1", "2", "3")
        yield
        actions.change_block(two, alice, 1, {"kind": "dialog", "speaker": "Tobias", "text": "Two."})
        yield
        actions.split_block(fresh(three), alice, 1, "3a", "3b")
        yield
        actions.join_blocks(one, fresh(two), alice, (1, 2), "1 2")
        yield
        actions.set_order(scene, alice, [block.pk for block in scene.blocks.order_by("-position")])
        yield
        actions.remove_block(fresh(three), alice)
        yield
        actions.restore_block(fresh(three), alice)
        yield

    seen = [script(scene) for _ in steps()]
    for before in reversed(seen[:-1]):
        history.undo(scene, alice)
        assert script(scene) == before
    for _ in range(3):
        history.undo(scene, alice)
    assert script(scene) == []
    with pytest.raises(HistoryError, match="nothing of yours to undo"):
        history.undo(scene, alice)
    for _ in range(3):
        history.redo(scene, alice)
    for after in seen[1:]:
        history.redo(scene, alice)
        assert script(scene) == after
    with pytest.raises(HistoryError, match="nothing of yours to do again"):
        history.redo(scene, alice)


def test_changes_of_one_step_are_undone_and_done_again_together(scene, alice):
    # Catches a page that was pasted and takes as many Undos as it has blocks, and one that comes back in another order.
    block, _end = write(scene, alice, "One. Two.", "The end.")
    step = uuid4()
    first, last = actions.split_block(block, alice, 1, "One.", "Two.", step=step)
    place = first.pk
    for text in ("Fog.", "More fog."):
        new = actions.add_block(scene, alice, {"kind": "action", "text": text}, actions.Place(after=place), step=step)
        place = new.pk
    actions.change_block(last, alice, 1, {"text": "Two, then."}, step=step)
    after = script(scene)
    assert after == ["One.", "Fog.", "More fog.", "Two, then.", "The end."]
    for _twice in range(2):
        history.undo(scene, alice)
        assert script(scene) == ["One. Two.", "The end."]
        history.redo(scene, alice)
        assert script(scene) == after
    actions.change_block(fresh(first), alice, fresh(first).version, {"text": "One!"}, step=uuid4())
    history.undo(scene, alice)
    assert script(scene) == after


def test_typing_on_in_a_block_is_one_step_until_the_person_pauses(scene, alice, time_machine):
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    (block,) = write(scene, alice, "R")
    for version, text in enumerate(("Ra", "Rain", "Rain."), 1):
        block = actions.change_block(block, alice, version, {"text": text})
    time_machine.shift(timedelta(minutes=2))
    block = actions.change_block(block, alice, 4, {"text": "Rain. More."})
    history.undo(scene, alice)
    assert script(scene) == ["Rain."]
    history.undo(scene, alice)
    assert script(scene) == []


def test_new_writing_ends_what_could_be_done_again(scene, alice):
    write(scene, alice, "1", "2")
    history.undo(scene, alice)
    assert history.can_step(scene, alice) == (True, True)
    write(scene, alice, "3")
    assert history.can_step(scene, alice) == (True, False)
    assert script(scene) == ["1", "3"]


def test_a_step_that_somebody_wrote_over_is_left_and_the_one_before_is_next(scene, alice, bob):
    _one, two = write(scene, alice, "1", "2")
    actions.change_block(two, bob, 1, {"text": "Bob's 2"})
    with pytest.raises(HistoryError, match="“2” was changed meanwhile") as refused:
        history.undo(scene, alice)
    assert refused.value.code == "changed_meanwhile"
    history.undo(scene, alice)
    assert script(scene) == ["Bob's 2"]
    history.undo(scene, bob)
    assert script(scene) == ["2"]


def test_blocks_of_others_stay_where_they_are_when_an_order_is_taken_back(scene, alice, bob):
    one, two = write(scene, alice, "1", "2")
    actions.set_order(scene, alice, [two.pk, one.pk])
    actions.add_block(scene, bob, {"kind": "action", "text": "Bob's"}, Place(after=two.pk))
    history.undo(scene, alice)
    assert script(scene) == ["1", "Bob's", "2"]


def test_a_step_back_moves_the_version_so_that_nobody_writes_over_it(scene, action, alice, bob):
    actions.change_block(action, alice, 1, {"text": "Mine."})
    history.undo(scene, alice)
    with pytest.raises(ChangedMeanwhileError):
        actions.change_block(action, bob, 2, {"text": "Bob's."})


def test_a_speaker_who_is_gone_comes_back_with_the_line(scene, action, dialog, mara, alice):
    actions.change_block(dialog, alice, 1, {"speaker": "Tobias"})
    scene.characters.clear()
    mara.delete()
    history.undo(scene, alice)
    assert script(scene) == [action.text, "Mara: Who is out there?"]


# --- What it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 40])
def test_saving_takes_as_many_queries_however_long_the_scene(scene, alice, count, django_assert_num_queries):
    block, *_rest = write(scene, alice, *(f"Line {number}" for number in range(count)))
    # begin, scene, block, the last step, save, the new step, commit
    with django_assert_num_queries(7):
        actions.change_block(block, alice, 1, {"text": "Changed."})
    with django_assert_num_queries(7):
        actions.change_block(block, alice, 2, {"text": "Changed again."})


def test_old_steps_are_forgotten(scene, alice):
    write(scene, alice, "1")
    assert history.forget(timezone.now() - timedelta(days=30)) == 0
    assert history.forget(timezone.now()) == 1
