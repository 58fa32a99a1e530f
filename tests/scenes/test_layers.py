"""A picture in layers: the file gives back what was written, and a foreign file is refused in words."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from scenes.layers import Ground, Layer, Layers, LayersError, read, write


def noise(width: int, height: int, seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    pixels[: height // 2, :, 3] = 0  # colours under nothing, which must come back too
    return Image.fromarray(pixels, "RGBA")


def test_a_file_gives_back_every_pixel_and_every_word():
    """A lossy or premultiplied layer would make a clip begin on another picture than its frame."""
    given = Layers(
        (64, 36),
        (
            Layer("sky", noise(80, 40, 1), -8, -2),
            Layer("ground", noise(64, 20, 2), 0, 16, depth=0.5, near_depth=1),
            Layer("figure", noise(10, 30, 3), 20.5, 3, depth=0.8, figure="someone", mirrored=True),
        ),
        Ground(((0.1, 0.9), (0.9, 0.9), (0.5, 1.0)), 0.55),
        {"hour": "dusk", "seed": 7},
    )
    file = BytesIO()
    write(given, file)
    back = read(file)
    assert (back.size, back.ground, back.made) == (given.size, given.ground, given.made)
    for was, now in zip(given.layers, back.layers, strict=True):
        assert np.array_equal(np.asarray(was.image), np.asarray(now.image))
        assert (was.kind, was.left, was.top, was.depth, was.near_depth) == (
            now.kind, now.left, now.top, now.depth, now.near_depth,
        )  # fmt: skip
        assert (was.figure, was.mirrored) == (now.figure, now.mirrored)
    assert np.array_equal(np.asarray(back.flat()), np.asarray(given.flat()))


def test_flat_stacks_layers_where_they_stand():
    red, blue = Image.new("RGBA", (8, 8), "red"), Image.new("RGBA", (4, 4), "blue")
    flat = Layers((6, 6), (Layer("sky", red, -1, -1), Layer("near", blue, -2, 4))).flat()
    assert [flat.getpixel(at) for at in ((0, 0), (0, 4), (1, 5), (2, 5))] == [
        (255, 0, 0), (0, 0, 255), (0, 0, 255), (255, 0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"PK no archive", b"\x89PNG\r\n\x1a\n"])
def test_a_file_of_another_kind_is_refused_in_words(data: bytes):
    with pytest.raises(LayersError, match="no picture in layers"):
        read(BytesIO(data))
