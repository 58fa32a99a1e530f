"""What the parts of the lighthouse's picture share: where the light comes from, and its colours."""

HORIZON = 548  # y of the line between sky and sea
SUN = 520  # x of the setting sun
LAMP = (1146, 168)
WARM = "#ff9d4d"
DARK = "#2b2748"
