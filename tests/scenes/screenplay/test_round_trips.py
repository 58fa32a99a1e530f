"""Whole scripts through import, export, import; and our reader beside screenplain, which many programs use."""

import io

import pytest
from screenplain.parsers import fountain as screenplain
from screenplain.types import Action, Dialog, DualDialog, Slug, Transition

from scenes.screenplay import fdx, fountain, normal, reading
from scenes.screenplay.document import Screenplay
from scenes.screenplay.fdx_writer import to_fdx
from scenes.screenplay.fountain_writer import to_fountain
from tests.fixtures.scripts import long_script
from tests.fixtures.tree import ROOT

FOLDER = ROOT / "tests/fixtures/screenplays"
FILES = sorted(path.name for path in FOLDER.iterdir())


def test_all_fixtures_are_there():
    # Catches a file that was not committed, on which the tests below would say nothing.
    assert FILES == [
        "hamlet.fountain",
        "lantern.fdx",
        "lantern.fountain",
        "severnyj.fountain",
        "todai.fountain",
        "untidy.txt",
    ]


@pytest.mark.parametrize("name", [*FILES, "long"])
def test_a_script_survives_both_formats(name):
    # Catches a loss in a whole script, where elements follow each other as writers have them.
    if name == "long":
        script = normal.form(long_script(30))
    else:
        script = reading.read((FOLDER / name).read_bytes(), name).screenplay
    text = to_fountain(script)
    assert fountain.read(text).screenplay == script
    assert fdx.read(to_fdx(script)).screenplay == script
    assert to_fountain(fountain.read(text).screenplay) == text


def test_every_alphabet_gives_its_characters_and_places():
    # Catches names that become action, and places that become text.
    def read(name: str) -> Screenplay:
        return reading.read((FOLDER / name).read_bytes(), name).screenplay

    assert read("severnyj.fountain").characters == ("МАРИЯ", "ПЁТР", "ЄВА")
    assert read("severnyj.fountain").locations == ("КУХНЯ", "ПРИЧАЛ", "ПОЗЖЕ, В ТОМ ЖЕ МЕСТЕ")
    assert read("todai.fountain").characters == ("花子", "太郎")
    assert [scene.place.hour for scene in read("todai.fountain").scenes] == ["夜", "朝"]
    assert read("lantern.fountain").characters == ("MARTA", "JONAS", "THE KEEPER'S VOICE", "CHILD", "McALLISTER")
    assert [scene.heading for scene in read("untidy.txt").scenes] == [
        "INT. WORKSHOP - DAY",
        "EXT. YARD - LATER",
        "int. cellar - night",
    ]


def spoken_and_done(script: Screenplay) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """Headings, spoken lines with their speakers, lines of action, as screenplain writes them."""
    headings = [scene.heading.upper() for scene in script.scenes if scene.heading]
    lines, done = [], []
    for scene in script.scenes:
        for block in scene.blocks:
            for line in filter(str.strip, block.text.split("\n")):
                if block.kind == "dialog":
                    lines.append((block.speaker, line))
                else:
                    done.append(line.removeprefix("> ").removesuffix(" <").upper())
    return headings, lines, done


def by_screenplain(text: str) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    headings, lines, done = [], [], []
    for part in screenplain.parse(io.StringIO(text)):
        if isinstance(part, Slug):
            headings.append(str(part.line))
        elif isinstance(part, Dialog | DualDialog):
            for voice in [part.left, part.right] if isinstance(part, DualDialog) else [part]:
                name = str(voice.character).split("(")[0].strip()
                lines += [(name, str(line)) for aside, line in voice.blocks if not aside and str(line).strip()]
        elif isinstance(part, Action | Transition):
            # what it does not know (a synopsis, a section) it gives as action
            done += [str(line).upper() for line in part.lines if not str(line).startswith("=")]
    return headings, lines, done


@pytest.mark.parametrize("name", ["lantern.fountain", "todai.fountain", "long"])
def test_screenplain_reads_the_same(name):
    # Catches a Fountain of our own that other programs do not understand.
    text = to_fountain(long_script(30)) if name == "long" else (FOLDER / name).read_text()
    assert spoken_and_done(fountain.read(text).screenplay) == by_screenplain(text)
