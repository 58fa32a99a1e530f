"""The examples of docs/prompts.md are what the rules really do."""

from itertools import pairwise

from scenes.demo import CHARACTERS, LOCATIONS, STYLE
from tests.fixtures.tree import ROOT
from videogen.prompts.context import Person, PromptContext
from videogen.prompts.structure import structure

DOCUMENT = ROOT / "docs" / "prompts.md"
CAST = {name: Person(name, part.look, part.voice) for name, part in CHARACTERS.items()}
FACTS = {"place": LOCATIONS["The Lighthouse at Gull Rock"], "style": STYLE}
LINE = "Grandpa says it's the last time somebody lights it by hand."


def made(typed: str) -> str:
    if "Tobias" in typed:
        return structure(PromptContext(typed=typed, step="start", cast=(CAST["Old Tobias"],), **FACTS))
    if "Grandpa" in typed:
        wren = CAST["Wren"]
        return structure(PromptContext(typed=typed, step="video", line=LINE, speaker=wren, cast=(wren,), **FACTS))
    return structure(PromptContext(typed=typed, step="video", cast=(CAST["Mara"],), **FACTS))


def test_the_three_pairs_of_the_document_are_what_the_rules_make():
    quoted = [line[2:] for line in DOCUMENT.read_text().splitlines() if line.startswith("> ")]
    pairs = list(pairwise(quoted))[::2]
    assert len(pairs) == 3
    for typed, structured in pairs:
        assert made(typed) == structured
        assert structured != f"{typed} {FACTS['place']} {FACTS['style']}"
