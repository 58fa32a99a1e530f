"""The demo's pictures: drawn by script, always the same, small and in their promised sizes."""

from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from scenes import demo_art

NAMES = [*demo_art.LOCATIONS, *demo_art.CHARACTERS]


@cache
def drawn(name: str) -> Image.Image:
    return demo_art.draw(name)


@pytest.mark.parametrize("name", demo_art.LOCATIONS)
def test_a_location_is_a_full_picture(name):
    assert (drawn(name).mode, drawn(name).size) == ("RGB", (1600, 900))
    assert np.asarray(drawn(name)).std() > 20


@pytest.mark.parametrize("name", demo_art.CHARACTERS)
def test_a_character_stands_cut_out_on_nothing(name):
    image = drawn(name)
    assert (image.mode, image.size) == ("RGBA", (800, 1200))
    alpha = np.asarray(image.getchannel("A"))
    assert alpha[0].max() == alpha[:, 0].max() == alpha[:, -1].max() == alpha[-1].max() == 0  # nothing is cut off
    assert 0.1 < (alpha > 128).mean() < 0.6
    assert ((alpha > 8) & (alpha < 247)).any()  # smooth edges


def test_the_child_is_smaller_than_the_others():
    tall = {name: drawn(name).getbbox() for name in demo_art.CHARACTERS}
    heights = {name: box[3] - box[1] for name, box in tall.items()}
    assert heights["Wren"] < 0.9 * min(heights["Mara"], heights["Old Tobias"])


def test_drawing_again_gives_the_same_bytes():
    assert demo_art.draw("Wren").tobytes() == drawn("Wren").tobytes()


def test_the_files_are_small_and_readable():
    total = 0
    for name in NAMES:
        file_name, data = demo_art.encoded(name)
        total += len(data)
        assert file_name.isascii()
        assert file_name.endswith(".webp")
        with Image.open(BytesIO(data), formats=["WEBP"]) as image:
            assert image.size == drawn(name).size
            assert (image.mode == "RGBA") == (name in demo_art.CHARACTERS)
    assert total < 600_000


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        demo_art.draw("Nobody")
