"""A revised script is matched against the scenes and blocks that are there."""

import random
from dataclasses import replace

import pytest

from scenes.screenplay.document import BlockText, SceneText, Screenplay
from scenes.screenplay.likeness import longest_increasing
from scenes.screenplay.matching import OldBlock, OldScene, Plan, match
from scenes.screenplay.words import Piece, differences
from tests.fixtures.scripts import long_script, reworded


def there(screenplay: Screenplay) -> list[OldScene[str]]:
    """The scenes of a screenplay as rows: block 3 of scene 1 has the id "1.3"."""
    return [
        OldScene(
            f"{at}",
            scene.heading,
            scene.title,
            tuple(
                OldBlock(f"{at}.{number}", block.kind, block.text, block.speaker, block.parenthetical, block.extensions)
                for number, block in enumerate(scene.blocks)
            ),
        )
        for at, scene in enumerate(screenplay.scenes)
    ]


def script(*scenes: tuple[str, list[str]]) -> Screenplay:
    """A screenplay of headings and lines; "MARTA: Hello." is spoken."""
    made = []
    for heading, lines in scenes:
        blocks = []
        for line in lines:
            name, colon, said = line.partition(": ")
            blocks.append(BlockText("dialog", said, name) if colon else BlockText("action", line))
        made.append(SceneText(heading, blocks=tuple(blocks)))
    return Screenplay(tuple(made))


def blocks_of(plan: Plan[str]) -> list[list[tuple[str, str | None]]]:
    return [[(block.status, block.old and block.old.id) for block in scene.blocks] for scene in plan.scenes]


PIER = ("EXT. PIER - DAY", ["Rain falls on the pier.", "MARTA: Who goes there tonight?", "JONAS: Only me and the dog."])
ROOM = ("INT. ROOM - NIGHT", ["A lamp burns low beside the bed.", "MARTA: You came back after all."])


def test_the_same_script_is_kept_whole():
    # Catches a match that calls for changes where there are none.
    plan = match(there(script(PIER, ROOM)), script(PIER, ROOM))
    assert [scene.status for scene in plan.scenes] == ["kept", "kept"]
    assert plan.counts == {"kept": 5, "changed": 0, "moved": 0, "new": 0, "gone": 0}


def test_a_scene_that_moved_keeps_its_blocks():
    # Catches a scene that is made anew because its neighbours are others.
    third = ("INT. CAVE - DAY", ["Water drips from the stones.", "INES: Nobody has ever found this place."])
    plan = match(there(script(PIER, ROOM, third)), script(ROOM, third, PIER))
    assert [(scene.status, scene.old.id) for scene in plan.scenes] == [("kept", "1"), ("kept", "2"), ("moved", "0")]
    assert plan.counts["kept"] == 7


def test_a_reworded_line_is_changed_and_a_dropped_one_gone_where_it_stood():
    # Catches a changed line that loses its id, and what is gone at the end of the page.
    heading, (rain, who, only) = PIER
    plan = match(there(script(PIER)), script((heading, [who.replace("goes", "walks"), "A gull laughs.", only])))
    assert blocks_of(plan) == [[("gone", "0.0"), ("changed", "0.1"), ("new", None), ("kept", "0.2")]]
    assert rain not in [block.new.text for block in plan.scenes[0].blocks if block.new]


def test_a_block_that_moved_to_another_scene_is_found():
    # Catches a line whose clip would be lost because it is said elsewhere now.
    heading, (rain, who, only) = PIER
    plan = match(there(script(PIER, ROOM)), script((heading, [rain, who]), (ROOM[0], [*ROOM[1], only])))
    moved = plan.scenes[1].blocks[2]
    assert (moved.status, moved.old.id, moved.from_scene, moved.reworded) == ("moved", "0.2", "0", False)
    assert plan.counts["gone"] == 0


def test_equal_short_lines_are_matched_in_their_order():
    # Catches "Yes." that takes the clip of another "Yes.".
    lines = ["A: Yes.", "B: No.", "A: Yes.", "B: No.", "A: Yes."]
    plan = match(there(script(("INT. A", lines))), script(("INT. A", [*lines[:2], "C: Wait.", *lines[2:]])))
    assert blocks_of(plan) == [
        [("kept", "0.0"), ("kept", "0.1"), ("new", None), ("kept", "0.2"), ("kept", "0.3"), ("kept", "0.4")]
    ]


def test_a_renamed_speaker_keeps_the_lines():
    # Catches a character with a new name whose lines would all be new.
    plan = match(there(script(PIER)), script((PIER[0], [line.replace("MARTA", "HANNA") for line in PIER[1]])))
    assert [block.status for block in plan.scenes[0].blocks] == ["kept", "changed", "kept"]


