"""The Lighthouse at Gull Rock at dusk: the lamp has just been lit."""

from art.lighthouse.rock import draw_chimney_smoke, draw_rock
from art.lighthouse.sea import draw_jetty, draw_sea
from art.lighthouse.shore import draw_fence, draw_meadow, draw_near
from art.lighthouse.sky import draw_clouds, draw_hills, draw_sky
from art.scenery import Layer, Scenery, painted

# Outside of the grass in the lower corners, below the edge of the cliff and the fence on it.
_GROUND = (
    *((470, 836), (640, 847), (780, 853), (940, 841), (1060, 836), (1150, 832)),
    *((1130, 858), (1080, 885), (560, 885), (500, 868)),
)


def draw() -> Scenery:
    """Draw the layers. The sea's depth grows by 0.3 from the horizon to the foot of the rock."""
    return Scenery(
        layers=(
            Layer("sky", painted(draw_sky), depth=0),
            Layer("far", painted(draw_clouds), depth=0.03),
            Layer("far", painted(draw_hills), depth=0.06),
            Layer("middle", painted(draw_sea), depth=0, near_depth=0.63),
            Layer("middle", painted(draw_rock), depth=0.3),
            Layer("smoke", painted(draw_chimney_smoke), depth=0.3),
            Layer("middle", painted(draw_jetty), depth=0.34),
            Layer("ground", painted(draw_meadow), depth=0.56, near_depth=1),
            Layer("near", painted(draw_fence), depth=0.67),
            Layer("near", painted(draw_near), depth=1),
        ),
        outline=_GROUND,
        person=0.6,
    )
