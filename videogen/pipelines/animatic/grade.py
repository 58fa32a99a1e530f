"""The light of an hour over a picture that already has its own."""

import numpy as np

from videogen.pipelines.animatic.picture import Light, luminance

# For each hour: how bright a picture of it is at least and at most, and what its shadows and its lights are
# multiplied with.
_HOURS = {
    "dawn": (0.38, 0.62, (0.96, 0.95, 1.10), (1.06, 1.00, 0.97)),
    "day": (0.46, 0.74, (1.00, 1.01, 1.03), (1.04, 1.02, 0.97)),
    "dusk": (0.24, 0.48, (0.98, 0.90, 1.14), (1.10, 0.96, 0.88)),
    "night": (0.06, 0.22, (0.66, 0.80, 1.20), (0.84, 0.93, 1.12)),
}
_GREY = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def graded(picture: Light, time: str) -> Light:
    """The picture, gently moved towards the light of that time of day; unchanged where no time is named."""
    if time not in _HOURS:
        return picture
    low, high, shadow, light = _HOURS[time]
    level = max(luminance(picture), 1e-3)
    wanted = float(np.clip(level, low, high))
    # A good half of the way reads as the hour and keeps what the artist drew.
    gain = np.float32((wanted / level) ** 0.65)
    grey = (picture @ _GREY)[..., None]
    # Lamps, windows and the moon keep their light when everything around them grows dark.
    bright = np.clip((grey - 0.62) / 0.33, 0, 1)
    darker = gain + (1 - gain) * bright * np.float32(0.8)
    changed = picture ** (1 / gain) if gain > 1 else picture * darker
    share = np.clip(grey * np.float32(1.6), 0, 1)
    tint = np.array(shadow, np.float32) * (1 - share) + np.array(light, np.float32) * share
    # A picture that is of this hour already needs no second coat.
    strength = np.float32(0.35 + 0.65 * min(abs(level - wanted) / 0.12, 1.0)) * (1 - np.float32(0.6) * bright)
    return np.asarray(np.clip(changed * (1 + (tint - 1) * strength), 0, 1), dtype=np.float32)


def vignette(picture: Light) -> None:
    """Let the corners fall away a little, in place."""
    height, width = picture.shape[:2]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    away = np.clip((across**2 + down**2 - 0.7) / 1.3, 0, 1) * np.float32(0.2)
    picture *= (1 - away)[..., None]
