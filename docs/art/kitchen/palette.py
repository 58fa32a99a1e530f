"""What the parts of the kitchen's picture share."""

FLOOR = 650  # y of the line between wall and floor
VANISHING = (820, 120)  # where the boards of the floor meet; depth is 0 there and 1 at the frame's lower edge
WOOD, WOOD_DARK, WOOD_LIGHT = "#8a5a3c", "#51322c", "#c98a52"
FIRE, LAMP = "#ff8a3a", "#ffcf7d"
SHADE = "#160f18"
