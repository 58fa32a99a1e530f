"""Write Final Draft files (.fdx)."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scenes.screenplay import chains, cues, fdx_title_pages, normal, transitions
from scenes.screenplay.document import BlockText, Note, SceneText, Screenplay


def to_fdx(screenplay: Screenplay) -> bytes:
    """Return the bytes of a .fdx file; reading it gives the normal form of the screenplay."""
    form = normal.form(screenplay)
    root = Element("FinalDraft", DocumentType="Script", Template="No", Version="5")
    content = SubElement(root, "Content")
    for scene in form.scenes:
        _scene(content, scene)
    page = fdx_title_pages.join(form.title_page)
    if page:
        into = SubElement(SubElement(root, "TitlePage"), "Content")
        for text in page:
            _paragraph(into, None, text, Alignment="Center")
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _paragraph(into: Element, kind: str | None, text: str, **attributes: str) -> Element:
    paragraph = SubElement(into, "Paragraph", ({"Type": kind} if kind else {}) | attributes)
    SubElement(paragraph, "Text").text = text
    return paragraph


def _scene(content: Element, scene: SceneText) -> None:
    for section in scene.sections:
        _paragraph(content, f"Outline {section.level}", section.text)
    last: Element | None = None  # the paragraph that a note stands at
    if scene.heading or scene.title or scene.synopsis or any(note.after == 0 for note in scene.notes):
        last = _heading(content, scene)
    group: Element | None = None  # of a dual dialog
    spoken = [part for part in chains.parts(scene) if isinstance(part, list)]
    firsts = {id(voices[0][0]): len(voices) > 1 for voices in chains.duals(spoken)}
    for part in chains.parts(scene):
        if isinstance(part, Note):
            if last is not None:
                _note(last, part)
        elif part[0].kind == "action":
            last = _action(content, part[0].text)
        else:
            if not part[0].dual:
                beside = firsts[id(part[0])]
                group = SubElement(SubElement(content, "Paragraph"), "DualDialogue") if beside else None
            last = _dialog(content if group is None else group, part)


def _heading(content: Element, scene: SceneText) -> Element:
    heading = _paragraph(content, "Scene Heading", scene.heading, **({"Number": scene.number} if scene.number else {}))
    if scene.title or scene.synopsis:
        properties = SubElement(heading, "SceneProperties", {"Title": scene.title} if scene.title else {})
        if scene.synopsis:
            summary = SubElement(properties, "Summary")
            for line in scene.synopsis.split("\n"):
                _paragraph(summary, None, line)
    return heading


def _note(paragraph: Element, note: Note) -> None:
    _paragraph(SubElement(paragraph, "ScriptNote"), None, note.text)


def _action(content: Element, text: str) -> Element:
    words = transitions.of_action(text)
    if words and normal.one_line(words) == words:
        return _paragraph(content, "Transition", words)
    inside = [line[2:-2] for line in text.split("\n")]
    if all(words.strip() == words and words for words in inside) and text == _centred(inside):
        return _paragraph(content, "Action", "\n".join(inside), Alignment="Center")
    return _paragraph(content, "Action", text)


def _centred(lines: list[str]) -> str:
    return "\n".join(f"> {words} <" for words in lines)


def _dialog(into: Element, chain: list[BlockText]) -> Element:
    last = _paragraph(into, "Character", cues.join(chain[0].speaker, chain[0].extensions))
    for block in chain:
        if block.parenthetical:
            _paragraph(into, "Parenthetical", f"({block.parenthetical})")
        last = _paragraph(into, "Dialogue", block.text)
    return last
