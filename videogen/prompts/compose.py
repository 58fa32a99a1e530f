"""The prompts people start from, composed of the block, its location and its characters. The same in, the same out."""

from collections.abc import Sequence

from scenes.models import Block, Character, Location


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?…\"'”" else f"{text}."


def _look(character: Character) -> str:
    return f"{character.name}, {character.description.strip().rstrip('.')}" if character.description else character.name


def _place(location: Location | None) -> str:
    if location is None:
        return ""
    return _sentence(f"{location.name}: {location.description}" if location.description else location.name)


def _spoken(speaker: Character, line: str) -> str:
    voice = f" in a {speaker.voice.strip()} voice" if speaker.voice else ""
    return f"{speaker.name} speaks{voice}: “{' '.join(line.split())}”"


def _happening(block: Block) -> str:
    if block.kind == Block.Kind.DIALOG and block.character:
        return _spoken(block.character, block.text)
    return _sentence(block.text)


def frame_prompt(block: Block, cast: Sequence[Character]) -> str:
    """The picture at the beginning (or end) of the block: what happens, who is seen, where, in which style."""
    looks = "; ".join(_look(character) for character in cast)
    parts = [_happening(block), _sentence(looks), _place(block.scene.location), _sentence(block.scene.style)]
    return " ".join(part for part in parts if part)[:4000]


def video_prompt(block: Block) -> str:
    """The motion of the block: the camera first, then what happens. What the frames show is not repeated."""
    if block.kind == Block.Kind.DIALOG:
        return f"Slow push in on the speaker. {_happening(block)}"[:4000]
    return f"Slow push in. {_happening(block)}"[:4000]


def mentioned(block: Block, cast: Sequence[Character]) -> list[Character]:
    """The characters of the scene that the block names, its speaker first; nobody named means nobody shown."""
    text = block.text.casefold()
    named = [one for one in cast if one.pk != block.character_id and _is_named(one, text)]
    speaker = [one for one in cast if one.pk == block.character_id]
    return speaker + sorted(named, key=lambda one: min(text.find(word) for word in _names(one) if word in text))


def _names(character: Character) -> list[str]:
    return [word for word in character.name.casefold().split() if len(word) > 2 and word not in _TITLES]


def _is_named(character: Character, text: str) -> bool:
    return any(word in text for word in _names(character))


_TITLES = {"the", "old", "young", "captain", "doctor", "miss", "mrs", "mister"}
