"""Write Fountain. Each element is written in its plain form where that is read as the same, else it is forced."""

import re
from collections.abc import Iterable, Iterator

from scenes.screenplay import chains, emphasis, fountain, normal, title_pages, transitions
from scenes.screenplay.document import BlockText, Note, SceneText, Screenplay, ScreenplayError

_MARKS = re.compile(r"[\\*_\[()^]")
_MARKED = r"\\\g<0>"  # behind a backslash
_BLANK = "  "  # a blank line that ends neither dialog nor forced action


def to_fountain(screenplay: Screenplay) -> str:
    """Return the text of a .fountain file; reading it gives the normal form of the screenplay."""
    form = normal.form(screenplay)
    text = "\n\n".join(paragraph for scene in form.scenes for paragraph in _scene(scene)) + "\n"
    page = title_pages.join(form.title_page)
    if page:
        return "\n".join(page) + "\n\n" + text
    # a blank line in front keeps a first line such as "Title: ..." from being a title page
    return "\n" + text if title_pages.split(text.split("\n"))[1] else text


def _scene(scene: SceneText) -> Iterator[str]:
    for section in scene.sections:
        yield f"{'#' * section.level} {_line(section.text)}"
    if scene.title:
        yield f"### {_line(scene.title)}"
    if scene.heading:
        yield _heading(scene)
    if scene.synopsis:
        yield "\n".join(f"= {_line(line)}".rstrip() for line in scene.synopsis.split("\n"))
    for part in chains.parts(scene):
        if isinstance(part, Note):
            yield _note(part)
        elif part[0].kind == "action":
            yield _action(part[0])
        else:
            yield _dialog(part)


def _heading(scene: SceneText) -> str:
    number = f" #{scene.number}#" if scene.number else ""
    words = _line(scene.heading)
    escaped = emphasis.escape(scene.heading).replace("#", "\\#")
    candidates = (prefix + text + number for text in (words, escaped) for prefix in ("", ".", ". "))
    return _first(candidates, SceneText(scene.heading, scene.number))


def _note(note: Note) -> str:
    text = "\n".join(_line(line) or _BLANK for line in note.text.split("\n"))
    return f"[[{text} ]]" if text.endswith("]") else f"[[{text}]]"


def _action(block: BlockText) -> str:
    lines = [_line(line) for line in block.text.split("\n")]
    forced = "\n".join(
        f"!{line}" if index == 0 or line.lstrip().startswith("!") else line or _BLANK
        for index, line in enumerate(lines)
    )
    candidates = ["\n".join(lines)] if all(lines) else []
    if transitions.is_transition(block.text) and block.text != "FADE IN:":  # which stands on the left
        # what does not end in TO: would be action to other programs
        candidates.insert(block.text.endswith("TO:"), f"> {lines[0]}")
    return _first([*candidates, forced], _around(block))


def _dialog(chain: list[BlockText]) -> str:
    """All that one cue stands above. The mark of a dual dialog is added to what was tried without it."""
    first = chain[0]
    cue = " ".join([first.speaker, *(f"({word})" for word in first.extensions)])
    marked = [_MARKS.sub(_MARKED, first.speaker), *(f"({emphasis.escape(word)})" for word in first.extensions)]
    # a boneyard would begin in one cue and end in another, which trying them alone does not show
    cues = [] if "/*" in cue else [cue, f"@{cue}"]
    cues.append(f"@{' '.join(marked)}")
    expected = _around(*(BlockText("dialog", b.text, b.speaker, b.extensions, b.parenthetical) for b in chain))
    written = _first(
        (f"{cue}\n{_speech(chain, escaped=escaped)}" for escaped in (False, True) for cue in cues), expected
    )
    cue, _, speech = written.partition("\n")
    return f"{cue} ^\n{speech}" if first.dual else written


def _speech(chain: list[BlockText], *, escaped: bool) -> str:
    """The lines below a cue; `escaped` where a parenthesis in them would be read as a parenthetical."""
    lines: list[str] = []
    for block in chain:
        if block.parenthetical:
            aside = block.parenthetical
            marked = _MARKS.sub(_MARKED, aside) if escaped else _line(aside)
            lines.append(f"({marked})")
        for line in block.text.split("\n"):
            words = _line(line) or _BLANK
            lines.append(f"\\{words}" if escaped and words.startswith("(") else words)
    return "\n".join(lines)


def _line(text: str) -> str:
    """One line with a backslash before its marks, where it would lose them otherwise."""
    if emphasis.plain(text) != text or "[[" in text or "/*" in text:
        return emphasis.escape(text)
    return text


def _around(*blocks: BlockText) -> SceneText:
    return SceneText("INT. A", blocks=blocks)


def _first(candidates: Iterable[str], expected: SceneText) -> str:
    """Return the first candidate that is read as this scene alone, or the last one."""
    written = ""
    for written in candidates:
        try:
            text = f"INT. A\n\n{written}" if expected.blocks else written
            read = fountain.read(f"\n{text}").screenplay
        except ScreenplayError:
            continue
        if read.scenes == (expected,):
            break
    return written
