"""A film's rows as a screenplay: to write it as a file, and to compare it with one that somebody brings."""

from collections.abc import Container, Iterable
from typing import NamedTuple
from uuid import UUID

from django.utils.text import slugify

from scenes.headings import scene_heading
from scenes.models import Block, Film, Scene
from scenes.screenplay.document import BlockText, Note, SceneText, Screenplay, Section
from scenes.screenplay.fdx_writer import to_fdx
from scenes.screenplay.fountain_writer import to_fountain
from scenes.screenplay.matching import OldBlock, OldScene

_BETWEEN_NOTES = "\n\n"


def scenes_of(film: Film) -> list[Scene]:
    """Fetch a film's scenes in order, with their blocks. Two queries."""
    scenes = film.scenes.select_related("location").order_by("position")
    return list(scenes.prefetch_related("blocks__character"))


def screenplay_of(film: Film, scenes: Iterable[Scene]) -> Screenplay:
    """Return the film as a screenplay, in the order of its scenes."""
    page = [(key, value) for key, value in film.title_page if key.casefold() != "title"]
    told = {key.casefold(): value for key, value in film.title_page}
    return Screenplay(
        scenes=tuple(_scene(scene) for scene in scenes), title_page=(("Title", told.get("title", film.title)), *page)
    )


class ScriptFile(NamedTuple):
    """A screenplay to take home: its bytes, their type, and a name made of the film's title."""

    data: bytes
    content_type: str
    name: str


def file_of(film: Film, visible: Container[UUID], form: str) -> ScriptFile:
    """Write those scenes of a film whose ids are in `visible` as a file. form: "fdx" or "fountain"."""
    screenplay = screenplay_of(film, [scene for scene in scenes_of(film) if scene.pk in visible])
    name = f"{slugify(film.title, allow_unicode=True) or 'film'}.{form}"
    if form == "fdx":
        return ScriptFile(to_fdx(screenplay), "application/xml; charset=utf-8", name)
    return ScriptFile(to_fountain(screenplay).encode(), "text/plain; charset=utf-8", name)


def _scene(scene: Scene) -> SceneText:
    heading, blocks = scene_heading(scene), list(scene.blocks.all())
    notes = [Note(text) for text in split_notes(scene.notes)]
    notes += [Note(text, after) for after, block in enumerate(blocks, 1) for text in split_notes(block.notes)]
    return SceneText(
        heading=heading,
        number=scene.number,
        title="" if scene.title == title_of(SceneText(heading=heading)) else scene.title,
        synopsis=scene.synopsis,
        sections=tuple(Section(level, text) for level, text in scene.sections),
        notes=tuple(notes),
        blocks=tuple(_block(block) for block in blocks),
    )


def _block(block: Block) -> BlockText:
    return BlockText(
        kind="dialog" if block.character else "action",
        text=block.text,
        speaker=block.character.name if block.character else "",
        extensions=extensions_of(block),
        parenthetical=block.parenthetical,
        dual=block.is_dual,
    )


def old_scenes(scenes: Iterable[Scene]) -> list[OldScene[UUID]]:
    """Return what is there in the form that a revised screenplay is matched against."""
    return [
        OldScene(
            id=scene.pk,
            heading=scene_heading(scene),
            title=scene.title,
            blocks=tuple(
                OldBlock(
                    id=block.pk,
                    kind="dialog" if block.character else "action",
                    text=block.text,
                    speaker=block.character.name if block.character else "",
                    parenthetical=block.parenthetical,
                    extensions=extensions_of(block),
                )
                for block in scene.blocks.all()
            ),
        )
        for scene in scenes
    ]


def extensions_of(block: Block) -> tuple[str, ...]:
    """Return what stands behind the speaker's name. A row has one field: several are written as one."""
    return (block.extension,) if block.extension else ()


def title_of(scene: SceneText) -> str:
    """Return the title of a scene: its own, else its location or heading. Empty where it has none of these."""
    return (scene.title or scene.place.location or scene.heading)[: Scene._meta.get_field("title").max_length]


def split_notes(text: str) -> list[str]:
    """Return the notes of a row, which keeps all of them in one text."""
    return [note for note in text.split(_BETWEEN_NOTES) if note.strip()]


def join_notes(notes: Iterable[str]) -> str:
    """Return several notes as the one text of a row."""
    return _BETWEEN_NOTES.join(notes)
