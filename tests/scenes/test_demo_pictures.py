"""The demo's pictures: their sizes, and locations whose layers cover the frame from wherever a camera looks."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scenes import demo, layers
from scenes.demo.pictures import FOLDER, layers_file_of, picture_of
from scenes.layers import Layer

FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".webp", ".layers"))
FRAME = (1600, 900)
OPAQUE, CLEAR = 254, 8  # alpha


@cache
def opened(path):
    with Image.open(path, formats=["WEBP"]) as image:
        image.load()
        return image


@cache
def layers_of(name):
    return layers.read(layers_file_of(name))


@cache
def alpha_of(layer: Layer):
    return np.array(layer.image.getchannel("A"))


def ground_of(place):
    return next(layer for layer in place.layers if layer.kind == "ground")


def seen(layer: Layer, shift_x=0.0, shift_y=0.0):
    """The alpha of the layer in the frame, moved by parts of the frame's width and height times its depth."""
    width, height = FRAME
    grows = layer.depth_at(1, height) - layer.depth_at(0, height)
    # Where each row of the frame comes from: row = source + shift_y * height * depth_at(source)
    sources = (np.arange(height) - shift_y * height * layer.depth_at(0, height)) / (1 + shift_y * height * grows)
    result, alpha = np.zeros((height, width), np.uint8), alpha_of(layer)
    for row, source in enumerate(sources):
        inside = round(source) - layer.top
        left = round(layer.left + shift_x * width * layer.depth_at(source, height))
        first, last = max(left, 0), min(left + alpha.shape[1], width)
        if 0 <= inside < len(alpha) and first < last:
            result[row, first:last] = alpha[inside, first - left : last - left]
    return result


def uncovered(layers, *shift):
    """How many pixels of the frame are seen through all the layers."""
    through = np.ones(FRAME[::-1], np.float32)
    for layer in layers:
        through *= 1 - seen(layer, *shift).astype(np.float32) / 255
    return int((through > 1 - OPAQUE / 255).sum())


def filled(polygon):
    mask = Image.new("1", FRAME)
    ImageDraw.Draw(mask).polygon([(x * FRAME[0], y * FRAME[1]) for x, y in polygon], fill=1)
    return np.asarray(mask)


def off_the_ground(place, polygon):
    """How many pixels of the polygon are no ground, or ground behind something."""
    inside = filled(polygon)
    free = seen(ground_of(place)) >= OPAQUE
    for nearer in place.layers[place.layers.index(ground_of(place)) + 1 :]:
        free &= seen(nearer) <= CLEAR
    return int((inside & ~free).sum())


def test_all_files_together_are_small_and_each_belongs_to_something():
    assert sum(path.stat().st_size for path in FILES) <= 1_000_000
    known = {picture_of(name) for name in (*demo.LOCATIONS, *demo.CHARACTERS)}
    known |= {layers_file_of(name) for name in demo.LOCATIONS}
    assert set(FILES) == known


def test_only_locations_have_layers_and_only_what_is_in_the_script_has_pictures():
    for name in ("Mara", "Nobody"):
        with pytest.raises(KeyError):
            layers_file_of(name)
    with pytest.raises(KeyError):
        picture_of("Nobody")


@pytest.mark.parametrize("name", demo.CHARACTERS)
def test_a_character_stands_cut_out_on_nothing(name):
    image = opened(picture_of(name))
    assert (image.mode, image.size) == ("RGBA", (800, 1200))
    alpha = np.asarray(image.getchannel("A"))
    assert alpha[0].max() == alpha[:, 0].max() == alpha[:, -1].max() == alpha[-1].max() == 0  # nothing is cut off
    assert 0.1 < (alpha > 128).mean() < 0.6
    assert ((alpha > 8) & (alpha < 247)).any()  # smooth edges


def test_the_child_is_smaller_than_the_others():
    boxes = {name: opened(picture_of(name)).getchannel("A").getbbox() for name in demo.CHARACTERS}
    heights = {name: box[3] - box[1] for name, box in boxes.items()}
    assert heights["Wren"] < 0.9 * min(heights["Mara"], heights["Old Tobias"])


@pytest.mark.parametrize("name", demo.LOCATIONS)
class TestLocation:
    def test_the_flat_picture_is_the_stack_of_its_layers(self, name):
        flat, place = opened(picture_of(name)), layers_of(name)
        assert (flat.mode, flat.size, place.size) == ("RGB", FRAME, FRAME)
        error = np.asarray(place.flat(), np.float32) - np.asarray(flat, np.float32)
        assert 10 * np.log10(255**2 / np.square(error).mean()) > 41  # dB; 42.5 and 42.7, what two lossy files leave

    @pytest.mark.parametrize("shift", [(0, 0), (-0.05, -0.05), (0.05, 0.05), (-0.18, 0.08), (0.18, -0.08)])
    def test_no_camera_looks_through_the_layers(self, name, shift):
        assert uncovered(layers_of(name).layers, *shift) == 0

    def test_a_hole_would_be_noticed(self, name):
        assert uncovered(layers_of(name).layers[1:]) > 10_000

    def test_depth_grows_from_back_to_front(self, name):
        layers = layers_of(name).layers
        upright = [layer.depth for layer in layers if layer.near_depth is None]
        assert upright == sorted(upright)
        assert (upright[0], upright[-1]) == (0, 1)
        assert all(layer.depth < layer.near_depth <= 1 for layer in layers if layer.near_depth is not None)

    def test_people_stand_on_the_ground_and_before_nothing_that_is_nearer(self, name):
        place = layers_of(name)
        assert filled(place.ground.polygon).mean() > 0.015
        assert off_the_ground(place, place.ground.polygon) == 0
        feet = [ground_of(place).depth_at(y * FRAME[1], FRAME[1]) for _, y in place.ground.polygon]
        assert 0 < min(feet) < max(feet) <= 1
        assert 0.4 < place.ground.person < 0.8

    def test_a_place_in_the_water_or_in_the_stove_would_be_noticed(self, name):
        place = layers_of(name)
        assert off_the_ground(place, [(0.15, 0.6), (0.3, 0.6), (0.3, 0.7), (0.15, 0.7)]) > 1000
        assert off_the_ground(place, [(0, 0.9), (0.1, 0.9), (0.1, 1), (0, 1)]) > 1000  # behind grass, behind a basket