def test_blocks_that_changed_places_are_moved_with_one_of_them():
    # Catches a whole scene that is called moved because one line went up.
    lines = [f"JONAS: This is the sentence about the {word}." for word in ("rope", "bell", "net", "oar")]
    plan = match(there(script(("INT. A", lines))), script(("INT. A", [lines[3], *lines[:3]])))
    assert blocks_of(plan) == [[("moved", "0.3"), ("kept", "0.0"), ("kept", "0.1"), ("kept", "0.2")]]


def test_another_line_of_the_same_speaker_at_the_same_place_is_changed():
    # Catches a short line in wholly other words, which has nothing to be known by but its place.
    heading, (rain, who, _) = PIER
    old = script((heading, [rain, who, "JONAS: Yes."]), ROOM)
    plan = match(there(old), script((heading, [rain, who, "JONAS: Of course I will."]), ROOM))
    assert blocks_of(plan)[0] == [("kept", "0.0"), ("kept", "0.1"), ("changed", "0.2")]


def test_a_scene_of_2000_blocks_is_matched():
    # Catches a scene that is too long to compare every block with every other, of which most would be new.
    old = long_script(1, 2000)
    chance = random.Random(1)
    numbered = [
        (f"0.{at}", replace(block, text=reworded(block.text, chance)) if at % 2 else block)
        for at, block in enumerate(old.scenes[0].blocks)
    ]
    del numbered[300:400]
    plan = match(there(old), Screenplay((replace(old.scenes[0], blocks=tuple(block for _, block in numbered)),)))
    matched = [block.old and block.old.id for block in plan.scenes[0].blocks if block.new]
    right = sum(found == name for found, (name, _) in zip(matched, numbered, strict=True))
    assert right > 1850


def test_a_scene_that_is_gone_stands_where_it_stood():
    # Catches a scene that vanishes from the page of what will come.
    plan = match(there(script(PIER, ROOM)), script(PIER))
    assert [(scene.status, scene.old.id) for scene in plan.scenes] == [("kept", "0"), ("gone", "1")]
    assert plan.scenes[1].counts["gone"] == 2


def test_a_revision_matches_all_that_is_still_there():
    # Catches, at the size of a film, each way in which a revised script could lose frames and clips: a scene moves,
    # a third of the lines are other words, two are dropped.
    old = long_script(40, 25)
    chance = random.Random(3)
    numbered = [[(f"{at}.{n}", block) for n, block in enumerate(scene.blocks)] for at, scene in enumerate(old.scenes)]
    long_ones = [
        (at, n) for at, scene in enumerate(numbered) for n, (_, block) in enumerate(scene) if len(block.text) > 40
    ]
    changed = chance.sample(long_ones, 1000 // 3)
    for at, n in changed:
        name, block = numbered[at][n]
        numbered[at][n] = (name, replace(block, text=reworded(block.text, chance)))
    dropped = [numbered[5].pop(3)[0], numbered[20].pop(7)[0]]
    scenes = [
        replace(scene, blocks=tuple(block for _, block in blocks))
        for scene, blocks in zip(old.scenes, numbered, strict=True)
    ]
    scenes.insert(30, scenes.pop(10))
    numbered.insert(30, numbered.pop(10))
    plan = match(there(old), Screenplay(tuple(scenes)))
    assert [scene.old.id for scene in plan.scenes if scene.status == "moved"] == ["10"]
    assert [block.old.id for scene in plan.scenes for block in scene.blocks if block.status == "gone"] == dropped
    matched = [[block.old and block.old.id for block in scene.blocks if block.new] for scene in plan.scenes]
    assert matched == [[name for name, _ in scene] for scene in numbered]
    assert plan.counts == {"kept": 1000 - 333 - 2, "changed": 333, "moved": 0, "new": 0, "gone": 2}


def test_nothing_and_everything_can_be_matched():
    # Catches an empty film, an empty scene, and a script of which nothing is left.
    assert match([], script(PIER)).counts["new"] == 3
    assert match(there(script(PIER)), script()).counts["gone"] == 3
    assert match(there(script(("", []))), script(("", []))).counts["new"] == 0


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("I told you.", "I told you.", [Piece("equal", "I told you.")]),
        (
            "I told you.",
            "I warned you.",
            [Piece("equal", "I "), Piece("gone", "told "), Piece("new", "warned "), Piece("equal", "you.")],
        ),
        ("I told you. Twice.", "I told you.", [Piece("equal", "I told you."), Piece("gone", " Twice.")]),
        ("", "New.", [Piece("new", "New.")]),
        ("はいそう", "はい、そう", [Piece("equal", "はい"), Piece("new", "、"), Piece("equal", "そう")]),
    ],
)
def test_differences_are_words(old, new, pieces):
    # Catches differences of letters, which nobody can read, and of whole Japanese sentences.
    assert differences(old, new) == pieces


def test_the_longest_run_is_found():
    # Catches a run that is rising but not the longest, on which "moved" depends.
    assert longest_increasing([3, 0, 1, 5, 2, 4]) == [1, 2, 4, 5]
    assert longest_increasing([]) == []
