"""Compose the prompts people start from, of the block, its location and its characters. Deterministic."""

import re
from collections.abc import Sequence

from scenes.models import Block, Character, Location, Scene
from scenes.screenplay import headings
from videogen.prompts.context import Person, PromptContext
from videogen.prompts.looks import is_named, names_of
from videogen.prompts.structure import hour_sentence, structure
from videogen.specs import PROMPT_LENGTH

_HOUR = re.compile(
    r"\b(?:(?:early|late) )?"
    r"(?:dawn|sunrise|morning|noon|midday|day|afternoon|sunset|dusk|twilight|evening|night|midnight)\b"
)


def frame_prompt(block: Block, cast: Sequence[Character], role: str = "start", *, include_location: bool = True) -> str:
    """Compose the picture at the beginning or end of the block: what happens, who is seen, when, where, the style."""
    location = block.scene.location if include_location else None
    context = context_of(block, cast, step=role, location=location)
    composed, hour = structure(context), hour_sentence(context)
    # Words in another language get nothing of the sheets; the light is the heading's, in whatever language they are.
    lit = composed if hour in composed else f"{composed} {hour}"
    return lit if len(lit) <= PROMPT_LENGTH else composed


def video_prompt(block: Block, cast: Sequence[Character] | None = None) -> str:
    """Compose the motion of the block: the camera first, then what happens. What the frames show is not repeated."""
    shown = mentioned(block, block.cast if cast is None else cast)
    return structure(context_of(block, shown, step="video", location=block.scene.location))


def context_of(
    block: Block, cast: Sequence[Character], *, step: str, location: Location | None, typed: str | None = None
) -> PromptContext:
    """Collect what the script says, as an optimizer takes it.

    typed: the block's own words where it is None.
    """
    speaker = person_of(block.character) if block.character else None
    people = tuple(person_of(character) for character in cast)
    line, action = (block.text, "") if speaker else ("", block.text)
    return PromptContext(
        typed=_own_words(line, action, step) if typed is None else typed,
        step=step,
        action=action,
        line=line,
        speaker=speaker,
        cast=people,
        place=place_of(location),
        hour=hour_of(block.scene),
        style=block.scene.style or block.scene.film.style,
    )


def _own_words(line: str, action: str, step: str) -> str:
    if line:
        return f"“{_inside(line)}”"
    # Where an action ends is its last sentence: a picture of all of it would show its beginning again.
    return re.split(r"(?<=[.!?…])\s+", action.strip())[-1] if step == "end" else action


def _inside(line: str) -> str:
    """Make a line fit between quotation marks: its own marks become single ones."""
    return re.sub(r"[”\"]", "’", re.sub(r"[“„]|\"(?=\w)", "‘", " ".join(line.split())))


def person_of(character: Character) -> Person:
    """Convert a character for the optimizers."""
    return Person(character.name, character.description, character.voice)


def place_of(location: Location | None) -> str:
    """Describe a location by what can be seen of it: its name alone tells a model nothing."""
    return " ".join((location.description or location.name).split()) if location else ""


def hour_of(scene: Scene) -> str:
    """Return the time of day that a scene's heading names; empty for none, and for LATER or CONTINUOUS."""
    found = _HOUR.findall(headings.parse(scene.heading).hour.casefold())
    return found[-1] if found else ""


def mentioned(block: Block, cast: Sequence[Character]) -> list[Character]:
    """Return the characters that the block names, its speaker first; nobody named means nobody shown."""
    speaker = [character for character in cast if character.pk == block.character_id]
    named = [
        character
        for character in cast
        if character.pk != block.character_id and is_named(person_of(character), block.text)
    ]
    return speaker + sorted(named, key=lambda one: _first_mention(one, block.text))


def _first_mention(character: Character, text: str) -> int:
    found = [
        text.find(form) for name in names_of(person_of(character)) for form in (name, name.upper()) if form in text
    ]
    return min(found, default=len(text))
