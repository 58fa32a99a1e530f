"""What the words of a prompt say about the hour, the place and the weather."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HOURS = {
    "candle": r"candle[\s-]?light|candle[\s-]?lit|by (?:a )?candles?|single candle|candles burn",
    "dawn": r"dawn|sunrise|daybreak|first light|early morning",
    "dusk": r"dusk|sunset|sundown|twilight|evening|golden hour|nightfall|last light",
    "night": r"night|nights|nighttime|midnight|moonlight|moonlit|starlight|after dark",
    "noon": r"noon|midday|high sun|blazing sun",
    "day": r"day|daylight|daytime|morning|afternoon|sunny|sunlight|sunlit",
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
    "storm": r"storm|storms|stormy|thunderstorm|thunder|lightning|tempest|hurricane",
    "snow": r"snow|snows|snowing|snowy|snowfall|snowflakes?|blizzard",
    "rain": r"rain|rains|raining|rainy|downpour|drizzle|drizzling",
    "fog": r"fog|foggy|mist|misty|haze|hazy",
    "wind": r"wind|winds|windy|gale|gusts?|gusty|breeze|breezy",
}
# Smoke that is seen, not somebody who smokes.
_SMOKE = re.compile(
    r"\b(?:smoky|smoke[\s-]filled|(?:thick|black|white|grey|gray|blue|heavy|of|with|in|through|the|and) (?:smoke|steam)"
    r"|(?:smoke|steam) (?:hangs?|fills?|drifts?|rises?|curls?|billows?|pours?|hanging|drifting|rising|everywhere))\b"
)
_BY_LIGHT = re.compile(r"\b(?:moon|stars?|lamplight|lantern light)\b")
_QUOTED = re.compile(r"[“„\"][^“”„\"]*[”\"]")


@dataclass(frozen=True, slots=True)
class Setting:
    """Hour ("" where no word names one), place and weather ("" for clear)."""

    hour: str
    place: str
    weather: str

    @property
    def is_indoors(self) -> bool:
        """Whether there is a roof over it."""
        return self.place == "room"


def read_setting(*texts: str) -> Setting:
    """What the first of the texts that says anything about each of them says; a place unnamed is open hills."""
    return Setting(
        hour=_first(_HOURS, texts, "") or _by_light(texts),
        place=_first(_PLACES, texts, "hills"),
        weather=_first(_WEATHERS, texts, ""),
    )


def names_smoke(text: str) -> bool:
    """Whether smoke or steam is seen, as the text has it."""
    return bool(_SMOKE.search(" ".join(text.lower().split())))


def own_words(prompt: str, place: str = "", looks: tuple[str, ...] = ()) -> str:
    """What a prompt says beside spoken lines, the looks of people and the description of the place.

    A composed prompt names the place after what happens and the style after that: both go, and so does every clause
    that stands in somebody's look ("dark hair blown loose by the wind" is no weather).
    """
    text = _QUOTED.sub(" ", prompt)
    place = " ".join(place.split()).rstrip(".")
    at = " ".join(text.split()).lower().find(place.lower()) if place else -1
    text = " ".join(text.split())[: at if at >= 0 else None]
    known = " ".join(looks).lower()
    clauses = re.split(r"(?<=[.;:,!?])\s+", text)
    kept = [clause for clause in clauses if len(clause) < 4 or clause.strip(" .;:,!?").lower() not in known]
    return " ".join(kept)


def _first(kinds: Mapping[str, str], texts: tuple[str, ...], otherwise: str) -> str:
    for text in texts:
        found = [
            (match.start(), kind)
            for kind, words in kinds.items()
            if (match := re.search(rf"\b(?:{words})\b", text.lower()))
        ]
        if found:
            return min(found)[1]
    return otherwise


def _by_light(texts: tuple[str, ...]) -> str:
    # Some hours are told by what lights the scene.
    return "night" if _BY_LIGHT.search(" ".join(texts).lower()) else ""
