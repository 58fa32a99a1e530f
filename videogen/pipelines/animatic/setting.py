"""What the words of a prompt say about the time of day, the place and the weather, and the light that goes with it."""

import re
from dataclasses import dataclass

_TIMES = {
    "dawn": r"dawn|sunrise|daybreak|first light|early morning",
    "dusk": r"dusk|sunset|sundown|twilight|evening|golden hour|nightfall|last light",
    "night": r"night|nights|nighttime|midnight|moonlight|moonlit|starlight|after dark",
    "day": r"day|daylight|daytime|noon|midday|morning|afternoon|sunny|sunlight|sunlit",
}
_PLACES = {
    "room": r"room|kitchen|interior|indoors|inside|house|cottage|hall|office|bedroom|cabin|parlour|living room"
    r"|attic|cellar|study|library|shop|bar|pub|restaurant|corridor|hallway|apartment|flat",
    "sea": r"sea|seaside|ocean|beach|coast|shore|harbou?r|lighthouse|cliffs?|island|boat|ship|waves?|bay"
    r"|jetty|quay|pier",
    "forest": r"forests?|woods?|woodland|trees?|jungle|pines?|grove|clearing|glade",
    "street": r"streets?|city|town|road|alley|avenue|square|market|downtown|rooftops?|village"
    r"|pavement|sidewalk|building",
}
_WEATHERS = {
    "snow": r"snow|snowing|snowy|snowfall|snowflakes?|blizzard",
    "rain": r"rain|raining|rainy|downpour|drizzle|storm|stormy|thunderstorm",
    "fog": r"fog|foggy|mist|misty|haze|hazy",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Time of day ("" where no word names one), place and weather ("" for clear)."""

    time: str
    place: str
    weather: str


def read_setting(*texts: str) -> Setting:
    """What the first of the texts that says anything about each of them says; a place unnamed is open hills."""
    return Setting(
        time=_first(_TIMES, texts, "") or _heading(texts),
        place=_first(_PLACES, texts, "hills"),
        weather=_first(_WEATHERS, texts, ""),
    )


def _first(kinds: dict[str, str], texts: tuple[str, ...], otherwise: str) -> str:
    for text in texts:
        found = [
            (match.start(), kind)
            for kind, words in kinds.items()
            if (match := re.search(rf"\b(?:{words})\b", text.lower()))
        ]
        if found:
            return min(found)[1]
    return otherwise


def _heading(texts: tuple[str, ...]) -> str:
    # Some hours are told by what lights the scene.
    joined = " ".join(texts).lower()
    if re.search(r"\b(?:moon|stars?|lamplight|candlelight|lantern light)\b", joined):
        return "night"
    return ""
