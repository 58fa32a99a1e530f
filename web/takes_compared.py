"""Two takes beside one another: what was said of each, and what is not the same in their settings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scenes.screenplay.words import differences as differences_of_words
from videogen import notes, review
from videogen.models import ReviewEvent, TakeNote, Video
from videogen.specs import VideoSpec
from web.forms.review import Choice
from web.marks import own_words

Words = str | SafeString

# What differs is told in this order; how long, how large and of which model a clip is, is a column of its row.
_PROMPTS = ("prompt", "negative_prompt")
_NUMBERS = ("steps", "guidance_scale", "start_strength", "end_strength", "sound", "loras")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two takes that are compared. name: left or right. error: why the last press was refused.

    why_not_use: because of which locked clip it cannot be approved, in words.
    """

    name: str
    take: Video
    choices: Sequence[Choice]
    why_not_use: str
    notes: Sequence[TakeNote]
    history: Sequence[ReviewEvent]
    error: str = ""

    @classmethod
    def both(cls, pair: tuple[Video, Video], clip: Video | None, refused: Video | None, error: str) -> "list[Side]":
        """Return the two sides. clip: the block's. refused: the take of which something could not be said."""
        histories = review.histories(pair)
        return [
            cls(
                name=name,
                take=take,
                choices=Choice.all(take, rival := clip if clip and clip.locked and clip != take else None),
                why_not_use=review.why_locked(rival) if rival else "",
                notes=list(notes.of(take)),
                history=histories[take.pk],
                error=error if take == refused else "",
            )
            for name, take in zip(("left", "right"), pair, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting in which two takes differ, in words."""

    name: str | Promise
    left: Words
    right: Words


@dataclass(frozen=True, slots=True)
class Series:
    """The finished takes of one press, in the order in which they were made. asked: how many were asked for."""

    takes: list[Video]
    asked: int

    @classmethod
    def of(cls, shown: Video, results: Iterable[object]) -> "Series | None":
        """Find those that were asked for with the shown one; None where it was asked for alone."""
        if shown.series is None:
            return None
        own = [row for row in results if isinstance(row, Video) and row.series == shown.series]
        return cls(sorted(own, key=lambda take: take.nth), shown.setting("takes"))

    @property
    def numbers(self) -> str:
        """The numbers of the takes, in words: 4, 5 and 6."""
        return get_text_list([str(take.number) for take in self.takes], _("and"))

    @property
    def pair(self) -> list[Video]:
        """The two to look at first, none where there are no two."""
        return self.takes[:2] if len(self.takes) > 1 else []

    @property
    def is_short(self) -> bool:
        """Whether fewer are there than were asked for."""
        return len(self.takes) < self.asked


def differences(left: Video, right: Video) -> list[Difference]:
    """List what differs in what two takes were made from and with. What neither pipeline looks at is left out."""
    return [found for found in _all(left, right) if found.left != found.right]


def _all(left: Video, right: Video) -> Iterator[Difference]:
    for name in _PROMPTS:
        yield _prompt(name, left, right)
    yield _pair(_title("model"), left.made_by, right.made_by)
    yield _pair(gettext_lazy("Weights"), left.checkpoint, right.checkpoint)
    yield _pair(gettext_lazy("Seed"), left.seed, right.seed)
    yield _pair(gettext_lazy("Size"), f"{left.width} × {left.height}", f"{right.width} × {right.height}")
    yield _pair(_title("duration"), f"{left.duration} s", f"{right.duration} s")
    yield _pair(_title("frame_rate"), left.frame_rate, right.frame_rate)
    for name in _NUMBERS:
        if left.uses(name) or right.uses(name):
            yield _pair(_title(name), _setting(left, name), _setting(right, name))
    yield _picture(gettext_lazy("Start frame"), left.start_sha256, right.start_sha256)
    yield _picture(gettext_lazy("End frame"), left.end_sha256, right.end_sha256)
    yield _pair(gettext_lazy("Spoken"), _line(left), _line(right))
    yield _pair(gettext_lazy("Not exact"), left.shortcuts, right.shortcuts)


def _title(name: str) -> str:
    return VideoSpec.model_fields[name].title or name


def _pair(name: str | Promise, left: object, right: object) -> Difference:
    return Difference(name, _told(left), _told(right))


def _prompt(name: str, left: Video, right: Video) -> Difference:
    was, now = str(left.setting(name) or ""), str(right.setting(name) or "")
    if was == now or not (was and now):
        return _pair(_title(name), was, now)
    pieces = differences_of_words(was, now)
    return Difference(_title(name), own_words(pieces, "new"), own_words(pieces, "gone"))


def _picture(name: str | Promise, left: str, right: str) -> Difference:
    if left and right:
        return Difference(name, _("a picture"), _("a picture") if left == right else _("another picture"))
    return _pair(name, _("a picture") if left else "", _("a picture") if right else "")


def _line(take: Video) -> str:
    return str((take.setting("line") or {}).get("text", ""))


def _setting(take: Video, name: str) -> Any:
    value = take.setting(name)
    if name == "loras":
        return ", ".join(f"{use['name']} {use['strength']}" for use in value)
    return value


def _told(value: object) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return _("none") if value is None or value == "" else str(value)
