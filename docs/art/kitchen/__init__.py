"""The Keeper's Kitchen at night: rain on the window, a fire in the stove, the cat asleep."""

from art.kitchen.floor import draw_floor
from art.kitchen.furniture import draw_basket, draw_cat, draw_chair, draw_lamp, draw_mug_steam, draw_table
from art.kitchen.light import lit
from art.kitchen.stove import draw_kettle_steam, draw_stove
from art.kitchen.wall import draw_wall
from art.kitchen.window import draw_night, draw_window
from art.scenery import Layer, Scenery, painted

# Before the stove, around the cat, as far as the chair and the table.
_GROUND = (
    *((230, 712), (560, 700), (960, 700), (985, 790), (1090, 800), (1060, 885)),
    *((720, 885), (695, 715), (488, 715), (470, 885), (240, 885)),
)


def draw() -> Scenery:
    """Draw the layers.

    Depth is 0 at the row where the boards of the floor meet, and grows evenly to 1 at the frame's lower edge.
    """
    return Scenery(
        layers=(
            Layer("far", painted(draw_night), depth=0),
            Layer("middle", lit(painted(draw_wall, draw_window)), depth=0.68),
            Layer("ground", lit(painted(draw_floor)), depth=0.68, near_depth=1),
            Layer("near", lit(painted(draw_stove)), depth=0.7),
            Layer("smoke", lit(painted(draw_kettle_steam)), depth=0.7),
            Layer("near", lit(painted(draw_chair, draw_table, draw_cat)), depth=0.86),
            Layer("smoke", lit(painted(draw_mug_steam)), depth=0.86),
            Layer("near", painted(draw_lamp), depth=0.86),
            Layer("near", lit(painted(draw_basket)), depth=1),
        ),
        outline=_GROUND,
        person=0.61,
    )
