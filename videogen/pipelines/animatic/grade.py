"""The light of an hour over a picture that already has its own."""

import numpy as np

from videogen.pipelines.animatic.picture import Light, colour, luminance

# For each hour: how bright a picture of it is at most and at least, and the colours of its shadows and its lights.
_HOURS = {
    "dawn": (0.40, 0.62, "#5d5f94", "#ffd9bd"),
    "day": (0.46, 0.72, "#56708c", "#fff6e2"),
    "dusk": (0.26, 0.48, "#453a75", "#ffb98a"),
    "night": (0.08, 0.27, "#1c2b5c", "#b9c8f5"),
}
_TINT = 0.22


def graded(picture: Light, time: str) -> Light:
    """The picture, gently moved towards the light of that time of day; unchanged where no time is named."""
    if time not in _HOURS:
        return picture
    low, high, shadow, light = _HOURS[time]
    level = max(luminance(picture), 1e-3)
    # Half of the way is enough to read as the hour and keeps what the artist drew.
    wanted = float(np.clip(level, low, high))
    gain = (wanted / level) ** 0.5
    changed = picture ** np.float32(1 / gain) if gain > 1 else picture * np.float32(gain)
    grey = changed.mean(axis=2, keepdims=True)
    tone = colour(shadow) * (1 - grey) + colour(light) * grey
    # A picture that is already of this hour needs no second coat.
    share = np.float32(_TINT * min(abs(level - wanted) / 0.12 + 0.25, 1.0))
    toned = changed + (tone * (0.35 + 0.65 * grey / max(float(grey.max()), 1e-3)) - changed) * share
    return np.asarray(np.clip(toned, 0, 1), dtype=np.float32)


def vignette(picture: Light) -> None:
    """Let the corners and the lower edge fall away a little, in place."""
    height, width = picture.shape[:2]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    away = np.clip((across**2 + down**2 - 0.7) / 1.3, 0, 1) * np.float32(0.22)
    picture *= (1 - away)[..., None]
