"""People who sit: lower than who stands, on something, with their head and feet where they were."""

import numpy as np
import pytest

from tests.fixtures.staged import KITCHEN, LIGHTHOUSE, SIZE, character, drawn, location, solid
from tests.fixtures.staged import figures_of as people_in
from videogen.pipelines.animatic.directions import read_directions
from videogen.pipelines.animatic.figures import figure


@pytest.mark.parametrize("where", [LIGHTHOUSE, KITCHEN])
@pytest.mark.parametrize("shot", ["Full shot", "Wide shot", "High angle, full shot"])
def test_who_sits_is_lower_on_a_block_and_whole(where, shot):
    # Catches somebody who sits drawn standing, hanging in the air, without a head, or as a short person.
    stands, sits = (drawn(f"{shot}. Mara {does}.", location(where), character("Mara")) for does in ("waits", "sits"))
    (_, tall, _, foot), (left, top, right, low) = (solid(people_in(each)[0]) for each in (stands, sits))
    assert 0.7 < (low - top) / (foot - tall) < 0.95
    assert top >= 0
    assert low <= SIZE["height"]
    assert low == pytest.approx(foot, abs=0.06 * SIZE["height"])
    assert sits.notes == ()
    # The block is wider than the boots before it, and as dark on both sides of them.
    layer = people_in(sits)[0]
    row = np.asarray(layer.image)[round(low - 0.12 * (low - top) - layer.top)]
    there = np.flatnonzero(row[:, 3] > 200)
    assert np.ptp(there) > 0.9 * (right - left) - 4
    assert np.abs(row[there[3], :3].astype(int) - row[there[-4], :3]).max() < 12


def test_who_sits_beside_somebody_standing_is_seen_with_them_and_who_kneels_is_told_of():
    # Catches a shot that is made near for one who sits, and a word that nothing shows and nobody mentions.
    both = drawn("Mara stands on the left. Wren sits.", location(KITCHEN), character("Mara"), character("Wren"))
    assert both.layers.made["shot"] == "full"
    assert len(people_in(both)) == 2
    (note,) = drawn("Full shot. Mara kneels.", location(KITCHEN), character("Mara")).notes
    assert "for who kneels" in note


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("Mara and Wren sit.", (True, True)),
        ("Mara, little Wren and old Tobias sit by the stove.", (True, True, True)),
        ("Mara and Wren look up, and Old Tobias sits.", (False, False, True)),
        ("Mara sits and Wren stands.", (True, False)),
        ("Mara enters. Wren watches her and sits.", (False, True)),
    ],
)
def test_what_is_said_of_two_at_once_is_said_of_both(words, who):
    # Catches a verb that only the last of its names is drawn with, and one that a name before another verb gets.
    people = [figure(character(name)) for name in ("Mara", "Wren", "Old Tobias")[: len(who)]]
    assert tuple(part.sits for part in read_directions(words, people).parts) == who
