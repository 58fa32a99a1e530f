"""What the page of exports shows: what a cut holds, the formats with their estimates, and each export as a card."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scenes.access import CHANGE
from scenes.models import Film, Scene
from videogen import estimates, obstacles
from videogen.estimates import GenerationProgress, spell_seconds
from videogen.exports import fonts
from videogen.exports.cut import Cut
from videogen.exports.formats import FORMATS
from videogen.exports.spec import DEFAULT_FIRST_FRAME, ExportSpec
from videogen.models import Export, Status
from videogen.phase import Phase

# Format: its icon, and what one would do with it.
_WORDS: dict[str, tuple[str, Any]] = {
    "mp4": ("film", gettext_lazy("One video file of everything in order, to watch or to show.")),
    "zip": ("download", gettext_lazy("Every clip as a file, with a list of how each was made.")),
    "otioz": ("timeline", gettext_lazy("A timeline with its clips: Resolve, Avid, Nuke and others; it can come back.")),
    "fcpxml": ("timeline", gettext_lazy("A timeline with its clips for Premiere Pro, Final Cut 7 XML.")),
    "pdf": ("image", gettext_lazy("Panels with their words and lengths, to print or to send.")),
    "csv": ("script", gettext_lazy("A table of all shots for a spreadsheet.")),
    "srt": ("script", gettext_lazy("The lines with their times, for most players and editors.")),
    "vtt": ("script", gettext_lazy("The lines with their times, for the web.")),
}

_CAPTIONS = {"track": gettext_lazy("captions as a track"), "burned": gettext_lazy("captions drawn into the picture")}
_LAYOUTS = {
    "grid": gettext_lazy("six panels a page"),
    "list": gettext_lazy("three panels a page"),
    "single": gettext_lazy("one panel a page"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A format on offer. seconds: how long the last ones of this size took; None before the first. note: what lacks."""

    value: str
    label: str
    suffix: str
    icon: str
    words: str
    seconds: float | None
    why_not: str
    note: str = ""


def choices(cut: Cut) -> list[Choice]:
    """Return the formats in the order in which they are shown. A query for each."""
    has_clips = any(shot.take for shot in cut.shots)
    found = []
    for value, (icon, words) in _WORDS.items():
        written = FORMATS[value]
        size = written.size(cut, ExportSpec(format=value))  # type: ignore[arg-type]
        why_not = "" if has_clips or not written.needs_clips else _("There is no clip yet.")
        seconds = estimates.seconds_for(Export.KIND, value, size)
        label, note = str(Export.Format(value).label), _unwritten(cut) if value == "pdf" else ""
        found.append(Choice(value, label, written.suffix, icon, str(words), seconds, why_not, note))
    return found


def _unwritten(cut: Cut) -> str:
    """Say which signs a storyboard does not hold, because no font here has them."""
    signs = fonts.missing(*sorted(cut.words))
    if not signs:
        return ""
    told = f"{signs[:8]}…" if len(signs) > 8 else signs
    words = _("No font here has “%(signs)s”: who reads the file may see blanks there. Ask the operator for a font.")
    return words % {"signs": told}


def holds(cut: Cut) -> str:
    """Say what the cut holds: "3 clips, 1 still, 2 cards with words; 42 s at 24 frames a second, 1280 × 704"."""
    counts = Counter(shot.kind for shot in cut.shots)
    parts = [
        ngettext("%(n)d clip", "%(n)d clips", counts["clip"]) % {"n": counts["clip"]},
        ngettext("%(n)d start frame", "%(n)d start frames", counts["still"]) % {"n": counts["still"]},
        ngettext("%(n)d card with words", "%(n)d cards with words", counts["card"]) % {"n": counts["card"]},
    ]
    told = ", ".join(part for part, kind in zip(parts, ("clip", "still", "card"), strict=True) if counts[kind])
    picture = {"time": spell_seconds(cut.seconds), "rate": cut.frame_rate, "width": cut.width, "height": cut.height}
    return f"{told}. " + _("%(time)s at %(rate)d frames a second, %(width)d × %(height)d.") % picture


@dataclass(frozen=True, slots=True)
class ExportCard:
    """An export in the list: being made, ready, or come to nothing. obstacle: why it still waits, if there is a why."""

    row: Export
    progress: GenerationProgress
    may_delete: bool
    obstacle: str = ""

    @classmethod
    def of(cls, row: Export, target: Film | Scene, person: User) -> "ExportCard":
        """Read how a row is now. Two queries for a live one, three where it waits; else none."""
        progress = estimates.progress_of(row)
        mine = row.requested_by_id == person.pk or target.can.holds(CHANGE)
        return cls(row, progress, mine, obstacles.why_waiting(row, progress.elapsed))

    @property
    def chosen(self) -> str:
        """What was chosen for it beside its format, in words: two of one format are told apart by this."""
        spec = ExportSpec.from_json(self.row.spec)
        told = [
            *([_CAPTIONS[spec.captions]] if spec.format == "mp4" and spec.captions in _CAPTIONS else []),
            *([_LAYOUTS[spec.layout]] if spec.format == "pdf" else []),
            *([f"{spec.width} × {spec.height}"] if spec.width else []),
            *([_("%d frames a second") % spec.frame_rate] if spec.frame_rate else []),
            *([_("shots from frame %d") % spec.first_frame] if spec.first_frame != DEFAULT_FIRST_FRAME else []),
            *([] if spec.stills else [_("clips alone")]),
            *([] if spec.voices or not FORMATS[spec.format].speaks else [_("without scratch voices")]),
        ]
        return ", ".join(map(str, told))

    @property
    def is_waiting(self) -> bool:
        """Whether it is still in the queue."""
        return self.row.status == Status.QUEUED

    @property
    def phase(self) -> str:
        """What happens now, in words."""
        if self.row.is_stopping:
            return _("Stopping")
        if self.is_waiting:
            place = self.progress.queue_position
            return _("Waiting, place %(place)d") % {"place": place} if place else _("Waiting")
        return {Phase.LOADING: _("Getting ready"), Phase.SAVING: _("Saving")}.get(Phase(self.row.phase), _("Cutting"))

    @property
    def is_ready(self) -> bool:
        """Whether there is a file."""
        return self.row.status == Status.SUCCEEDED

    @property
    def announcement(self) -> str:
        """The sentence for screen readers; announced when it changes."""
        name = {"name": self.row.title, "format": self.row.made_by}
        if self.row.is_live:
            return self.obstacle or self.phase
        if self.is_ready:
            return _("%(name)s, %(format)s, is ready.") % name
        return self.row.error or _("%(name)s, %(format)s, was stopped.") % name
