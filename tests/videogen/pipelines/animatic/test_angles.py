"""Low and high angles: where the horizon is, how people are foreshortened, and that nothing is cut or floats for it."""

import cv2
import numpy as np
import pytest
from PIL import Image

from scenes.layers import Layer
from tests.fixtures.staged import (
    KITCHEN,
    LIGHTHOUSE,
    SIZE,
    character,
    drawn,
    figures_of,
    location,
    solid,
)
from videogen.pipelines.animatic.angles import rise_of, seen_at
from videogen.pipelines.animatic.figures import Figure, Kind
from videogen.pipelines.animatic.framing import Camera, Stage
from videogen.pipelines.animatic.sheet import fitted_sheets
from videogen.pipelines.animatic.standpoint import Standpoint

ANGLES = ("Low angle, ", "", "High angle, ")


def horizon(drawing):
    """The row of the frame where the ground would end."""
    camera = drawing.layers.made["camera"]
    return (camera["vanish"][1] - camera["centre"][1]) * camera["zoom"] + SIZE["height"] / 2


@pytest.mark.parametrize("where", [LIGHTHOUSE, KITCHEN])
@pytest.mark.parametrize("size", ["full", "wide"])
def test_the_horizon_is_low_on_people_from_below_and_high_from_above(where, size):
    # Catches an angle that only moves the picture: heads and feet would keep their distance to the horizon.
    shares = []
    for angle in ANGLES:
        drawing = drawn(f"{angle}{size} shot.", character("Mara"), location(where))
        _left, top, _right, foot = solid(figures_of(drawing)[0])
        shares.append((foot - horizon(drawing)) / (foot - top))
    assert shares[0] < 0.8 * shares[1] < 0.8 * shares[2] / 1.2


@pytest.mark.parametrize("where", [LIGHTHOUSE, KITCHEN])
@pytest.mark.parametrize("size", ["full", "wide", "extreme wide"])
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
@pytest.mark.parametrize("angle", ["Low", "High"])
def test_from_every_angle_heads_and_feet_are_in_the_frame_and_feet_on_the_ground(where, size, seed, angle):
    # Catches people who float or stand in the water because the ground lies elsewhere, and heads cut for the effect.
    people = character("Mara"), character("Old Tobias")
    drawing = drawn(f"{angle} angle, {size} shot.", location(where), *people, seed=seed)
    polygon = np.array(drawing.layers.ground.polygon) * (SIZE["width"], SIZE["height"])
    for layer in figures_of(drawing):
        left, top, right, foot = solid(layer)
        assert top >= 0
        assert foot <= SIZE["height"]
        on = cv2.pointPolygonTest(polygon.astype(np.float32).reshape(-1, 1, 2), ((left + right) / 2, float(foot)), True)
        assert on > -0.03 * SIZE["height"]


@pytest.mark.parametrize("where", [LIGHTHOUSE, KITCHEN])
@pytest.mark.parametrize("size", ["", "full shot", "wide shot", "medium shot", "close-up", "over the shoulder"])
@pytest.mark.parametrize("angle", ["Low", "High"])
def test_from_every_angle_the_place_fills_the_frame(where, size, angle):
    # Catches the black beyond a place that a lowered or raised camera looks at, in the frame or through its window.
    for people in ((), (character("Mara"), character("Old Tobias"))):
        stack = drawn(f"{angle} angle, {size}.", location(where), *people).layers
        seen = np.zeros((SIZE["height"], SIZE["width"]), np.uint8)
        for layer in stack.layers:
            if layer.kind not in ("weather", "light"):
                _lay_alpha(seen, layer)
        assert (seen < 250).mean() < 0.0005


def _lay_alpha(seen: np.ndarray, layer: Layer) -> None:
    left, top = round(layer.left), round(layer.top)
    alpha = np.asarray(layer.image.getchannel("A"))[max(-top, 0) :, max(-left, 0) :]
    part = seen[max(top, 0) :, max(left, 0) :][: alpha.shape[0], : alpha.shape[1]]
    np.maximum(part, alpha[: part.shape[0], : part.shape[1]], out=part)


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_nearer_to_the_camera_is_larger_and_the_head_is_where_it_is_said_to_be(whole):
    # Catches people pasted upright into a place that is seen from elsewhere, and a near shot that frames a head amiss.
    image = Image.new("RGBA", (200, 600), "#c03020")
    image.paste((0, 0, 0, 0), (0, 0, 60, 150))
    image.paste((0, 0, 0, 0), (140, 0, 200, 150))
    plain = Figure(image, Kind.FULL, 1.0, 0, speaking=False, head=(0.5, 0.2, 0.25))
    below, above = (seen_at(plain, angle, whole=whole) for angle in (-1, 1))
    shares = [_wide(each, 0.02) / _wide(each, 0.98) for each in (below, plain, above)]
    assert shares[0] < 0.85 * shares[1] < 0.85**2 * shares[2]
    for each in (below, above):
        middle, half, chin = each.head
        assert _wide(each, chin - 0.01) == pytest.approx(2 * half * each.picture.width, abs=5)
        assert _wide(each, chin + 0.02) > 3 * half * each.picture.width
        assert middle == pytest.approx(0.5, abs=0.01)


def _wide(one: Figure, part: float) -> int:
    """How wide a figure is at a part of its height."""
    row = np.asarray(one.picture)[round(part * (one.picture.height - 1)), :, 3]
    return int((row > 128).sum())


@pytest.mark.parametrize("where", [LIGHTHOUSE, KITCHEN])
def test_a_clip_finds_the_place_of_a_raised_camera_where_the_panel_drew_it(where):
    # Catches a clip from one angle to another whose ground slides under the feet.
    place = location(where).layers
    stage = Stage.of(place)
    size = SIZE["width"], SIZE["height"]
    panel = drawn("High angle, full shot.", character("Mara"), location(where)).layers
    stand = Standpoint.of(panel, size)
    assert stand is not None
    camera = Camera(stage, size, stand.zoom, stand.centre, stand.dolly, rise_of(stage, 1))
    assert stand.rise == camera.rise != 0
    for sheet in fitted_sheets(panel, size):
        if sheet.kind == "ground":
            depth, grows = stand.plane_of(sheet)
            ground = next(layer for layer in place.layers if layer.kind == "ground")
            own = (ground.near_depth - ground.depth) / (place.size[1] - ground.top)
            assert grows == pytest.approx(own, rel=0.02)
            point = np.array([900.0, 870.0, 1.0])
            there = stand.matrix((depth, grows)) @ point
            assert there[:2] / there[2] == pytest.approx(camera.seen(900, 870, ground.depth_at(870, 900)), abs=2)
