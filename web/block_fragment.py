"""Draw how a block stands: once for each way it looks, however often pages and polls ask for it."""

from dataclasses import dataclass
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from scenes.models import Block
from videogen.models import Frame, Video
from web.block_state import FAILED, STALE, BlockState, Kind
from web.drawings import Drawings
from web.reasons import named


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame or clip on the page. role: of a frame. seconds: how long a clip is."""

    pk: UUID
    role: str
    is_upright: bool
    seconds: int = 0

    @classmethod
    def of(cls, row: Frame | Video | None) -> "Picture | None":
        """Return what the page shows of a row."""
        if row is None:
            return None
        is_upright = (row.height or 0) > (row.width or 0)
        if isinstance(row, Video):
            return cls(row.pk, "", is_upright, row.duration)
        return cls(row.pk, row.role, is_upright)

    @property
    def title(self) -> str:
        """What a frame is called."""
        return str(Frame.Role(self.role).label)


@dataclass(frozen=True, slots=True)
class Fragment:
    """All that the template of a block's state is given; equal ones look the same.

    pk: of the block. why_not: what is said to a person who may not open the dialog. failure: what is said of one.
    outdated: what has changed since its clip or frame was made.
    """

    scene_id: UUID
    pk: UUID
    number: int
    may_open: bool
    why_not: str
    kind: Kind
    words: str
    is_live: bool
    percent: int | None
    clip: Picture | None
    start: Picture | None
    end: Picture | None
    failure: str
    outdated: str

    @classmethod
    def of(cls, block: Block, state: BlockState, why_not: str) -> "Fragment":
        """Gather what is shown of a block, whose rights were granted."""
        may_open = block.can.generate_frame or block.can.delete_video
        return cls(
            scene_id=block.scene_id,
            pk=block.pk,
            number=block.number,
            may_open=may_open,
            why_not="" if may_open else why_not,
            kind=state.kind,
            words=str(state.words),
            is_live=state.live is not None,
            percent=state.percent,
            clip=Picture.of(state.clip),
            start=Picture.of(state.start),
            end=Picture.of(state.end),
            failure=state.failure.error if state.kind is FAILED and state.failure else "",
            outdated=named(state.outdated) if state.kind is STALE else "",
        )

    def draw(self) -> SafeString:
        """Return the HTML. The template has no request: what it shows of the person stands in this fragment."""
        return FRAGMENTS.get(self, lambda: render_to_string("videogen/_block_state.html", {"shown": self}))


FRAGMENTS = Drawings(most=2000)  # of 3 KB each
