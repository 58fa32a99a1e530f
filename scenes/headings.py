"""Write the scene heading that a screenplay opens with: EXT. THE LIGHTHOUSE AT GULL ROCK - DUSK."""

import re

from django.db import transaction

from scenes.models import Film, Location, Scene
from scenes.screenplay.headings import parse

_INDOORS = re.compile(
    r"\b(interior|indoors|inside|room|kitchen|bedroom|bathroom|cabin|cellar|attic|hall|hallway|corridor|office|studio|"
    r"shop|bar|cave|tunnel|cockpit)\b"
)
_OUTDOORS = re.compile(r"\b(exterior|outdoors|outside)\b")
_TIMES = {
    "DAWN": re.compile(r"\b(dawn|sunrise|daybreak)\b"),
    "DUSK": re.compile(r"\b(dusk|sunset|twilight|nightfall)\b"),
    "NIGHT": re.compile(r"\b(night|midnight|moonlit|moonlight)\b"),
    "EVENING": re.compile(r"\b(evening)\b"),
    "MORNING": re.compile(r"\b(morning)\b"),
    "DAY": re.compile(r"\b(day|daylight|noon|midday|afternoon)\b"),
}
_WRITTEN_OUT = re.compile(r"(int|ext|int\./ext|i/e)\. ", re.IGNORECASE)


def scene_heading(scene: Scene) -> str:
    """Return the heading of a scene: the one it was given, else one of its location.

    Inside or outside and the time of day are read from the words of the location; a heading in its name is kept.
    """
    if scene.heading:
        return scene.heading
    if scene.location is None:
        return ""
    name = scene.location.name.strip()
    if _WRITTEN_OUT.match(name):
        return name.upper()
    words = f"{scene.location.description} {name}".casefold()
    inside = not _OUTDOORS.search(words) and _INDOORS.search(words)
    found = ((time, match.start()) for time, pattern in _TIMES.items() if (match := pattern.search(words)))
    time = min(found, key=lambda pair: pair[1], default=("", 0))[0]
    return f"{'INT.' if inside else 'EXT.'} {name.upper()}" + (f" – {time}" if time else "")


@transaction.atomic
def place_of(film: Film, heading: str) -> Location | None:
    """Find the location that a heading names, whatever its case, or make it. None where the heading names none."""
    # In one line, as the heading itself is kept: else the place would be called with a line break that no list shows;
    # and 20,000 blanks, which nobody has refused yet, would be looked through for dashes for 20 s.
    name = parse(" ".join(heading.split())).location[: Location._meta.get_field("name").max_length]
    if not name:
        return None
    return _find(film, name) or _make(film, name)


def _find(film: Film, name: str) -> Location | None:
    # Compared here: SQLite knows the case of Latin letters only.
    wanted = name.casefold()
    return next((place for place in film.locations.order_by("pk") if place.name.casefold() == wanted), None)


def _make(film: Film, name: str) -> Location:
    Film.objects.select_for_update(no_key=True).get(pk=film.pk)  # two people may write one heading at once
    return _find(film, name) or film.locations.create(name=name)
