"""The normal form of a screenplay: what is the same after it was written to a file and read again.

Reading gives it, writing begins with it, and it is its own normal form. What it changes: line ends, tabs (to the next
fourth column), blanks at the end of a line, around spoken lines and around names, and characters that no XML file may
hold; blank lines around a text; headings, names and titles are one line. Blocks without text go. Acts and sequences are
levels 1 and 2. A scene without heading, title and blocks goes into the next one, and so does a film's FADE IN: above
its first heading; a later scene that would not be told from the one before it gets the title "Scene 7".
"""

import re
from dataclasses import replace

from scenes.screenplay import cues, transitions
from scenes.screenplay.document import NAME_LENGTH, BlockText, Note, SceneText, Screenplay, Section

# of C0, the surrogates and the two that are no characters; XML allows none of them
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MOST_EXTENSIONS = 4
LONGEST_EXTENSION = 40
_LINE_END = re.compile("\r\n?")
_NOT_IN_NUMBER = re.compile(r"[^\w.\-]")


def form(screenplay: Screenplay) -> Screenplay:
    """Return the normal form."""
    return Screenplay(_scenes(screenplay.scenes), _title_page(screenplay.title_page))


def lines(text: str) -> str:
    """Return text of several lines: no blanks at their ends, no blank lines around them."""
    text = _LINE_END.sub("\n", _FORBIDDEN.sub("", text))
    return "\n".join(line.expandtabs(4).rstrip() for line in text.split("\n")).strip("\n")


def stripped(text: str) -> str:
    """Return text of several lines without blanks at either end of a line."""
    return "\n".join(line.strip() for line in lines(text).split("\n")).strip("\n")


def one_line(text: str) -> str:
    """Return the words of a text with one blank between them."""
    return " ".join(_FORBIDDEN.sub("", text).split())


def block(block: BlockText) -> BlockText:
    """Return a block's normal form; without text it is none."""
    speaker = one_line(block.speaker)[:NAME_LENGTH].rstrip()
    if block.kind == "action" or not speaker:
        return BlockText("action", lines(block.text), line=block.line)
    extensions = (one_line(word.replace("(", "").replace(")", "").replace("\\", "")) for word in block.extensions)
    kept = [word for word in extensions if word and len(word) <= LONGEST_EXTENSION and not cues.continued(word)]
    parenthetical, text = one_line(block.parenthetical), stripped(block.text)
    if not text and parenthetical:
        parenthetical, text = "", f"({parenthetical})"
    return replace(
        block,
        text=text,
        speaker=speaker,
        extensions=tuple(kept[:MOST_EXTENSIONS]),
        parenthetical=parenthetical,
    )


def _scenes(scenes: tuple[SceneText, ...]) -> tuple[SceneText, ...]:
    done: list[SceneText] = []
    before: SceneText | None = None  # has neither heading nor title, and no blocks to speak of
    for given in scenes:
        scene = _scene(given)
        if before is not None:
            scene = _joined(before, scene)
            before = None
        if not (scene.heading or scene.title) and _only_begins(scene, first=not done):
            before = scene
        else:
            done.append(_told_apart(scene, len(done)))
    if before is not None and (before.synopsis or before.notes or before.sections or before.blocks):
        done.append(_told_apart(before, len(done)))
    return tuple(done)


def _only_begins(scene: SceneText, *, first: bool) -> bool:
    """Whether a scene without heading belongs to the next one: it has no blocks, or is the FADE IN: of the film."""
    return not scene.blocks or (first and all(transitions.of_action(block.text) for block in scene.blocks))


def _joined(first: SceneText, second: SceneText) -> SceneText:
    return replace(
        second,
        sections=first.sections + second.sections,
        synopsis="\n".join(text for text in (first.synopsis, second.synopsis) if text),
        notes=first.notes + tuple(replace(note, after=note.after + len(first.blocks)) for note in second.notes),
        blocks=first.blocks + second.blocks,
    )


def _told_apart(scene: SceneText, index: int) -> SceneText:
    """Give a scene what a file shows its beginning by."""
    title = scene.title
    if index and not (scene.heading or title or scene.sections):
        title = f"Scene {index + 1}"
    # without blocks, the next heading would be taken for this scene's
    heading = title if title and not scene.heading and not scene.blocks else scene.heading
    return replace(scene, title=title, heading=heading, number=scene.number if heading else "")


def _scene(scene: SceneText) -> SceneText:
    title = one_line(scene.title)
    sections = [Section(min(max(part.level, 1), 2), one_line(part.text)) for part in scene.sections]
    blocks: list[BlockText] = []
    places = [0]  # how many blocks are left of the first 0, 1, 2 ... given
    for given in scene.blocks:
        one = block(given)
        if one.text:
            dual = one.kind == "dialog" and one.dual and bool(blocks) and blocks[-1].kind == "dialog"
            blocks.append(replace(one, dual=dual))
        places.append(len(blocks))
    return replace(
        scene,
        heading=one_line(scene.heading),
        number=_NOT_IN_NUMBER.sub("", scene.number)[:20],
        title=title,
        synopsis=stripped(scene.synopsis),
        sections=tuple(part for part in sections if part.text),
        notes=_notes(scene.notes, places),
        blocks=tuple(blocks),
    )


def _notes(notes: tuple[Note, ...], places: list[int]) -> tuple[Note, ...]:
    kept = []
    for note in notes:
        text = stripped(note.text)
        while "]]" in text:
            text = text.replace("]]", "] ]")
        if text:
            kept.append(replace(note, text=text, after=places[min(max(note.after, 0), len(places) - 1)]))
    return tuple(sorted(kept, key=lambda note: note.after))


def _title_page(entries: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    page: list[tuple[str, str]] = []
    for given, value in entries:
        key = one_line(given.replace(":", " "))
        kept = [words for words in (one_line(line) for line in _LINE_END.sub("\n", value).split("\n")) if words]
        if key and kept:
            page.append((key, "\n".join(kept)))
    return tuple(page)
