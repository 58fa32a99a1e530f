"""Puts a screenplay together from its elements, as both file formats name them in their order."""

from dataclasses import dataclass, field, replace

from scenes.screenplay import normal
from scenes.screenplay.document import (
    MANY_BLOCKS,
    MOST_ELEMENTS,
    NAME_LENGTH,
    BlockText,
    Note,
    SceneText,
    Screenplay,
    ScreenplayError,
    ScreenplayWarning,
    Section,
)

TITLE_LEVEL = 3  # a section of this level is the title of the scene that it begins
MOST_WARNINGS = 100


@dataclass
class _Open:
    """The scene that elements go into at the moment."""

    line: int = 0
    heading: str = ""
    number: str = ""
    title: str = ""
    synopsis: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    blocks: list[BlockText] = field(default_factory=list)

    @property
    def fresh(self) -> bool:
        """Whether a heading that comes now is this scene's own."""
        return not self.heading and not self.blocks

    @property
    def empty(self) -> bool:
        return self.fresh and not (self.title or self.synopsis or self.sections or self.notes)

    def close(self) -> SceneText:
        return SceneText(
            self.heading,
            self.number,
            self.title,
            "\n".join(self.synopsis),
            tuple(self.sections),
            tuple(self.notes),
            tuple(self.blocks),
            self.line,
        )


class Builder:
    """Takes elements in the order of the file. `line` is where each one stands."""

    def __init__(self) -> None:
        self.title_page: list[tuple[str, str]] = []
        self._scenes: list[SceneText] = []
        self._scene = _Open()
        self._warnings: list[ScreenplayWarning] = []
        self._counted: dict[str, tuple[int, int]] = {}  # message: the first line, how often
        self._elements = 0

    # --- Elements

    def heading(self, text: str, number: str = "", title: str = "", *, line: int) -> None:
        """Begin a scene, or give the one that a section began its heading."""
        self._weigh()
        text = normal.one_line(text)
        if not self._scene.fresh or (title and self._scene.title):
            self._begin(line)
        if len(text) > NAME_LENGTH:
            self.warn(
                line, f"This heading has {len(text)} characters; {NAME_LENGTH} is the most that a scene keeps of it."
            )
        self._scene.heading, self._scene.number = text, number
        self._scene.title = title or self._scene.title
        self._scene.line = line

    def section(self, level: int, text: str, *, line: int) -> None:
        """Begin an act, a sequence, or by its title a scene; deeper levels are notes of the scene."""
        if level > TITLE_LEVEL:
            self.count("A section deeper than the title of a scene (####) is kept as a note.", line)
            self.note(text, line=line)
            return
        self._weigh()
        if not self._scene.fresh or self._scene.title:
            self._begin(line)
        self._scene.line = self._scene.line or line
        if level == TITLE_LEVEL:
            self._scene.title = normal.one_line(text)
        else:
            self._scene.sections.append(Section(level, normal.one_line(text)))

    def synopsis(self, text: str, *, line: int) -> None:
        self._weigh()
        self._scene.line = self._scene.line or line
        self._scene.synopsis.append(text)

    def note(self, text: str, *, line: int) -> None:
        self._weigh()
        self._scene.line = self._scene.line or line
        self._scene.notes.append(Note(text, len(self._scene.blocks), line))

    def block(self, block: BlockText) -> None:
        """Add a spoken line or an action. Raises ScreenplayError, as all of these do, where there are too many."""
        scene = self._scene
        block = normal.block(block)
        if not block.text:
            return
        if block.dual and not (scene.blocks and scene.blocks[-1].kind == "dialog"):
            block = replace(block, dual=False)
        self._weigh()
        scene.line = scene.line or block.line
        scene.blocks.append(block)
        if len(scene.blocks) == MANY_BLOCKS + 1:
            self.warn(
                scene.line,
                f"The scene that begins here has more than {MANY_BLOCKS} blocks. Its page will be slow; "
                "split it with a heading where you can.",
            )

    def _weigh(self) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise ScreenplayError(
                f"This file has more than {MOST_ELEMENTS:,} paragraphs, and that is the most. Split it into two films."
            )

    # --- What a person should know

    def warn(self, line: int, message: str) -> None:
        self._warnings.append(ScreenplayWarning(line, message))

    def count(self, message: str, line: int) -> None:
        """Warn once of what may come hundreds of times: at the first line, with how often."""
        first, times = self._counted.get(message, (line, 0))
        self._counted[message] = (first, times + 1)

    # --- The result

    def _begin(self, line: int) -> None:
        if not self._scene.empty:
            self._scenes.append(self._scene.close())
        self._scene = _Open(line)

    def screenplay(self) -> Screenplay:
        """Return what was put together. Raises ScreenplayError where there is nothing to read."""
        self._begin(0)
        screenplay = normal.form(Screenplay(tuple(self._scenes), tuple(self.title_page)))
        if not screenplay.scenes:
            raise ScreenplayError(
                "There is no scene in this file. A scene begins with a heading such as INT. KITCHEN - DAY; "
                "write one and bring the file in again."
            )
        first = screenplay.scenes[0]
        if not any(scene.heading or scene.title for scene in screenplay.scenes):
            self.warn(
                first.line,
                "There is no scene heading in this file, so that everything is one scene. Headings begin with INT. or "
                "EXT., others with a dot.",
            )
        elif not (first.heading or first.title or first.sections):
            self.warn(first.line, "The text before the first heading becomes a scene without a heading.")
        return screenplay

    def warnings(self) -> tuple[ScreenplayWarning, ...]:
        """Return the warnings in the order of lines, at most MOST_WARNINGS and one that says how many more."""
        counted = [
            ScreenplayWarning(line, message if times == 1 else f"{message} The first of {times:,} times.")
            for message, (line, times) in self._counted.items()
        ]
        found = sorted([*self._warnings, *counted], key=lambda warning: warning.line)
        if len(found) > MOST_WARNINGS:
            more = len(found) - MOST_WARNINGS
            found[MOST_WARNINGS:] = [ScreenplayWarning(0, f"{more:,} more warnings are not listed.")]
        return tuple(found)
