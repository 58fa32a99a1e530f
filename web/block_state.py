"""Say how a block stands: what was made of it, what is being made and what failed, in a word and an icon."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videogen.models import BlockGenerations, Frame, Status, Video

Words = str | Promise


@dataclass(frozen=True, slots=True, eq=False)  # each is one object; words would be translated to be compared
class Kind:
    """A state of a block. key: for scripts and styles; icon and words: for people."""

    key: str
    icon: str
    words: Words
    tone: str = ""


NONE = Kind("none", "image", _("No frame yet"))
FRAME = Kind("frame", "image", _("Frame ready"), "accent")
CLIP = Kind("clip", "play", _("Clip ready"), "success")
STALE = Kind("stale", "refresh", _("Out of date"), "warning")
FAILED = Kind("failed", "error", _("Failed"), "error")
QUEUED = Kind("queued", "clock", _("Waiting"), "accent")
RUNNING = Kind("running", "spinner", _("Running"), "accent")


@dataclass(frozen=True, slots=True)
class BlockState:
    """How one block stands, in the words and icons of the interface.

    live: the live row to show: a running one before a queued one. outdated: parts that have changed since its clip, or
    where it has none its frames, were queued (videogen.outdated).
    """

    made: BlockGenerations
    kind: Kind
    live: Frame | Video | None
    outdated: tuple[str, ...] = ()
    was_live: bool = False

    @classmethod
    def of(cls, made: BlockGenerations, outdated: tuple[str, ...] = (), *, was_live: bool = False) -> "BlockState":
        """Tell the state of a block by what was made of it.

        was_live: whether the asker last saw something being made, and so is to hear how that ended.
        """
        live = min(made.all_live, key=lambda row: (row.status != Status.RUNNING, row.created_at), default=None)
        return cls(made, _kind(made, live, is_outdated=bool(outdated)), live, outdated, was_live)

    @property
    def start(self) -> Frame | None:
        """The start frame in use."""
        return self.made.chosen(Frame.Role.START)

    @property
    def end(self) -> Frame | None:
        """The end frame in use."""
        return self.made.chosen(Frame.Role.END)

    @property
    def clip(self) -> Video | None:
        """The current take."""
        return self.made.current

    @property
    def failure(self) -> Frame | Video | None:
        """The failure that the block shows, if any."""
        return self.made.last_failure

    @property
    def percent(self) -> int | None:
        """How much of the work is done, 0 to 100; None where that is not known."""
        if self.live is None or not self.live.steps:
            return None
        return max(1, min(99, 100 * self.live.step // self.live.steps))

    @property
    def words(self) -> Words:
        """The state in a word or two."""
        if self.live:
            return self.doing
        ended = self.made.last_ended
        if self.was_live and ended and ended.status == Status.CANCELLED:
            return _("Stopped. Nothing was changed")  # what the block had before did not become ready now
        return self.kind.words

    @property
    def doing(self) -> Words:
        """What is being made."""
        if self.live is None:
            return ""
        if self.live.is_stopping:
            return _("Stopping")
        if self.live.status == Status.QUEUED:
            return _("Waiting its turn")
        if isinstance(self.live, Video):
            return _("Making the clip")
        return _("Making the start frame") if self.live.role == Frame.Role.START else _("Making the end frame")


def _kind(made: BlockGenerations, live: Frame | Video | None, *, is_outdated: bool) -> Kind:
    if live:
        return RUNNING if live.status == Status.RUNNING else QUEUED
    if made.last_failure:
        return FAILED
    if is_outdated:
        return STALE
    if made.current:
        return CLIP
    return FRAME if made.chosen(Frame.Role.START) else NONE
