"""What the words name and a panel cannot show.

Known is a small vocabulary of things that would change a picture if they were in it, and that nothing here draws. A
noun outside of it is never named: most words of a script are things nobody expects to see in a storyboard panel.
"""

import re
from collections.abc import Iterable

# Singular; plurals are found too.
_THINGS = (
    *("spaceship", "spacecraft", "rocket", "satellite", "robot", "alien", "ufo", "planet", "asteroid", "portal"),
    *("desert", "volcano", "glacier", "iceberg", "waterfall", "canyon", "cave", "jungle", "swamp", "dune", "oasis"),
    *("castle", "palace", "temple", "pyramid", "cathedral", "skyscraper", "windmill", "factory", "stadium", "bridge"),
    *("car", "truck", "bus", "tank", "train", "tram", "airplane", "aeroplane", "helicopter", "motorcycle", "bicycle"),
    *("submarine", "spacesuit", "carriage", "tractor", "ambulance", "zeppelin", "parachute", "hot-air balloon"),
    *("dragon", "dinosaur", "unicorn", "monster", "zombie", "ghost", "mermaid", "giant", "werewolf", "skeleton"),
    *("horse", "dog", "wolf", "bear", "lion", "tiger", "elephant", "camel", "cow", "sheep", "pig", "deer", "fox"),
    *("whale", "dolphin", "shark", "octopus", "eagle", "owl", "snake", "crocodile", "monkey", "gorilla", "spider"),
    *("explosion", "fireworks", "tornado", "avalanche", "tsunami", "earthquake", "rainbow", "eclipse", "aurora"),
    *("crowd", "army", "orchestra", "parade", "battlefield", "circus", "carousel", "ferris wheel", "roller coaster"),
    *("piano", "guitar", "violin", "sword", "throne", "cannon", "telescope", "statue", "fountain", "campfire"),
    *("underwater", "outer space", "spacewalk", "motorbike", "lorry", "wheelchair", "swimming pool"),
)
_IRREGULAR = {"wolf": "wolves", "sheep": "sheep", "deer": "deer", "monkey": "monkeys", "octopus": "octopuses"}
# What only compares, denies or tells of something is no picture of it.
_NOT_SHOWN = r"(?:like|as|no|not|without|than|of a|dream(?:s|t|ed|ing)? of|think(?:s|ing)? of|remembers?)"


def undrawn(words: str, known: Iterable[str]) -> tuple[str, ...]:
    """Name what the words want to see and the animatic cannot draw, in their order.

    known: descriptions and names of the pictures of the panel; what they speak of is in them.
    """
    text, there = " ".join(words.lower().split()), " ".join(known).lower()
    found = []
    for thing in _THINGS:
        pattern = rf"\b(?:{_plural(thing)})\b"
        match = re.search(rf"(?<!-){pattern}(?!['’-]\w|\s+(?:chart|map|book|song|story))", text)
        if match is None or re.search(pattern, there):
            continue
        before = text[: match.start()].rstrip()
        if re.search(rf"\b{_NOT_SHOWN}(?:\s+(?:an?|the|any|some))?$", before):
            continue
        found.append((match.start(), thing))
    return tuple(thing for _place, thing in sorted(found))


def sentence(things: tuple[str, ...]) -> str:
    """Say it to a person."""
    return f"The animatic cannot draw: {', '.join(things)}. The panel shows the place without them."


def _plural(thing: str) -> str:
    if thing in _IRREGULAR:
        return f"{thing}|{_IRREGULAR[thing]}"
    if thing.endswith(("s", "underwater")):
        return thing
    if thing.endswith(("sh", "ch", "x")):
        return f"{thing}(?:es)?"
    return f"{thing[:-1]}(?:y|ies)" if thing.endswith("y") else f"{thing}s?"
