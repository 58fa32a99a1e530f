"""How long a script of 120 pages takes to be read, written and matched, each beside another way to do it.

    python -m benchmarks.screenplay

Reading stands beside screenplain. Matching stands beside the ratio of difflib for every pair of an old and a new block,
of which a part is measured and the rest calculated. Prints a table; ends with 1 where a limit of the manual is passed.
"""

import difflib
import io
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from screenplain.parsers import fountain as screenplain

from scenes.screenplay import reading
from scenes.screenplay.document import Screenplay
from scenes.screenplay.fdx_writer import to_fdx
from scenes.screenplay.fountain_writer import to_fountain
from scenes.screenplay.matching import OldBlock, OldScene, match
from tests.fixtures.scripts import long_script, reworded

READ_SECONDS = 3.0
MATCH_SECONDS = 2.0
SAMPLE = 15  # old blocks that difflib compares with all new ones
JUNK = "[[" * 5_000


def seconds(what: Callable[[], object], times: int = 5) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def rows(script: Screenplay) -> list[OldScene[str]]:
    """The scenes of a script as the database would give them."""
    return [
        OldScene(
            str(at),
            scene.heading,
            scene.title,
            tuple(
                OldBlock(f"{at}.{number}", block.kind, block.text, block.speaker, block.parenthetical, block.extensions)
                for number, block in enumerate(scene.blocks)
            ),
        )
        for at, scene in enumerate(script.scenes)
    ]


def revised(script: Screenplay) -> Screenplay:
    """A script of which one scene moved and a third of the blocks have other words."""
    chance = random.Random(1)
    scenes = [
        replace(
            scene,
            blocks=tuple(
                replace(block, text=reworded(block.text, chance)) if chance.random() < 1 / 3 else block
                for block in scene.blocks
            ),
        )
        for scene in script.scenes
    ]
    scenes.insert(80, scenes.pop(10))
    return Screenplay(tuple(scenes))


def all_pairs(old: Screenplay, new: Screenplay) -> float:
    """Seconds that difflib would take for every pair of blocks."""
    before = [block.text for scene in old.scenes for block in scene.blocks]
    after = [block.text for scene in new.scenes for block in scene.blocks]
    sample = before[:: len(before) // SAMPLE]
    began = time.perf_counter()
    for text in sample:
        for other in after:
            difflib.SequenceMatcher(None, text, other).ratio()
    return (time.perf_counter() - began) * len(before) / len(sample)


def main() -> int:
    script = long_script()
    text, final_draft = to_fountain(script), to_fdx(script)
    revision, there = revised(script), rows(script)
    read = seconds(lambda: reading.read(text.encode(), "a.fountain"))
    read_fdx = seconds(lambda: reading.read(final_draft, "a.fdx"))
    theirs = seconds(lambda: screenplain.parse(io.StringIO(text)))
    junk = seconds(lambda: reading.read(f"INT. A\n\n{JUNK}".encode(), "a.txt"))
    junk_theirs = seconds(lambda: screenplain.parse(io.StringIO(f"INT. A\n\n{JUNK}")), times=1)
    matched = seconds(lambda: match(there, revision))
    pairs = all_pairs(script, revision)
    print(f"{len(script.scenes)} scenes, 3,000 blocks, {len(text):,} characters; median of five, seconds")
    for name, ours, other, beside in (
        ("read Fountain", read, theirs, "screenplain"),
        (f"read {len(JUNK):,} brackets", junk, junk_theirs, "screenplain"),
        ("match a revision", matched, pairs, "difflib, all pairs"),
    ):
        print(f"{name:22}{ours:8.3f}   {beside} {other:.3f}, ratio {other / ours:.2f}")
    print(f"{'read Final Draft':22}{read_fdx:8.3f}")
    print(f"{'write Fountain':22}{seconds(lambda: to_fountain(script)):8.3f}")
    print(f"{'write Final Draft':22}{seconds(lambda: to_fdx(script)):8.3f}")
    print(f"matched: {match(there, revision).counts}")
    return int(max(read, read_fdx) > READ_SECONDS or matched > MATCH_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
