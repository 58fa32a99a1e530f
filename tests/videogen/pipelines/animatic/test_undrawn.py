"""What a panel cannot show is named, and nothing else."""

import pytest

from tests.fixtures.panels import frame_spec, nobody, place
from videogen.pipelines.animatic import AnimaticFrame
from videogen.pipelines.animatic.undrawn import undrawn


def test_a_spaceship_in_the_desert_is_named_in_the_notes_of_the_frame():
    """Nothing said so, and a person waited for a second try to show what cannot be shown."""
    drawing = AnimaticFrame().generate(frame_spec("A spaceship lands in the desert."), [place(None)], nobody)
    assert drawing.notes == ("The animatic cannot draw: spaceship, desert. The panel shows the place without them.",)


@pytest.mark.parametrize(
    "words",
    [
        "The wind howls like a wolf.",
        "She dreams of a castle.",
        "No car, no dog.",
        "He unrolls a train map.",
        "The sun goes down behind the hills.",
        "Mara comes down the path in her yellow raincoat, lantern in hand.",
    ],
)
def test_what_only_compares_denies_or_is_known_is_not_named(words):
    assert undrawn(words, ["a lighthouse above a calm sea"]) == ()


def test_what_stands_in_the_place_is_there():
    assert undrawn("The statue looks at two horses.", ["a square with a statue"]) == ("horse",)
