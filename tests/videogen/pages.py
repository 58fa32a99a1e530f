"""Looking at the dialog's pages as a person does: forms, fields, words."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.urls import reverse

from scenes.models import Block

HTMX = {"HX-Request": "true"}
VIDEO = {
    "prompt": "Slow push in.",
    "negative_prompt": "",
    "duration": "1",
    "frame_rate": "24",
    "steps": "28",
    "guidance_scale": "3",
    "seed": "",
    "size": "custom",
    "width": "320",
    "height": "192",
}
FRAME = {
    "prompt": "A lamp goes out.",
    "include_location": "on",
    "steps": "28",
    "guidance_scale": "3",
    "seed": "",
    "size": "custom",
    "width": "320",
    "height": "192",
}


def here(name: str, block: Block, *args: object) -> str:
    """The address of one of the dialog's routes for a block."""
    return reverse(name, args=[block.scene_id, block.pk, *args])


@dataclass
class Page(HTMLParser):
    """The parts of a page that the tests ask about."""

    html: str
    values: dict[str, list[str]] = field(default_factory=dict)
    ids: dict[str, dict[str, str | None]] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._textarea = self._select = ""
        self.feed(self.html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            assert found["id"] not in self.ids, f"The id {found['id']} is there twice."
            self.ids[found["id"] or ""] = found
        name = found.get("name") or ""
        if tag == "input" and found.get("type") not in ("checkbox", "radio", "file", "hidden"):
            self.values[name] = [found.get("value") or ""]
        elif tag == "input" and "checked" in found:
            self.values.setdefault(name, []).append(found.get("value") or "on")
        elif tag == "textarea":
            self._textarea = name
            self.values[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in found:
            self.values[self._select] = [found.get("value") or ""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # HTML drops one line break right after the tag
            self.values[self._textarea][0] = re.sub(r"^\r?\n", "", self.values[self._textarea][0])
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._textarea:
            self.values[self._textarea][0] += data

    def value(self, name: str) -> str:
        """What a field of the form holds."""
        return self.values[name][0]

    def is_disabled(self, id_: str) -> bool:
        """Whether the element with this id cannot be pressed."""
        return "disabled" in self.ids[id_]


def look(response) -> Page:
    """Read an answer that must be a page."""
    assert response.status_code == 200, response.status_code
    return Page(response.content.decode())
